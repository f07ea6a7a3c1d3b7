"""Which characters our fonts can show: a document with a missing or invisible character is refused, not issued."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONTS = tuple(Path(__file__).parent / "fonts" / f"PortalSansJP-{style}.ttf" for style in ("Regular", "Bold"))
LAYOUT = frozenset("\n\t")
# Control, format (bidi marks, zero width), surrogate, private use (外字), unassigned.
NEVER = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class MissingGlyphs(ValueError):
    """The data hold characters that the document could not show.

    `fields`: where (path in the context, list places from 1) -> the characters.
    """

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__("; ".join(f"{path}: {named(characters)}" for path, characters in fields.items()))


def named(characters: str) -> str:
    """'😀（U+1F600）、U+E000': with the character itself where it has a picture of its own."""
    return "、".join(
        f"U+{ord(character):04X}"
        if unicodedata.category(character) in NEVER | {"Mn"}
        else f"{character}（U+{ord(character):04X}）"
        for character in characters
    )


@cache
def coverage() -> frozenset[int]:
    """Code points that every one of our fonts has a glyph for."""
    return frozenset.intersection(*(frozenset(glyph_names(path)) for path in FONTS))


def glyph_names(path: Path) -> dict[int, str]:
    """Glyph of each code point of a font file."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        names: dict[int, str] = font.getBestCmap()
    return names


def missing_glyphs(text: str) -> str:
    """Return the characters of `text` that a document cannot show, each once, in order of appearance; '' = fine."""
    has = coverage()
    return "".join(
        character
        for character in dict.fromkeys(text)
        if character not in LAYOUT and (ord(character) not in has or unicodedata.category(character) in NEVER)
    )


def ensure_glyphs(context: object) -> None:
    """Raise MissingGlyphs unless every text of the (JSON-like) context can be shown; TypeError for a live object."""
    if fields := {path: missing for path, text in texts(context) if (missing := missing_glyphs(text))}:
        raise MissingGlyphs(fields)


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a JSON-like value with its path; TypeError for anything that is not plain data."""
    match value:
        case str():
            yield path, str(value)
        case dict():
            for key, item in value.items():
                yield from texts(item, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for place, item in enumerate(value, 1):
                yield from texts(item, f"{path}[{place}]")
        case None | bool() | int() | float():
            return
        case _:
            raise TypeError(f"{path or 'context'}: {type(value).__name__} is not plain data")
