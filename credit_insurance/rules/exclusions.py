"""Which debtors are out by what the sheet itself says, and whether ten are left (credit_insurance.md 6.6, 8.2)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from credit_insurance.enums import CapitalTie, DebtorKind, Exclusion
from credit_insurance.rules.facts import Debtor
from credit_insurance.rules.settlement import Terms, are_possible, settlement
from portal.common.text import code, search_key

MIN_DEBTORS = 10

Exclusions = Mapping[int, tuple[Exclusion, ...]]
"""line_no → reasons, in the order of the table; only lines that have some."""


def terms_of(line: Debtor) -> Terms | None:
    """Return the 決済条件 of a line, None while incomplete or impossible; サイト counts for 手形 and でんさい alone."""
    if line.closing_day is None or line.pay_month_offset is None or line.pay_day is None or line.pay_method is None:
        return None
    bill_days = (line.bill_days or 0) if line.pay_method.matures_later else 0
    terms = Terms(line.closing_day, line.pay_month_offset, line.pay_day, bill_days)
    return terms if are_possible(terms) else None


def identity(line: Debtor) -> str:
    """Return what two lines of the same debtor share: 法人番号, else name and address; "" when neither is known."""
    return line.corporate_number or identity_by_name(line.debtor_name, line.address)


def identity_by_name(name: str, address: str) -> str:
    """Return what two lines without 法人番号 share when they are the same debtor; "" when one of the two is missing."""
    named, placed = search_key(name), code(address)
    return f"{named} {placed}" if named and placed else ""


def reasons(line: Debtor, month: date) -> Iterator[Exclusion]:
    """Yield why a debtor is out by its own line; `month` is the month whose closing stands for its 決済期間."""
    if line.is_foreign:
        yield Exclusion.OVERSEAS
    if line.public_body:
        yield Exclusion.PUBLIC
    if line.capital_tie == CapitalTie.SUBSIDIARY:
        yield Exclusion.SUBSIDIARY
    elif line.capital_tie not in {None, CapitalTie.NONE}:
        yield Exclusion.GROUP
    terms = terms_of(line)
    if terms and settlement(terms, month).is_over_a_year:
        yield Exclusion.LONG_SETTLEMENT
    if line.continuous is False:
        yield Exclusion.NOT_CONTINUOUS
    if line.overdue_flag:
        yield Exclusion.OVERDUE
    if line.known_adverse:
        yield Exclusion.INSOLVENT
    if line.contract_type and not line.contract_type.is_insurable:
        yield Exclusion.CONTRACT
    if line.kind == DebtorKind.CONSUMER:
        yield Exclusion.CONSUMER


def exclusions(lines: Iterable[Debtor], month: date) -> dict[int, tuple[Exclusion, ...]]:
    """Return the excluded lines with all their reasons; of two lines for one debtor the later is X17, to be merged."""
    found = {}
    seen: set[str] = set()
    for line in lines:
        why = list(reasons(line, month))
        if (same := identity(line)) and same in seen:
            why.append(Exclusion.DUPLICATE)
        seen.add(same)
        if why:
            found[line.line_no] = tuple(why)
    return found


def insurable(lines: Iterable[Debtor], excluded: Exclusions) -> int:
    """Return how many different debtors are not excluded; a line without number, or name and address, is none yet."""
    return len({identity(line) for line in lines if line.line_no not in excluded} - {""})


def are_enough(count: int, minimum: int = MIN_DEBTORS) -> bool:
    """Return True when `count` insurable debtors (at submission) or debtors with a limit (in a quote) suffice."""
    return count >= minimum


def with_limit(limits: Sequence[int]) -> int:
    """Return how many debtors of a quote have a limit."""
    return sum(limit > 0 for limit in limits)
