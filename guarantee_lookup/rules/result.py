"""照会結果 as plain data: all that a page, a paper or the API shows of a customer, frozen with the look-up."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guarantee_lookup.enums import EntityType, Row
from guarantee_lookup.rules.capacity import Figure, Masters, Position, position
from guarantee_lookup.rules.settlements import NOT_DEFINED, Settlement, models_differ, newest_two

TOTAL = "合計"


@dataclass(frozen=True)
class Customer:
    """What one snapshot knows of a customer: no name, no address; `balances` in yen by insurance code.

    `digest` finds the customer in every snapshot; `is_related`: the asking bank has a guarantee with it.
    """

    digest: bytes
    entity: str = ""
    has_addition: bool = False
    guaranteed_on: str = ""
    balances: Mapping[str, int] = field(default_factory=dict)
    settlements: Sequence[Settlement] = ()
    is_related: bool = False

    @property
    def is_coop(self) -> bool:
        return self.entity == EntityType.COOPERATIVE


def result_of(customer: Customer, masters: Masters, *, as_of: str, snapshot: str, masked: str) -> dict[str, Any]:
    """Return the frozen result: plain JSON, dates `YYYY-MM-DD`, amounts in whole yen."""
    found = position(customer.balances, masters, is_coop=customer.is_coop, has_addition=customer.has_addition)
    shown = newest_two(customer.settlements)
    return {
        "as_of": as_of,
        "snapshot": snapshot,
        "number": masked,
        "settlements": [one.shown() for one in shown],
        "models_differ": models_differ(shown),
        "guaranteed_on": customer.guaranteed_on,
        "figures": [{**vars(figure)} for figure in found.figures],
        "total": found.total,
        "left": dict(found.left),
        "has_addition": customer.has_addition,
    }


def position_of(result: Mapping[str, Any]) -> Position:
    """Return the position that a frozen result was made from: a 試算 starts from what was shown."""
    figures = [Figure(**{**figure, "row": Row(figure["row"])}) for figure in result["figures"]]
    return Position(figures, result["left"])


def canonical_hash(*parts: object) -> str:
    """Return the SHA-256 of plain data in one canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def yen_or_dash(amount: int | None) -> str:
    """Return an amount as the screen shows it: `58,646,000`, `△110,000,000`, `—`."""
    if amount is None:
        return NOT_DEFINED
    return f"△{-amount:,}" if amount < 0 else f"{amount:,}"
