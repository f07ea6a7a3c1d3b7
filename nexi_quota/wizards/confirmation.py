"""個別保証枠確認申込み: what is asked, in which order, and what happens at the end."""

from collections.abc import Iterator
from typing import Any, Literal

from django.urls import reverse
from django.utils.safestring import SafeString

from nexi_quota import forms, selectors, services
from nexi_quota.enums import Product, Verdict
from nexi_quota.messages import text
from nexi_quota.rules import judge
from portal.applications.kinds import Link
from portal.applications.models import Application
from portal.common.money import group
from portal.ui.render import pick_list
from portal.wizard.declaration import Case, Decision, Fact, Listing, Problem, Step, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.registry import register
from portal.wizard.services import DecisionChanged

REGISTERED = ("counterparty_code", "bank_code", "confirming_code")
"""Parties that must be registered; an unregistered payer is a matter of the verdict (D03)."""

MARKS: dict[Verdict, Literal["ok", "review", "no"]] = {
    Verdict.POSSIBLE: "ok",
    Verdict.NOT_NEEDED: "review",
    Verdict.CONSULT: "review",
    Verdict.REFUSED: "no",
}


def contact_from_account(case: Case) -> dict[str, dict[str, Any]]:
    """Fill 担当者情報 with the registration data of whoever is logged in."""
    contact = forms.contact_of(case.actor)
    return {"contact": contact, "main": {"department": selectors.department_of(case.organisation)}}


def find_buyers(case: Case, typed: str, html_name: str) -> SafeString:
    """Return the 海外商社 to choose from for what was typed in the search box of a code field."""
    form = forms.BuyerSearchForm({"q": typed})
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = list(selectors.search_buyers(words, case.today)[: selectors.BUYER_LIMIT + 1])
    rows = [(buyer.code, described(buyer)) for buyer in found[: selectors.BUYER_LIMIT]]
    more = "ほかにもあります。名称や国名で絞り込んでください。" if len(found) > selectors.BUYER_LIMIT else ""
    return pick_list(html_name, rows, more=more)


def described(buyer: Any) -> str:
    """Return a rated buyer in one line: code, name, country, rating, state."""
    rating = f"格付 {buyer.rating_now or 'なし'}"
    return "　".join([buyer.code, buyer.name, buyer.country.name, rating, buyer.get_state_display()])


def request_of(answers: Answers) -> selectors.Request:
    """Return the facts of the request, looked up once for all rules of this reading."""
    return answers.once(
        "request", lambda: selectors.request_of(answers.terms.main, answers.case.organisation, answers.case.today)
    )


def parties_are_registered(answers: Answers) -> Iterator[Problem]:
    """Say which code of a contract party or bank is not in the 海外商社名簿."""
    known = request_of(answers).buyers
    for name in REGISTERED:
        code, label = answers.terms.main[name], forms.TermsForm.base_fields[name].label
        if code and code not in known:
            yield Problem(
                "terms", f"{label}（{code}）が海外商社名簿に見つかりません。番号を確かめてください。", f"id_main-{name}"
            )


def judge_request(answers: Answers) -> Decision:
    """申込確認結果: the verdict with every reason; the quota's figures go into the trace only."""
    request = request_of(answers)
    facts = request.facts
    found = judge(facts)
    shown = [Fact("個別保証枠確認希望額", f"{facts.currency} {amount_text(facts.requested_amount)}")]
    if facts.currency != "JPY" and facts.hold_jpy is not None:
        shown.append(
            Fact("換算率", f"1 {facts.currency} = {request.rate.normalize():f}円（{request.rate_date:%Y年%-m月%-d日}）")
        )
        shown.append(Fact("円換算額", f"{group(facts.hold_jpy)}円"))
    for label, name in (("支払人", "payer_code"), ("契約相手方", "counterparty_code")):
        if party := request.buyers.get(answers.terms.main[name]):
            shown.append(Fact(label, f"{party.name}（格付 {party.rating_now or 'なし'}）"))
    return Decision(
        verdict=found.sentence,
        may_submit=found.may_submit,
        kind=MARKS[found.verdict],
        reasons=found.reasons,
        warnings=found.warnings,
        facts=shown,
        trace=dict(found.trace),
    )


def amount_text(amount: Any) -> str:
    """Return an amount with thousands separators, with cents only where it has some."""
    return group(amount, 0 if amount == int(amount) else 2)


def listing(answers: Answers) -> Listing:
    """What the lists show; a draft that is not valid yet shows what it can."""
    terms = answers.so_far("terms", "main")
    product = terms.get("product")
    payer = terms.get("payer_code") or ""
    return Listing(
        subject=Product(product).label if product else "",
        party=selectors.buyer_names([payer]).get(payer, ""),
        amount=terms.get("requested_amount"),
        currency=terms.get("currency") or "",
        reference=terms.get("reference") or "",
    )


def complete(submission: Submission) -> None:
    """Take the quota and write the 確認; another exporter may have been faster (M-Q04)."""
    answers = submission.answers
    try:
        services.confirm(
            request_of(answers),
            answers.terms.main,
            submission.application,
            submission.actor,
            contact=answers.terms.contact["name"],
        )
    except services.QuotaTaken as taken:
        raise DecisionChanged from taken


def documents_of(application: Application) -> list[Link]:
    """Return the papers of a completed request."""
    return [Link("申込内容の控え（PDF）", reverse("nexi:receipt-pdf", args=[application.number]))]


QUOTA_CONFIRMATION = register(
    Wizard(
        slug="quota-confirmation",
        title="個別保証枠確認申込み",
        portal="nexi",
        steps=[
            Step(
                "terms",
                "申込内容の入力",
                {"main": forms.TermsForm, "contact": forms.ContactForm},
                initial=contact_from_account,
                not_copied=["main-consent_number", "main-consent_date", "main-attachments", "contact"],
                lookups={f"main-{name}": find_buyers for name in forms.PARTIES},
                template="nexi_quota/terms.html",
            ),
        ],
        view_role="nexi.view",
        edit_role="nexi.input",
        submit_role="nexi.apply",
        checks=[parties_are_registered],
        decide=judge_request,
        listing=listing,
        confirm_form=forms.ConsentForm,
        changed_message=text("M-Q04"),
        refused_message=text("M-U02"),
        intro_template="nexi_quota/intro.html",
        confirm_template="nexi_quota/confirm.html",
        receipt_template="nexi_quota/receipt.html",
        complete=complete,
        after_submit=["nexi.confirmed"],
        documents=documents_of,
    )
)
