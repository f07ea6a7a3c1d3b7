"""One file from its bytes to the tables: recognised, read row by row, compared, and written whole or not at all."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction

from nexi_quota import services
from nexi_quota.imports.buyers import BuyerRows, LimitRows, RatingRows
from nexi_quota.imports.cells import Wrong
from nexi_quota.imports.contracts import ContractRows
from nexi_quota.imports.kinds import FILLED, Change, Conflict, Kind, Needs, Policies, Problem, Rates, Record
from nexi_quota.imports.losses import LossRows
from portal import audit
from portal.common.money import yen
from portal.common.tables import ENCODINGS, Row, Table, Unusable

if TYPE_CHECKING:
    from portal.accounts.models import User

KINDS: tuple[type[Kind], ...] = (BuyerRows, RatingRows, LimitRows, Policies, Rates, Needs, ContractRows, LossRows)
BATCH = 500
MOST_PROBLEMS = 500
"""Problems that a report lists; all of them are counted."""

NEEDS_ANOTHER = "個別保証枠が変わります。もう一度ファイルを選んで、取り込みの承認を申請してください。"


@dataclass
class Report:
    """What came of one file. `applied` is True when its rows were written.

    `limits` counts the rows that change a 個別保証枠, `limit_rows` says how, at most as many as problems.
    """

    file: str
    sha256: str = ""
    kind: str = ""
    title: str = ""
    encoding: str = ""
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    limits: int = 0
    errors: int = 0
    applied: bool = False
    limit_rows: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when no row has a problem."""
        return not self.errors

    @property
    def has_changes(self) -> bool:
        """True when at least one row is new or different."""
        return bool(self.added or self.changed)

    @property
    def left_out(self) -> int:
        """Return how many problems are counted but not listed."""
        return self.errors - len(self.problems)

    @property
    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        if self.errors:
            return f"{self.errors:,}件のエラーがあるため取り込みません。直してからもう一度取り込んでください。"
        if not self.has_changes:
            return f"変更なし（{self.rows:,}行）。すべて登録済みの内容と同じです。"
        counts = f"追加{self.added:,}件、変更{self.changed:,}件、変更なし{self.unchanged:,}件"
        return f"{counts}を取り込みました。" if self.applied else f"{counts}です。まだ取り込んでいません。"

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {"ok": self.ok, **asdict(self), "message": self.sentence}


class _Stop(Exception):
    """Leaves the transaction of a file with problems."""


def load(
    file: BinaryIO, name: str, day: date, *, actor: "User | None" = None, write: bool = True, limits: bool = True
) -> Report:
    """Check the file and, if no row has a problem and `write`, take it over in one transaction; `day` is today.

    Without `write` nothing is changed and the report says what would be. Checking comes before the first write, so
    that a wrong file holds no lock. Every write is in the audit log with what was there before. Without `limits` a row
    that would change a 個別保証枠 is a problem (docs/decisions/0008).
    """
    report = _Run(file, name, day, limits=limits).go()
    if not (write and report.ok and report.has_changes):
        return report
    writing = _Run(file, name, day, actor=actor, write=True, limits=limits)
    try:
        with transaction.atomic():
            report = writing.go()
            if not report.ok:  # somebody changed the tables since the check
                raise _Stop
            services.disable(day)
            report.applied = True
    except _Stop:
        pass
    except Conflict as conflict:
        report = writing.report
        writing._add(conflict.problem)
    return report


class _Run:
    """One pass over one file."""

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        day: date,
        *,
        actor: "User | None" = None,
        write: bool = False,
        limits: bool = True,
    ) -> None:
        self.file = file
        self.day = day
        self.actor = actor
        self.write = write
        self.limits = limits
        self.report = Report(file=name)
        self.lines: dict[tuple[Any, ...], int] = {}

    def go(self) -> Report:
        try:
            self.file.seek(0)
            self.report.sha256 = hashlib.file_digest(self.file, "sha256").hexdigest()  # type: ignore[arg-type]
            self._table(Table(self.file))
        except Unusable as error:
            self._add(Problem(0, "", str(error)))
        return self.report

    def _table(self, table: Table) -> None:
        self.report.encoding = ENCODINGS[table.encoding]
        kind = recognised(table.header)()
        self.report.kind, self.report.title = kind.slug, kind.title
        columns = {column.key: column for column in kind.columns if column.key in table.header}
        records = self._records(table, kind, columns)
        while batch := list(islice(records, BATCH)):
            self._batch(kind, batch)
        if not self.report.rows:
            raise Unusable("データの行がありません。2行目からデータを入れてください。")

    def _records(self, table: Table, kind: Kind, columns: dict[str, Any]) -> Iterator[Record]:
        # Ratings, dates, countries and limits repeat from row to row.
        readers = {key: lru_cache(maxsize=1000)(column.read) for key, column in columns.items()}
        for row in table.rows():
            self.report.rows += 1
            if not isinstance(row, Row):
                self._add(Problem(row[0], "", row[1]))
                continue
            values, problems = {}, []
            for key, column in columns.items():
                typed = row.cells[key]
                try:
                    values[column.field] = readers[key](typed) if typed else column.blank
                except Wrong as wrong:
                    problems.append(Problem(row.line, column.name, str(wrong)))
                else:
                    if values[column.field] is FILLED:
                        problems.append(Problem(row.line, column.name, "入力してください。空欄にはできません。"))
            if (
                not problems
                and (first := self.lines.setdefault(tuple(values[f] for f in kind.unique), row.line)) != row.line
            ):
                names = "・".join(kind.column_name(name) for name in kind.unique)
                problems.append(
                    Problem(row.line, names, f"{first}行目と重複しています。どちらかの行を消してください。")
                )
            for problem in problems:
                self._add(problem)
            if not problems:
                yield Record(row.line, values)

    def _batch(self, kind: Kind, batch: Sequence[Record]) -> None:
        changes = []
        for found in kind.compare(batch, self.day):
            if isinstance(found, Problem):
                self._add(found)
                continue
            self._limit(found)
            if found.before is None:
                self.report.added += 1
                changes.append(found)
            elif found.before != found.after:
                self.report.changed += 1
                changes.append(found)
            else:
                self.report.unchanged += 1
        if self.write and changes and self.report.ok:
            kind.write(changes, self.actor, self.day)
            self._record(kind, changes)

    def _limit(self, change: Change) -> None:
        """Note that a row changes a 個別保証枠, or refuse it."""
        before, after = ((values or {}).get("limit_jpy") for values in (change.before, change.after))
        if after in (None, before):
            return
        if not self.limits:
            self._add(Problem(change.record.line, "個別保証枠（円）", NEEDS_ANOTHER))
        self.report.limits += 1
        if len(self.report.limit_rows) < MOST_PROBLEMS:
            was = "未設定" if before is None else yen(before)
            code = change.record.values["code"]
            self.report.limit_rows.append(f"{change.record.line}行目・{code}：{was} → {yen(after)}")

    def _record(self, kind: Kind, changes: Sequence[Change]) -> None:
        """Write what a batch changed into the audit log, one event for the batch."""
        rows = [
            {
                "line": change.record.line,
                "key": [change.record.values[name] for name in kind.unique],
                "before": _different(change.before, change.after),
                "after": _different(change.after, change.before),
            }
            for change in changes
        ]
        detail = {"file": self.report.file, "sha256": self.report.sha256, "rows": rows}
        audit.record("nexi.imported", actor=self.actor, target=kind.title, detail=detail)

    def _add(self, problem: Problem) -> None:
        self.report.errors += 1
        if len(self.report.problems) < MOST_PROBLEMS:
            self.report.problems.append(str(problem))


def _different(values: Any, others: Any) -> dict[str, Any] | None:
    """Return the part of `values` that `others` does not say, too."""
    if values is None:
        return None
    return {name: value for name, value in values.items() if others is None or others[name] != value}


def recognised(header: Sequence[str]) -> type[Kind]:
    """Return the kind whose columns the header has; raises Unusable with what the nearest one misses."""
    for kind in KINDS:
        if not any(kind.fits(header)):
            return kind
    nearest = min(KINDS, key=lambda kind: sum(map(len, kind.fits(header))))
    missing, surplus = nearest.fits(header)
    if len(surplus) == len(header):
        titles = "、".join(kind.title for kind in KINDS)
        raise Unusable(
            f"見出しからファイルの種類が分かりません。取り込めるのは、{titles}です。雛形の見出しに合わせてください。"
        )
    parts = [f"列「{'」「'.join(missing)}」がありません"] if missing else []
    parts += [f"列「{'」「'.join(surplus)[:200]}」は使いません"] if surplus else []
    raise Unusable(f"見出しが{nearest.title}の形式と異なります。{'。'.join(parts)}。雛形の見出しに合わせてください。")


def template(kind: type[Kind]) -> bytes:
    """Return 雛形: the headings and one row of examples, UTF-8 with a byte order mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([column.name for column in kind.columns])
    writer.writerow([column.example for column in kind.columns])
    return text.getvalue().encode("utf-8-sig")
