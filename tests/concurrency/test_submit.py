"""One draft, pressed at the same moment: without the claim a press ends in an error, with it all see one receipt."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.applications.models import Application, ApplicationVersion, State
from portal.wizard import services
from tests.concurrency.racing import Meeting, failures, race
from tests.conftest import Person
from tests.nexi_quota.driver import Exporter as Walker
from tests.portal.wizard import sample
from tests.portal.wizard.test_wizard import reaches_confirmation, submits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.portal.wizard.urls")]


@pytest.fixture
def walker(alice: Person) -> Walker:
    return Walker(alice)


def press_four_times(walker: Walker) -> list[Any]:
    confirm = reaches_confirmation(walker)
    return race(*[lambda: submits(walker, confirm)] * 4)


def test_four_presses_at_once_make_one_submission_and_show_one_receipt(walker: Walker) -> None:
    answers = press_four_times(walker)
    assert not failures(answers), answers
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer["Location"] for answer in answers}) == 1
    assert ApplicationVersion.objects.count() == 1
    assert len(sample.COMPLETED) == 1


@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one writer in at a time, so the mistake cannot show inside a transaction",
)
def test_without_the_claim_a_press_ends_in_an_error(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = Meeting(4)

    def look_then_write(own: Any, actor: Any, revision: int) -> bool:
        is_draft = own.filter(state=State.DRAFT, revision=revision).exists()
        meeting.wait()
        own.update(state=State.SUBMITTED, submitted_by=actor, submitted_at=timezone.now())
        return bool(is_draft)

    monkeypatch.setattr(services, "claim", look_then_write)
    assert failures(press_four_times(walker))
    assert Application.objects.get().state == State.SUBMITTED
