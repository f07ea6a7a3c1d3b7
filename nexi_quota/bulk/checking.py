"""Judging the rows of a file one after the other: what the notice wizard asks of one notice, asked of each."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nexi_quota.bulk.columns import (
    ALSO_READ,
    AMOUNT,
    ASKED,
    BRANCH,
    COLUMNS,
    CONFIRMATION,
    DAY,
    KIND,
    MANNER,
    NOTE,
    PAYER,
    POLICY,
    PRODUCT,
    REASON,
)
from nexi_quota.enums import Extent, NoticeKind, Product, ReleaseReason, Route, SettlementManner
from nexi_quota.imports.cells import Wrong
from nexi_quota.imports.kinds import Column
from nexi_quota.messages import text
from nexi_quota.models import InsuranceContract
from nexi_quota.rules.notices import NoticeFacts, amount_of, faults_of
from nexi_quota.selectors import target_of
from nexi_quota.selectors.bulk import Holdings
from nexi_quota.services import Line, Overtaken
from nexi_quota.services.bulk import Plan
from portal.common.money import money
from portal.common.tables import Row

if TYPE_CHECKING:
    from portal.accounts.permissions import Member

MOST_PROBLEMS = 500
"""Problems that are listed; all of them are counted."""

FIRST_ROWS = 10
_KEYS = {column.field: column.key for column in COLUMNS}
EMPTY = "入力してください。"


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken, and what to do; line 0 is the whole file."""

    line: int
    column: str
    number: str
    message: str


@dataclass
class Entered:
    """One row as understood, by field; `number` is what it names, as typed or understood."""

    line: int
    kind: NoticeKind | None = None
    number: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, column: Column, message: str) -> None:
        self.problems.append(Problem(self.line, column.name, self.number, message))


class Checker:
    """Judges rows for a member of one organisation on one day; what it accepts is kept in `plan`.

    `form` says what the file is, `formulas` how many cells of it are results of formulas.
    """

    def __init__(self, member: "Member", today: date) -> None:
        self.today = today
        self.form = ""
        self.formulas = 0
        self.holdings = Holdings(member)
        self.plan = Plan(self.holdings)
        self.rows = 0
        self.problems: list[Problem] = []
        self.problem_count = 0
        # Kinds, products, payers and days repeat from row to row.
        self._readers = {column.field: lru_cache(maxsize=2_000)(column.read) for column in COLUMNS}

    def check(self, rows: Sequence[Row | tuple[int, str]]) -> None:
        """Judge the next rows of the file; what they are about is read for all of them together."""
        entered = [self._read(row) for row in rows]
        policies = {(row.values["policy_number"], row.values["branch"]) for row in entered if _names_policy(row)}
        numbers = {row.values["confirmation_number"] for row in entered if _names_confirmation(row)}
        self.holdings.read(policies, numbers)
        for row in entered:
            if row.kind and not row.problems:
                self._judge(row, row.kind)
            self._note(row.problems)
        self.rows += len(entered)

    def refuse(self, problem: Problem) -> None:
        """Note a problem that only the whole file shows."""
        self._note([problem])

    def give_up(self, message: str) -> None:
        """Say why the file cannot be read to its end; what its rows would need does not matter then."""
        self.problems, self.problem_count = [Problem(0, "", "", message)], 1

    def _note(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.problem_count += 1
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)

    # --- Cells ------------------------------------------------------------------------

    def _read(self, row: Row | tuple[int, str]) -> Entered:
        if not isinstance(row, Row):
            line, message = row
            return Entered(line, problems=[Problem(line, "", "", message)])
        entered = Entered(row.line)
        self._take(entered, row, KIND, is_asked=True)
        entered.kind = entered.values[KIND.field]
        if entered.kind is None:
            return entered
        entered.number = "-".join(
            filter(None, (row.cells.get(_KEYS[column.field], "") for column in _number_columns(entered.kind)))
        )
        for column in ASKED[entered.kind]:
            self._take(entered, row, column, is_asked=True)
        for column in ALSO_READ[entered.kind]:
            self._take(entered, row, column, is_asked=False)
        values = entered.values
        if entered.kind is NoticeKind.SETTLEMENT and not entered.problems:
            values[BRANCH.field] = values[BRANCH.field] or "00"
            entered.number = f"{values[POLICY.field]}-{values[BRANCH.field]}"
        if values["extent"] == Extent.PART and not row.cells.get(_KEYS[AMOUNT.field]):
            entered.add(AMOUNT, EMPTY)
        if values.get(REASON.field) == ReleaseReason.OTHER and not row.cells.get(_KEYS[NOTE.field]):
            entered.add(NOTE, EMPTY)
        return entered

    def _take(self, entered: Entered, row: Row, column: Column, *, is_asked: bool) -> None:
        typed = row.cells.get(_KEYS[column.field], "")
        entered.values[column.field] = None
        if not typed:
            if is_asked:
                entered.add(column, EMPTY)
            return
        try:
            entered.values[column.field] = self._readers[column.field](typed)
        except Wrong as wrong:
            entered.add(column, str(wrong))

    # --- Rules ------------------------------------------------------------------------

    def _judge(self, entered: Entered, kind: NoticeKind) -> None:
        """Put a faultless row into the plan, which changes what the rows after it find."""
        values = entered.values
        number = values[_number_columns(kind)[0].field]
        found = self.holdings.target(kind, number, values.get(BRANCH.field) or "")
        facts = NoticeFacts(
            today=self.today,
            kind=kind,
            route=Route.DIRECT,
            product=Product(values[PRODUCT.field]),
            target=target_of(found, self.today) if found else None,
            payer=values[PAYER.field],
            extent=values["extent"],
            day=values[DAY.field],
            amount=values[AMOUNT.field],
        )
        columns = {
            "product": PRODUCT, "number": _number_columns(kind)[0], "payer": PAYER, "day": DAY, "amount": AMOUNT,
        }  # fmt: skip
        for fault in faults_of(facts):
            entered.add(columns[fault.field], f"{fault.message}。")
        amount = amount_of(facts)
        if found is None or amount is None:
            return
        if not found.currency.decimals and amount != int(amount):
            entered.add(AMOUNT, f"{text('M-V06', 通貨=found.currency_id)}。整数で入力してください。")
        named = values[CONFIRMATION.field]
        if named and isinstance(found, InsuranceContract) and named != getattr(found.confirmation, "number", ""):
            entered.add(CONFIRMATION, f"{text('M-N01')}。")
        if entered.problems:
            return
        line = Line(
            kind=kind,
            route=Route.DIRECT,
            target=found,
            day=values[DAY.field],
            amount=amount,
            manner=values.get(MANNER.field) or "",
            reason=values.get(REASON.field) or "",
            note=values[NOTE.field] or "",
        )
        try:
            self.plan.notify(line, entered.line)
        except Overtaken:
            entered.add(columns["number"], f"{text('M-N13')}。")

    # --- What came of it ------------------------------------------------------------------

    @property
    def ok(self) -> bool:
        """True when every row can be taken."""
        return not self.problem_count

    def agreed(self) -> list[list[Any]]:
        """Return line and amount of every notice: what 全額 stands for is in it."""
        return [[entry.place, str(entry.line.amount)] for entry in self.plan.entries]

    def summary(self) -> dict[str, Any]:
        """Return what a preview shows of accepted rows, as plain data."""
        lines = [(entry.place, entry.line) for entry in self.plan.entries]
        kinds = Counter(line.kind for _, line in lines)
        totals: dict[tuple[NoticeKind, str], Decimal] = defaultdict(Decimal)
        for _, line in lines:
            totals[line.kind, line.target.currency_id] += line.amount
        payers = dict.fromkeys(line.target.payer.name for _, line in lines)
        return {
            "form": self.form,
            "formulas": self.formulas,
            "kinds": [[kind.label, kinds[kind]] for kind in NoticeKind if kinds[kind]],
            "totals": [
                [kind.label, currency, str(total)]
                for kind in NoticeKind
                for (of, currency), total in sorted(totals.items())
                if of is kind
            ],
            "payers": [next(iter(payers), ""), len(payers)],
            "first": [_shown(place, line) for place, line in lines[:FIRST_ROWS]],
        }


def _shown(place: int, line: Line) -> dict[str, str]:
    why = SettlementManner(line.manner).label if line.manner else ReleaseReason(line.reason).label
    return {
        "行": str(place),
        "通知の種類": line.kind.label,
        "番号": line.target.number,
        "支払人": line.target.payer.name,
        "決済日・枠戻日": f"{line.day:%Y-%m-%d}",
        "金額": money(line.amount, line.target.currency_id),
        "決済の態様・枠戻理由": str(why),
    }


def _number_columns(kind: NoticeKind) -> tuple[Column, ...]:
    return (POLICY, BRANCH) if kind is NoticeKind.SETTLEMENT else (CONFIRMATION,)


def _names_policy(row: Entered) -> bool:
    return row.kind is NoticeKind.SETTLEMENT and not row.problems


def _names_confirmation(row: Entered) -> bool:
    return row.kind is NoticeKind.RELEASE and not row.problems
