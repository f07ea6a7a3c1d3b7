"""Files of debtors as a company makes, chooses and takes them over."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook

from credit_insurance.forms.debtor import COLUMNS
from credit_insurance.models import Line
from credit_insurance.rules.facts import LABELS
from tests.conftest import Person
from tests.credit_insurance.driver import Sheet, corporate_number, hidden

Row = dict[str, Any]
TITLES = [LABELS[name] for name in COLUMNS]


def row(place: int, **changes: Any) -> Row:
    """Return a sound debtor in the words of a file, by column: 残高 and 希望限度額 8,000,000."""
    return {
        "debtor_name": f"架空取引先{place}株式会社",
        "kind": "法人",
        "corporate_number": corporate_number(place),
        "postal_code": "〒100-0001",
        "pref_code": "東京都",
        "address": f"架空区見本町{place}-1",
        "rep_name": "代表 太郎",
        "country": "JP",
        "contract_type": "売買契約",
        "continuous": "あり",
        "annual_sales": "32,000,000円",
        "trend": "横ばい",
        "balance_now": "8000000",
        "balance_date": f"{timezone.localdate() - timedelta(days=10):%Y-%m-%d}",
        "balance_max12": "8,000,000",
        "closing_day": "末日",
        "pay_month_offset": "翌月",
        "pay_day": "99",
        "pay_method": "振込",
        "collateral_flag": "なし",
        "counterdebt_flag": "無",
        "capital_tie": "なし",
        "public_body": "いいえ",
        "overdue_flag": "なし",
        "known_adverse": "0",
        "requested_limit": "800万円",
        **changes,
    }


def table(rows: Iterable[Mapping[str, Any]], titles: Mapping[str, str] | None = None) -> list[list[str]]:
    """Return headings and rows as texts; `titles` gives columns (or new ones) another heading."""
    headings = dict(zip(COLUMNS, TITLES, strict=True)) | dict(titles or {})
    return [list(headings.values()), *([str(line.get(name) or "") for name in headings] for line in rows)]


def as_csv(lines: Iterable[Iterable[str]], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode(encoding)


def as_xlsx(lines: Iterable[Iterable[Any]]) -> bytes:
    workbook = Workbook()
    for line in lines:
        workbook.worksheets[0].append(list(line))
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def follow(person: Person, answer: HttpResponse) -> Any:
    """Open where an answer leads to; an answer that is a page is returned itself."""
    return person.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def chooses(sheet: Sheet, content: bytes, name: str = "取引先.csv", person: Person | None = None) -> Any:
    """Choose a file, press 内容を確かめる, and follow to its preview."""
    person = person or sheet.person
    answer = person.post(f"{sheet.url}import/", {"file": SimpleUploadedFile(name, content)})
    return follow(person, answer)


def takes_over(page: Any, person: Person, **sent: str) -> Any:
    """Press 取り込む on a preview."""
    return person.post(page.request["PATH_INFO"], {"revision": hidden(page, "revision"), **sent})


def lines(sheet: Sheet) -> list[Line]:
    return list(Line.objects.filter(sheet__number=sheet.number).order_by("position"))


def names(sheet: Sheet) -> list[str]:
    return [line.values.get("debtor_name", "") for line in lines(sheet)]
