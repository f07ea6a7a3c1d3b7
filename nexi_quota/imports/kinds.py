"""What a file may be: its columns, what identifies a row, how rows are compared with the tables and written."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Model

from nexi_quota.enums import Attitude, Need, Product, Rating
from nexi_quota.imports import cells
from nexi_quota.models import Country, CountryPolicy, Currency, ExchangeRate, RatingRule
from portal.common import text
from portal.common.eras import seireki

if TYPE_CHECKING:
    from portal.accounts.models import User

FILLED = object()
"""Stands for "a cell of this column must not be empty"."""


@dataclass(frozen=True)
class Column:
    """One column: `field` is its name in the code; `blank` is what an empty cell means."""

    name: str
    field: str
    read: cells.Reader
    example: str
    is_required: bool = True
    blank: Any = FILLED
    note: str = ""

    @property
    def key(self) -> str:
        """The name as `Table.header` has it."""
        return text.code(self.name)


@dataclass(frozen=True)
class Problem:
    """Why a row, or the file (line 0), cannot be taken, and what to do."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = "・".join(part for part in (f"{self.line}行目" if self.line else "", self.column) if part)
        return f"{place}：{self.message}" if place else self.message


class Conflict(Exception):
    """A row that somebody else's change has made wrong since it was compared."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Record:
    """One understood row: values by field, only for the columns that the file has."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """What a row does: `before` is None for a new one and equal to `after` when nothing changes."""

    record: Record
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


class Kind(ABC):
    """One kind of file; an instance looks at one file and may remember its rows."""

    slug: ClassVar[str]
    title: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    unique: ClassVar[tuple[str, ...]]
    """Fields that identify a row; a second row with the same ones is an error."""
    permissions: ClassVar[tuple[str, ...]]

    @abstractmethod
    def compare(self, records: Sequence[Record], day: date) -> Iterator[Change | Problem]:
        """Yield one Change or Problem for each record, in order; reads only."""

    @abstractmethod
    def write(self, changes: Sequence[Change], actor: "User | None", day: date) -> None:
        """Write the changes of one batch in the caller's transaction, which must end with nothing on Conflict."""

    @classmethod
    def fits(cls, header: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return the names of required columns that `header` lacks, and its names that are no column of this kind."""
        names = set(header)
        missing = [column.name for column in cls.columns if column.is_required and column.key not in names]
        known = {column.key for column in cls.columns}
        return missing, [name for name in header if name not in known]

    @classmethod
    def column_name(cls, field: str) -> str:
        """Return the heading of a field, for messages."""
        return next(column.name for column in cls.columns if column.field == field)

    def problem(self, record: Record, field: str, message: str) -> Problem:
        """Return a problem of one field of a record."""
        return Problem(record.line, self.column_name(field), message)


def frozen(since: date) -> str:
    """Return why a row in force since before today stays as it is."""
    return (
        f"{seireki(since)}から適用されている内容と異なります。適用済みの内容は変更できません。"
        "新しい適用日の行として登録してください。"
    )


class MasterTable(Kind):
    """A kind that is one table: each row is found by `unique` and compared field by field."""

    model: ClassVar[type[Model]]
    references: ClassVar[Mapping[str, tuple[type[Model], str]]] = {}
    """Fields that name a row of another table, and what to say when it is not there."""
    since: ClassVar[str] = ""
    """Field of the day from which a row applies; rows in force since before today are never changed."""

    def compare(self, records: Sequence[Record], day: date) -> Iterator[Change | Problem]:
        known = {
            field: set(model._default_manager.filter(pk__in=_all(records, field)).values_list("pk", flat=True))
            for field, (model, _) in self.references.items()
        }
        wanted = {f"{field}__in": _all(records, field) for field in self.unique}
        found = {self._key(vars(row)): vars(row) for row in self.model._default_manager.filter(**wanted).order_by("pk")}
        for record in records:
            lost = [field for field in self.references if record.values[field] not in known[field]]
            if lost:
                yield self.problem(record, lost[0], self.references[lost[0]][1])
                continue
            after = {field: value for field, value in record.values.items() if field not in self.unique}
            row = found.get(self._key(record.values))
            before = {field: row[field] for field in after} if row else None
            if before not in (None, after) and self.since and record.values[self.since] < day:
                yield self.problem(record, self.since, frozen(record.values[self.since]))
            else:
                yield Change(record, before, after)

    def _key(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(values[field] for field in self.unique)

    def write(self, changes: Sequence[Change], actor: "User | None", day: date) -> None:
        if changes:
            self.model._default_manager.bulk_create(
                [self.model(**change.record.values) for change in changes],
                update_conflicts=True,
                unique_fields=[field.removesuffix("_id") for field in self.unique],
                update_fields=list(changes[0].after),
            )


def _all(records: Iterable[Record], field: str) -> set[Any]:
    return {record.values[field] for record in records}


COUNTRY_UNKNOWN = "国マスタに登録されていない国です。先に管理画面の「国」で登録してください。"
CURRENCY_UNKNOWN = "通貨マスタに登録されていない通貨です。先に管理画面の「通貨」で登録してください。"


class Policies(MasterTable):
    slug = "policies"
    title = "国別引受方針"
    model = CountryPolicy
    unique = ("country_id", "product", "effective_from")
    references: ClassVar = {"country_id": (Country, COUNTRY_UNKNOWN)}
    since = "effective_from"
    permissions = ("nexi_quota.add_countrypolicy", "nexi_quota.change_countrypolicy")
    columns = (
        Column("国コード", "country_id", cells.country_code, "310", note="3桁"),
        Column("保険種", "product", cells.choice(Product), "04", note="コード（01〜04）または名称"),
        Column("引受態度", "attitude", cells.choice(Attitude), "条件付引受", note="引受可能、条件付引受、引受停止"),
        Column(
            "案件枠（円）",
            "case_limit_jpy",
            cells.positive_yen,
            "200,000,000",
            blank=None,
            note="空欄は上限なし。「2億」も可",
        ),
        Column("ユーザンス（月数）", "usance_months", cells.months, "12", blank=None, note="空欄は上限なし"),
        Column("L/C条件", "lc_required", cells.flag, "無", blank=False, note="有、無。空欄は無"),
        Column("基準適用日", "effective_from", cells.day, "2026-04-01"),
        Column("備考", "note", cells.words(60), "サンプル", is_required=False, blank="", note="60文字以内"),
    )


class Rates(MasterTable):
    slug = "rates"
    title = "換算率"
    model = ExchangeRate
    unique = ("currency_id", "date")
    references: ClassVar = {"currency_id": (Currency, CURRENCY_UNKNOWN)}
    since = "date"
    permissions = ("nexi_quota.add_exchangerate", "nexi_quota.change_exchangerate")
    columns = (
        Column("通貨コード", "currency_id", cells.currency_code, "USD", note="英字3文字"),
        Column("適用日", "date", cells.day, "2026-04-01"),
        Column("換算率（円）", "jpy_per_unit", cells.rate, "150.25", note="1通貨単位あたりの円、小数6桁まで"),
    )


class Needs(MasterTable):
    slug = "rating-rules"
    title = "格付別の扱い"
    model = RatingRule
    unique = ("rating", "product")
    permissions = ("nexi_quota.add_ratingrule", "nexi_quota.change_ratingrule")
    columns = (
        Column("格付", "rating", cells.choice(Rating), "EF"),
        Column("保険種", "product", cells.choice(Product), "03", note="コード（01〜04）または名称"),
        Column("扱い", "need", cells.choice(Need), "個別保証枠が必要", note="個別保証枠が必要、確認不要、引受不可"),
    )
