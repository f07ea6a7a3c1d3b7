"""The code tables equal the specification, and hang together."""

import re
from collections import Counter
from datetime import date
from string import Formatter

import pytest
from django.db.models import TextChoices

from nexi_quota import enums
from nexi_quota.enums import (
    COUNTRIES,
    CURRENCIES,
    POLICY_SAMPLES,
    RATING_RULES,
    SETTLEMENT_METHODS,
    Attitude,
    ConfirmationState,
    ContractForm,
    LedgerKind,
    Need,
    Origin,
    Product,
    Rating,
    ReleaseReason,
    SpecialReason,
    Verdict,
    allowed_methods,
)
from nexi_quota.messages import MESSAGES, text

CHOICES = [value for value in vars(enums).values() if isinstance(value, type) and issubclass(value, TextChoices)]


def test_products_have_the_four_codes_and_names() -> None:
    assert Product.choices == [
        ("01", "貿易一般保険(個別)"),
        ("02", "中小企業・農林水産業輸出代金保険"),
        ("03", "貿易一般保険包括保険(設備財)"),
        ("04", "輸出手形保険"),
    ]
    assert [product.is_automatic for product in Product] == [True, True, False, False]


def test_verdicts_rise_in_severity_and_say_their_sentence() -> None:
    assert [(v.label, v.severity, v.sentence) for v in Verdict] == [
        ("可能", 0, "個別保証枠確認申込みが可能です"),
        ("確認不要", 1, "個別保証枠の確認は不要です"),
        ("要照会", 2, "そのままではお申込みいただけません。事前手続が必要です"),
        ("不可", 3, "個別保証枠確認申込みはできません"),
    ]


def test_short_tables_carry_the_codes_of_the_specification() -> None:
    assert ContractForm.choices == [("11", "輸出契約"), ("15", "仲介貿易契約")]
    assert SpecialReason.labels == ["契約締結前の枠確保", "書面申込み予定", "NEXIの指示", "その他"]
    assert ReleaseReason.values == ["01", "02", "03", "04", "05", "06", "07", "99"]
    assert Origin.labels == ["確認申込み", "保険新規申込み(自動)", "内容変更通知(自動)"]
    assert Attitude.labels == ["引受可能", "条件付引受", "引受停止"]
    assert [kind.name for kind in LedgerKind] == ["HOLD", "ATTACH", "RELEASE", "EXPIRE", "AUTO_RELEASE", "ADJUST"]


def test_a_confirmation_has_eight_states_of_which_three_hold_quota() -> None:
    assert ConfirmationState.labels == [
        "有効",
        "保険引受済",
        "枠戻済",
        "失効",
        "使用不可",
        "決済済",
        "自動解放",
        "事故",
    ]
    assert [state.label for state in ConfirmationState if state.is_live] == ["有効", "保険引受済"]
    assert [state.label for state in ConfirmationState if state.holds_quota] == ["有効", "保険引受済", "事故"]


@pytest.mark.parametrize("choices", CHOICES, ids=lambda choices: choices.__name__)
def test_every_choice_has_a_label_of_its_own_and_fits_its_column(choices: type[TextChoices]) -> None:
    assert len(set(choices.labels)) == len(choices.labels)
    assert all(choices.labels)
    assert max(map(len, choices.values)) <= 12


def test_thirteen_ratings_of_credit_and_six_of_accidents() -> None:
    assert len(Rating) == 19
    assert {r.value for r in Rating if r.is_in_default} == {"GR", "ER", "SR"}
    assert {r.value for r in Rating if r.is_bankrupt} == {"GB", "EB", "SB"}
    assert {r.value for r in Rating if r.is_public} == {"GS", "GA", "GE", "GR", "GB"}
    assert {r.value for r in Rating if r.is_eligible_bank} == {"SA", "GS", "GE"}


def test_the_rating_table_is_complete_and_as_specified() -> None:
    assert set(RATING_RULES) == {(rating, product) for rating in Rating for product in Product}
    not_needed = {(r, p) for r in ("GS", "GA", "GE", "SA") for p in Product}
    not_needed |= {("EE", Product.EQUIPMENT), ("EA", Product.EQUIPMENT)}
    needed = {(r, p) for r in ("EE", "EA", "EM", "EF") for p in Product} - not_needed
    for cell, need in RATING_RULES.items():
        expected = Need.NEEDED if cell in needed else Need.NOT_NEEDED if cell in not_needed else Need.REFUSED
        assert need is expected, cell
    assert Counter(RATING_RULES.values()) == {Need.NEEDED: 14, Need.NOT_NEEDED: 18, Need.REFUSED: 44}


def test_settlement_methods_are_the_twenty_six_of_the_table() -> None:
    codes = "10 11 12 19 20 21 29 30 31 32 39 40 41 42 49 50 59 60 64 65 70 71 73 75 76 77"
    assert " ".join(SETTLEMENT_METHODS) == codes
    assert [m.code for m in SETTLEMENT_METHODS.values() if m.is_letter_of_credit] == ["10", "11", "12", "19"]
    assert [m.code for m in SETTLEMENT_METHODS.values() if m.is_full_advance] == ["60"]
    asked = [m.code for m in SETTLEMENT_METHODS.values() if m.days.asks_usance]
    assert asked == ["11", "12", "20", "21", "31", "32", "41", "42", "64", "65", "76"]
    assert all(("xxx" in m.name) <= m.days.asks_usance for m in SETTLEMENT_METHODS.values())
    assert SETTLEMENT_METHODS["20"].label == "20 D/A xxx days after B/L date（引受渡し・B/L日付後）"


def test_a_bill_is_documents_against_acceptance_or_payment() -> None:
    assert [m.code for m in allowed_methods(Product.BILL)] == ["20", "21", "29", "30", "31", "32", "39"]
    for product in set(Product) - {Product.BILL}:
        assert len(allowed_methods(product)) == 26


def test_countries_have_three_digits_and_two_names() -> None:
    assert len(COUNTRIES) == 63
    for code, country in COUNTRIES.items():
        assert re.fullmatch(r"[0-9]{3}", code)
        assert country.code == code
        assert not country.name_ja.isascii()
        assert country.name_en.isascii()
    assert len({country.name_ja for country in COUNTRIES.values()}) == 63
    assert COUNTRIES["335"].name_ja == "セントクリストファー・ネービス"
    assert (COUNTRIES[enums.IRAN].name_en, COUNTRIES[enums.IRAQ].name_en) == ("Iran", "Iraq")


def test_the_eighteen_currencies_have_decimals_except_yen_and_won() -> None:
    codes = "JPY USD EUR GBP CHF CAD AUD NZD SGD HKD CNY KRW TWD THB INR SEK NOK DKK"
    assert " ".join(CURRENCIES) == codes
    assert [c.code for c in CURRENCIES.values() if c.decimals == 0] == ["JPY", "KRW"]
    assert {c.decimals for c in CURRENCIES.values()} == {0, 2}
    assert CURRENCIES["USD"].label == "USD 米ドル"


def test_policy_samples_are_distinct_rows_of_known_countries_and_say_what_they_are() -> None:
    keys = [(row.country, row.product, row.effective_from) for row in POLICY_SAMPLES]
    assert len(set(keys)) == len(keys)
    assert {row.country for row in POLICY_SAMPLES} <= set(COUNTRIES)
    assert {row.note for row in POLICY_SAMPLES} == {"サンプル"}
    assert max(row.effective_from for row in POLICY_SAMPLES) == date(2020, 10, 8)
    suspended = {row.country for row in POLICY_SAMPLES if row.attitude is Attitude.SUSPENDED}
    assert {COUNTRIES[code].name_ja for code in suspended} == {
        "アフガニスタン",
        "イエメン",
        "中央アフリカ",
        "ハイチ",
        "南スーダン",
    }


def test_the_catalogue_has_every_message_of_the_specification() -> None:
    groups = Counter(message_id[:3] for message_id in MESSAGES)
    assert groups == {
        "M-O": 1,
        "M-C": 7,
        "M-U": 2,
        "M-D": 1,
        "M-B": 2,
        "M-L": 2,
        "M-R": 5,
        "M-T": 1,
        "M-A": 1,
        "M-X": 1,
        "M-Q": 4,
        "M-N": 13,  # nine of the specification, four of our own
        "M-P": 1,
        "M-W": 2,
        "M-V": 6,
        "M-S": 2,
    }
    assert len(set(MESSAGES.values())) == len(MESSAGES)


def test_the_texts_of_the_manual_are_kept_to_the_letter() -> None:
    assert text("M-OK") == "個別保証枠確認申込みが可能です" == Verdict.POSSIBLE.sentence
    assert "「個別保証枠確認であることを了解して申込みます」" in text("M-CHK")


@pytest.mark.parametrize("message_id", MESSAGES)
def test_every_message_is_filled_by_its_named_values(message_id: str) -> None:
    names = [name for _, name, _, _ in Formatter().parse(MESSAGES[message_id]) if name is not None]
    filled = text(message_id, **{name: f"<{name}>" for name in names})
    assert all(f"<{name}>" in filled for name in names)
    assert "{" not in filled
    if names:
        with pytest.raises(KeyError):
            text(message_id)


def test_a_value_is_never_read_as_a_template() -> None:
    assert text("M-V01", 項目="{0}{x}") == "{0}{x}を入力してください"


def test_an_unknown_message_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("M-Z99")
