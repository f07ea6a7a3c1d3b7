"""決済通知 and 枠戻通知: one procedure, by 直接入力 or about an object chosen from a list (seed, sections 5 to 7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse

from nexi_quota import forms, selectors, services
from nexi_quota.enums import NOTICE_WAYS, NoticeKind, Product, Route, Way
from nexi_quota.messages import text
from nexi_quota.wizards.confirmation import find_buyers
from portal.applications.kinds import Link
from portal.applications.models import Application
from portal.common.money import money
from portal.wizard.declaration import Case, Decision, Fact, Listing, Step, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.registry import register
from portal.wizard.services import DecisionChanged


@dataclass(frozen=True)
class NoticeDecision(Decision):
    """The decision with the bar of what the notice changes; its figures are among the facts."""

    bar: forms.Bar | None = None


# --- Before the first step ----------------------------------------------------


def chosen_from_list(case: Case) -> tuple[str, forms.Found] | None:
    """Return the object that the address names and its hidden field, None for 直接入力; Http404 when it is not ours."""
    for name, (_, kind) in forms.CHOSEN.items():
        if name in case.query:
            number, _, branch = case.query[name].partition("-")
            found = selectors.notice_target(case.actor, kind, number, branch)
            # What comes after the number of a confirmation, or another spelling, names nothing.
            if found is None or found.number != case.query[name]:
                raise Http404
            return name, found
    return None


def begin(case: Case) -> dict[str, dict[str, Any]]:
    """Fill in 担当者情報 and carry the chosen object; 直接入力 begins with the 枝番 that most contracts have."""
    chosen = chosen_from_list(case)
    carried = {chosen[0]: chosen[1].number} if chosen else {"branch": "00"}
    return {"main": carried, "contact": forms.contact_of(case.actor)}


def introduce(case: Case) -> dict[str, Any]:
    """Return what the introduction shows: the matrix of 6.4, and the object chosen from a list if there is one."""
    shown: dict[str, Any] = {"routes": list(Route), "matrix": list(matrix())}
    if chosen := chosen_from_list(case):
        name, found = chosen
        shown |= {
            "chosen": [*forms.identity_of(found), *forms.registered_of(found)],
            "obstacle": forms.obstacle(found, forms.CHOSEN[name][0], case.today),
            "warning": forms.overdue_warning(found, case.today),
        }
    return shown


def matrix() -> Iterator[tuple[NoticeKind, Product, list[tuple[Route, Way]]]]:
    """Yield the rows of the table of ways: notice, product, what each route says."""
    for kind in NoticeKind:
        for product in Product:
            yield kind, product, [(route, NOTICE_WAYS[product, kind, route]) for route in Route]


# --- Answers --------------------------------------------------------------------


def line_of(answers: Answers) -> services.Line:
    """Return the notice of valid answers."""
    line: services.Line = answers.entry.main["line"]
    return line


def judge_notice(answers: Answers) -> NoticeDecision:
    """申込みの可否: what the notice changes. The rules stand in the form, which every reading judges anew."""
    line = line_of(answers)
    found, currency = line.target, line.target.currency_id
    words, now = forms.WORDS[line.kind], forms.open_amount(line.target)
    warning = forms.overdue_warning(found, answers.case.today)
    return NoticeDecision(
        verdict=f"{line.kind.label}ができます",
        warnings=[warning] if warning else [],
        facts=[
            Fact(words.number, found.number),
            Fact(f"通知前の{words.open}", money(now, currency)),
            Fact(f"今回の{line.kind.label}", money(line.amount, currency)),
            Fact(f"通知後の{words.open}", money(now - line.amount, currency)),
        ],
        bar=forms.bar_of(found, line.amount),
    )


def listing(answers: Answers) -> Listing:
    """What the lists show; a draft that is not valid yet shows what it can."""
    typed = answers.so_far("entry", "main")
    found: forms.Found | None = typed.get("target")
    product = found.product if found else typed.get("product")
    return Listing(
        subject=Product(product).label if product else "",
        party=found.payer.name if found else "",
        amount=typed.get("amount"),
        currency=found.currency_id if found else "",
        reference=found.reference if found else "",
    )


def complete(submission: Submission) -> None:
    """Write the notice and free what it frees; whoever else changed its object meanwhile was faster (M-N13)."""
    line, application = line_of(submission.answers), submission.application
    if application.amount != line.amount:
        # 全額 of what is open now, not of what was open when the draft was saved.
        Application.objects.filter(pk=application.pk).update(amount=line.amount)
    try:
        services.notify(line, application, submission.actor)
    except services.Overtaken as overtaken:
        raise DecisionChanged from overtaken


def documents_of(application: Application) -> list[Link]:
    """Return the papers of a submitted notice."""
    return [Link("申込内容の控え（PDF）", reverse("nexi:notice-receipt-pdf", args=[application.number]))]


NOTICE = register(
    Wizard(
        slug="notice",
        title="決済／枠戻通知",
        portal="nexi",
        steps=[
            Step(
                "entry",
                "申込内容の入力",
                {"main": forms.NoticeForm, "contact": forms.ContactForm},
                initial=begin,
                # A second part of the same contract is common; the same day and amount twice are a mistake.
                not_copied=[
                    "main-settled_on", "main-settled_amount", "main-returned_on", "main-returned_amount", "contact",
                ],
                lookups={"main-payer": find_buyers},
                template="nexi_quota/notice/entry.html",
            ),
        ],
        view_role="nexi.view",
        edit_role="nexi.input",
        submit_role="nexi.apply",
        decide=judge_notice,
        listing=listing,
        changed_message=text("M-N13"),
        refused_message=text("M-U02"),
        intro_template="nexi_quota/notice/intro.html",
        intro_context=introduce,
        confirm_template="nexi_quota/notice/confirm.html",
        receipt_template="nexi_quota/notice/receipt.html",
        complete=complete,
        after_submit=["nexi.notified"],
        documents=documents_of,
    )
)  # fmt: skip
