"""QR code and verification code: the same data give the same marks, other data others."""

import re
from typing import Any

import pytest

from portal.documents import kinds
from portal.documents.marks import ALPHABET, code_matches, qr_svg, verification_code
from tests.portal.documents.samples import KIND

DATA = {"number": "KK-2026-000123-4", "amount": "100000", "payer": "𠮷野"}


def test_a_code_has_eight_characters_that_are_not_mistaken_for_others() -> None:
    assert re.fullmatch(f"[{ALPHABET}]{{8}}", verification_code(DATA))
    assert not set("01IO") & set(ALPHABET)
    assert len(ALPHABET) == 32


def test_a_code_does_not_depend_on_the_order_of_the_data() -> None:
    assert verification_code(dict(reversed(DATA.items()))) == verification_code(DATA)


def test_every_change_of_the_data_changes_the_code() -> None:
    codes = {verification_code({**DATA, "amount": str(amount)}) for amount in range(500)}
    assert len(codes) == 500


def test_a_code_needs_the_secret_key(settings: Any) -> None:
    before = verification_code(DATA)
    settings.SECRET_KEY = "another key of this installation, long enough"
    assert verification_code(DATA) != before


def test_a_paper_printed_before_the_key_was_changed_still_matches(settings: Any) -> None:
    code, old = verification_code(DATA), settings.SECRET_KEY
    settings.SECRET_KEY = "another key of this installation, long enough"
    assert not code_matches(code, DATA)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert code_matches(code, DATA)
    assert not code_matches(code, {**DATA, "amount": "1"})


def test_a_qr_code_is_the_drawing_of_its_modules() -> None:
    import segno

    svg = qr_svg("KK-2026-000123-4 7KQ2M9XF", "確認用")
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])  # type: ignore[index]
    drawn = {
        (x, int(y))
        for start, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg)
        for x in range(int(start), int(start) + int(length))
    }
    matrix = segno.make("KK-2026-000123-4 7KQ2M9XF", error="m", micro=False).matrix_iter(border=4)
    rows = [list(row) for row in matrix]
    assert len(rows) == size
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


def test_the_text_alternative_of_a_qr_code_is_escaped() -> None:
    assert "<title>&lt;script&gt;</title>" in qr_svg("x", "<script>")


def test_a_kind_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    assert kinds.register(KIND) is KIND
    assert kinds.get(KIND.slug) is KIND
    with pytest.raises(ValueError, match="registered twice"):
        kinds.register(KIND)
