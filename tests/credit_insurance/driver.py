"""Fills a ヒアリングシート as a member would."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from portal.common.checkdigit import corporate_number_of
from tests.conftest import Person

NEW = "/credit/cases/new/steps/summary/"


def words(page: HttpResponse) -> str:
    """Return the words of the main column, without tags."""
    body = page.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def hidden(page: HttpResponse, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.content.decode())
    assert found, name
    return unescape(found[1])


def summary(**changes: Any) -> dict[str, Any]:
    """Return the summary of a sound sheet of twelve debtors as a browser sends it."""
    year = timezone.localdate().year
    losses = {f"losses-{row}-{name}": value for row in range(3) for name, value in (("cases", "0"), ("amount", "0"))}
    return {
        "main-intended_start": "2026-12-01",
        "main-selection_method": "S0",
        "main-declares_complete": "on",
        "main-total_sales": "400,000",
        "main-credit_sales": "400,000",
        "main-ar_total": "100,000",
        "main-owner": "finance",
        "main-has_rules": "on",
        "main-overdue_now": "no",
        "losses-TOTAL_FORMS": "3",
        "losses-INITIAL_FORMS": "0",
        **{f"losses-{row}-year": str(year - 1 - row) for row in range(3)},
        **losses,
        **{f"main-{name}": value for name, value in changes.items()},
    }


def corporate_number(place: int) -> str:
    """Return an invented 法人番号 with a right check digit."""
    return corporate_number_of(f"{900_000_000_000 + place}")


def debtor(place: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a sound debtor as a browser sends it: 残高 8,000,000, 希望限度額 8,000,000."""
    day = timezone.localdate() - timedelta(days=10)
    filled = {
        "debtor_name": f"架空取引先{place}株式会社",
        "kind": "corp",
        "corporate_number": corporate_number(place),
        "postal_code": "100-0001",
        "pref_code": "13",
        "address": f"架空区見本町{place}-1",
        "rep_name": "代表 太郎",
        "country": "JP",
        "contract_type": "K1",
        "continuous": "yes",
        "annual_sales": "32,000,000",
        "trend": "same",
        "balance_now": "8,000,000",
        **date_parts("balance_date", day),
        "balance_max12": "8,000,000",
        "closing_day": "99",
        "pay_month_offset": "1",
        "pay_day": "99",
        "pay_method": "transfer",
        "collateral_flag": "no",
        "counterdebt_flag": "no",
        "capital_tie": "none",
        "public_body": "no",
        "overdue_flag": "no",
        "known_adverse": "no",
        "requested_limit": "8,000,000",
        **changes,
    }
    return {name: value for name, value in filled.items() if value is not None}


def date_parts(name: str, day: date) -> dict[str, str]:
    """Return the three boxes of a date."""
    return {f"{name}-y": str(day.year), f"{name}-m": str(day.month), f"{name}-d": str(day.day)}


class Sheet:
    """One ヒアリングシート in the hands of a person."""

    def __init__(self, person: Person, **changes: Any) -> None:
        page = person.post(NEW, summary(**changes))
        assert page.status_code == 303, words(page)
        found = re.fullmatch(r"/credit/cases/(\d+)/steps/debtors/", page.headers["Location"])
        assert found, page.headers["Location"]
        self.person = person
        self.number = found[1]

    @property
    def url(self) -> str:
        return f"/credit/cases/{self.number}/steps/debtors/"

    @property
    def confirm(self) -> str:
        return f"/credit/cases/{self.number}/confirm/"

    def add(self, place: int = 1, **changes: Any) -> HttpResponse:
        """Enter one debtor."""
        return self.person.post(f"{self.url}new/", debtor(place, **changes))

    def fill(self, count: int = 12) -> "Sheet":
        """Enter sound debtors."""
        for place in range(1, count + 1):
            assert self.add(place).status_code == 303
        return self

    def go_on(self) -> HttpResponse:
        """Press 申請内容の確認へ."""
        page = self.person.get(self.url)
        return self.person.post(self.url, {"action": "continue", "revision": hidden(page, "revision")})

    def submit(self, person: Person) -> HttpResponse:
        """Press 申請する on the confirm page as `person`."""
        return person.post(self.confirm, {"token": hidden(person.get(self.confirm), "token")})
