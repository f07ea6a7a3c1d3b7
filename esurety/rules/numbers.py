"""保証契約番号 and 認証キー as people write them (esurety.md 3.1, 4.1, 4.2)."""

import re
import unicodedata

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""56 signs: letters and digits without 0 O o 1 I l."""

KEY_LENGTH = 12

_HYPHENS = re.compile(r"[\s‐-―−ー－ｰ﹣\-]+")


def plain(typed: str) -> str:
    """Return number or key without spaces and hyphen-like signs, in half width; the case of letters stays."""
    return _HYPHENS.sub("", unicodedata.normalize("NFKC", typed))


def is_number(text: str) -> bool:
    """Return True for the eleven digits of a 保証契約番号."""
    return len(text) == 11 and text.isascii() and text.isdecimal()


def is_key(text: str) -> bool:
    """Return True for what can be an 認証キー: never shortened, never changed in case."""
    return len(text) == KEY_LENGTH and set(text) <= set(ALPHABET)


def displayed(number: str) -> str:
    """Return a 保証契約番号 with its hyphen: 00261-000001."""
    return f"{number[:5]}-{number[5:]}"


def grouped(key: str) -> str:
    """Return an 認証キー in groups of four, for paper and screen."""
    return " ".join(key[at : at + 4] for at in range(0, KEY_LENGTH, 4))
