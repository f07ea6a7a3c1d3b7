"""顧客番号 and 保証番号: how they are read, judged and masked (guarantee_lookup.md section 5)."""

import re
from collections.abc import Sequence
from itertools import pairwise

from portal.common import text

SHOWN_DIGITS = 4
CONSECUTIVE = 3
CLOSE = 2


def read(typed: str) -> str:
    """Return a typed number without what is no digit of it: full-width forms, spaces, hyphens; zeros stay."""
    return text.digits(typed)


def fits(number: str, pattern: str) -> bool:
    """Return True when the whole number has the form of its kind."""
    return re.fullmatch(pattern, number) is not None


def masked(number: str) -> str:
    """Return five asterisks and the last four digits, whatever the length."""
    return mask(number[-SHOWN_DIGITS:])


def mask(last: str) -> str:
    """Return the masked form of a number of which only its last digits are known."""
    return f"*****{last}"


def is_walk(numbers: Sequence[str]) -> bool:
    """Return True when the last three numbers differ by at most 2 from one to the next (9.3): somebody counts them up.

    The same number again is no walk.
    """
    last = numbers[-CONSECUTIVE:]
    steps = [abs(int(one) - int(other)) for one, other in pairwise(last)]
    return len(last) == CONSECUTIVE and all(0 < step <= CLOSE for step in steps)
