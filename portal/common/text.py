"""The one normalisation table for typed text: forms, CSV import and the API read through it (ux.md 2.2).

Kinds with a grammar (digits, codes, mail, phone) lose invisible characters here and are judged by their pattern later.
Text that people read keeps every character it came with; `unusable_characters` names what must be refused.
"""

import re
import unicodedata
from collections.abc import Callable
from types import MappingProxyType

__all__ = [
    "TABLE",
    "Unreadable",
    "code",
    "corporate_number",
    "digits",
    "drop_invisible",
    "half",
    "katakana",
    "mail",
    "name",
    "note",
    "phone",
    "phone_digits",
    "plain",
    "read_number",
    "search_key",
    "unusable_characters",
]

Step = Callable[[str], str]


class Unreadable(ValueError):
    """A typed value that has no certain meaning; the field says so, quoting its label."""


# --- Steps -----------------------------------------------------------------

# Written out instead of \s, which also eats control characters that have to stay visible to the check.
_SPACE = "[ \t\r\n\u00a0\u2000-\u200a\u202f\u205f\u3000]"
_SPACES = re.compile(f"{_SPACE}+")
_INVISIBLE = {"Cc", "Cf"}
_DASH = "[\u2010-\u2015\u2212\\-]"
_LONG_VOWEL = "[ー\uff70]"
_DASH_IN_CODE = re.compile(f"(?<=[0-9A-Za-z]){_DASH}(?=[0-9A-Za-z])|(?<=[0-9]){_LONG_VOWEL}(?=[0-9])")
_HYPHEN_IN_DIGITS = re.compile(r"(?<=[0-9])-(?=[0-9])")
_ANY_DASH = re.compile(f"{_DASH}|{_LONG_VOWEL}")
_VOICED = re.compile("([\u3041-\u3096\u309d\u30a1-\u30fd])([\u3099\u309a\u309b\u309c\uff9e\uff9f])")
_MARKS = str.maketrans("\u309b\u309c\uff9e\uff9f", "\u3099\u309a\u3099\u309a")
_TO_KATAKANA = {hiragana: hiragana + 0x60 for hiragana in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_COMPANY_SIGNS = str.maketrans({"㈱": "（株）", "㈲": "（有）"})
_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_PEN_FORMS = str.maketrans("髙﨑𠮷濵濱邊邉", "高崎吉浜浜辺辺")
_LEGAL_FORM = re.compile(
    r"(?:株式|有限|合同|合資|合名)会社|\((?:株|有|同|資|名)\)"
    r"|,? ?\b(?:co\.?,? ?ltd|(?:pte|pty)\.? ?ltd|company limited|limited|ltd|inc|incorporated|corp|corporation|llc|plc"
    r"|gmbh|s\.?a)\b\.?$"
)
_NOT_SEARCHED = re.compile("[\\s・･.,'’\"()\u2010-\u2015\u2212\\-\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_PHONE_BREAK = re.compile(r"[ ().\-]+")


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def drop_invisible(text: str) -> str:
    """Drop what rides along when a number is copied from another program; line ends and tabs become single spaces."""
    text = _SPACES.sub(" ", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)


def _trim(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" ")


def _drop_spaces(text: str) -> str:
    return _SPACES.sub("", text)


def _plain_dashes(text: str) -> str:
    return re.sub(_DASH, "-", text)


def _unify_hyphens(text: str) -> str:
    return _DASH_IN_CODE.sub("-", text)


def _drop_hyphens(text: str) -> str:
    return _HYPHEN_IN_DIGITS.sub("", text)


def _drop_dashes(text: str) -> str:
    return _ANY_DASH.sub("", text)


def _drop_postal_mark(text: str) -> str:
    return text.removeprefix("〒")


def _drop_invoice_letter(text: str) -> str:
    return text[1:].removeprefix("-") if re.fullmatch("[Tt]-?[0-9]+", text) else text


def _combining_marks(text: str) -> str:
    """Make ゛ and ゜ combining marks: NFKC alone would turn 「か゛」 into か, a space and a mark."""
    return text.translate(_MARKS)


def _to_katakana(text: str) -> str:
    return unicodedata.normalize("NFC", text.translate(_TO_KATAKANA))


def _join_voiced_kana(text: str) -> str:
    """Join a kana and a following sound mark where one character exists; nothing else is normalised."""

    def joined(match: re.Match[str]) -> str:
        one = unicodedata.normalize("NFC", match[1] + match[2].translate(_MARKS))
        return one if len(one) == 1 else match[0]

    return _VOICED.sub(joined, text)


def _write_out_company_signs(text: str) -> str:
    return text.translate(_COMPANY_SIGNS)


def _line_ends(text: str) -> str:
    return "\n".join(line.rstrip(" \t\u3000") for line in re.split("\r\n|\r|\n", text)).strip("\n")


def _fold_case(text: str) -> str:
    return _nfkc(text.casefold())


def _drop_legal_form(text: str) -> str:
    """Drop 株式会社 and the like, unless nothing else would be left to search for."""
    rest = _LEGAL_FORM.sub("", text)
    return rest if _NOT_SEARCHED.sub("", rest) else text


def _drop_unsearched(text: str) -> str:
    return _NOT_SEARCHED.sub("", text)


def _fold_kana_and_kanji(text: str) -> str:
    return text.translate(_SMALL_KANA).translate(_PEN_FORMS)


def _lower_host(text: str) -> str:
    local, at, host = text.rpartition("@")
    return local + at + host.lower().replace("。", ".") if at else text


def _phone_breaks(text: str) -> str:
    """Show every break between groups as one hyphen; +81(0)3 is +81-3."""
    text = re.sub(r"^\+81[ \-]*\(0\)", "+81-", _ANY_DASH.sub("-", text))
    return _PHONE_BREAK.sub("-", text).strip("-")


# --- The table -------------------------------------------------------------

_READ: tuple[Step, ...] = (drop_invisible, _nfkc, _trim)
_CODE: tuple[Step, ...] = (*_READ, _drop_spaces, _unify_hyphens)

TABLE: MappingProxyType[str, tuple[Step, ...]] = MappingProxyType(
    {
        "digits": (*_CODE, _drop_postal_mark, _drop_hyphens),
        "corporate_number": (*_CODE, _drop_hyphens, _drop_invoice_letter),
        "code": _CODE,
        "number": (*_READ, _drop_spaces, _drop_dashes, str.upper),
        "half": (*_READ, _plain_dashes, _unify_hyphens),
        "katakana": (drop_invisible, _combining_marks, _nfkc, _to_katakana, _trim),
        "name": (_join_voiced_kana, _write_out_company_signs, _trim),
        "plain": (_join_voiced_kana, _trim),
        "note": (_join_voiced_kana, _line_ends),
        "search_key": (
            drop_invisible,
            _combining_marks,
            _nfkc,
            _trim,
            _fold_case,
            _drop_legal_form,
            _drop_unsearched,
            _to_katakana,
            _fold_kana_and_kanji,
        ),
        "mail": (*_READ, _lower_host),
        "phone": (*_READ, _phone_breaks),
    }
)
"""Kind → steps, applied from left to right."""


def _apply(kind: str, text: str) -> str:
    for step in TABLE[kind]:
        text = step(text)
    return text


def digits(s: str) -> str:
    """Return a number written with digits: half-width, without spaces, hyphens or 〒; other characters stay."""
    return _apply("digits", s)


def corporate_number(s: str) -> str:
    """Return a 法人番号 as digits, without the T of an invoice number; 12 or 13 digits are for the field to judge."""
    return _apply("corporate_number", s)


def code(s: str) -> str:
    """Return a code in half width: no spaces, every dash between letters or digits is `-`; case is kept."""
    return _apply("code", s)


def read_number(typed: str) -> str:
    """Return an application number as it is stored: half-width, upper case, no dashes, no spaces."""
    return _apply("number", typed)


def half(s: str) -> str:
    """Return half-width text such as a contract number: dashes unified, single spaces and case kept."""
    return _apply("half", s)


def katakana(s: str) -> str:
    """Return a reading in full-width katakana; hiragana and half-width kana are accepted, ー stays."""
    return _apply("katakana", s)


def name(s: str) -> str:
    """Return the name of a company or person, or an address: kanji and widths as typed, ㈱ as （株）, single spaces."""
    return _apply("name", s)


def plain(s: str) -> str:
    """Return one line of free text: kanji and widths untouched, spaces single."""
    return _apply("plain", s)


def note(s: str) -> str:
    """Return free text of several lines: line ends `\\n`, nothing else changed but spaces at line ends."""
    return _apply("note", s)


def search_key(s: str) -> str:
    """Return the comparison key of a name: never shown, never empty unless nothing searchable was given."""
    return _apply("search_key", s)


def mail(s: str) -> str:
    """Return a mail address in half width, the host in lower case, the local part as typed."""
    return _apply("mail", s)


def phone(s: str) -> str:
    """Return a telephone number for show: half-width, one hyphen at every break (03-1234-5678, +81-3-1234-5678)."""
    return _apply("phone", s)


def phone_digits(s: str) -> str:
    """Return the digits of a telephone number in national form, for length checks and keys: +81-3-… is 03…."""
    shown = phone(s)
    return re.sub("[^0-9]", "", "0" + shown[3:] if shown.startswith("+81") else shown)


# --- What must be refused --------------------------------------------------

# Characters of the basic plane that are shown as coloured pictures unless told otherwise
# (Emoji_Presentation=Yes); ☎ ★ ♪ ① of the Japanese character sets are not among them.
_PICTURES = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
# Blank or unreadable, but neither control nor format characters by category.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u20e3\u2800\u3164\ufe0f\uffa0\ufffd")
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# A variation selector belongs to an ideograph; anywhere else it only hides.
_STRAY_SELECTOR = re.compile(
    "(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe0e\U000e0100-\U000e01ef]"
)


def unusable_characters(s: str) -> str:
    """Return the characters that no text may contain, each once and fit for a message; "" when there are none.

    Control characters (tab and line ends are white space), direction marks, zero-width marks, lone surrogates,
    private use and emoji. What cannot be seen is written as its code: 「😀、U+200B」.
    """
    if s.isascii() and s.isprintable():
        return ""
    found = dict.fromkeys(c for c in dict.fromkeys(s) if _is_refused(c))
    found.update(dict.fromkeys(_STRAY_SELECTOR.findall(s)))
    return "、".join(c if _is_picture(c) else f"U+{ord(c):04X}" for c in found)


def _is_picture(c: str) -> bool:
    return c in _PICTURES or "\U0001f000" <= c <= "\U0001fbff"


def _is_refused(c: str) -> bool:
    if c in "\t\r\n":
        return False
    category = unicodedata.category(c)
    # Ideographs newer than Python's Unicode tables look unassigned; the glyph check of the documents decides on them.
    unassigned = category == "Cn" and not "\U00020000" <= c <= "\U0003fffd"
    return unassigned or category in _REFUSED_CATEGORIES or c in _BLANKS or _is_picture(c)
