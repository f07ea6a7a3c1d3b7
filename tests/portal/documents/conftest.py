"""A submitted version, and kinds of papers that only the tests know."""

import dataclasses

import pytest
from django.utils import timezone

from portal.accounts.models import Organisation, User
from portal.applications.models import Application, ApplicationVersion
from portal.audit import verbs
from portal.documents import kinds
from portal.documents.kinds import DocumentKind
from tests.portal.documents.samples import KIND, context

VERB = "test.paper"


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> DocumentKind:
    """A registered kind that is stored: its paper carries the version's answers."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    return kinds.register(
        dataclasses.replace(KIND, context_of=lambda version: context(number=version.answers["number"]))
    )


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(verbs, "_labels", {**verbs._labels, VERB: "書類の試験"})
    return VERB


@pytest.fixture
def version(exporter_a: Organisation) -> ApplicationVersion:
    now = timezone.now()
    user = User.objects.create_user("author", "test-password", name="作成者", organisation=exporter_a)
    application = Application.objects.create(
        number="TP-1",
        kind="test",
        organisation=exporter_a,
        created_by=user,
        saved_by=user,
        created_at=now,
        saved_at=now,
    )
    return ApplicationVersion.objects.create(
        application=application,
        sequence=1,
        event="submitted",
        answers={"number": "TP-1"},
        decision={},
        data={},
        actor=user,
        created_at=now,
    )
