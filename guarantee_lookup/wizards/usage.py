"""利用開始申請: what a bank is asked before it may use the look-up; two people of the association judge it later."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from guarantee_lookup.enums import UsageKind
from guarantee_lookup.forms import apply as forms
from guarantee_lookup.rules.terms import VERSION
from guarantee_lookup.services.applications import receive
from guarantee_lookup.services.guests import APPLICANT, PROCEDURE
from portal.applications.kinds import Link
from portal.applications.models import Application
from portal.numbering.series import Series, single_day
from portal.wizard.declaration import Decision, Fact, Listing, Problem, Step, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.registry import register

NUMBER = Series("lookup-usage", single_day, width=4, prefix="8")
"""Web申込番号 of a 利用開始申請: 8, the day, four digits of the day, check digit."""


def is_in_use(answers: Answers) -> bool:
    """Return True where the bank goes on or begins to use the portal: who ends is asked no more."""
    return answers.so_far("bank", "main").get("kind") != UsageKind.END


def masters_differ(answers: Answers) -> Iterator[Problem]:
    """Say when both 利用管理者 are the same person: one person, one 利用者ID."""
    first, second = answers.bank.first, answers.bank.second
    if second["email"] and second["email"].casefold() == first["email"].casefold():
        yield Problem(
            "bank", "メール（2人目）は、1人目と別のメールにしてください。利用者IDは1人に1つです。", "id_second-email"
        )


def decide(answers: Answers) -> Decision:
    """Say what is agreed to: with the version of the terms, so that it is frozen with the submission."""
    kind = UsageKind(answers.bank.main["kind"])
    ending = ["承認されると、貴金融機関のすべての利用者IDを停止します。"] if kind == UsageKind.END else []
    return Decision(
        verdict="申請できます",
        warnings=ending,
        facts=[
            Fact("申込区分", kind.label),
            Fact("同意する利用規約", f"{VERSION}版"),
            Fact("個人情報の取扱い", "同意して申請"),
        ],
    )


def listing(answers: Answers) -> Listing:
    """What the association finds an application by."""
    bank = answers.so_far("bank", "main")
    kind = bank.get("kind")
    return Listing(
        subject=UsageKind(kind).label if kind else "",
        party=(bank.get("name") or "")[:120],
        reference=bank.get("code") or "",
    )


def wanted(answers: Answers) -> dict[str, Any]:
    """Return what is applied for as plain data (see UsageApplication)."""
    bank, person = answers.bank, answers.person.main
    use = answers.use.main if answers.use else None
    masters = [bank.first, *([bank.second] if bank.second["email"] else [])]
    return {
        "name": bank.main["name"],
        "sharing": use["sharing"] if use else "",
        "branches": [list(row) for row in use["branches"]] if use and use["scope"] == forms.BY_BRANCH else None,
        "networks": use["networks"] if use else [],
        "people": use["people"] if use else 0,
        "start_on": person["start_on"].isoformat(),
        "responsible": f"{person['post']} {person['responsible']}",
        "masters": masters,
    }


def complete(submission: Submission) -> None:
    """受付."""
    bank = submission.answers.bank.main
    receive(submission.application, bank["kind"], bank["code"], wanted(submission.answers))


def documents_of(application: Application) -> list[Link]:
    """Return the papers of a submitted application."""
    return [Link("利用開始申請書（PDF）", reverse("lookup:apply-paper", args=[application.number]))]


USAGE = register(
    Wizard(
        slug=PROCEDURE,
        title="利用開始申請",
        portal="lookup",
        series=NUMBER,
        steps=[
            Step(
                "bank",
                "金融機関と利用管理者",
                {"main": forms.BankForm, "first": forms.MasterForm, "second": forms.SecondMasterForm},
                template="guarantee_lookup/apply_step.html",
            ),
            Step(
                "use",
                "利用する店舗と条件",
                {"main": forms.UseForm},
                when=is_in_use,
                template="guarantee_lookup/apply_step.html",
            ),
            Step(
                "person",
                "申込責任者と希望日",
                {"main": forms.PersonForm},
                not_copied=["main-attachments"],
                template="guarantee_lookup/apply_step.html",
            ),
        ],
        view_role=APPLICANT,
        edit_role=APPLICANT,
        submit_role=APPLICANT,
        checks=[masters_differ],
        decide=decide,
        listing=listing,
        confirm_form=forms.ConsentForm,
        confirm_label="入力内容確認",
        confirm_title="申請内容の確認",
        submit_label="申請",
        list_label="利用開始申請",
        confirm_template="guarantee_lookup/apply_confirm.html",
        receipt_template="guarantee_lookup/apply_receipt.html",
        complete=complete,
        documents=documents_of,
    )
)
