"""Japanese eras: reading typed dates and writing them in 和暦 and 西暦 (ux.md 2.4)."""

import re
from datetime import date

from portal.common.text import Unreadable, code

__all__ = [
    "ERAS",
    "FIRST_YEAR",
    "LAST_YEAR",
    "AmbiguousYear",
    "NoSuchDay",
    "Unreadable",
    "parse_date",
    "seireki",
    "wareki",
]

ERAS: tuple[tuple[str, str, date], ...] = (
    ("令和", "R", date(2019, 5, 1)),
    ("平成", "H", date(1989, 1, 8)),
    ("昭和", "S", date(1926, 12, 25)),
    ("大正", "T", date(1912, 7, 30)),
    # First day of 明治元年 in today's calendar; the era was proclaimed in the autumn for the whole year.
    ("明治", "M", date(1868, 1, 25)),
)
"""Name, letter and first day of each era, newest first."""

FIRST_YEAR, LAST_YEAR = 1868, 2199
"""Years that are read; beyond them is a slip of the finger, not a date of business."""


class AmbiguousYear(Unreadable):
    """A short year without an era: the field asks which era."""


class NoSuchDay(Unreadable):
    """A day the calendar does not have; str() is the sentence for the user."""


_FIRST_YEARS = {key: start.year for name, letter, start in ERAS for key in (name, name[0], letter)}
_YEAR = "(?P<era>令和?|平成?|昭和?|大正?|明治?|[RHSTM])?(?P<year>元|[0-9]{1,4})"
_YEAR_ONLY = re.compile(f"{_YEAR}年?")
_DATE = re.compile(
    f"{_YEAR}(?:年(?P<month>[0-9]{{1,2}})月(?P<day>[0-9]{{1,2}})日?|(?P<mark>[-/.])(?P<month2>[0-9]{{1,2}})(?P=mark)(?P<day2>[0-9]{{1,2}}))"
    "(?P<weekday>\\([月火水木金土日]\\))?"
)
_EIGHT_DIGITS = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})")
_LONGEST = 40


def parse_date(year: str, month: str = "", day: str = "") -> date:
    """Read a date typed in three boxes, or a whole date in the first.

    Accepts 2026, ２０２６, 令和8, R8, 2026-11-20, 20261120 and our own 「2026年11月20日（令和8年11月20日）」.
    A day after an era's end is understood: 平成31年5月1日 is 令和元年5月1日. Month and day are never swapped, a century
    is never guessed.
    Raises AmbiguousYear, NoSuchDay, or plain Unreadable.
    """
    if max(len(year), len(month), len(day)) > _LONGEST:
        raise Unreadable(year[:_LONGEST])
    typed, month, day = code(year).upper(), code(month).removesuffix("月"), code(day).removesuffix("日")
    if whole := _whole_date(typed):
        if (month or day) and whole != parse_date(f"{whole.year}", month, day):
            raise Unreadable(f"{year} {month} {day}")
        return whole
    match = _YEAR_ONLY.fullmatch(typed)
    if match is None:
        raise Unreadable(year)
    return _day(match, month, day)


def _whole_date(typed: str) -> date | None:
    """Return the date when all of it stands in one text; a second reading in brackets must say the same."""
    first, bracket, second = typed.removesuffix(")").partition("(") if typed.endswith("日)") else (typed, "", "")
    if bracket and (match := _DATE.fullmatch(second)):
        if (found := _whole_date(first)) and found == _day(match, *_month_and_day(match)):
            return found
        raise Unreadable(typed)
    if match := _EIGHT_DIGITS.fullmatch(typed):
        typed = "-".join(match.groups())
    match = _DATE.fullmatch(typed)
    return _day(match, *_month_and_day(match)) if match else None


def _month_and_day(match: re.Match[str]) -> tuple[str, str]:
    return match["month"] or match["month2"], match["day"] or match["day2"]


def _day(match: re.Match[str], month: str, day: str) -> date:
    era, number = match["era"], match["year"]
    if not (re.fullmatch("[0-9]{1,2}", month) and re.fullmatch("[0-9]{1,2}", day)):
        raise Unreadable(f"{match[0]} {month} {day}")
    if era:
        year = _FIRST_YEARS[era] + (1 if number == "元" else int(number)) - 1
        if number != "元" and (int(number) == 0 or len(number) > 3):
            raise Unreadable(match[0])
    elif number == "元" or len(number) < 3:
        raise AmbiguousYear(match[0])
    else:
        year = int(number)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unreadable(match[0])
    try:
        return date(year, int(month), int(day))
    except ValueError:
        leap = f"{year}年" if (int(month), int(day)) == (2, 29) else ""
        raise NoSuchDay(f"{leap}{int(month)}月{int(day)}日はありません。日付を確かめてください。") from None


def seireki(day: date) -> str:
    """Return 2026年11月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


def wareki(day: date) -> str:
    """Return 令和8年11月20日, 令和元年 for an era's first year; days before 明治 stay in 西暦."""
    for name, _, start in ERAS:
        if day >= start:
            number = day.year - start.year + 1
            return f"{name}{'元' if number == 1 else number}年{day.month}月{day.day}日"
    return seireki(day)
