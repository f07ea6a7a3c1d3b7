"""Do all listed debtors meet the criterion by which they were chosen (credit_insurance.md 6.2)?"""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from credit_insurance.enums import SelectionMethod
from credit_insurance.rules.facts import Debtor, Fault, fault
from portal.common.money import yen

LEAST_TOP = 10

_FIELDS = {
    SelectionMethod.SALES_FROM: "annual_sales",
    SelectionMethod.BALANCE_FROM: "balance_now",
    SelectionMethod.TOP_SALES: "annual_sales",
    SelectionMethod.TOP_BALANCE: "balance_now",
}
_WORDS = {"annual_sales": "年間販売高", "balance_now": "債権残高"}


def outside(method: SelectionMethod, value: int, lines: Sequence[Debtor]) -> Iterator[tuple[int, Fault]]:
    """Yield (line_no, fault) for every line that does not meet the criterion; a blank figure is another's business.

    Of the top N, whoever has less than the N-th is out; debtors with the same figure as the N-th may all be listed.
    """
    if method not in _FIELDS:
        return
    name = _FIELDS[method]
    figure = attrgetter(name)
    if method.is_threshold:
        least, words = value, f"{_WORDS[name]}{yen(value)}以上"
    else:
        figures = sorted((found for line in lines if (found := figure(line)) is not None), reverse=True)
        least = figures[value - 1] if 0 < value <= len(figures) else 0
        words = f"{_WORDS[name]}の上位{value}社"
    for line in lines:
        found = figure(line)
        if found is not None and found < least:
            yield line.line_no, fault(name, "L-CRITERION", 基準=words)


def faults(method: SelectionMethod, value: int | None, unit: str, listed: int) -> Iterator[Fault]:
    """Yield what is wrong with the criterion itself; `listed` is the number of lines."""
    if method is SelectionMethod.UNIT and not unit:
        yield fault("selection_unit", "F-REQUIRED")
    elif (method.is_threshold or method.is_top) and value is None:
        yield fault("selection_value", "F-REQUIRED")
    elif method.is_threshold and value is not None and value < 1:
        yield fault("selection_value", "F-POSITIVE")
    elif method.is_top and value is not None and value < LEAST_TOP:
        yield fault("selection_value", "S-TOP")
    elif method.is_top and value is not None and listed < value:
        yield fault("selection_value", "S-COUNT", 社数=value, 件数=listed)
