"""The cells of a row as what a person would have typed into the form of one debtor, and as a line of the sheet."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from credit_insurance.bulk.columns import unit_of
from credit_insurance.forms.debtor import NO, PARTS, YES, debtor, field_of, read, read_column
from credit_insurance.rules.exclusions import identity
from credit_insurance.services.sheets import Entry
from portal.common import text
from portal.ui.fields import ChoiceField, MoneyField

_YES = ("あり", "有", "有り", "はい", "○", "〇", "1", "true", "y")
_NO = ("なし", "無", "無し", "いいえ", "×", "0", "false", "n")
_LAST_DAY = dict.fromkeys(("末日", "末", "月末"), "99")
_MORE_WORDS = {
    "closing_day": _LAST_DAY,
    "pay_day": _LAST_DAY,
    "pay_month_offset": {"当月": "0", "翌月": "1", "翌々月": "2"},
}


def _key(typed: str) -> str:
    return text.code(typed).casefold()


@cache
def words_of(name: str) -> Mapping[str, str]:
    """Return what a cell of a column may say besides what its field takes, and what that stands for."""
    field = field_of(name)
    found = dict(_MORE_WORDS.get(name, {}))
    if not isinstance(field, ChoiceField):
        return found
    if dict(field.choices).keys() == {YES, NO}:
        found |= {_key(word): YES for word in _YES} | {_key(word): NO for word in _NO}
    if name == "pref_code":
        for code, label in field.choices:
            found |= {code.lstrip("0"): code, label if code == "01" else label[:-1]: code}
    for code, label in field.choices:
        found |= {_key(code): code, _key(label): code}
    return found


def typed_cells(cells: Iterable[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return the texts by html name that (heading, column, cell) stand for."""
    typed = {}
    for heading, name, cell in cells:
        if not name or not cell:
            continue
        field = field_of(name)
        words = words_of(name)
        meant = words.get(cell) or (words.get(_key(cell), cell) if words else cell)
        if isinstance(field, MoneyField) and meant[-1:].isdigit():
            meant += unit_of(heading)
        typed[PARTS[name][0]] = [meant]
    return typed


def entry(
    typed: Mapping[str, list[str]], reader: Callable[[str, tuple[str, ...]], tuple[Any, str]] = read_column
) -> Entry:
    """Return the line that texts by html name stand for, as typed and as read (`reader` as for `read`)."""
    values, unread = read(typed, reader)
    return Entry(typed, values, unread, identity(debtor(1, values)))


def merged(old: Entry, new: Entry) -> Entry:
    """Return `old` with the cells of `new` that are not empty."""
    typed: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for name, parts in PARTS.items():
        source = old if new.typed.keys().isdisjoint(parts) else new
        for part in parts:
            if part in source.typed:
                typed[part] = source.typed[part]
        if name in source.values:
            values[name] = source.values[name]
        if name in source.unread:
            unread[name] = source.unread[name]
    return Entry(typed, values, unread, identity(debtor(1, values)))
