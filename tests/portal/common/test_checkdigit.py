"""Check digits: what they catch, and numbers published by others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import checkdigit

DIGITS = st.text(st.sampled_from("0123456789"), min_size=1, max_size=20)


@pytest.mark.parametrize(("digits", "check"), [("572", "4"), ("0", "0"), ("43881234567", "9")])
def test_damm_gives_the_digit_of_the_standard_quasigroup(digits, check):
    assert checkdigit.damm(digits) == check
    assert checkdigit.damm_ok(digits + check)


@pytest.mark.parametrize("digits", ["", "12a", "１２", "٣", "1 2", "-1", "²"])
def test_a_check_digit_is_taken_over_digits_only(digits):
    for make in (checkdigit.damm, checkdigit.mod10_31):
        with pytest.raises(ValueError, match="not a string of digits"):
            make(digits)
    assert not checkdigit.damm_ok(digits)


@pytest.mark.parametrize("number", ["", "0", "5", "a", "5723", "572４", "x" * 10_000])
def test_a_wrong_or_missing_check_digit_is_seen(number):
    assert not checkdigit.damm_ok(number)


@given(DIGITS, st.data())
def test_damm_catches_every_single_slip_and_every_swap_of_neighbours(digits, data):
    number = digits + checkdigit.damm(digits)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != number[place]))
    assert not checkdigit.damm_ok(number[:place] + other + number[place + 1 :])
    if place and number[place - 1] != number[place]:
        swapped = number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]
        assert not checkdigit.damm_ok(swapped)


def test_letters_count_as_two_digits_and_hyphens_not_at_all():
    assert checkdigit.as_digits("NQ-260401-00012") == "232626040100012"
    check = checkdigit.damm(checkdigit.as_digits("NQ-260401-00012"))
    assert checkdigit.damm_ok(f"NQ-260401-00012-{check}")
    assert checkdigit.damm_ok(f"NQ26040100012{check}")
    assert not checkdigit.damm_ok(f"NP-260401-00012-{check}")


@pytest.mark.parametrize(("digits", "check"), [("400638133393", "1"), ("490123456789", "4"), ("0", "0"), ("1", "7")])
def test_weights_three_and_one_from_the_right_match_printed_article_numbers(digits, check):
    assert checkdigit.mod10_31(digits) == check


@pytest.mark.parametrize("number", ["7123456789012", "5835678256246", "7000012050002"])
def test_published_corporate_numbers_are_correct(number):
    assert checkdigit.corporate_number_ok(number)
    assert checkdigit.corporate_number_of(number[1:]) == number


@pytest.mark.parametrize(
    "number",
    [
        "",
        "6123456789012",
        "712345678901",
        "71234567890123",
        "7-1234-5678-9012",
        "７１２３４５６７８９０１２",
        "T123456789012",
    ],
)
def test_anything_else_is_no_corporate_number(number):
    assert not checkdigit.corporate_number_ok(number)


@pytest.mark.parametrize("number", ["", "12345678901", "1234567890123", "１２３４５６７８９０１２"])
def test_a_corporate_number_is_made_from_twelve_digits_only(number):
    with pytest.raises(ValueError, match="digits"):
        checkdigit.corporate_number_of(number)


@given(
    st.text(st.sampled_from("0123456789"), min_size=12, max_size=12), st.integers(0, 12), st.sampled_from("0123456789")
)
def test_a_corporate_number_tells_all_slips_but_zero_for_nine(company, place, other):
    number = checkdigit.corporate_number_of(company)
    changed = number[:place] + other + number[place + 1 :]
    if changed != number and {number[place], other} != {"0", "9"}:
        assert not checkdigit.corporate_number_ok(changed)
