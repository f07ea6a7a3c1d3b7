"""A paper with a character that it could not show is refused, and the refusal says which and where."""

import unicodedata
from decimal import Decimal

import pytest

from portal.documents.glyphs import FONTS, MissingGlyphs, coverage, ensure_glyphs, glyph_names, missing_glyphs
from portal.documents.render import render
from tests.portal.documents.samples import KIND, NAMES, context


def repertoire(codec: str) -> set[str]:
    """Characters that one or two bytes (three for the second plane) of a Japanese encoding stand for."""
    lead = [bytes([first]) for first in range(0x20, 0x100)]
    pairs = [first + bytes([second]) for first in lead for second in range(0x40, 0x100)]
    triples = [b"\x8f" + bytes([a, b]) for a in range(0xA1, 0xFF) for b in range(0xA1, 0xFF)]
    found = set()
    for code in lead + pairs + (triples if codec.startswith("euc") else []):
        try:
            found.update(code.decode(codec))
        except UnicodeDecodeError:
            continue
    # cp932 also maps a block for characters that users draw themselves.
    return {character for character in found if unicodedata.category(character) not in {"Cc", "Co"}}


def test_every_character_of_windows_japanese_can_be_printed() -> None:
    characters = repertoire("cp932")
    assert len(characters) > 7_300
    assert missing_glyphs("".join(sorted(characters))) == ""


def test_of_jis_x_0213_only_three_signs_cannot_be_printed() -> None:
    characters = repertoire("euc_jis_2004")
    assert len(characters) > 11_000
    assert len(missing_glyphs("".join(sorted(characters)))) <= 3


def test_names_that_trip_other_fonts_can_be_printed() -> None:
    assert missing_glyphs(f"{NAMES}塚凜瑤德濵邉齋﨟ﾀｶﾊｼ−〜―ŽŁéñøß\n") == ""


@pytest.mark.parametrize(
    "character",
    ["😀", "\ue000", "\U000e0100", "\u202e", "\u200b", "\ud800", "\x00", "\u0e01", "\U0010ffff"],
    ids=["emoji", "外字", "IVS", "bidi", "zero width", "surrogate", "NUL", "Thai", "unassigned"],
)
def test_a_character_without_a_picture_is_missing(character: str) -> None:
    assert missing_glyphs(f"辻{character}井{character}") == character


def test_the_refusal_names_the_field_and_the_character() -> None:
    bad = context(sections=[{"heading": "支払人", "rows": [{"label": "名称", "value": "葛\U000e0100飾\ue000"}]}])
    with pytest.raises(MissingGlyphs) as refusal:
        ensure_glyphs(bad)
    assert refusal.value.fields == {"sections[1].rows[1].value": "\U000e0100\ue000"}
    assert str(refusal.value) == "sections[1].rows[1].value: U+E0100、U+E000"


def test_rendering_refuses_a_missing_character() -> None:
    with pytest.raises(MissingGlyphs, match="organisation: 😀（U\\+1F600）"):
        render(KIND, context(organisation="株式会社😀"))


@pytest.mark.parametrize("value", [Decimal(1), object(), {1, 2}], ids=["Decimal", "object", "set"])
def test_a_paper_is_made_of_plain_data_only(value: object) -> None:
    with pytest.raises(TypeError, match=r"facts\.amount: \w+ is not plain data"):
        ensure_glyphs(context(facts={"amount": value}))


def test_every_character_has_a_glyph_of_its_own() -> None:
    for path in FONTS:
        names = glyph_names(path)
        assert len(set(names.values())) == len(names)
        assert set(names) == coverage()
