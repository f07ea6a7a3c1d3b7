"""What each kind of field understands, refuses and shows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from portal.ui import fields


def refusal(field: fields.Field, raw: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        field.clean(raw)
    return " ".join(caught.value.messages)


NAME = fields.TextField(label="契約者名", kind="name", max_length=30)
HALF = fields.TextField(label="輸出契約等番号", kind="half", max_length=30)
BUYER = fields.CodeField(label="海外商社コード", groups=(3, 6))
NUMBER = fields.CodeField(label="保険利用者コード", digits=9)
AMOUNT = fields.MoneyField(label="契約金額", min_value=1)
DOLLARS = fields.MoneyField(label="手形金額", decimals=2, unit="USD")
DAYS = fields.IntegerField(label="ユーザンス日数", unit="日", min_value=1, max_value=720)
DAY = fields.DateField(label="契約締結日")
CORPORATE = fields.CorporateNumberField(label="法人番号")


@pytest.mark.parametrize("typed", ["髙﨑商事（株）①㈱", "か゛ﾔﾏﾀﾞ", "葛󠄀城　太郎", "邊"])
def test_a_name_is_kept_as_typed_and_only_trimmed(typed: str) -> None:
    assert NAME.clean(f"　 {typed}\t") == typed


@pytest.mark.parametrize(
    ("field", "typed", "understood"),
    [
        (HALF, "ＡＢＣ−１２３", "ABC-123"),
        (BUYER, "３１０－０００００１", "310-000001"),
        (BUYER, "310000001", "310-000001"),
        (NUMBER, "１００ ０００ ００１", "100000001"),
        (DAYS, "９０日", 90),
        (AMOUNT, "１億２，０００万", 120_000_000),
        (AMOUNT, "¥58,646,000円", 58_646_000),
        (DOLLARS, "１００,０００．５０", Decimal("100000.50")),
        (fields.MoneyField(label="年間売上高", unit="千円"), "1,234", 1_234_000),
        (fields.KatakanaField(label="フリガナ"), "やまだ ﾀﾛｳ", "ヤマダ タロウ"),
        (fields.EmailField(label="メール"), "Ｔaro@Example.CO.JP", "Taro@example.co.jp"),
        (fields.PhoneField(label="電話"), "０３（１２３４）５６７８", "03-1234-5678"),
        (fields.PostalField(label="郵便番号"), "〒１００−０００１", "100-0001"),
        (CORPORATE, "T7-1234-5678-9012", "7123456789012"),
        (DAY, ("令和8", "11", "20"), date(2026, 11, 20)),
        (DAY, ("平成31年5月1日", "", ""), date(2019, 5, 1)),
        (DAY, ("２０２６", "０１", "３１"), date(2026, 1, 31)),
        (fields.NoteField(label="備考"), "一行目\r\n二行目", "一行目\n二行目"),
    ],
)
def test_any_width_separator_and_era_is_understood(field: fields.Field, typed: Any, understood: object) -> None:
    assert field.clean(typed) == understood


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        (NAME, "", "契約者名を入力してください。"),
        (NAME, " 　", "契約者名を入力してください。"),
        (NAME, "あ" * 31, "契約者名は30文字以内で入力してください（いま31文字です）。"),
        (NAME, "山田😀", "契約者名に使えない文字（😀）があります。その文字を消すか、入力し直してください。"),
        (HALF, "契約1", "輸出契約等番号に使えない文字（契約）があります。英数字と記号で入力してください。"),
        (NUMBER, "12345678", "保険利用者コードは9桁です（いま8桁です）。数字を確かめてください。"),
        (NUMBER, "12345678A", "保険利用者コードは9桁の数字で入力してください。"),
        (CORPORATE, "7123456789013", "法人番号の数字の組み合わせが正しくありません。番号を確かめてください。"),
        (AMOUNT, "1e3", "契約金額を読み取れませんでした。例：12,345,000"),
        (AMOUNT, "約3百万", "契約金額を読み取れませんでした。例：12,345,000"),
        (AMOUNT, "-1", "契約金額にマイナスの金額は入力できません。符号を消して入力してください。"),
        (AMOUNT, "△100", "契約金額にマイナスの金額は入力できません。符号を消して入力してください。"),
        (AMOUNT, "0", "契約金額は0より大きい金額を入力してください。"),
        (AMOUNT, "1" + "0" * 30, "契約金額は15桁以内で入力してください。"),
        (AMOUNT, "1.5", "契約金額は小数のない金額で入力してください。例：12,345,000"),
        (
            DOLLARS,
            "100円",
            "手形金額の通貨は円ではありません。「円」や「¥」を消し、金額を確かめてください。例：12,345.67",
        ),
        (DAYS, "721", "ユーザンス日数は1から720までの数字で入力してください。"),
        (DAYS, "1e2", "ユーザンス日数は数字で入力してください。例：1"),
        (DAYS, "9²", "ユーザンス日数は数字で入力してください。例：1"),
        (DAYS, "①0", "ユーザンス日数は数字で入力してください。例：1"),
        (DAYS, "-5", "ユーザンス日数は数字で入力してください。例：1"),
        (DAY, ("", "", ""), "契約締結日を入力してください。"),
        (DAY, ("2026", "11", "31"), "11月31日はありません。日付を確かめてください。"),
        (DAY, ("2026", "", ""), "契約締結日の月と日を入力してください。"),
        (DAY, ("8", "11", "20"), "契約締結日の年を西暦4桁か元号で入力してください。例：2026、令和8"),
        (DAY, ("再来年", "1", "1"), "契約締結日を読み取れませんでした。例：2026年11月20日、令和8年11月20日"),
        (
            fields.EmailField(label="メール"),
            "taro",
            "メールを読み取れませんでした。@ とその後ろを確かめてください。例：taro@example.co.jp",
        ),
        (
            fields.PhoneField(label="電話"),
            "110",
            "電話を読み取れませんでした。市外局番から入力してください。例：03-1234-5678",
        ),
        (
            fields.KatakanaField(label="フリガナ"),
            "山田",
            "フリガナは読みをカタカナかひらがなで入力してください。例：ヤマダショウテン",
        ),
        (fields.ChoiceField(label="保険種", choices=[("P1", "個別")]), "", "保険種を選択してください。"),
        (fields.ChoiceField(label="保険種", choices=[("P1", "個別")]), "P9", "保険種を選び直してください。"),
        (fields.CheckField(label="了解します", required=True), False, "「了解します」にチェックしてください。"),
    ],
)
def test_a_refusal_names_the_field_and_says_what_to_do(field: fields.Field, typed: Any, message: str) -> None:
    assert refusal(field, typed) == message


WORDS = [NAME, fields.TextField(label="件名"), fields.NoteField(label="備考")]
WITH_A_GRAMMAR = [
    HALF, BUYER, AMOUNT, DAYS, CORPORATE, fields.KatakanaField(label="フリガナ"), fields.EmailField(label="メール"),
    fields.PhoneField(label="電話"), fields.PostalField(label="郵便番号"),
]  # fmt: skip
TYPED_FIELDS = [*WORDS, *WITH_A_GRAMMAR]
INVISIBLE = ["\0", "\x07", "\u202e", "\u200b"]


@pytest.mark.parametrize("field", TYPED_FIELDS, ids=lambda field: field.label)
@pytest.mark.parametrize("bad", ["\U0001f600", "\ud800"])
def test_no_field_takes_a_character_that_no_document_can_show(field: fields.Field, bad: str) -> None:
    assert "使えない文字" in refusal(field, f"1{bad}2")
    assert "使えない文字" in refusal(DAY, (f"2026{bad}", "1", "1"))


@pytest.mark.parametrize("field", WORDS, ids=lambda field: field.label)
@pytest.mark.parametrize("bad", INVISIBLE)
def test_no_words_are_taken_with_a_mark_that_nobody_sees(field: fields.Field, bad: str) -> None:
    assert "使えない文字" in refusal(field, f"1{bad}2")


@pytest.mark.parametrize("mark", INVISIBLE)
@pytest.mark.parametrize(
    ("field", "typed", "understood"),
    [
        (HALF, "EX-1", "EX-1"),
        (BUYER, "310-000001", "310-000001"),
        (AMOUNT, "1,000", 1_000),
        (DAYS, "90", 90),
        (CORPORATE, "7123456789012", "7123456789012"),
        (fields.KatakanaField(label="フリガナ"), "ヤマダ", "ヤマダ"),
        (fields.EmailField(label="メール"), "taro@example.jp", "taro@example.jp"),
        (fields.PhoneField(label="電話"), "03-1234-5678", "03-1234-5678"),
        (fields.PostalField(label="郵便番号"), "100-0001", "100-0001"),
    ],
    ids=lambda value: value.label if isinstance(value, fields.Field) else None,
)
def test_what_has_a_grammar_loses_the_marks_that_come_along_with_a_copy(
    field: fields.Field, typed: str, understood: object, mark: str
) -> None:
    assert field.clean(f"{mark}{typed[:2]}{mark}{typed[2:]}{mark}") == understood
    assert DAY.clean((f"{mark}2026", f"1{mark}", mark + "1")) == date(2026, 1, 1)


def test_nothing_but_invisible_marks_is_an_empty_field() -> None:
    assert refusal(AMOUNT, "\u200b\u202e") == "契約金額を入力してください。"
    assert refusal(DAY, ("\ufeff", "\u200b", "")) == "契約締結日を入力してください。"


@pytest.mark.parametrize("field", TYPED_FIELDS, ids=lambda field: field.label)
def test_two_megabytes_in_one_field_are_answered_by_their_length(field: fields.Field) -> None:
    assert "文字以内で入力してください（いま2,000,000文字です）" in refusal(field, "1" * 2_000_000)


def test_twelve_digits_of_a_company_are_answered_with_its_corporate_number() -> None:
    assert "7123456789012" in refusal(CORPORATE, "123456789012")


def test_line_feeds_of_a_note_are_allowed_and_of_a_name_become_a_space() -> None:
    assert NAME.clean("山田\r\n太郎") == "山田 太郎"
    assert fields.NoteField(label="備考").clean("a\n\tb") == "a\n\tb"


@pytest.mark.parametrize(
    ("field", "typed", "echo"),
    [
        (AMOUNT, "58646000", "58,646,000円（5,864万6,000円）"),
        (AMOUNT, "500", ""),
        (AMOUNT, "よんひゃく", ""),
        (DOLLARS, "1000.5", "1,000.50 USDと読み取りました"),
        (BUYER, "３１００００００１", "310-000001と読み取りました"),
        (BUYER, "310-000001", ""),
        (DAYS, "90", ""),
        (DAYS, "９０日", "90日と読み取りました"),
        (DAY, ("令和8", "11", "20"), "2026年11月20日（令和8年11月20日）と読み取りました"),
        (DAY, ("2026", "11", "20"), ""),
        (NAME, "㈱山田", ""),
    ],
)
def test_the_echo_tells_only_what_is_not_plain_to_see(field: fields.Field, typed: Any, echo: str) -> None:
    assert field.echo(typed) == echo


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (AMOUNT, 58_646_000),
        (fields.MoneyField(label="売上高", unit="百万円"), 1_500_000_000),
        (DOLLARS, Decimal("100000.50")),
        (DAYS, 720),
        (BUYER, "310-000001"),
        (fields.ChoiceField(label="契約形態", choices=[(11, "輸出契約"), (15, "仲介貿易契約")]), 15),
        (fields.PostalField(label="郵便番号"), "100-0001"),
    ],
)
def test_the_texts_of_a_value_are_understood_as_that_value(field: fields.Field, value: object) -> None:
    assert field.clean(field.spread(value)[""]) == value


def test_the_texts_of_a_date_are_understood_as_that_date() -> None:
    assert DAY.clean(tuple(DAY.spread(date(2026, 3, 1)).values())) == date(2026, 3, 1)


def test_values_are_shown_in_full_words() -> None:
    assert AMOUNT.show(58_646_000) == "58,646,000円"
    assert DAY.show(date(2026, 11, 20)) == "2026年11月20日（令和8年11月20日）"
    assert fields.ChoiceField(label="契約形態", choices=[("11", "輸出契約")]).show("11") == "輸出契約"
    assert [AMOUNT.show(None), DAY.show(None), NAME.show("")] == ["", "", ""]
