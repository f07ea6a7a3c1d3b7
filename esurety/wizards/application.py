"""保証申込 (前払・中間・契約): three tabs, 申込確認, 送信完了 (esurety.md 3.3, 3.4, 12.1)."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from esurety.enums import BillTo, OrderForm, Payment, Product
from esurety.forms import guarantee, other, works
from esurety.models import Office
from esurety.selectors import requests as find
from esurety.selectors.bodies import search_bodies, starts
from esurety.selectors.recommendations import Recommendation
from esurety.services.requests import Guaranteed, receive
from esurety.wizards.judging import CHECKS, PREFIXES, case_of, decide
from portal.accounts.models import User
from portal.applications.kinds import Link
from portal.applications.models import Application
from portal.ui import help as help_texts
from portal.ui.forms import Form
from portal.ui.render import pick_list
from portal.wizard.declaration import Case, Listing, Step, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.registry import register
from portal.wizard.services import start

MOST = 20
"""What a search shows."""

NARROW = "ほかにもあります。言葉を足して絞り込んでください。"


# --- Searches and proposals ---------------------------------------------------------


def find_bodies(case: Case, typed: str, html_name: str) -> SafeString:
    """Return the 発注者 to choose from, each with the start of its 電子保証."""
    found = list(search_bodies(typed)[: MOST + 1])
    rows = [
        (f"{body.code} {body.name}", f"{body.code} {body.name}　電子保証：{'、'.join(starts(body)) or '未対応'}")
        for body in found[:MOST]
    ]
    return pick_list(html_name, rows, more=NARROW if len(found) > MOST else "")


def find_banks(case: Case, typed: str, html_name: str) -> SafeString:
    """Return the branches with 委託契約 to choose from."""
    found = list(find.search_branches(typed)[: MOST + 1])
    rows = [(str(branch), f"{branch.code}　{branch}") for branch in found[:MOST]]
    return pick_list(html_name, rows, more=NARROW if len(found) > MOST else "")


LOOKUPS = {"main-body": find_bodies, "adv-bank": find_banks, "mid-bank": find_banks}
"""The searches below fields, by html name."""


def introduce(case: Case) -> Mapping[str, Any]:
    """Return the 発注者 that the introduction was asked for, with the start of their 電子保証."""
    words = case.query.get("q", "")[:60]
    found = list(search_bodies(words)[: MOST + 1]) if words else []
    return {
        "page_title": "保証申込：はじめに",
        "words": words,
        "bodies": [(body, starts(body)) for body in found[:MOST]],
        "has_more": len(found) > MOST,
    }


def usual_contract(case: Case) -> Mapping[str, Mapping[str, Any]]:
    """Return what most works are; `?body=` names the 発注者."""
    body = find.body_of(case.query["body"]) if "body" in case.query else None
    return {
        "main": {
            "body": f"{body.code} {body.name}" if body else "",
            "order_form": OrderForm.SINGLE,
            "has_advance": works.YES,
            "is_low_bid": works.NO,
            "is_multi_year": works.NO,
        }
    }


def usual_guarantee(case: Case) -> Mapping[str, Mapping[str, Any]]:
    """Return how the contractor usually pays."""
    contractor = find.contractor_of(case.organisation)
    payment = Payment.MONTHLY if contractor and contractor.pays_monthly else ""
    common = {"payment": payment, "bill_to": BillTo.HEAD, "statement": guarantee.NOT_WANTED}
    paid_in = {**common, "redeposit": guarantee.KEEP}
    return {"adv": paid_in, "mid": paid_in, "ctr": common}


def contact_from_account(case: Case) -> Mapping[str, Mapping[str, Any]]:
    """Return 取扱支店 of the contractor and the registration data of whoever is logged in."""
    contractor, actor = find.contractor_of(case.organisation), case.actor
    return {
        "main": {
            "office": contractor.office.code if contractor else "",
            "wants_mail": guarantee.WANTED,
            "email": actor.email,
            "department": actor.department,
            "person": actor.name,
            "phone": actor.phone,
        }
    }


def listing(answers: Answers) -> Listing:
    """工事名 and 発注者, which 状況 shows and finds; a draft shows what it has."""
    main = answers.so_far("contract", "main")
    return Listing(
        subject=(main.get("name") or "")[:60],
        party=(main.get("body") or "")[7:127],
        amount=main.get("price"),
        currency="JPY" if main.get("price") else "",
        reference=(main.get("number") or "")[:40],
    )


def begin(found: Recommendation, actor: User) -> Application:
    """Begin the draft that a recommendation stands for: the works of the advance, this guarantee ready to be checked.

    The mark 流用 keeps it from being sent before each tab was looked at.
    """
    item, prefix = found.item, PREFIXES[found.product]
    given = {
        "apply": "on",
        "medium": item.medium,
        "bank": item.facts["bank"],
        "redeposit": guarantee.KEEP,
        "payment": item.payment,
        "bill_to": item.bill_to,
        "statement": guarantee.WANTED if item.wants_paper_statement else guarantee.NOT_WANTED,
        "fiscal_year": str(found.fiscal_year or ""),
        "base_amount": str(found.base_amount or ""),
    }
    if found.product == Product.MID:
        given["advance_number"] = str(found.advance)
    stored = {f"{prefix}-{name}": [value] for name, value in given.items() if value}
    for rows in ("advshares", "midshares"):
        stored |= {f"{rows}-TOTAL_FORMS": [str(guarantee.SHARES)], f"{rows}-INITIAL_FORMS": ["0"]}
    return start(APPLICATION, actor, "guarantee", stored, item.request.application)


# --- 送信 -----------------------------------------------------------------------------


def complete(submission: Submission) -> None:
    """受付: freeze works and contents of every guarantee."""
    answers = submission.answers
    case, main = case_of(answers), answers.other.main
    wanted = [
        Guaranteed(
            product=one.product,
            contents=one.contents,
            medium=one.given["medium"],
            payment=one.given["payment"],
            bill_to=one.given["bill_to"],
            wants_paper_statement=one.given["statement"] == guarantee.WANTED,
            details=_details(answers, one.prefix, one.given, one.fiscal_year),
        )
        for one in case.wanted
    ]
    receive(
        submission.application,
        case.works,
        case.body,
        Office.objects.get(code=main["office"]),
        wanted,
        contact={name: main[name] for name in ("department", "post", "person", "phone")},
        wants_mail=main["wants_mail"] == guarantee.WANTED,
        email=main["email"],
        message=main["message"],
        is_urgent=main["is_urgent"],
        actor=submission.actor,
    )


def _details(answers: Answers, prefix: str, given: Mapping[str, Any], year: int | None) -> dict[str, Any]:
    if prefix == "ctr":
        return {}
    branch = find.branch_of(given["bank"])
    passes_on = given["redeposit"] == guarantee.PASS_ON
    details = {
        "bank": branch.code if branch else "",
        **{name: given[name] for name in ("account_kind", "account_number", "account_kana")},
        "redeposit": passes_on,
        "shares": getattr(answers.guarantee, f"{prefix}shares") if passes_on else [],
        "fiscal_year": year,
    }
    if prefix == "mid":
        details["certified_on"] = given["certified_on"].isoformat()
    return details


def documents_of(application: Application) -> list[Link]:
    """Return the papers of a sent application."""
    return [Link("保証申込の控え（PDF）", reverse("surety:application-paper", args=[application.number]))]


APPLICATION = register(
    Wizard(
        slug="application",
        title="保証申込",
        portal="surety",
        steps=[
            Step(
                "contract",
                "請負工事の情報",
                {"main": works.WorksForm, "jv": works.Members, "years": works.Years},
                initial=usual_contract,
                lookups={"main-body": find_bodies},
                template="esurety/apply_contract.html",
            ),
            Step(
                "guarantee",
                "保証の申込内容",
                {
                    "adv": guarantee.AdvanceForm,
                    "advshares": guarantee.Shares,
                    "mid": guarantee.MidForm,
                    "midshares": guarantee.Shares,
                    "ctr": guarantee.ContractForm,
                },
                initial=usual_guarantee,
                not_copied=["mid-certificate", "mid-certified_on", "adv-fiscal_year", "mid-fiscal_year"],
                lookups={"adv-bank": find_banks, "mid-bank": find_banks},
                template="esurety/apply_guarantee.html",
            ),
            Step(
                "other",
                "その他",
                {"main": other.OtherForm, "files": other.FilesForm},
                initial=contact_from_account,
                not_copied=["files", "main-message"],
                template="esurety/apply_other.html",
            ),
        ],
        view_role="surety.view",
        edit_role="surety.user",
        submit_role="surety.user",
        checks=CHECKS,
        decide=decide,
        listing=listing,
        confirm_label="申込確認へ",
        confirm_title="申込確認",
        submit_label="送信する",
        list_label="状況",
        refused_message="送信する権限がありません。申込者が手続きしてください。",
        intro_template="esurety/apply_intro.html",
        intro_context=introduce,
        confirm_template="esurety/apply_confirm.html",
        receipt_template="esurety/apply_receipt.html",
        complete=complete,
        documents=documents_of,
    )
)

HELP_TITLES = {"amount": "保証金額", "bill_to": "保証料請求先"}
"""Fields whose label differs from product to product."""


def _explain() -> None:
    """Hand the ？ of the fields to the help pages."""
    for step in APPLICATION.steps:
        for form in step.forms.values():
            if issubclass(form, Form):
                for field, (title, text) in form.help_texts().items():
                    help_texts.register(APPLICATION.portal, field, HELP_TITLES.get(field, title), text)


_explain()
