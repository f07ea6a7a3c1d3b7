"""What only the whole delivery shows (I04, I05, I08, I10 of guarantee_lookup.md 6.4, duplicates): by the database.

A few statements go over the tables of the new generation, so that memory does not grow with it and the order of the
lines does not matter. The arithmetic of `rules.capacity` is written out as SQL from the masters of the as-of date.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction

from guarantee_lookup import tables
from guarantee_lookup.enums import EntityType, Row
from guarantee_lookup.imports.layout import COLUMNS, Problem, Unreadable, cells_of
from guarantee_lookup.imports.rows import MOST_LISTED
from guarantee_lookup.imports.store import TABLES
from guarantee_lookup.rules.capacity import BOND, ROW_POOLS, WITH_ADDITION, Masters

WORK = ("lookup_position", "lookup_finding")
KINDS = {table: kind for kind, table in TABLES.items()}


@dataclass
class Listed:
    """One sort of finding: how many there are, and the first of them."""

    count: int = 0
    problems: list[Problem] = field(default_factory=list)


# --- The arithmetic as SQL ----------------------------------------------------------


class Sums:
    """Sums of a customer by what its guarantees have in common: the same row and the same pools.

    `used` are the insurances of the delivery: each sum costs its time over every guarantee.
    """

    def __init__(self, masters: Masters, used: Collection[str]) -> None:
        self.masters = masters
        self._codes: dict[tuple[Row, frozenset[str]], list[str]] = {}
        for insurance in masters.insurances.values():
            if insurance.code not in used:
                continue
            key = (insurance.row, frozenset(masters.pools.keys() & set(insurance.pools)))
            self._codes.setdefault(key, []).append(insurance.code)
        self._bond = "bond" if BOND in used else "0"

    def columns(self) -> list[tuple[str, list[str]]]:
        """Return the columns of the sums with the insurances that each adds up."""
        found = [(f"a{at}", codes) for at, codes in enumerate(self._codes.values())]
        return [*found, ("bond", [BOND])] if self._bond == "bond" else found

    def shown(self, row: Row) -> str:
        return self._total(key[0] == row for key in self._codes)

    def used(self, pool: str) -> str:
        return self._total(pool in key[1] for key in self._codes)

    def _total(self, wanted: Iterator[bool]) -> str:
        return " + ".join(f"a{at}" for at, is_wanted in enumerate(wanted) if is_wanted) or "0"

    def left(self, pool: str) -> str:
        """Return what is left in a pool, or an amount that bounds nothing while the pool does not bind."""
        found = self.masters.pools[pool]
        left = f"{found.limit} - ({self.used(pool)})"
        return f"CASE WHEN {self._bond} > 0 THEN {left} ELSE {BOUNDLESS} END" if found.rule == "bond" else left

    def free(self, row: Row) -> str:
        """Return 空き枠 of a row as the screen has it; "" when the row has none."""
        pools = self.masters.pools
        binding = [pool for pool in ROW_POOLS[row] if pool in pools and pools[pool].rule != "off"]
        if not binding:
            return ""
        least = _least([self.left(pool) for pool in binding])
        bounded = f"CASE WHEN {least} < 0 THEN 0 ELSE {least} END"
        if row in WITH_ADDITION:
            return f"CASE WHEN entity = '{EntityType.COOPERATIVE.value}' THEN {least} ELSE {bounded} END"
        return bounded

    def over(self, pool: str) -> str:
        """Return the condition that more is used than the pool has, with the addition of who has it."""
        return f"({self.left(pool)}) + CASE WHEN has_addition THEN {self.masters.pools[pool].addition} ELSE 0 END < 0"


BOUNDLESS = 10**18


def _least(amounts: Sequence[str]) -> str:
    if len(amounts) == 1:
        return f"({amounts[0]})"
    return f"{'LEAST' if connection.vendor == 'postgresql' else 'min'}({', '.join(amounts)})"


def _first(conditions: Sequence[tuple[int, str]]) -> str:
    """Return SQL for the number of the first condition that holds, 0 when none does."""
    whens = " ".join(f"WHEN {condition} THEN {number}" for number, condition in conditions)
    return f"CASE {whens} ELSE 0 END" if whens else "0"


# --- Duplicates ----------------------------------------------------------------------


def index(snapshot: int, files: Mapping[str, Path]) -> list[Problem]:
    """Make the indexes of a generation; returns the duplicates that make it unusable instead."""
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                _execute("SET LOCAL maintenance_work_mem = '256MB'")
            tables.index(snapshot)
    except IntegrityError:
        return [problem for kind in tables.KEYS for problem in _duplicates(kind, snapshot, files)][:MOST_LISTED]
    return []


def _duplicates(table: str, snapshot: int, files: Mapping[str, Path]) -> list[Problem]:
    keys = ", ".join(tables.KEYS[table])
    found = _rows(
        f"SELECT min(line), max(line) FROM {tables.table(table, snapshot)} GROUP BY {keys} HAVING count(*) > 1"
        f" ORDER BY 2 LIMIT {MOST_LISTED}"
    )
    kind = KINDS[table]
    first = {later: earlier for earlier, later in found}
    column = "period_ym" if kind == "SET" else COLUMNS[kind][0]
    return [
        Problem("I01", files[kind].name, line, column, f"{first[line]}行目と重複しています。", shown)
        for line, shown in numbers_at(files[kind], kind, first)
    ]


# --- The delivery as a whole -----------------------------------------------------------


@dataclass
class Findings:
    """What the whole delivery shows, by the codes of 6.4; the customers in doubt are in the quarantine by now."""

    sums: Listed = field(default_factory=Listed)
    orphans: Listed = field(default_factory=Listed)
    free: Listed = field(default_factory=Listed)
    over: Listed = field(default_factory=Listed)


def check(snapshot: int, masters: Masters, files: Mapping[str, Path]) -> Findings:
    """Compare the tables of a generation with each other, and put into the quarantine who does not agree."""
    found = Findings()
    name = {table: tables.table(table, snapshot) for table in tables.KINDS}
    with _workspace():
        sums = Sums(masters, {code for (code,) in _rows(f"SELECT DISTINCT insurance FROM {name['guarantee']}")})
        _add_up(name["guarantee"], sums)
        found.orphans = _orphans(name, files)
        pools = sorted(code for code, pool in masters.pools.items() if pool.rule != "off")
        _compare(name, sums, pools)
        found.sums = _listed("I04", "wrong", files["CUS"], _wrong)
        found.free = _listed("I08", "other", files["CUS"], _other)
        found.over = _listed("I10", "beyond", files["CUS"], lambda at: ("", f"枠{pools[at - 1]}の上限を超えています。"))
        _execute(f"INSERT INTO {name['quarantine']} (digest) SELECT digest FROM lookup_finding WHERE wrong > 0")
    return found


@contextmanager
def _workspace() -> Iterator[None]:
    """Room for sums that nobody else sees; on SQLite no transaction, which would keep everybody from writing."""
    block: AbstractContextManager[Any] = nullcontext()
    if connection.vendor == "postgresql":
        block = transaction.atomic()
    with block:
        if connection.vendor == "postgresql":
            # Compiling these long expressions takes longer than they do.
            _execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        for table in WORK:
            _execute(f"DROP TABLE IF EXISTS {table}")
        yield
        for table in WORK:
            _execute(f"DROP TABLE IF EXISTS {table}")


def _add_up(guarantee: str, sums: Sums) -> None:
    parts, codes = ["max(decided) AS newest"], []
    for column, insurances in sums.columns():
        marks = ", ".join(["%s"] * len(insurances))
        parts.append(f"CAST(coalesce(sum(counted) FILTER (WHERE insurance IN ({marks})), 0) AS bigint) AS {column}")
        codes += insurances
    _execute(
        f"CREATE TEMPORARY TABLE lookup_position AS SELECT customer, {', '.join(parts)}"
        f" FROM {guarantee} GROUP BY customer",
        codes,
    )
    _execute("ANALYZE lookup_position (customer)" if connection.vendor == "postgresql" else "ANALYZE lookup_position")


def _orphans(name: Mapping[str, str], files: Mapping[str, Path]) -> Listed:
    """List lines of customers that CUS does not have, and put these customers into the quarantine (I05)."""
    found = Listed()
    lost = (
        "SELECT DISTINCT o.customer FROM {source} o"
        f" WHERE NOT EXISTS (SELECT 1 FROM {name['customer']} c WHERE c.digest = o.customer)"
    )
    for table, source in (("guarantee", "lookup_position"), ("settlement", name["settlement"])):
        customers = [bytes(row[0]) for row in _rows(f"{lost.format(source=source)} LIMIT {MOST_LISTED}")]
        if not customers:
            continue
        of_lost = f"FROM {name[table]} WHERE customer IN ({lost.format(source=source)})"
        found.count += _rows(f"SELECT count(*) {of_lost}")[0][0]
        lines = [line for (line,) in _rows(f"SELECT line {of_lost} ORDER BY line LIMIT {MOST_LISTED}")]
        kind = KINDS[table]
        message = "この顧客番号の行がCUSにありません。"
        found.problems += [
            Problem("I05", files[kind].name, line, "customer_no", message, shown)
            for line, shown in numbers_at(files[kind], kind, lines, "customer_no")
        ]
        _execute(f"INSERT INTO {name['quarantine']} (digest) {lost.format(source=source)}")
    del found.problems[MOST_LISTED:]
    return found


def _compare(name: Mapping[str, str], sums: Sums, pools: Sequence[str]) -> None:
    """Write down the customers to speak of: the first control sum, free figure and pool that is wrong."""
    columns = "".join(f", coalesce({column}, 0) AS {column}" for column, _ in sums.columns())
    wrong = [(row, f"r{row} <> {sums.shown(row)}") for row in Row]
    figures = {row: sums.free(row) for row in ROW_POOLS}
    other = [(row, f"f{row} <> {free}") for row, free in figures.items() if free]
    over = [(at, sums.over(pool)) for at, pool in enumerate(pools, start=1)]
    _execute(
        "CREATE TEMPORARY TABLE lookup_finding AS SELECT * FROM ("
        f" SELECT digest, line, {_first([*wrong, (6, 'newest > decided')])} AS wrong, {_first(other)} AS other,"
        f" {_first(over)} AS beyond FROM ("
        f"  SELECT c.*, coalesce(newest, 0) AS newest{columns} FROM {name['customer']} c"
        "  LEFT JOIN lookup_position p ON p.customer = c.digest"
        f"  WHERE NOT EXISTS (SELECT 1 FROM {name['quarantine']} q WHERE q.digest = c.digest)) AS every"
        ") AS judged WHERE wrong > 0 OR other > 0 OR beyond > 0"
    )


def _wrong(at: int) -> tuple[str, str]:
    if at == 6:
        return "latest_guarantee_date", "GUAの最も新しい保証日より前の日付です。"
    return f"ctl_r{at}", "GUAの利用額の合計と異なります。"


def _other(at: int) -> tuple[str, str]:
    return f"core_free_r{at}", "こちらで計算した空き枠と異なります（こちらの額を表示します）。"


def _listed(code: str, column: str, file: Path, said: Any) -> Listed:
    count = _rows(f"SELECT count(*) FROM lookup_finding WHERE {column} > 0")[0][0]
    rows = _rows(f"SELECT line, {column} FROM lookup_finding WHERE {column} > 0 ORDER BY line LIMIT {MOST_LISTED}")
    which = dict(rows)
    problems = []
    for line, shown in numbers_at(file, "CUS", which):
        name, message = said(which[line])
        problems.append(Problem(code, file.name, line, name, message, shown))
    return Listed(count, problems)


# --- Helpers -----------------------------------------------------------------------------


def _execute(statement: str, parameters: Sequence[str] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def numbers_at(file: Path, kind: str, lines: Collection[int], column: str = "") -> Iterator[tuple[int, str]]:
    """Yield the wanted lines of a file in their order, each with its masked number: the tables do not know it."""
    if not lines:
        return
    wanted, at = set(lines), COLUMNS[kind].index(column or COLUMNS[kind][0])
    with file.open(encoding="utf-8", errors="replace", newline="\n") as records:
        for line, record in enumerate(records, start=1):
            if line not in wanted:
                continue
            try:
                yield line, f"*****{cells_of(kind, record.rstrip())[at][-4:]}"
            except Unreadable:
                yield line, ""
            wanted.discard(line)
            if not wanted:
                return
