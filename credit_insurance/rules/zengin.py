"""振込入金通知 of the 全銀協 format: fixed records of 200 bytes, half-width text (credit_insurance.md 5.6).

The lengths behind 振込依頼人コード are those of the common "format A"; the bank confirms them. A line break after each
record is optional. 振込合計 of a trailer counts what was cancelled with some banks, with others not: both are accepted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from portal.common.eras import ERAS
from portal.common.money import yen

RECORD = 200
MOST_FAULTS = 100
FARTHEST_DAYS = 366
"""A date farther away is no date of this file: most likely the year is not 和暦."""

_HEADER = {
    "種別コード": 2,
    "コード区分": 1,
    "作成日": 6,
    "勘定日(自)": 6,
    "勘定日(至)": 6,
    "銀行コード": 4,
    "銀行名": 15,
    "支店コード": 3,
    "支店名": 15,
    "預金種目": 1,
    "口座番号": 7,
    "口座名": 40,
}
_DATA = {
    "照会番号": 6,
    "勘定日": 6,
    "起算日": 6,
    "金額": 10,
    "うち他店券金額": 10,
    "振込依頼人コード": 10,
    "振込依頼人名": 48,
    "仕向銀行名": 15,
    "仕向支店名": 15,
    "取消区分": 1,
    "EDI情報": 20,
}
_TRAILER = {"振込合計件数": 6, "振込合計金額": 12, "取消合計件数": 6, "取消合計金額": 12}


@dataclass(frozen=True)
class Entry:
    """One deposit: `value_on` is its 起算日, `amount` yen, `raw` the record as it came.

    A cancelled entry takes an earlier notice of the same deposit back; it is no money.
    """

    line: int
    reference: str
    booked_on: date
    value_on: date
    amount: int
    payer: str
    bank: str
    branch: str
    edi: str
    is_cancelled: bool
    raw: str


@dataclass(frozen=True)
class Statement:
    """The notice of one account: codes of bank and branch, 預金種目 and 口座番号 as the bank writes them."""

    first_day: date
    last_day: date
    bank: str
    branch: str
    account_kind: str
    account: str
    account_name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Notice:
    """What a file says: its statements, or its `faults` (sentences with the number of the record) and no statement."""

    statements: tuple[Statement, ...]
    faults: tuple[str, ...]

    @property
    def amount(self) -> int:
        """Return the sum of all deposits in yen, cancelled ones left out."""
        return sum(entry.amount for one in self.statements for entry in one.entries if not entry.is_cancelled)


class _Fault(Exception):
    """What is wrong with a record, in Japanese."""


class _Fatal(_Fault):
    """After this nothing that follows can be read."""


def parse(content: bytes, today: date) -> Notice:
    """Read a file; a two-digit year belongs to the era that brings the date closest to `today`."""
    reader = _Reader(today)
    for line, record in enumerate(_records(content), start=1):
        try:
            reader.take(line, record)
        except _Fault as wrong:
            reader.faults.append(f"{line}行目：{wrong}")
            if isinstance(wrong, _Fatal):
                break
        if len(reader.faults) >= MOST_FAULTS:
            reader.faults.append(f"誤りが{MOST_FAULTS}件あるため、この先は確かめていません。")
            break
    else:
        reader.finish()
    return Notice(() if reader.faults else tuple(reader.statements), tuple(reader.faults))


def _records(content: bytes) -> Iterator[bytes]:
    content = content.rstrip(b"\x1a\r\n")
    if b"\n" in content:
        yield from (line.removesuffix(b"\r") for line in content.split(b"\n"))
    else:
        yield from (content[at : at + RECORD] for at in range(0, len(content), RECORD))


class _Reader:
    """Takes the records in their order: header, data, trailer for each account, one end."""

    def __init__(self, today: date) -> None:
        self.statements: list[Statement] = []
        self.faults: list[str] = []
        self._today = today
        self._head: Mapping[str, str] | None = None
        self._entries: list[Entry] = []
        self._faults_before = 0
        self._has_ended = False

    def take(self, line: int, record: bytes) -> None:
        if len(record) != RECORD:
            raise _Fault(f"長さが{len(record)}バイトです。振込入金通知は1件{RECORD}バイトです。")
        if self._has_ended:
            raise _Fatal("エンド・レコードの後にデータがあります。")
        kind = record[:1]
        if kind == b"1":
            self._begin(record)
        elif self._head is None and kind != b"9":
            raise _Fatal("ヘッダー・レコードがありません。全銀協形式の振込入金通知か確かめてください。")
        elif kind == b"2":
            self._entries.append(self._entry(line, record))
        elif kind == b"8":
            self._close(record)
        elif kind == b"9":
            self._end()
        else:
            raise _Fault("データ区分が1、2、8、9のどれでもありません。")

    def finish(self) -> None:
        if not self._has_ended:
            self.faults.append("エンド・レコードがありません。ファイルが途中で切れていないか確かめてください。")

    def _begin(self, record: bytes) -> None:
        if self._head is not None:
            raise _Fatal("前の口座のトレーラー・レコードがありません。")
        head = _cut(record, _HEADER)
        if head["種別コード"] != "01":
            raise _Fatal("種別コードが01（振込入金通知）ではありません。")
        if head["コード区分"] != "0":
            raise _Fatal("コード区分が0（JIS）ではありません。JISコードのファイルを選んでください。")
        self._head, self._entries, self._faults_before = head, [], len(self.faults)
        for name in ("作成日", "勘定日(自)", "勘定日(至)"):
            self._day(head, name)

    def _entry(self, line: int, record: bytes) -> Entry:
        data = _cut(record, _DATA)
        booked_on = self._day(data, "勘定日")
        amount = _number(data, "金額")
        if not amount:
            raise _Fault("金額が0円です。")
        if data["取消区分"] not in {"", "0", "1"}:
            raise _Fault(f"取消区分を読み取れません（「{data['取消区分']}」）。")
        return Entry(
            line=line,
            reference=data["照会番号"],
            booked_on=booked_on,
            value_on=self._day(data, "起算日") if data["起算日"].strip("0") else booked_on,
            amount=amount,
            payer=data["振込依頼人名"],
            bank=data["仕向銀行名"],
            branch=data["仕向支店名"],
            edi=data["EDI情報"],
            is_cancelled=data["取消区分"] == "1",
            raw=record.decode("cp932", errors="replace"),
        )

    def _close(self, record: bytes) -> None:
        head, entries = self._head or {}, self._entries
        self._head = None
        if len(self.faults) > self._faults_before:
            return  # the totals of what could not be read say nothing
        _check_totals(_cut(record, _TRAILER), entries)
        self.statements.append(
            Statement(
                first_day=self._day(head, "勘定日(自)"),
                last_day=self._day(head, "勘定日(至)"),
                bank=head["銀行コード"],
                branch=head["支店コード"],
                account_kind=head["預金種目"],
                account=head["口座番号"],
                account_name=head["口座名"],
                entries=tuple(entries),
            )
        )

    def _end(self) -> None:
        self._has_ended = True
        if self._head is not None:
            raise _Fault("トレーラー・レコードがありません。")
        if not self.statements and not self.faults:
            raise _Fault("ヘッダー・レコードがありません。")

    def _day(self, fields: Mapping[str, str], name: str) -> date:
        typed = fields[name]
        found = []
        if len(typed) == 6 and typed.isascii() and typed.isdigit():
            year, month, day = int(typed[:2]), int(typed[2:4]), int(typed[4:])
            for _, _, start in ERAS:
                try:
                    one = date(start.year + year - 1, month, day)
                except ValueError:
                    continue
                if one >= start and abs((one - self._today).days) <= FARTHEST_DAYS:
                    found.append(one)
        if not found:
            raise _Fault(f"{name}を読み取れません（「{typed}」）。和暦のYYMMDDで、1年以内の日か確かめてください。")
        return min(found, key=lambda one: abs(one - self._today))


def _check_totals(trailer: Mapping[str, str], entries: list[Entry]) -> None:
    cancelled = [entry.amount for entry in entries if entry.is_cancelled]
    amounts = [entry.amount for entry in entries]
    count, amount = _number(trailer, "振込合計件数"), _number(trailer, "振込合計金額")
    counted = {(len(amounts), sum(amounts)), (len(amounts) - len(cancelled), sum(amounts) - sum(cancelled))}
    if (count, amount) not in counted:
        raise _Fault(
            f"合計が明細と合いません（トレーラー：{count:,}件 {yen(amount)}、"
            f"明細：{len(amounts):,}件 {yen(sum(amounts))}）。ファイルを取り直してください。"
        )
    taken_back = _number(trailer, "取消合計件数"), _number(trailer, "取消合計金額")
    if taken_back not in {(0, 0), (len(cancelled), sum(cancelled))}:
        raise _Fault(
            f"取消の合計が明細と合いません（トレーラー：{taken_back[0]:,}件 {yen(taken_back[1])}、"
            f"明細：{len(cancelled):,}件 {yen(sum(cancelled))}）。ファイルを取り直してください。"
        )


def _cut(record: bytes, layout: Mapping[str, int]) -> dict[str, str]:
    fields = {}
    at = 1
    for name, length in layout.items():
        try:
            text = record[at : at + length].decode("cp932")
        except UnicodeDecodeError:
            raise _Fault(f"{name}に読み取れない文字があります。") from None
        if any(c < " " or c == "\x7f" for c in text):
            raise _Fault(f"{name}に使えない文字があります。")
        fields[name] = text.strip()
        at += length
    return fields


def _number(fields: Mapping[str, str], name: str) -> int:
    typed = fields[name] or "0"
    if not (typed.isascii() and typed.isdigit()):
        raise _Fault(f"{name}が数字ではありません（「{typed}」）。")
    return int(typed)
