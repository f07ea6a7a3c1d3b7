"""Walks the pages of the 確認申込み as an exporter would: by what the pages show."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from tests.conftest import Person

NEW = "/nexi/requests/new/steps/terms/"


def date_parts(name: str, day: date) -> dict[str, str]:
    """Return the three boxes of a date."""
    return {f"{name}-y": str(day.year), f"{name}-m": str(day.month), f"{name}-d": str(day.day)}


def terms(**changes: Any) -> dict[str, Any]:
    """Return ステップ１ of scenario 1 as a browser sends it, with changes by field name (None: leave out)."""
    today = timezone.localdate()
    shipment = changes.pop("shipment", today + timedelta(days=30))
    filled: dict[str, Any] = {
        "product": "03",
        "contract_form": "11",
        "contract_number": "EX-2026-001",
        "contract_date": changes.pop("contract_date", today),
        "goods": "産業用ポンプ",
        "counterparty_code": "310-000001",
        "payer_code": "310-000001",
        "payment_country": "310",
        "destination_country": "310",
        "settlement": "20",
        "usance_days": "90",
        "guarantee": "none",
        "currency": "USD",
        "contract_amount": "400,000",
        "first_shipment": shipment,
        "last_shipment": shipment,
        **changes,
    }
    contact = {"name": "有栖川花子", "department": "輸出部", "phone": "03-0000-0001", "email": "alice@a.example"}
    sent: dict[str, Any] = {f"contact-{name}": value for name, value in contact.items()}
    for name, value in filled.items():
        if name.startswith("contact_"):
            sent[f"contact-{name.removeprefix('contact_')}"] = value
        elif isinstance(value, date):
            sent.update(date_parts(f"main-{name}", value))
        elif value is not None:
            sent[f"main-{name}"] = value
    return {name: value for name, value in sent.items() if value is not None}


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

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.html)
        assert found, f"no hidden field {name} on {self.path}"
        return unescape(found[1])

    @property
    def number(self) -> str:
        """The application number in the number line."""
        found = re.search(r'data-testid="application-number"[^>]*>(\d+)<', self.html)
        assert found, f"no application number on {self.path}"
        return found[1]

    @property
    def verdict(self) -> str:
        """The words of the verdict panel."""
        found = re.search(r'<section[^>]*data-testid="verdict".*?</section>', self.html, re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", found[0]))) if found else ""

    def value(self, name: str) -> str:
        """Return what stands in a text field."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.html)
        return unescape(found[1]) if found else ""


class Exporter:
    """A person at the pages of the request."""

    def __init__(self, person: Person) -> None:
        self.client = person
        self.user = person.user

    def logs_in_again(self) -> None:
        """Begin a new session, as after a night or in another browser."""
        self.client.cookies.clear()
        self.client.force_login(self.user)

    def get(self, path: str) -> Page:
        """Open a page and follow where it leads."""
        response = self.client.get(path, follow=True)
        return Page(response, response.redirect_chain[-1][0] if response.redirect_chain else path)

    def post(self, path: str, data: dict[str, Any]) -> Page:
        """Send a form and follow where it leads."""
        response = self.client.post(path, data, follow=True)
        return Page(response, response.redirect_chain[-1][0] if response.redirect_chain else path)

    def fills_in(self, path: str = NEW, action: str = "continue", **changes: Any) -> Page:
        """Fill in ステップ１ and press 申込内容の確認へ."""
        sent = {**terms(**changes), "action": action}
        if "new/" not in path:
            sent["revision"] = self.get(path).hidden("revision")
        return self.post(path, sent)

    def presses_apply(self, confirm: Page, consent: bool = True) -> Page:
        """Press 申込む on ステップ２."""
        sent = {"token": confirm.hidden("token")}
        if consent:
            sent["consent"] = "on"
        return self.post(confirm.path, sent)

    def applies(self, **changes: Any) -> Page:
        """Walk from ステップ１ to 申込完了."""
        return self.presses_apply(self.fills_in(**changes))
