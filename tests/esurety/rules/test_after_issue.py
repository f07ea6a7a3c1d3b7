"""Changes (F12), use of the advance (F19), claims (F20), hand-in (F23), numbers and keys (F16), the review (6.11)."""

from dataclasses import replace
from datetime import date

import pytest

from esurety.enums import Light
from esurety.rules.changes import PRICE_ONLY_NOTE, advise, is_needed
from esurety.rules.limits import MoneyRules
from esurety.rules.numbers import is_key, is_number, plain
from esurety.rules.review import Paper, Standing, checks
from esurety.rules.submission import fill, unknown, variables
from esurety.rules.usage import advance_claim, check_overheads, contract_claim
from tests.esurety.rules.examples import PARTY, contents, works

RULES = MoneyRules(is_confirmed=True)


# --- Changes (6.8) -------------------------------------------------------------


def changed(product="ADV", *, rules=RULES, paid=True, works_changes=None, **changes):
    before = contents(product)
    after = contents(product, works_changes=works_changes, **changes)
    return advise(product, before, after, rules, advance_paid=paid)


def test_f12_a_change_of_the_price_alone_needs_nothing_and_cites_the_note():
    for product in ("ADV", "MID"):
        (advice,) = changed(product, works_changes={"price": 60_000_000})
        assert (advice.needed, advice.message) == (False, PRICE_ONLY_NOTE)
    assert changed() == []


@pytest.mark.parametrize(
    ("product", "options", "expected"),
    [
        ("ADV", {"works_changes": {"ends_on": "2025-03-14"}}, {"period.longer": True}),
        ("CTR", {"works_changes": {"ends_on": "2025-03-14"}}, {"period.longer": True}),
        ("ADV", {"works_changes": {"ends_on": "2025-02-14"}}, {"period.shorter": False}),
        (
            "ADV",
            {"amount": 24_000_000, "works_changes": {"price": 60_000_000}},
            {"amount.more": True, "price.only": False},
        ),
        (
            "ADV",
            {"amount": 16_000_000, "works_changes": {"price": 40_000_000}},
            {"amount.less": True, "price.only": False},
        ),
        ("ADV", {"works_changes": {"price": 49_999_999}}, {"price.refund": True}),
        ("ADV", {"works_changes": {"price": 40_000_000}, "paid": False}, {"price.only": False}),
        (
            "ADV",
            {"works_changes": {"price": 40_000_000}, "rules": replace(RULES, refund_rate=50)},
            {"price.only": False},
        ),
        ("ADV", {"bank": "架空銀行　支店"}, {"bank": True}),
        ("ADV", {"contractor": {**PARTY, "representative": "代表取締役 架空 次郎"}}, {"party": True}),
        ("ADV", {"addressee": "架空市長職務代理者"}, {"party": True}),
        ("CTR", {"works_changes": {"price": 60_000_000}}, {"price.raise": None}),
        ("CTR", {"works_changes": {"price": 62_500_000}}, {"price.raise": True}),
        ("CTR", {"works_changes": {"price": 40_000_000}}, {"price.reduce": None}),
        (
            "CTR",
            {"works_changes": {"price": 60_000_000}, "amount": 6_000_000},
            {"amount.more": True, "price.enough": False},
        ),
    ],
)
def test_each_event_says_whether_a_change_is_needed(product, options, expected):
    found = changed(product, **options)
    assert {advice.code: advice.needed for advice in found} == expected
    assert is_needed(found) == (True in expected.values())


def test_the_threshold_for_more_contract_guarantee_counts_from_the_first_price():
    before, after = contents("CTR"), contents("CTR", works_changes={"price": 60_000_000})
    (advice,) = advise("CTR", before, after, RULES, first_price=48_000_000)
    assert advice.needed is True


def test_the_excess_counts_both_advances_against_their_common_rate():
    before = contents("MID", amount=10_000_000, advance_amount=20_000_000)
    after = contents("MID", amount=10_000_000, advance_amount=20_000_000, works_changes={"price": 49_000_000})
    (advice,) = advise("MID", before, after, RULES)
    assert advice.code == "price.refund"
    assert "60%を600,000円超えています" in advice.message


# --- Use of the advance and claims (6.9, 6.10) -----------------------------------


@pytest.mark.parametrize(
    ("product", "overheads", "takes", "light"),
    [
        ("ADV", 5_000_000, True, Light.GREEN),
        ("ADV", 5_000_001, True, Light.RED),
        ("ADV", 1, False, Light.RED),
        ("MID", 1, True, Light.RED),
        ("MID", 0, True, Light.GREEN),
    ],
)
def test_f19_a_quarter_of_the_first_advance_may_be_used_for_overheads(product, overheads, takes, light):
    assert check_overheads(product, 20_000_000, overheads, takes_overheads=takes).light == light


def test_f20_the_claim_is_what_was_paid_and_not_worked_off():
    assert advance_claim(4_000_000, 1_500_000) == 2_500_000
    assert advance_claim(4_000_000, 4_500_000, partial=2_000_000) == 1_500_000
    assert advance_claim(4_000_000, 9_000_000) == 0
    assert advance_claim(4_000_000, 0, partial=1_000_000) == 4_000_000
    assert advance_claim(4_000_000, 5_000_000, mid=2_000_000) == 1_000_000
    assert [contract_claim(damages, 5_000_000) for damages in (4_000_000, 6_000_000)] == [4_000_000, 5_000_000]


# --- Hand-in (10.1) ----------------------------------------------------------------

TOYOKAWA = "{受注者} {保証種類} 認証キー {入札日} {契約番号}"


def test_f23_a_subject_is_built_from_its_variables_and_says_what_is_missing():
    values = {"受注者": "架空建設", "保証種類": "契約保証", "入札日": "2025-04-10", "契約番号": "R7-12"}
    filled = fill(TOYOKAWA, values)
    assert (filled.text, filled.warning) == ("架空建設 契約保証 認証キー 2025-04-10 R7-12", "")
    short = fill(TOYOKAWA, {**values, "契約番号": ""})
    assert short.missing == ("契約番号",)
    assert short.text == "架空建設 契約保証 認証キー 2025-04-10"
    assert "「契約番号」" in short.warning


def test_values_are_never_read_as_a_template_again():
    assert fill("{受注者}", {"受注者": "{認証キー}", "認証キー": "secret"}).text == "{認証キー}"
    assert variables("{案件名}{案件名}{受注者}") == ["案件名", "受注者"]
    assert unknown("{案件名}{電話}{}") == ["電話", ""]


# --- Numbers and keys (4.2) -----------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("００２６１－０００００１", "00261000001"),
        (" 00261 - 000001 ", "00261000001"),
        ("Ｚ28Ｙ　UE4J 3Bux", "Z28YUE4J3Bux"),
        ("Z28Y‐UE4J‑3Bux", "Z28YUE4J3Bux"),
    ],
)
def test_f16_numbers_and_keys_are_read_as_people_write_them(typed, read):
    assert plain(typed) == read


def test_f16_the_case_of_a_key_stays():
    assert plain("z28y") == "z28y"
    assert is_key("Z28YUE4J3Bux")
    assert not is_key("Z28YUE4J3Bu0")
    assert not is_key("Z28YUE4J3Bu")
    assert is_number("00261000001")
    assert not is_number("0026100000１")


# --- The reviewer's checks (6.11) -------------------------------------------------------

STANDING = Standing(
    exposure=0, exposure_limit=100_000_000, licence_until=date(2026, 1, 1), statements_on=date(2024, 3, 31)
)
PAPER = Paper("市道１号線改良工事", 50_000_000, "2024-08-02", "2025-02-28")


def reviewed(product="ADV", amount=20_000_000, paper=PAPER, works_changes=None, **standing):
    found = checks(
        product,
        works(**(works_changes or {})),
        amount,
        RULES,
        replace(STANDING, **standing),
        date(2024, 8, 2),
        paper=paper,
    )
    return {line.code.removeprefix("review."): line.light for line in found if line.light}


def test_a_sound_application_is_green_throughout():
    assert reviewed() == {}


@pytest.mark.parametrize(
    ("options", "code", "light"),
    [
        ({"licence_until": date(2024, 7, 31)}, "licence", Light.RED),
        ({"licence_until": date(2025, 2, 27)}, "licence", Light.YELLOW),
        ({"licence_until": None}, "licence", Light.YELLOW),
        ({"exposure": 80_000_001}, "exposure", Light.RED),
        ({"exposure": 60_000_001}, "exposure", Light.YELLOW),
        ({"open_claims": 1, "overdue_statements": 1}, "claims", Light.RED),
        ({"overdue_statements": 1}, "claims", Light.YELLOW),
        ({"statements_on": None}, "statements", Light.RED),
        ({"statements_on": date(2023, 1, 31)}, "statements", Light.YELLOW),
        ({"paper": None}, "paper", Light.YELLOW),
        ({"paper": replace(PAPER, price=50_000_001)}, "paper", Light.RED),
        ({"paper": replace(PAPER, name="市道1号線 改良工事")}, "paper", Light.YELLOW),
        ({"same": ("00241-000001",)}, "duplicate", Light.RED),
        ({"similar": ("00241-000002",)}, "duplicate", Light.YELLOW),
        ({"amount": 50_000_000}, "right", Light.YELLOW),
        ({"works_changes": {"is_low_bid": True}}, "low_bid", Light.RED),
        ({"product": "CTR", "amount": 5_000_000, "works_changes": {"is_low_bid": True}}, "low_bid", Light.RED),
    ],
)
def test_each_check_has_its_light(options, code, light):
    assert reviewed(**options) == {code: light}


def test_more_than_a_hundred_million_is_decided_at_the_head_office():
    assert reviewed(amount=100_000_001, exposure_limit=10**9) == {"right": Light.RED}
