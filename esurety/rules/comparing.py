"""照合: the figures of the 発注者's contract beside the certificate, and the limits (esurety.md 11.2, 6.1 to 6.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from esurety.enums import Light, OrderForm, Product
from esurety.rules.facts import Works
from esurety.rules.limits import Advance, Finding, MoneyRules, check_amount
from esurety.rules.periods import year_end
from portal.common.eras import seireki
from portal.common.money import yen

AMOUNTS = {Product.ADV: "前払金額", Product.MID: "中間前払金額", Product.CTR: "契約保証金額"}
"""What the guarantee must cover, as the contract has it."""


@dataclass(frozen=True)
class Line:
    """One figure of contract and certificate in words; `light` says whether they go together."""

    label: str
    ours: str
    theirs: str
    light: Light


def lines(payload: Mapping[str, Any], agreed: Mapping[str, Any]) -> list[Line]:
    """Return the figures side by side; `agreed` is what `esurety.models.Registration.agreed` holds."""
    found = [
        _same("請負金額", yen(agreed["price"]), yen(payload["price"])),
        _same("工期（始期）", _day(agreed["starts_on"]), _day(payload["starts_on"])),
        _same("工期（終期）", _day(agreed["ends_on"]), _day(payload["ends_on"])),
        _same("請負契約日", _day(agreed["contract_on"]), _day(payload["contract_on"])),
    ]
    covered = payload["amount"] >= agreed["amount"]
    label = AMOUNTS[payload["product"]]
    light = Light.GREEN if payload["amount"] == agreed["amount"] else Light.YELLOW if covered else Light.RED
    found.append(Line(f"{label}と保証金額", yen(agreed["amount"]), yen(payload["amount"]), light))
    if agreed.get("base_amount") is not None or payload["base_amount"] is not None:
        ours, theirs = (_amount(one.get("base_amount")) for one in (agreed, payload))
        found.append(_same("今年度対象額", ours, theirs))
    return found


def _same(label: str, ours: str, theirs: str) -> Line:
    return Line(label, ours, theirs, Light.GREEN if ours == theirs else Light.RED)


def _day(iso: str) -> str:
    return seireki(date.fromisoformat(iso)) if iso else "―"


def _amount(amount: int | None) -> str:
    return "―" if amount is None else yen(amount)


def findings(payload: Mapping[str, Any], agreed: Mapping[str, Any], rules: MoneyRules) -> list[Finding]:
    """Return the checks of the certificate's amount and term against the limits for the contract's own figures."""
    works: Works = {
        "body": payload["body"],
        "department": "",
        "number": payload["work_number"],
        "name": payload["work"],
        "place": "",
        "kind": payload["work_kind"],
        "price": agreed["price"],
        "tax": None,
        "contract_on": agreed["contract_on"],
        "notice_on": "",
        "nomination_on": "",
        "award_on": "",
        "bid_on": "",
        "case_number": "",
        "spec_number": "",
        "starts_on": agreed["starts_on"],
        "ends_on": agreed["ends_on"],
        "order_form": OrderForm.SINGLE,
        "jv_name": "",
        "members": [],
        "has_advance": True,
        "is_low_bid": payload["is_low_bid"],
        "years": [],
    }
    advance = payload["advance_amount"]
    certified = agreed.get("certified_on")
    return [
        *check_amount(
            payload["product"],
            rules,
            works,
            payload["amount"],
            agreed.get("base_amount"),
            advance=None if advance is None else Advance(advance),
            certified_on=date.fromisoformat(certified) if certified else None,
            fiscal_year=payload["fiscal_year"],
        ),
        term(payload, agreed["ends_on"]),
    ]


def term(payload: Mapping[str, Any], ends_on: str) -> Finding:
    """Return whether the 保証期限 lasts as long as the 工期 to `ends_on`, or to the end of its 会計年度 (6.4, 6.5)."""
    needed, due = date.fromisoformat(ends_on), date.fromisoformat(payload["due_on"])
    if payload["fiscal_year"]:
        needed = min(needed, year_end(payload["fiscal_year"]))
    if needed > due:
        words = (
            f"工期が{seireki(needed)}まであり、保証期限{seireki(due)}を過ぎます。"
            "受注者に保証契約の変更を求めてください。"
        )
        return Finding("term", Light.RED, words)
    return Finding("term", Light.GREEN, f"保証期限{seireki(due)}は、工期の終わり{seireki(needed)}以後です。")
