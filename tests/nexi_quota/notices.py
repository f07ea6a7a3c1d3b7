"""Walks the pages of 決済通知 and 枠戻通知 as an exporter would: by what the pages show."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from nexi_quota.models import Confirmation, InsuranceContract, Quota
from tests.nexi_quota.driver import Exporter, Page, date_parts

FIRST = "/nexi/notices/new/steps/entry/"
CONTACT = {
    "contact-name": "有栖川花子",
    "contact-department": "輸出部",
    "contact-phone": "03-0000-0001",
    "contact-email": "alice@a.example",
}
Target = Confirmation | InsuranceContract


def settlement(contract: InsuranceContract | None = None, **changes: Any) -> dict[str, Any]:
    """Return what 直接入力 of a 決済通知 sends, with changes by field name (None: leave out)."""
    number = {"policy_number": contract.policy_number, "branch": contract.branch} if contract else {}
    known = {"product": contract.product, "payer": contract.payer.code, **number} if contract else {}
    return _sent({"kind": "settlement", **known, **SETTLED, "settled_on": timezone.localdate(), **changes})


def release(confirmation: Confirmation | None = None, **changes: Any) -> dict[str, Any]:
    """Return what 直接入力 of a 枠戻通知 sends, with changes by field name (None: leave out)."""
    number = {"confirmation_number": confirmation.number} if confirmation else {}
    known = {"product": confirmation.product, "payer": confirmation.payer.code, **number} if confirmation else {}
    return _sent({"kind": "release", **known, **RETURNED, "returned_on": timezone.localdate(), **changes})


def chosen(target: Target, **changes: Any) -> dict[str, Any]:
    """Return what the step about an object chosen from a list sends."""
    if isinstance(target, Confirmation):
        return _sent({"quota": target.number, **RETURNED, "returned_on": timezone.localdate(), **changes})
    return _sent({"contract": target.number, **SETTLED, "settled_on": timezone.localdate(), **changes})


SETTLED = {"extent": "full", "manner": "01"}
RETURNED = {"extent": "full", "reason": "01"}


def _sent(filled: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = dict(CONTACT)
    for name, value in filled.items():
        if name.startswith("contact_"):
            sent[f"contact-{name.removeprefix('contact_')}"] = value
        elif isinstance(value, date):
            sent.update(date_parts(f"main-{name}", value))
        elif value is not None:
            sent[f"main-{name}"] = value
    return sent


def from_list(target: Target, path: str = FIRST) -> str:
    """Return the address that the page of an object leads to."""
    name = "quota" if isinstance(target, Confirmation) else "contract"
    return f"{path}?{urlencode({name: target.number})}"


def enters(person: Exporter, sent: dict[str, Any], path: str = FIRST, action: str = "continue") -> Page:
    """Send ステップ１; the page of a draft says which revision it was made from."""
    revision = {} if "/new/" in path else {"revision": person.get(path).hidden("revision")}
    return person.post(path, {**sent, **revision, "action": action})


def presses(person: Exporter, confirm: Page) -> Page:
    """Press 申込む on ステップ２."""
    return person.post(confirm.path, {"token": confirm.hidden("token")})


def notifies(person: Exporter, sent: dict[str, Any], path: str = FIRST) -> Page:
    """Walk from ステップ１ to 申込完了."""
    return presses(person, enters(person, sent, path))


# --- What to look at ---------------------------------------------------------------


def held() -> int:
    """Return what is held of the quota of 310-000001, in yen."""
    return Quota.objects.get(buyer__code="310-000001").held_jpy


def entry_of(page: Page) -> str:
    """Return the address of ステップ１ of the draft that a page shows."""
    return f"/nexi/notices/{page.number}/steps/entry/"


def assert_shows_the_object_as_facts(step: Page, number: str) -> None:
    """Fail unless the chosen object stands on ステップ１ as facts with a bar, not as fields."""
    assert number in step.text
    assert "<svg" in step.html
    assert "readonly" not in step.html
    for asked in ("kind", "product", "policy_number", "branch", "confirmation_number", "payer"):
        assert f'name="main-{asked}"' not in step.html, asked
