"""Deposits: the 振込入金通知 of 5.6 and the five lists of credit_insurance.md 8.15."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_insurance.enums import DepositState, InvoiceState, MatchWay
from credit_insurance.rules.matching import Deposit, Invoice, match, number_of, payer_key, standing
from credit_insurance.rules.zengin import parse
from tests.credit_insurance.rules.examples import unhurried

TODAY = date(2021, 7, 19)
DUE = date(2021, 7, 16)

# --- Payers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ",
        "ｶ) ﾔﾏﾀﾞ ｼﾖｳｼﾞ",
        "ﾔﾏﾀﾞｼﾖｳｼﾞ(ｶ",
        "ﾔﾏﾀﾞｼﾖｳｼﾞ(ｶ)",
        "カ）ヤマダショウジ",
        "カブシキガイシャ ヤマダショウジ",
        "ﾕ)ﾔﾏﾀﾞｼﾖｳｼﾞ",
        "ﾄﾞ)ﾔﾏﾀﾞｼﾖｳｼﾞ",
        "0000459ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ",
        "００００４５９　カ）ヤマダショウジ",
        "0000459-ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ",
        "ヤマダ・ショージ".replace("ショージ", "ショウジ"),
    ],
)
def test_a_payer_is_recognised_however_the_bank_writes_it(written):
    assert payer_key(written) == "ヤマダシヨウジ"


def test_a_name_is_never_emptied_and_other_names_stay_apart():
    assert payer_key("ｶ)") == "カ"
    assert payer_key("ﾔﾏﾀﾞｼﾖｳｶｲ") != payer_key("ﾔﾏﾀﾞｼﾖｳｼﾞ")
    assert payer_key("ｶﾄﾞﾏｾｲｻｸｼﾞﾖ") == "カドマセイサクジヨ"
    assert payer_key("") == ""


@pytest.mark.parametrize(
    ("payer", "expected"),
    [
        ("0000459ｶ)ﾔﾏﾀﾞ", "0000459"),
        (" ００００４５９ ヤマダ", "0000459"),
        ("0000459 3ｴﾑ", "0000459"),
        ("00004590ｶ)ﾔﾏﾀﾞ", ""),
        ("000459ｶ)ﾔﾏﾀﾞ", ""),
        ("ｶ)ﾔﾏﾀﾞ0000459", ""),
    ],
)
def test_the_receipt_number_is_seven_digits_at_the_start(payer, expected):
    assert number_of(payer) == expected


# --- Matching ------------------------------------------------------------------------------

YAMADA = Invoice("0000459", 1_000_000, DUE, "ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ")
SATO = Invoice("0000462", 1_000_000, DUE, "ｶ)ｻﾄｳ")
SUZUKI = Invoice("0000475", 250_000, DUE + timedelta(30), "ﾕ)ｽｽﾞｷ")
PAID = Invoice("0000488", 0, DUE, "ｶ)ﾀﾅｶ")


def deposit(payer, amount, day=DUE, key="1"):
    return Deposit(key, payer, amount, day)


@pytest.mark.parametrize(
    ("payer", "amount", "way", "number", "missing", "surplus"),
    [
        ("0000459ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ", 1_000_000, MatchWay.NUMBER, "0000459", 0, 0),
        ("0000459ｶ)ﾁｶﾞｳﾅﾏｴ", 1_000_000, MatchWay.NUMBER, "0000459", 0, 0),
        ("0000459ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ", 999_340, MatchWay.NUMBER_OTHER_AMOUNT, "0000459", 660, 0),
        ("0000459ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ", 1_000_660, MatchWay.NUMBER_OTHER_AMOUNT, "0000459", 0, 660),
        ("0000488ｶ)ﾀﾅｶ", 300_000, MatchWay.NUMBER_OTHER_AMOUNT, "0000488", 0, 300_000),
        ("ﾔﾏﾀﾞｼﾖｳｼﾞ(ｶ", 1_000_000, MatchWay.NAME, "0000459", 0, 0),
        ("ｽｽﾞｷ", 250_000, MatchWay.NAME, "0000475", 0, 0),
        ("ｶ)ﾍﾞﾂﾉﾅﾏｴ", 1_000_000, MatchWay.NONE, "", 0, 0),
        ("ｶ)ﾍﾞﾂﾉﾅﾏｴ", 250_000, MatchWay.NONE, "", 0, 0),
        ("ﾔﾏﾀﾞｼﾖｳｼﾞ", 999_340, MatchWay.NONE, "", 0, 0),
        ("9999999ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ", 1_000_000, MatchWay.NAME, "0000459", 0, 0),
    ],
)
def test_the_five_priorities(payer, amount, way, number, missing, surplus):
    (found,) = match([deposit(payer, amount)], [YAMADA, SATO, SUZUKI, PAID])
    assert (found.way, found.number, found.missing, found.surplus) == (way, number, missing, surplus)
    certain, none = {MatchWay.NUMBER: DepositState.MATCHED}, {MatchWay.NONE: DepositState.UNMATCHED}
    assert found.way.state == {**certain, **none}.get(way, DepositState.SUGGESTED)


def test_an_amount_that_only_one_invoice_near_its_due_day_has_is_suggested():
    invoices = [YAMADA, SUZUKI, Invoice("0000491", 250_000, DUE, "ｶ)ﾀｶﾊｼ")]
    assert [m.number for m in match([deposit("ﾅｿﾞ", 250_000)], invoices)] == ["0000491"]
    (late,) = match([deposit("ﾅｿﾞ", 250_000, DUE + timedelta(7))], invoices[1:])
    assert (late.way, late.number) == (MatchWay.AMOUNT, "0000491")
    assert match([deposit("ﾅｿﾞ", 250_000, DUE + timedelta(8))], invoices)[0].way is MatchWay.NONE


def test_a_payment_that_comes_twice_is_told_as_such():
    number = "0000459ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ"
    first, second = match([deposit(number, 1_000_000), deposit(number, 1_000_000, key="2")], [YAMADA])
    assert (first.way, second.way) == (MatchWay.NUMBER, MatchWay.NUMBER_OTHER_AMOUNT)
    assert (first.allocated, second.allocated, second.surplus) == (1_000_000, 0, 1_000_000)


def test_a_certain_match_later_in_the_file_goes_before_a_guess():
    guess, certain = match([deposit("ﾔﾏﾀﾞｼﾖｳｼﾞ", 1_000_000), deposit("0000459", 1_000_000, key="2")], [YAMADA])
    assert (guess.way, certain.way) == (MatchWay.NONE, MatchWay.NUMBER)


def test_several_deposits_add_up_and_nothing_short_is_enough():
    half = (date(2021, 7, 12), 500_000)
    short = standing(1_000_000, [half, (date(2021, 7, 16), 499_999)])
    assert (short.state, short.missing, short.money_day) == (InvoiceState.PARTIAL, 1, None)
    full = standing(1_000_000, [(date(2021, 7, 19), 1), half, (date(2021, 7, 16), 499_999)])
    assert (full.state, full.money_day) == (InvoiceState.PAID, date(2021, 7, 19))
    over = standing(1_000_000, [half, (date(2021, 7, 13), 600_000), (date(2021, 7, 19), 1)])
    assert (over.state, over.surplus, over.money_day) == (InvoiceState.OVERPAID, 100_001, date(2021, 7, 13))
    assert standing(1_000_000, []).state is InvoiceState.OPEN


payers = st.sampled_from(["0000459", "0000462", "0000475ｽｽﾞｷ", "0000488", "ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ", "ｻﾄｳ", "ﾅｿﾞ", ""])
amounts = st.sampled_from([1, 250_000, 500_000, 1_000_000, 1_000_660])
deposits = st.lists(st.builds(Deposit, st.uuids().map(str), payers, amounts, st.just(DUE)), max_size=12)


@unhurried
@given(deposits)
def test_matching_never_loses_a_yen_and_never_takes_one_twice(given_deposits):
    invoices = [YAMADA, SATO, SUZUKI, PAID]
    found = match(given_deposits, invoices)
    assert [one.deposit for one in found] == given_deposits
    for one in found:
        assert 0 <= one.allocated <= one.deposit.amount
        assert bool(one.number) is (one.way is not MatchWay.NONE)
    for invoice in invoices:
        certain = [
            one.allocated for one in found if one.way.state is DepositState.MATCHED and one.number == invoice.number
        ]
        assert certain in ([], [invoice.open_amount])


receipts = st.lists(st.tuples(st.dates(), st.integers(1, 2_000_000)), max_size=8)


@unhurried
@given(st.integers(1, 3_000_000), receipts)
def test_an_invoice_with_its_money_accounts_for_every_yen(amount, paid):
    found = standing(amount, paid)
    assert found.received == sum(yen for _, yen in paid) == amount - found.missing + found.surplus
    assert (found.money_day is not None) is (found.state in {InvoiceState.PAID, InvoiceState.OVERPAID})
    if found.money_day:
        assert sum(yen for day, yen in paid if day < found.money_day) < amount


# --- 振込入金通知 ----------------------------------------------------------------------------


def record(*parts):
    return "".join(parts).encode("cp932").ljust(200)


HEADER = record(
    "1",
    "01",
    "0",
    "030719",
    "030701",
    "030719",
    "2004",
    "ｼﾖｳｺｳﾁﾕｳｷﾝ".ljust(15),
    "001",
    "ﾎﾝﾃﾝ".ljust(15),
    "1",
    "1220900",
)
END = record("9")


def data(amount=1_000_000, payer="0000459ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ", booked="030716", value="030716", cancelled=" "):
    money = f"{amount:010d}" + "0" * 20
    return record("2", "000001", booked, value, money, payer.ljust(48), "ﾐﾂﾎﾞｼ".ljust(15), "ﾎﾝﾃﾝ".ljust(15), cancelled)


def trailer(count, amount, cancelled=(0, 0)):
    return record("8", f"{count:06d}{amount:012d}{cancelled[0]:06d}{cancelled[1]:012d}")


@pytest.mark.parametrize(("between", "at_end"), [(b"\r\n", b"\r\n"), (b"\n", b""), (b"", b""), (b"\r\n", b"\r\n\x1a")])
def test_a_file_is_read_with_and_without_line_breaks(between, at_end):
    records = [HEADER, data(), data(250_000, "ﾕ)ｽｽﾞｷ", value="000000"), trailer(2, 1_250_000), END]
    found = parse(between.join(records) + at_end, TODAY)
    assert found.faults == ()
    (statement,) = found.statements
    assert (statement.bank, statement.branch, statement.account) == ("2004", "001", "1220900")
    assert (statement.first_day, statement.last_day) == (date(2021, 7, 1), TODAY)
    first, second = statement.entries
    assert (first.line, first.amount, first.payer) == (2, 1_000_000, "0000459ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ")
    assert first.value_on == second.value_on == date(2021, 7, 16)
    assert found.amount == 1_250_000
    assert len(first.raw) == 200


def test_several_accounts_and_empty_ones_may_stand_in_one_file():
    found = parse(b"".join([HEADER, trailer(0, 0), HEADER, data(), trailer(1, 1_000_000), END]), TODAY)
    assert found.faults == ()
    assert [len(statement.entries) for statement in found.statements] == [0, 1]


@pytest.mark.parametrize("counted", [(2, 1_250_000), (1, 1_000_000)])
def test_a_cancelled_deposit_is_no_money(counted):
    records = [HEADER, data(), data(250_000, cancelled="1"), trailer(*counted, cancelled=(1, 250_000)), END]
    found = parse(b"\r\n".join(records), TODAY)
    assert found.faults == ()
    assert (found.amount, [e.is_cancelled for e in found.statements[0].entries]) == (1_000_000, [False, True])


@pytest.mark.parametrize(
    ("records", "line", "words"),
    [
        ([], 0, "エンド・レコードがありません"),
        ([b"abc"], 1, "長さが3バイトです"),
        ([data(), END], 1, "ヘッダー・レコードがありません"),
        ([END], 1, "ヘッダー・レコードがありません"),
        ([HEADER, data()[:-1], trailer(1, 1_000_000), END], 2, "長さが199バイトです"),
        ([HEADER, data(), trailer(1, 1_000_000)], 0, "エンド・レコードがありません"),
        ([HEADER, data(), END], 3, "トレーラー・レコードがありません"),
        ([HEADER, data(), HEADER], 3, "トレーラー・レコードがありません"),
        ([HEADER, data(), trailer(1, 999_999), END], 3, "合計が明細と合いません"),
        ([HEADER, data(), trailer(2, 1_000_000), END], 3, "合計が明細と合いません"),
        ([HEADER, data(), trailer(1, 1_000_000, cancelled=(1, 5)), END], 3, "取消の合計"),
        ([HEADER, data(0), trailer(1, 0), END], 2, "金額が0円です"),
        ([HEADER, data(booked="031316"), trailer(1, 1_000_000), END], 2, "勘定日を読み取れません（「031316」）"),
        ([HEADER, data(booked="      "), trailer(1, 1_000_000), END], 2, "勘定日を読み取れません（「」）"),
        ([HEADER, data(value="210716"), trailer(1, 1_000_000), END], 2, "起算日を読み取れません"),
        ([HEADER, data(cancelled="x"), trailer(1, 1_000_000), END], 2, "取消区分"),
        (
            [HEADER, data().replace(b"0001000000", b"000100000x"), trailer(1, 1_000_000), END],
            2,
            "金額が数字ではありません",
        ),
        ([HEADER, data(payer="ﾔﾏﾀﾞ\x00"), trailer(1, 1_000_000), END], 2, "振込依頼人名に使えない文字"),
        ([HEADER, data().replace("ﾔ".encode("cp932"), b"\x81"), trailer(1, 1_000_000), END], 2, "読み取れない文字"),
        ([HEADER, record("5"), trailer(0, 0), END], 2, "データ区分"),
        ([HEADER.replace(b"1010", b"1030", 1), END], 1, "種別コード"),
        ([HEADER.replace(b"1010", b"1011", 1), END], 1, "コード区分"),
        ([HEADER, trailer(0, 0), END, END], 4, "エンド・レコードの後"),
    ],
)
def test_what_is_wrong_is_said_with_the_line_and_nothing_is_taken(records, line, words):
    found = parse(b"\r\n".join(records), TODAY)
    wrong = found.faults[0]
    assert words in wrong
    assert wrong.startswith(f"{line}行目：") or not line
    assert found.statements == ()


@pytest.mark.parametrize(
    ("today", "written", "expected"),
    [
        (date(2019, 5, 7), "310430", date(2019, 4, 30)),
        (date(2019, 5, 7), "010507", date(2019, 5, 7)),
        (date(2026, 11, 20), "081120", date(2026, 11, 20)),
    ],
)
def test_two_digit_years_belong_to_the_nearest_era(today, written, expected):
    header = HEADER.replace(b"030719", written.encode()).replace(b"030701", written.encode())
    found = parse(header + data(booked=written, value=written) + trailer(1, 1_000_000) + END, today)
    assert [entry.value_on for entry in found.statements[0].entries] == [expected]


@unhurried
@given(st.binary(max_size=900))
def test_no_bytes_break_the_reader(content):
    found = parse(content, TODAY)
    assert found.faults
    assert found.statements == ()


def test_garbage_is_given_up_after_a_hundred_faults():
    found = parse(HEADER + b"\r\n" + b"x\r\n" * 100_000, TODAY)
    assert len(found.faults) == 101
