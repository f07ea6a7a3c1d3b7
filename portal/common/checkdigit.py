"""Check digits: Damm for our own numbers, the formulas of others for theirs."""

from stdnum import damm as _damm
from stdnum.jp import cn

_LETTER_VALUES = {chr(ord("A") + n): str(10 + n) for n in range(26)}


def _require_digits(digits: str) -> None:
    # int() would also take full-width and Arabic digits, and an empty string has the check digit 0.
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"not a string of digits: {digits[:40]!r}")


def as_digits(number: str) -> str:
    """Return `number` with letters A-Z as 10-35 and without hyphens: what its check digit is taken over."""
    return "".join(_LETTER_VALUES.get(c, c) for c in number.replace("-", ""))


def damm(digits: str) -> str:
    """Return the Damm check digit (standard quasigroup) of a string of digits; ValueError for anything else."""
    _require_digits(digits)
    return _damm.calc_check_digit(digits)


def damm_ok(number: str) -> bool:
    """Return True when the last digit of `number` is its Damm check digit; letters count as two digits."""
    digits = as_digits(number)
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and _damm.is_valid(digits)


def mod10_31(digits: str) -> str:
    """Return the modulo 10 check digit with weights 3, 1, 3 … from the right; ValueError for anything but digits."""
    _require_digits(digits)
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def corporate_number_ok(n: str) -> bool:
    """Return True when `n` is 13 digits whose first is the check digit of a 法人番号 (it cannot tell 0 from 9)."""
    return len(n) == 13 and n.isascii() and n.isdigit() and cn.is_valid(n)


def corporate_number_of(company_number: str) -> str:
    """Return the 法人番号 of a 12-digit 会社法人等番号; ValueError when it has not 12 digits."""
    _require_digits(company_number)
    if len(company_number) != 12:
        raise ValueError("a 会社法人等番号 has 12 digits")
    return cn.calc_check_digit(company_number) + company_number
