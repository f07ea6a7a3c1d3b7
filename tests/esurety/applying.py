"""Walks the pages of the 保証申込 as a contractor would: by what the pages show."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.http import HttpResponse

from tests.conftest import Person

NEW = "/surety/applications/new/steps/contract/"


def day(name: str, iso: str) -> dict[str, str]:
    """Return the three boxes of a date."""
    year, month, date = iso.split("-")
    return {f"{name}-y": year, f"{name}-m": str(int(month)), f"{name}-d": str(int(date))}


def contract(**changes: Any) -> dict[str, str]:
    """Return the works of the seed as a browser sends them; a change may be a date in ISO text or None."""
    given: dict[str, Any] = {
        "body": "082368",
        "number": "2026-101",
        "name": "見本道路改良工事",
        "kind": "works",
        "price": "50,000,000",
        "contract_on": "2026-11-10",
        "starts_on": "2026-11-11",
        "ends_on": "2027-03-31",
        "order_form": "single",
        "has_advance": "yes",
        "is_low_bid": "no",
        "is_multi_year": "no",
    }
    rows = {key: value for key, value in changes.items() if "__" in key}
    given |= {key: value for key, value in changes.items() if "__" not in key}
    sent = {f"{form}-TOTAL_FORMS": "6" for form in ("jv", "years")} | {
        f"{form}-INITIAL_FORMS": "0" for form in ("jv", "years")
    }
    for name, value in given.items():
        if value is not None:
            sent |= day(f"main-{name}", value) if name.endswith("_on") else {f"main-{name}": value}
    for key, value in rows.items():
        name = key.replace("__", "-")
        sent |= day(name, value) if key.endswith("_on") else {name: value}
    return sent


def product(prefix: str, amount: str, **changes: Any) -> dict[str, str]:
    """Return one product's block of the second tab, applied for."""
    given: dict[str, Any] = {
        "apply": "on",
        "medium": "electronic",
        "amount": amount,
        "payment": "monthly",
        "bill_to": "head",
        "statement": "no",
    }
    if prefix != "ctr":
        given |= {"bank": "架空銀行 見本支店", "redeposit": "no"}
    given |= changes
    sent: dict[str, str] = {}
    for name, value in given.items():
        if value is not None:
            sent |= day(f"{prefix}-{name}", value) if name.endswith("_on") else {f"{prefix}-{name}": value}
    return sent


SHARES = {
    f"{form}-{name}": value
    for form in ("advshares", "midshares")
    for name, value in (("TOTAL_FORMS", "6"), ("INITIAL_FORMS", "0"))
}
OTHER = {
    "main-office": "01",
    "main-wants_mail": "yes",
    "main-email": "contractor@a.example",
    "main-person": "申込 春子",
    "main-phone": "029-000-0003",
}


@dataclass
class Page:
    """One answer and where it was found."""

    response: HttpResponse
    path: str

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.content.decode()

    @property
    def text(self) -> str:
        """The words of the main column, without tags."""
        body = self.html.partition("<main")[2].partition("</main>")[0]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))

    @property
    def errors(self) -> str:
        """The words of the list of errors."""
        found = re.search(r'class="error-summary".*?</ul>', self.html, re.S)
        return unescape(re.sub(r"<[^>]+>", " ", found[0])) if found else ""

    @property
    def verdict(self) -> str:
        """The words of the verdict panel."""
        found = re.search(r'<section[^>]*data-testid="verdict".*?</section>', self.html, re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", found[0]))) if found else ""

    @property
    def number(self) -> str:
        """The number in the number line."""
        found = re.search(r'data-testid="application-number"[^>]*>([^<]+)<', self.html)
        assert found, f"no application number on {self.path}"
        return found[1]

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.html)
        assert found, f"no hidden field {name} on {self.path}"
        return unescape(found[1])

    def value(self, name: str) -> str:
        """Return what stands in a text field."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.html)
        return unescape(found[1]) if found else ""


class Applicant:
    """A person at the pages of the 保証申込."""

    def __init__(self, person: Person) -> None:
        self.client = person

    def get(self, path: str) -> Page:
        response = self.client.get(path, follow=True)
        return Page(response, response.redirect_chain[-1][0] if response.redirect_chain else path)

    def post(self, path: str, data: dict[str, Any]) -> Page:
        response = self.client.post(path, data, follow=True)
        return Page(response, response.redirect_chain[-1][0] if response.redirect_chain else path)

    def fills(self, path: str, data: dict[str, Any], action: str = "continue") -> Page:
        """Send a step, at the revision that the draft has now."""
        revision = {} if "/new/" in path else {"revision": self.get(path).hidden("revision")}
        return self.post(path, {**data, **revision, "action": action})

    def describes(self, **changes: Any) -> Page:
        """Fill in 請負工事の情報; returns 保証の申込内容."""
        return self.fills(NEW, contract(**changes))

    def applies(self, *products: dict[str, str], **changes: Any) -> Page:
        """Fill in all three tabs; returns 申込確認."""
        page = self.describes(**changes)
        return self.goes_on(page, *products)

    def goes_on(self, page: Page, *products: dict[str, str]) -> Page:
        """Fill in the second and third tab of a draft; returns 申込確認."""
        given = dict(SHARES)
        for one in products:
            given |= one
        page = self.fills(page.path, given)
        assert page.path.endswith("/steps/other/"), page.errors
        return self.fills(page.path, OTHER)

    def sends(self, page: Page) -> Page:
        """Press 送信する."""
        return self.post(page.path, {"token": page.hidden("token")})
