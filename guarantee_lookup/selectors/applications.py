"""利用開始申請 as the association judges it: what would change, and what stands against it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone

from guarantee_lookup.enums import Sharing, UsageKind
from guarantee_lookup.models import Institution, UsageApplication
from guarantee_lookup.selectors.institutions import institution_of_code, open_branches
from portal.accounts.permissions import holders
from portal.common.eras import seireki

NONE = "なし"


class Change(NamedTuple):
    """One line of the difference: what it is about, as it is, as it would be."""

    label: str
    before: str
    after: str

    @property
    def is_different(self) -> bool:
        return self.before != self.after


def obstacles(usage: UsageApplication) -> list[str]:
    """Return what keeps the application from being approved as it is, in Japanese; empty when nothing does."""
    institution = institution_of_code(usage.code)
    is_there = institution is not None and institution.state != Institution.State.ENDED
    if usage.kind == UsageKind.NEW and is_there:
        return ["この金融機関コードは登録済みです。申込区分「変更」で申請するよう、差し戻してください。"]
    if usage.kind != UsageKind.NEW and not is_there:
        return ["この金融機関コードの登録がありません。金融機関コードと申込区分を確かめるよう、差し戻してください。"]
    return []


def changes(usage: UsageApplication) -> list[Change]:
    """Return the bank as it is registered beside what is applied for, line by line."""
    institution = institution_of_code(usage.code)
    before = registered(institution) if institution else {}
    after = dict(applied(usage.wanted)) if usage.kind != UsageKind.END else {"状態": Institution.State.ENDED.label}
    if usage.kind == UsageKind.END:
        before = {label: text for label, text in before.items() if label in {"名称", "状態", "利用管理者"}}
        after |= {label: NONE if label == "利用管理者" else text for label, text in before.items() if label != "状態"}
    labels = dict.fromkeys([*after, *before])
    return [Change(label, before.get(label, NONE), after.get(label, before.get(label, NONE))) for label in labels]


def registered(institution: Institution) -> dict[str, str]:
    """Return what is registered of a bank in words, by the labels of the application."""
    branches = open_branches(institution.organisation_id)
    masters = holders(["lookup.master"], institution.organisation_id, timezone.localdate()).order_by("login")
    return {
        "名称": institution.organisation.name,
        "責任共有方式": institution.get_sharing_display(),
        "店舗": _lines(f"{branch}" for branch in branches),
        "接続元IPアドレス": _lines(institution.networks),
        "利用管理者": _lines(_person(vars(master)) for master in masters),
        "状態": institution.get_state_display(),
    }


def applied(wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is applied for in words, by the same labels; what is not said stays as it is."""
    yield "名称", wanted["name"]
    yield "責任共有方式", Sharing(wanted["sharing"]).label
    if wanted["branches"] is not None:
        yield "店舗", _lines(f"{code} {name}" for code, name in wanted["branches"])
    yield "接続元IPアドレス", _lines(wanted["networks"])
    yield "利用管理者", _lines(map(_person, wanted["masters"]))
    yield "利用者数", f"{wanted['people']}人"
    yield "希望日", seireki(date.fromisoformat(wanted["start_on"]))


def _person(values: Mapping[str, Any]) -> str:
    return f"{values['name']}（{values['email']}）"


def _lines(texts: Any) -> str:
    return "\n".join(texts) or NONE
