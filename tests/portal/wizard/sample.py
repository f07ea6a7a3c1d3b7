"""A procedure for the tests alone: a condition, two forms on a page, rows, a rule across steps, a decision."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.forms import formset_factory
from django.http import Http404
from django.urls import include, path

from portal.accounts.access import page
from portal.applications import kinds
from portal.applications.urls import application_urls
from portal.ui import portals
from portal.ui.fields import CheckField, ChoiceField, MoneyField, TextField
from portal.ui.forms import Form, FormSet
from portal.wizard import registry
from portal.wizard.declaration import Case, Decision, Fact, Listing, Problem, Step, StoredData, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.services import Refused
from portal.wizard.urls import wizard_urls

LIMIT = {"yen": 1_000}
"""What the decision compares with; a test lowers it to change the facts behind the applicant's back."""
COMPLETED: list[str] = []


class PersonForm(Form):
    name = TextField(label="氏名", kind="name", max_length=30)
    kind = ChoiceField(label="区分", choices=[("small", "小口"), ("large", "大口")])


class MailForm(Form):
    mail = TextField(label="連絡先", max_length=60, required=False)


class GuarantorForm(Form):
    guarantor = TextField(label="保証人", kind="name", max_length=30)


class AmountForm(Form):
    amount = MoneyField(label="金額")
    secret = TextField(label="照会番号", max_length=20, required=False)


class LineForm(Form):
    code = TextField(label="品名", max_length=20)


Lines: type[FormSet] = formset_factory(LineForm, formset=FormSet, extra=2)


class ConsentForm(Form):
    consent = CheckField(label="了解しました", required=True)


def is_large(answers: Answers) -> bool:
    return answers.person is not None and answers.person.main["kind"] == "large"


def from_account(case: Case) -> dict[str, dict[str, Any]]:
    return {"mail": {"mail": case.actor.email}, "main": {"name": about(case)}}


def about(case: Case) -> str:
    """A run may be begun about somebody whom its address names."""
    if case.query.get("about") == "nobody":
        raise Http404
    return case.query.get("about", "")


def introduce(case: Case) -> dict[str, str]:
    return {"page_title": f"{about(case)}の手続きの流れ"}


def name_is_not_guarantor(answers: Answers) -> Iterator[Problem]:
    if answers.guarantor and answers.guarantor.main["guarantor"] == answers.person.main["name"]:
        yield Problem("guarantor", "保証人は本人以外の方にしてください。", "id_main-guarantor")


def decide(answers: Answers) -> Decision:
    amount = answers.amount.main["amount"]
    fits = amount <= LIMIT["yen"]
    return Decision(
        verdict="可能です" if fits else "できません",
        may_submit=fits,
        kind="ok" if fits else "no",
        reasons=[] if fits else ["上限を超えています"],
        facts=[Fact("金額", f"{amount:,}円")],
        trace={"limit": LIMIT["yen"]},
    )


def complete(submission: Submission) -> None:
    if submission.answers.amount.main["secret"] == "refuse":
        raise Refused("受け付けられませんでした")
    if submission.answers.amount.main["secret"] == "crash":
        raise RuntimeError("the procedure is broken")
    COMPLETED.append(submission.application.number)


def listing(answers: Answers) -> Listing:
    return Listing(subject="見本", party=answers.so_far("person", "main").get("name") or "")


def upgrade(data: StoredData) -> StoredData:
    """Schema 1 called the person's name `full`."""
    steps = {**data["steps"]}
    person = {**steps.get("person", {})}
    if "main-full" in person:
        person["main-name"] = person.pop("main-full")
        steps["person"] = person
    return {**data, "schema": 2, "steps": steps}


SAMPLE = Wizard(
    slug="sample",
    title="見本の手続き",
    portal="sample",
    steps=[
        Step("person", "本人", {"main": PersonForm, "mail": MailForm}, initial=from_account),
        Step("guarantor", "保証人", {"main": GuarantorForm}, when=is_large),
        Step("amount", "金額", {"main": AmountForm}, not_copied=["main-secret"]),
        Step("lines", "明細", {"rows": Lines}),
    ],
    checks=[name_is_not_guarantor],
    decide=decide,
    listing=listing,
    number_label="受付番号",
    list_label="見本の一覧",
    confirm_form=ConsentForm,
    intro_template="base.html",
    intro_context=introduce,
    complete=complete,
    view_role="nexi.view",
    edit_role="nexi.input",
    submit_role="nexi.apply",
    after_submit=["sample.done"],
    schema=2,
    upgrade=upgrade,
)

PORTAL = portals.Portal(
    key="sample",
    name="見本",
    accent="grey",
    icon="gear",
    audience="",
    home="sample:applications",
    menu=[portals.MenuItem("見本の入口", "sample:applications")],
)


@pytest.fixture(autouse=True)
def walkable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the procedure known for one test, as if its portal were switched on."""
    monkeypatch.setattr(registry, "_wizards", {**registry._wizards})
    monkeypatch.setattr(kinds, "_kinds", {**kinds._kinds})
    monkeypatch.setattr(portals, "_portals", {**portals._portals})
    registry.register(SAMPLE)
    portals.register(PORTAL)
    LIMIT["yen"] = 1_000
    COMPLETED.clear()


sample_patterns = (
    [
        path("requests/", include(wizard_urls(SAMPLE))),
        path("applications/", include(application_urls("sample", "nexi.view"))),
        path("", page(roles=("nexi.view",))(lambda request: None), name="home"),  # type: ignore[arg-type,return-value]
    ],
    "sample",
)
