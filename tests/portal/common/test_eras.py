"""Dates as people type them, and as screens and certificates write them (ux.md 2.4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import eras


@pytest.mark.parametrize(
    ("year", "month", "day", "read"),
    [
        ("2026", "11", "20", date(2026, 11, 20)),
        ("２０２６", "１１", "２０", date(2026, 11, 20)),
        (" 2026年", "11月", "20日 ", date(2026, 11, 20)),
        ("2026", "4", "1", date(2026, 4, 1)),
        ("2026", "04", "01", date(2026, 4, 1)),
        ("令和8", "11", "20", date(2026, 11, 20)),
        ("令和　８年", "11", "20", date(2026, 11, 20)),
        ("㋿8", "11", "20", date(2026, 11, 20)),
        ("令8", "11", "20", date(2026, 11, 20)),
        ("R8", "11", "20", date(2026, 11, 20)),
        ("r08", "11", "20", date(2026, 11, 20)),
        ("Ｒ８", "11", "20", date(2026, 11, 20)),
        ("令和元", "5", "1", date(2019, 5, 1)),
        ("R元年", "5", "1", date(2019, 5, 1)),
        ("平成31", "4", "30", date(2019, 4, 30)),
        ("H31", "5", "1", date(2019, 5, 1)),
        ("昭和64", "1", "7", date(1989, 1, 7)),
        ("昭和64", "1", "8", date(1989, 1, 8)),
        ("S100", "1", "1", date(2025, 1, 1)),
        ("大正15", "12", "25", date(1926, 12, 25)),
        ("T1", "7", "30", date(1912, 7, 30)),
        ("明治45", "7", "29", date(1912, 7, 29)),
        ("M元", "10", "23", date(1868, 10, 23)),
        ("2028", "2", "29", date(2028, 2, 29)),
        ("1868", "1", "1", date(1868, 1, 1)),
        ("2199", "12", "31", date(2199, 12, 31)),
    ],
)
def test_three_boxes_are_read_in_any_width_and_era(year, month, day, read):
    assert eras.parse_date(year, month, day) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("平成31年5月1日", date(2019, 5, 1)),
        ("令和元年4月30日", date(2019, 4, 30)),
        ("令和8年4月1日", date(2026, 4, 1)),
        ("R8.4.1", date(2026, 4, 1)),
        ("Ｒ８／４／１", date(2026, 4, 1)),
        ("２０２６-０４-０１", date(2026, 4, 1)),
        ("2026-4-1\n", date(2026, 4, 1)),
        ("2026/11/20", date(2026, 11, 20)),
        ("2026.11.20", date(2026, 11, 20)),
        ("2026‐11−20", date(2026, 11, 20)),
        ("2026ー11ー20", date(2026, 11, 20)),
        ("2026年 11月 20日", date(2026, 11, 20)),
        ("2026年11月20日(金)", date(2026, 11, 20)),
        ("2026年11月22日（日）", date(2026, 11, 22)),
        ("2026年11月20日（令和8年11月20日）", date(2026, 11, 20)),
        ("20261120", date(2026, 11, 20)),
        ("２０２６１１２０", date(2026, 11, 20)),
        ("昭和64年1月8日", date(1989, 1, 8)),
        ("明治33年1月1日", date(1900, 1, 1)),
    ],
)
def test_a_whole_date_pasted_into_the_year_fills_all_three(typed, read):
    assert eras.parse_date(typed) == read
    assert eras.parse_date(typed, f"{read.month}", f"{read.day}") == read


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        *(("", "", ""), ("2026", "", ""), ("2026", "11", ""), ("", "11", "20"), ("2026", "", "20")),
        *(("20 26年末", "1", "1"), ("abc", "1", "1"), ("2026", "x", "1"), ("2026", "1", "-1"), ("2026", "1.5", "1")),
        *(("2026", "１１１", "1"), ("٢٠٢٦", "1", "1"), ("-2026", "1", "1"), ("2e3", "1", "1"), ("202", "1", "1")),
        *(("0000-01-01", "", ""), ("0001-01-01", "", ""), ("9999-12-31", "", ""), ("10000-01-01", "", "")),
        *(("1867", "12", "31"), ("2200", "1", "1"), ("令和0", "1", "1"), ("令和999", "1", "1"), ("令和2026", "1", "1")),
        *(
            ("01/02/2026", "", ""),
            ("20-11-2026", "", ""),
            ("2026/11-20", "", ""),
            ("2026-11", "", ""),
            ("2026年11月", "", ""),
        ),
        *(
            ("Nov 20, 2026", "", ""),
            ("2026-11-20T00:00", "", ""),
            ("慶応4", "1", "1"),
            ("RR8", "1", "1"),
            ("1" * 5000, "1", "1"),
        ),
        *(("2026-11-20", "12", ""), ("2026-11-20", "11", "21"), ("2026年11月20日（令和7年11月20日）", "", "")),
        ("2026年11月20日(予定)", "", ""),
    ],
)
def test_what_is_no_certain_date_is_refused(year, month, day):
    with pytest.raises(eras.Unreadable) as refused:
        eras.parse_date(year, month, day)
    assert type(refused.value) is eras.Unreadable


@pytest.mark.parametrize(
    ("year", "month", "day"), [("8", "11", "20"), ("26", "4", "1"), ("元", "5", "1"), ("8/11/20", "", "")]
)
def test_a_short_year_without_era_asks_for_the_era(year, month, day):
    with pytest.raises(eras.AmbiguousYear):
        eras.parse_date(year, month, day)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("2026", "11", "31"), "11月31日はありません。日付を確かめてください。"),
        (("令和8", "2", "30"), "2月30日はありません。日付を確かめてください。"),
        (("2026", "2", "29"), "2026年2月29日はありません。日付を確かめてください。"),
        (("2100", "02", "29"), "2100年2月29日はありません。日付を確かめてください。"),
        (("2026", "13", "1"), "13月1日はありません。日付を確かめてください。"),
        (("2026", "0", "0"), "0月0日はありません。日付を確かめてください。"),
        (("2026-02-30", "", ""), "2月30日はありません。日付を確かめてください。"),
        (("20261131", "", ""), "11月31日はありません。日付を確かめてください。"),
    ],
)
def test_a_day_the_calendar_does_not_have_is_named(typed, sentence):
    with pytest.raises(eras.NoSuchDay) as refused:
        eras.parse_date(*typed)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 20), "令和8年11月20日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1868, 1, 25), "明治元年1月25日"),
        (date(1868, 1, 24), "1868年1月24日"),
    ],
)
def test_each_era_begins_on_its_own_day(day, written):
    assert eras.wareki(day) == written


def test_the_western_form_has_no_leading_zeros():
    assert eras.seireki(date(2026, 4, 1)) == "2026年4月1日"


@given(st.dates(date(1868, 1, 1), date(2199, 12, 31)))
def test_every_written_date_reads_back(day):
    for written in (eras.wareki(day), eras.seireki(day), day.isoformat(), f"{day:%Y%m%d}"):
        assert eras.parse_date(written) == day
    assert eras.parse_date(f"{eras.seireki(day)}（{eras.wareki(day)}）") == day


@given(st.integers(0, 3650), st.integers(1, 5000))
def test_a_day_after_the_end_of_an_era_means_what_it_says(days, later):
    day = date(2019, 4, 30) - timedelta(days=days) + timedelta(days=later)
    assert eras.parse_date(f"平成{day.year - 1988}年{day.month}月{day.day}日") == day


@given(*[st.text(st.sampled_from("0123456789年月日/-.RH令和平成元()金 "), max_size=14)] * 3)
def test_any_typed_text_is_a_date_in_range_or_unreadable(year, month, day):
    try:
        read = eras.parse_date(year, month, day)
    except eras.Unreadable:
        return
    assert eras.FIRST_YEAR <= read.year <= eras.LAST_YEAR
