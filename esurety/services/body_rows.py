"""The file of 発注者: its columns, and each row as a body with its rules, or what to correct (esurety.md 10.1).

A row names a 発注者 and may hold one 電子保証の対応 and one 認証キーの提出方法; further rows of the same one hold more.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

from django.db.models import TextChoices

from esurety.enums import BodyKind, HandInChannel, PlanBase, Product, StartBasis, WorkKind
from esurety.models import AcceptanceRule, Body, SubmissionRule
from esurety.rules import submission
from portal.common import eras, money, text
from portal.common.tables import Row, Table, Unusable

NONE = "なし"
"""Takes an amount away; an empty cell leaves what is registered."""

YES, NO = {"有", "あり", "○", "〇", "◯", "はい", "1", "true"}, {"無", "なし", "×", "-", "いいえ", "0", "false"}


class Wrong(ValueError):
    """A cell that cannot be used; the text says what to do."""


Reader = Callable[[str], Any]


# --- Cells -----------------------------------------------------------------------


def code(typed: str) -> str:
    found = text.digits(typed)
    if not re.fullmatch("[0-9]{6}", found):
        raise Wrong("6桁の数字で入力してください（例：082368）。先頭の0が消えていないか確かめてください。")
    return found


def words(limit: int, *, lines: bool = False) -> Reader:
    def read(typed: str) -> str:
        if found := text.unusable_characters(typed):
            raise Wrong(f"使えない文字（{found[:60]}）があります。その文字を消してください。")
        value = text.note(typed) if lines else text.plain(typed)
        if len(value) > limit:
            raise Wrong(f"{limit}文字以内で入力してください（いま{len(value)}文字です）。")
        return value

    return read


def template(limit: int, *, lines: bool = False) -> Reader:
    def read(typed: str) -> str:
        value: str = words(limit, lines=lines)(typed)
        if wrong := submission.refusal(value):
            raise Wrong(wrong)
        return value

    return read


def kana(typed: str) -> str:
    return str(words(80)(text.katakana(typed)))


def choice(choices: type[TextChoices], *extra: tuple[str, TextChoices]) -> Reader:
    by_text = {text.search_key(str(name)): member for member in choices for name in (member.value, member.label)}
    by_text |= {text.search_key(name): member for name, member in extra}

    def read(typed: str) -> str:
        if (member := by_text.get(text.search_key(typed))) is None:
            offered = "、".join(str(one.label) for one in choices)
            raise Wrong(f"「{typed[:40]}」はありません。{offered}のどれかを入力してください。")
        return str(member.value)

    return read


def several(read: Reader) -> Reader:
    """Return a reader of values with 「、」 between them, each once."""

    def read_all(typed: str) -> list[str]:
        return list(dict.fromkeys(read(one) for part in re.split("[、,，;；\n]", typed) if (one := part.strip())))

    return read_all


def flag(typed: str) -> bool:
    plain = text.code(typed).lower()
    if plain not in YES | NO:
        raise Wrong("「有」か「無」を入力してください。")
    return plain in YES


def day(typed: str) -> date:
    try:
        return eras.parse_date(typed)
    except eras.NoSuchDay as error:
        raise Wrong(str(error)) from None
    except text.Unreadable:
        raise Wrong("日付を入力してください（例：2026-04-01、令和8年4月1日）。") from None


def whole(least: int, most: int) -> Reader:
    def read(typed: str) -> int:
        try:
            value = money.parse_yen(text.half(typed).removesuffix("%").removesuffix("日"))
        except money.Unreadable:
            value = least - 1
        if not least <= value <= most:
            raise Wrong(f"{least:,}から{most:,}までの数字で入力してください。")
        return value

    return read


def optional(read: Reader) -> Reader:
    return lambda typed: None if typed == NONE else read(typed)


MOST_YEN = 999_999_999_999
percent, amount = whole(0, 100), optional(whole(1, MOST_YEN))
products = several(choice(Product, *((product.short, product) for product in Product)))


@dataclass(frozen=True)
class Column:
    """One column: `field` is the field of the model that the cell fills."""

    name: str
    field: str
    read: Reader
    example: str = ""
    note: str = ""
    is_required: bool = False

    @property
    def key(self) -> str:
        """The name as `Table.header` has it."""
        return text.code(self.name)


def _money(name: str, read: Reader, example: str, note: str = "") -> Column:
    """Return a column that is headed like its field."""
    heading = getattr(Body._meta.get_field(name), "verbose_name", name)
    return Column(str(heading), name, read, example, note)


BODY = (
    Column("団体コード", "code", code, "999901", "6桁", is_required=True),
    Column("名称", "name", words(80), "架空市", "新しい発注者では必須"),
    Column("名称カナ", "kana", kana, "カクウシ"),
    Column("種別", "kind", choice(BodyKind), "市区町村", "、".join(BodyKind.labels)),
    Column("宛名", "addressee", words(80), "架空市長", "保証証書に印字。新しい発注者では必須"),
    Column("部署", "departments", several(words(40)), "契約課、建設課", "「、」で区切る"),
    Column("有効", "is_active", flag, "有"),
    _money("is_confirmed", flag, "無", "有のとき、限度額の超過をエラーにする"),
    _money("rate_works", percent, "40"),
    _money("rate_design", percent, "30"),
    _money("rate_low_bid", percent, "20"),
    _money("rate_mid", percent, "20"),
    _money("rate_total", percent, "60"),
    _money("rate_contract", percent, "10"),
    _money("rate_contract_low_bid", percent, "30"),
    _money("unit", whole(1, 100_000_000), "10,000"),
    _money("cap", amount, NONE, "「なし」で上限を消す"),
    _money("mid_cap", amount, NONE, "「なし」で上限を消す"),
    _money("least_price", amount, NONE),
    _money("mid_least_price", amount, NONE),
    _money("mid_least_days", optional(whole(1, 10_000)), NONE),
    _money("plan_base", choice(PlanBase), "出来高予定額"),
    _money("refund_rate", percent, "40"),
    _money("raise_percent", whole(100, 1000), "125"),
    _money("takes_overheads", flag, "有"),
    _money("wants_usage", flag, "無"),
)

ACCEPTANCE = (
    Column("対応する保証種類", "products", products, "前払、中間、契約"),
    Column("対応する工事区分", "work_kinds", several(choice(WorkKind)), "建設工事"),
    Column("対応する部署", "departments", several(words(40)), "", "空欄はすべての部署"),
    Column("適用開始日の基準", "basis", choice(StartBasis), "契約締結日", "、".join(StartBasis.labels)),
    Column("適用開始日", "starts_on", day, "2026-04-01"),
    Column("適用終了日", "ends_on", day, ""),
    Column("対象の保証機関", "issuers", words(60), ""),
    Column("備考", "remark", words(300), ""),
    Column("出典", "source", words(200), ""),
)

SUBMISSION = (
    Column("提出する保証種類", "products", products, "前払、中間、契約"),
    Column("提出チャネル", "channels", several(choice(HandInChannel)), "電子メール", "優先する順に「、」で区切る"),
    Column("提出先", "department", words(80), "契約課"),
    Column("宛先", "address", words(254), ""),
    Column("件名の形式", "subject", template(200), "【電子保証】{工事番号}"),
    Column("本文の形式", "text", template(1000, lines=True), ""),
    Column("添える書類", "side_documents", words(200), ""),
    Column("到着を電話で確認", "calls", flag, "無"),
    Column("証書の印刷も提出", "wants_print", flag, "無"),
    Column("提出方法の適用開始日", "starts_on", day, "", "空欄は以前から"),
)

COLUMNS = (*BODY, *ACCEPTANCE, *SUBMISSION)


# --- Rows ------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """Why a row, or the file (line 0), cannot be taken, and what to do."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = "・".join(part for part in (f"{self.line}行目" if self.line else "", self.column) if part)
        return f"{place}：{self.message}" if place else self.message


@dataclass
class Wanted:
    """A 発注者 as the file wants it: `values` are the fields that it gives, rules unsaved."""

    line: int
    code: str
    values: dict[str, Any] = field(default_factory=dict)
    acceptance: list[AcceptanceRule] = field(default_factory=list)
    submission: list[SubmissionRule] = field(default_factory=list)


class BodyFile:
    """The rows of one file; `problems` is complete after `read`. Raises Unusable for what is no such file."""

    def __init__(self, file: BinaryIO) -> None:
        self.table = Table(file)
        self.problems: list[Problem] = []
        self.rows = 0
        known = {column.key for column in COLUMNS}
        missing = [column.name for column in COLUMNS if column.is_required and column.key not in self.table.header]
        surplus = [name for name in self.table.header if name not in known]
        parts = [f"列「{'」「'.join(missing)}」がありません"] if missing else []
        parts += [f"列「{'」「'.join(surplus)[:200]}」は使いません"] if surplus else []
        if parts:
            raise Unusable(f"見出しが発注者の形式と異なります。{'。'.join(parts)}。雛形の見出しに合わせてください。")

    def read(self) -> dict[str, Wanted]:
        """Return what the file wants, by 団体コード."""
        found: dict[str, Wanted] = {}
        for row in self.table.rows():
            self.rows += 1
            if isinstance(row, Row):
                self._row(row, found)
            else:
                self.problems.append(Problem(row[0], "", row[1]))
        if not self.rows:
            raise Unusable("データの行がありません。2行目からデータを入れてください。")
        return found

    def _row(self, row: Row, found: dict[str, Wanted]) -> None:
        before = len(self.problems)
        values = self._values(row, BODY)
        accepted, handed = self._values(row, ACCEPTANCE), self._values(row, SUBMISSION)
        if len(self.problems) > before:
            return
        if not values.get("code"):
            self._wrong(row.line, "団体コード", "入力してください。空欄にはできません。")
            return
        wanted = found.setdefault(values["code"], Wanted(row.line, values["code"]))
        for column in BODY:
            if column.field in values:
                self._set(wanted, column, values[column.field], row.line)
        if accepted:
            self._acceptance(row.line, accepted, wanted)
        if handed:
            self._submission(row.line, handed, wanted)

    def _values(self, row: Row, columns: Sequence[Column]) -> dict[str, Any]:
        values = {}
        for column in columns:
            if typed := row.cells.get(column.key, ""):
                try:
                    values[column.field] = column.read(typed)
                except Wrong as wrong:
                    self._wrong(row.line, column.name, str(wrong))
        return values

    def _set(self, wanted: Wanted, column: Column, value: Any, line: int) -> None:
        if wanted.values.setdefault(column.field, value) != value:
            words = f"{wanted.line}行目の同じ発注者と異なります。どちらかに合わせるか、空欄にしてください。"
            self._wrong(line, column.name, words)

    def _acceptance(self, line: int, values: Mapping[str, Any], wanted: Wanted) -> None:
        if self._lacks(line, values, ACCEPTANCE, ("products", "work_kinds", "starts_on")):
            return
        rule = AcceptanceRule(**values)
        if rule.ends_on and rule.ends_on < rule.starts_on:
            self._wrong(line, "適用終了日", "適用開始日以後の日にしてください。")
        elif any(rule.overlaps(other) for other in wanted.acceptance):
            self._wrong(line, "適用開始日", "同じ保証種類・工事区分・部署・期間の対応が上の行にあります。")
        else:
            wanted.acceptance.append(rule)

    def _submission(self, line: int, values: Mapping[str, Any], wanted: Wanted) -> None:
        if self._lacks(line, values, SUBMISSION, ("products", "channels")):
            return
        rule = SubmissionRule(**values)
        if any(rule.overlaps(other) for other in wanted.submission):
            self._wrong(line, "提出する保証種類", "同じ保証種類・適用開始日の提出方法が上の行にあります。")
        else:
            wanted.submission.append(rule)

    def _lacks(self, line: int, values: Mapping[str, Any], columns: Sequence[Column], names: Sequence[str]) -> bool:
        missing = [column.name for column in columns if column.field in names and not values.get(column.field)]
        for name in missing:
            self._wrong(line, name, "入力してください。")
        return bool(missing)

    def _wrong(self, line: int, column: str, message: str) -> None:
        self.problems.append(Problem(line, column, message))


def example() -> Iterator[Sequence[str]]:
    """Yield heading and example of the 雛形."""
    yield [column.name for column in COLUMNS]
    yield [column.example for column in COLUMNS]
