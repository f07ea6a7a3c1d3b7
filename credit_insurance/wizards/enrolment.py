"""加入依頼書: 告知事項 and 確認書類, then the agreement to cover and premium (credit_insurance.md 6.9, 7.1, 8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse

from credit_insurance.forms.enrolment import DisclosureForm, PapersForm
from credit_insurance.models import HandOver, Quote
from credit_insurance.numbers import FORM
from credit_insurance.rules.deadlines import Cover, Deadlines, Outcome, deadlines, outcome_text
from credit_insurance.selectors import masters
from credit_insurance.selectors.enrolment import FORM_KIND, accepted_quote, hand_over_of, papers, quotes_to_enrol
from credit_insurance.services import enrolment
from credit_insurance.services.review import Overtaken
from portal.applications.kinds import Link
from portal.applications.models import Application
from portal.common.eras import seireki
from portal.common.money import yen
from portal.wizard.declaration import Case, Decision, Fact, Listing, Step, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.registry import register
from portal.wizard.services import Refused

AFTER = "credit.form_sent"
"""Topic: a 加入依頼書 was submitted, its paper is to be kept."""

MISSED = "この保険期間には加入できません"
TAKEN = (
    "このお引受条件の加入依頼書は、ほかの方が先に提出したか、加入手続が終わっています。「加入依頼書」をご覧ください。"
)


@dataclass(frozen=True)
class EnrolmentDecision(Decision):
    """The decision with what is agreed to, whose figures are among the facts; `handed` is the 回付 of the draft."""

    quote: Quote | None = None
    terms: enrolment.Terms | None = None
    handed: HandOver | None = None

    @property
    def label(self) -> str:
        """Return the words of the button: the money stands on it."""
        return f"加入を依頼する（保険料 {yen(self.terms.premium)}）" if self.terms else ""


def chosen_quote(case: Case) -> Quote:
    """Return the offer that the address names; Http404 for none, and when it is not ours."""
    found = accepted_quote(case.actor, case.query.get("quote", ""))
    if found is None:
        raise Http404
    return found


def begin(case: Case) -> Mapping[str, Mapping[str, Any]]:
    """Carry the 見積番号; a copy has it among what was typed."""
    return {} if "from" in case.query else {"main": {"number": chosen_quote(case).number}}


def introduce(case: Case) -> Mapping[str, Any]:
    """Return what the introduction shows: the offer it is about, else those to choose from."""
    shown: dict[str, Any] = {"missing": not papers(case.today)}
    if "quote" not in case.query:
        return shown | {"quotes": quotes_to_enrol(case.actor)}
    quote = chosen_quote(case)
    return shown | {"quote": quote, "limits": deadlines(quote.case.intended_start, masters.calendar())}


def period_text(cover: Cover) -> str:
    """Return 補償期間 in words."""
    return f"{seireki(cover.start)} 午前0時から {seireki(cover.end)} 午後12時まで（{cover.months}か月）"


def account_text(quote: Quote) -> str:
    """Return the account of the premium in words."""
    policy = quote.case.policy
    return f"{policy.bank_name} {policy.bank_branch} {policy.account_kind} {policy.account_no} {policy.account_holder}"


def money_text(limits: Deadlines) -> str:
    """Return the money's 締切 with the rule of the bank holidays."""
    return f"{seireki(limits.money)}（17日が金融機関の休業日のときは前営業日）"


def decide(answers: Answers) -> EnrolmentDecision:
    """Say from when the cover is and what it costs, if the form goes out today."""
    form = answers.disclosure.main
    quote = accepted_quote(answers.case.actor, form["number"])
    if quote is None:
        return EnrolmentDecision(verdict=TAKEN, may_submit=False, kind="no")
    calendar, intended = masters.calendar(), quote.case.intended_start
    found = enrolment.expected(quote, answers.case.today, calendar)
    if found.cover is None:
        return EnrolmentDecision(
            verdict=MISSED, may_submit=False, kind="no", reasons=[outcome_text(found, intended, calendar)], quote=quote
        )
    terms = enrolment.terms_from(quote, found.cover)
    limits = deadlines(found.cover.start, calendar)
    later = outcome_text(Outcome(found.cover, found.cover.start > quote.starts_on), quote.starts_on, calendar)
    facts = [
        Fact("見積番号", quote.number),
        Fact("補償期間", period_text(found.cover)),
        Fact("保険料（一時払）", yen(terms.premium)),
        *([Fact("お引受条件のご案内の保険料", yen(quote.premium))] if later else []),
        Fact("支払限度額の合計", yen(quote.total_limit)),
        Fact("期間中支払限度額", yen(quote.period_limit)),
        Fact("縮小率", f"{quote.indemnity_ratio * 100:.0f} %"),
        Fact("加入依頼書の締切", seireki(limits.form)),
        Fact("保険料のお振込み締切", money_text(limits)),
        Fact("お振込先", account_text(quote)),
        Fact("振込手数料", "加入者様のご負担です"),
    ]
    return EnrolmentDecision(
        verdict="補償開始日と保険料が変わります" if later else "加入を依頼できます",
        kind="review" if later else "ok",
        reasons=[later] if later else [],
        facts=facts,
        quote=quote,
        terms=terms,
        handed=hand_over_of(answers.case.number, answers.case.actor),
    )


def listing(answers: Answers) -> Listing:
    """見積番号, by which the draft of an offer is found again; 補償開始日 and premium of the offer."""
    number = str(answers.so_far("disclosure", "main").get("number", ""))
    quote = accepted_quote(answers.case.actor, number) if number else None
    if quote is None:
        return Listing(reference=number)
    start = f"補償開始日 {seireki(quote.starts_on)}"
    return Listing(subject=start, amount=quote.premium, currency="JPY", reference=number)


def complete(submission: Submission) -> None:
    """提出: what was shown is what is agreed to; whoever else sent a form for this offer was faster."""
    decision = submission.decision
    if not isinstance(decision, EnrolmentDecision) or decision.quote is None or decision.terms is None:
        raise Refused(MISSED)
    agreed = submission.answers.papers.main["papers"]
    try:
        enrolment.submit_form(
            submission.application, decision.quote, decision.terms, agreed, submission.actor, masters.calendar()
        )
    except Overtaken as overtaken:
        raise Refused(TAKEN) from overtaken


def documents_of(application: Application) -> list[Link]:
    """Return the papers of a submitted form."""
    return [
        Link("加入依頼書（PDF）", reverse("credit:enrolment-pdf", args=[application.number])),
        Link("払込のご案内（PDF）", reverse("credit:invoice-pdf", args=[application.number])),
    ]


ENROLMENT = register(
    Wizard(
        slug=FORM_KIND,
        title="加入依頼書",
        portal="credit",
        series=FORM,
        steps=[
            Step(
                "disclosure",
                "告知事項",
                {"main": DisclosureForm},
                initial=begin,
                template="credit_insurance/enrolment/disclosure.html",
            ),
            Step("papers", "確認書類", {"main": PapersForm}, template="credit_insurance/enrolment/papers.html"),
        ],
        decide=decide,
        listing=listing,
        complete=complete,
        view_role="credit.view",
        edit_role="credit.staff",
        submit_role="credit.approver",
        confirm_title="加入依頼の確認",
        confirm_label="確認へ",
        submit_label="加入を依頼する",
        number_label="受付番号",
        list_label="加入依頼書の一覧",
        refused_message="加入依頼書の提出は責任者が行います。責任者に回付してください",
        intro_template="credit_insurance/enrolment/intro.html",
        intro_context=introduce,
        confirm_template="credit_insurance/enrolment/confirm.html",
        receipt_template="credit_insurance/enrolment/receipt.html",
        after_submit=[AFTER],
        documents=documents_of,
    )
)
