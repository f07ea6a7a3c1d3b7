"""A visitor at the 利用開始申請, and the association's people who judge it."""

import json
import re
from html import unescape
from io import StringIO
from typing import Any

from django.core import mail
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from guarantee_lookup.models import UsageApplication
from portal.outbox import drain
from tests.guarantee_lookup.driver import Answer

TOP = "/lookup/apply/"
FIRST = f"{TOP}new/steps/bank/"
ADMIN = "/admin/guarantee_lookup/usageapplication/"
MAIL = "hanako@bank.example"

BANK = {
    "main-kind": "new",
    "main-code": "９９９６",
    "main-name": "架空銀行Ｃ",
    "first-name": "申請 花子",
    "first-department": "事務部",
    "first-phone": "048-000-0001",
    "first-email": MAIL,
}
USE = {
    "main-scope": "branches",
    "main-branches": "101 本店営業部\n１０２　駅前支店",
    "main-sharing": "P",
    "main-people": "20",
    "main-networks": "203.0.113.0/24\n198.51.100.7",
}
PERSON = {
    "main-responsible": "責任 太郎",
    "main-post": "本店営業部長",
    "main-start_on-y": "2026",
    "main-start_on-m": "4",
    "main-start_on-d": "20",
}
STEPS = {"bank": BANK, "use": USE, "person": PERSON}


class Visitor:
    """Somebody without any account."""

    def __init__(self) -> None:
        self.client = Client()

    def opens(self, path: str) -> Answer:
        response = self.client.get(path, follow=True)
        return Answer(response, response.redirect_chain[-1][0] if response.redirect_chain else path)

    def sends(self, path: str, data: dict[str, Any] | None = None) -> Answer:
        response = self.client.post(path, data or {}, follow=True)
        return Answer(response, response.redirect_chain[-1][0] if response.redirect_chain else path)

    def begins(self) -> Answer:
        """Press 申請を始める."""
        return self.sends(TOP)

    def fills_in(self, path: str = FIRST, **changes: Any) -> Answer:
        """Fill in the step at `path` and press 次へ."""
        slug = path.rstrip("/").rpartition("/")[2]
        sent = {**STEPS[slug], **changes, "action": "continue"}
        if "/new/" not in path:
            sent["revision"] = hidden(self.opens(path), "revision")
        return self.sends(path, sent)

    def fills_in_late(self, page: Answer) -> Answer:
        """Fill in the step that has been on the screen since its `page` was opened."""
        slug = page.path.rstrip("/").rpartition("/")[2]
        return self.sends(page.path, {**STEPS[slug], "revision": hidden(page, "revision"), "action": "continue"})

    def fills_in_all(self, **changes: dict[str, Any]) -> Answer:
        """Walk from the first step to 申請内容の確認, with changes by step."""
        page = self.fills_in(**changes.get("bank", {}))
        while "/steps/" in page.path:
            before = page.path
            page = self.fills_in(page.path, **changes.get(page.path.rstrip("/").rpartition("/")[2], {}))
            assert page.path != before, page.text
        return page

    def submits(self, confirm: Answer, **sent: str) -> Answer:
        """Agree to both and press 申請."""
        agreed = {"token": hidden(confirm, "token"), "terms": "on", "privacy": "on", **sent}
        return self.sends(confirm.path, {name: value for name, value in agreed.items() if value})

    def applies(self, **changes: dict[str, Any]) -> str:
        """Walk from 申請を始める to 申込完了; returns the Web申込番号."""
        self.begins()
        page = self.submits(self.fills_in_all(**changes))
        assert "お申込みを受け付けました" in page.text, page.text
        return number_of(page)


def hidden(page: Answer, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.html)
    assert found, f"no hidden field {name} on {page.path}: {page.text}"
    return unescape(found[1])


def number_of(page: Answer) -> str:
    found = re.search(r'data-testid="application-number"[^>]*>(\d+)<', page.html)
    assert found, f"no number on {page.path}"
    return found[1]


def usage_of(number: str) -> UsageApplication:
    return UsageApplication.objects.get(application__number=number)


def decides(client: Client, number: str, decision: str, note: str = "") -> HttpResponse:
    """Press a button on the page of an application in the admin."""
    path = f"{ADMIN}{usage_of(number).pk}/change/"
    answer: Any = client.post(path, {"decision": decision, "note": note})
    return answer


def words(response: Any) -> str:
    """Return the words of a page, without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def letters(to: str = "") -> list[str]:
    """Deliver what waits and return subject and text of the mails to `to`, oldest first."""
    drain()
    return [f"{one.subject}\n{one.body}" for one in mail.outbox if not to or one.to == [to]]


def code_for(to: str) -> str:
    """Return the code of the only mail with one."""
    (letter,) = [letter for letter in letters(to) if "確認コード：" in letter]
    return letter.partition("確認コード：")[2][:6]


def listed_urls() -> list[dict[str, Any]]:
    """Return every route of the project with who may call it."""
    out = StringIO()
    call_command("list_urls", "--json", stdout=out)
    entries: list[dict[str, Any]] = json.loads(out.getvalue())
    return entries


def sample_path(path: str) -> str:
    """Return an address of the route `path`, of nothing that exists."""
    samples = {"number": "26112000012", "int": "1", "str": "1-2", "slug": "bank"}
    return re.sub(r"<(\w+):\w+>", lambda match: samples[match[1]], path)
