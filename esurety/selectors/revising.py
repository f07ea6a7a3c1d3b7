"""What a 変更, 訂正, 変更取消 or 取消 would do: old and new, advice, fee (esurety.md 6.8, 7.2, 9.2)."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple, cast

from django.utils import timezone

from esurety.enums import RevisionKind
from esurety.models import Certificate, Fee, Guarantee, Registration, Revision
from esurety.rules.changes import Advice, advise
from esurety.rules.facts import Contents, Works
from esurety.rules.fees import Quote, difference, quote
from esurety.rules.limits import Advance, Finding, check_amount, problems
from esurety.rules.versions import Version
from esurety.selectors.bodies import money_rules
from esurety.selectors.fees import table_on
from portal.common.eras import seireki
from portal.common.money import yen

LABELS = {
    "contractor.name": "保証契約者",
    "contractor.address": "住所",
    "contractor.representative": "代表者",
    "jv_name": "JV名",
    "members": "JV構成員",
    "body_name": "発注者",
    "addressee": "宛名",
    "work": "工事名",
    "work_number": "工事番号・契約番号",
    "price": "請負金額",
    "contract_on": "請負契約日",
    "starts_on": "工期（自）",
    "ends_on": "工期（至）",
    "amount": "保証金額",
    "base_amount": "今年度対象額",
    "fiscal_year": "会計年度",
    "covers_from": "保証期間（自）",
    "due_on": "保証期限",
    "bank": "預託金融機関",
    "advance_number": "先行する前払金保証",
    "advance_amount": "前払金額",
    "is_low_bid": "低入札",
}
"""What a certificate says, in the order of the page; `contractor.name` is a part of 保証契約者."""

CARRIED = ("price", "contract_on", "starts_on", "ends_on", "is_low_bid")
"""What the works of the application take over from the contents of a later version."""

CONTENTS = tuple(Contents.__required_keys__)
NONE = "―"


class Difference(NamedTuple):
    """One line of old and new."""

    label: str
    before: str
    after: str


def contents_of(certificate: Certificate) -> Contents:
    """Return the contents of a version without number, label, serial and issuer."""
    payload = json.loads(certificate.payload)
    return cast(Contents, {name: payload[name] for name in CONTENTS})


def differences(before: Contents, after: Contents) -> list[Difference]:
    """Return the lines in which two contents differ."""
    return [
        Difference(label, _shown(name, old), _shown(name, new))
        for name, label in LABELS.items()
        if (old := _value(before, name)) != (new := _value(after, name))
    ]


def _value(contents: Contents, path: str) -> Any:
    value: Any = contents
    for name in path.split("."):
        value = cast(Mapping[str, Any], value)[name]
    return value


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "対象" if value else "対象外"
    if isinstance(value, list):
        return "、".join(member["name"] for member in value) or NONE
    if value in (None, ""):
        return NONE
    if name in {"price", "amount", "base_amount", "advance_amount"}:
        return yen(value)
    if name.endswith("_on") or name == "covers_from":
        return seireki(date.fromisoformat(value))
    return str(value)


def versions_of(guarantee: Guarantee) -> list[Version]:
    """Return the versions for `esurety.rules.versions`, oldest first."""
    rows = guarantee.certificates.order_by("sequence").values_list("sequence", "kind", "change_number", "state")
    return [Version(*row) for row in rows]


def is_registered(guarantee: Guarantee) -> bool:
    """Return True when a 発注者 has registered the version in force."""
    return Registration.objects.filter(certificate=guarantee.current_id).exists()


def in_force(guarantee: Guarantee) -> Contents:
    """Return the contents of the version in force; Certificate.DoesNotExist before the first arrival."""
    if guarantee.current is None:
        raise Certificate.DoesNotExist
    return contents_of(guarantee.current)


def advices(guarantee: Guarantee, after: Contents) -> list[Advice]:
    """Return what the rules say to a change of the version in force into `after` (6.8)."""
    first = guarantee.certificates.get(sequence=1)
    return advise(
        guarantee.product,
        in_force(guarantee),
        after,
        money_rules(guarantee.body),
        first_price=contents_of(first)["price"],
    )


def limit_problems(guarantee: Guarantee, after: Contents) -> list[Finding]:
    """Return where the amount after a change is not within the rules of the 発注者."""
    request = guarantee.item.request
    works = cast(Works, {**request.works, **{name: after[name] for name in CARRIED}})  # type: ignore[literal-required]
    advance = Advance(after["advance_amount"]) if after["advance_amount"] else None
    certified = str(guarantee.item.details.get("certified_on") or "")
    found = check_amount(
        guarantee.product,
        money_rules(guarantee.body),
        works,
        after["amount"],
        after["base_amount"],
        advance=advance,
        certified_on=date.fromisoformat(certified) if certified else None,
        fiscal_year=after["fiscal_year"],
    )
    # 認定調書 belongs to the application, not to a change.
    return [one for one in problems(found) if one.code != "mid.certificate"]


def new_fee(revision: Revision) -> tuple[Quote | None, int]:
    """Return the 保証料 of the amount after a revision, and what is paid for it in yen (negative: paid back).

    The 保証料率表 is that of the first 保証料計算書. An error of the surety costs nothing, 変更取消 takes the fee of
    the change back, 取消 changes nothing (a refund is agreed outside). FeeTable.DoesNotExist without a table.
    """
    guarantee, current = revision.guarantee, revision.guarantee.current
    if current is None or revision.kind == RevisionKind.CANCELLATION:
        return None, 0
    before = contents_of(current)
    table = table_on(guarantee.product, _rates_of(guarantee))
    if revision.kind == RevisionKind.WITHDRAWAL:
        undone, restored = _withdrawn(current)
        charged = Fee.objects.filter(certificate__in=undone)
        amount = contents_of(restored)["amount"] if restored else before["amount"]
        return quote(table, amount, first=False), -sum(fee.net for fee in charged)
    after = cast(Contents, revision.facts)
    found = quote(table, after["amount"], first=False)
    if revision.at_fault:
        return found, 0
    return found, difference(table, after["amount"], quote(table, before["amount"], first=False).gross)


def _rates_of(guarantee: Guarantee) -> date:
    first = guarantee.item.fees.order_by("pk").first()
    return timezone.localdate(first.made_at) if first else guarantee.concluded_on


def _withdrawn(current: Certificate) -> tuple[list[Certificate], Certificate | None]:
    """Return the newest change with its corrections, and the version before them."""
    undone = [current]
    while undone[-1].corrects:
        undone.append(undone[-1].corrects)
    return undone, undone[-1].previous
