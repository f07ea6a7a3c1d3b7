"""保証料率区分 by settlement (guarantee_lookup.md section 4): which two are shown, and how."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NEW_MODEL_FROM = "2026-04"
"""First period that the new CRD model judges."""

NOT_DEFINED = "—"


@dataclass(frozen=True)
class Settlement:
    """決算: period `YYYY-MM`, 区分 1 to 9 (None without a score), day of its registration `YYYY-MM-DD`."""

    period: str
    category: int | None
    registered: str

    @property
    def model(self) -> str:
        """Return the CRD model that judged it: OLD or NEW."""
        return "OLD" if self.period < NEW_MODEL_FROM else "NEW"

    def shown(self) -> str:
        """Return 直近決算・区分 as the screen has it: `2025/03・5`."""
        return f"{self.period.replace('-', '/')}・{self.category or NOT_DEFINED}"


def newest_two(settlements: Iterable[Settlement]) -> list[Settlement]:
    """Return 直近決算 and 前期決算: the newest periods, each as registered last."""
    found: dict[str, Settlement] = {}
    for one in sorted(settlements, key=lambda s: (s.period, s.registered), reverse=True):
        found.setdefault(one.period, one)
    return list(found.values())[:2]


def models_differ(shown: Sequence[Settlement]) -> bool:
    """Return True when the two shown periods were judged by two models."""
    return len({one.model for one in shown}) > 1
