"""Altered files: a byte changed anywhere is recognised by the check, by its page and by another program."""

import random
import re
import shutil
import string
import subprocess
import unicodedata
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from esurety.certificate import bundle
from esurety.documents import rows
from esurety.models import Certificate, Guarantee
from esurety.services.issuing import payload_of
from esurety.views.verify_files import judge
from portal.audit.models import Event
from tests.conftest import Person
from tests.esurety.driver import Shop
from tests.esurety.test_verify import file_of, registers, words

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]

EACH = 500
"""Altered files of each kind: 1,000 in all."""
SAMPLE = 5
LENGTH_DIGITS = 8
"""The outermost tag and length of a signature, in hexadecimal digits."""
OTHER_PROGRAM = 50


@pytest.fixture
def guarantee(clock: time_machine.Traveller, shop: Shop) -> Guarantee:
    return shop.guarantee()


def json_of(made: Certificate) -> bytes:
    return bundle(made.payload, made.signature, made.signer)


def byte_range(content: bytes) -> tuple[int, int, int, int]:
    """Return what the signature of a PDF says it covers: start and length before it, start and length after it."""
    found = re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", content)
    assert found
    first, length, second, rest = map(int, found.groups())
    return first, length, second, rest


def altered(content: bytes, chance: random.Random) -> bytes:
    """Return the file with one byte, anywhere, of another value."""
    place = chance.randrange(len(content))
    value = (content[place] + chance.randrange(1, 256)) % 256
    return content[:place] + bytes([value]) + content[place + 1 :]


def checks(person: Person, content: bytes, name: str = "証書.pdf") -> HttpResponse:
    return person.post("/verify/check/", {"file": SimpleUploadedFile(name, content)})


def test_a_thousand_altered_files_are_all_refused_and_the_page_says_so(city: Person, guarantee: Guarantee) -> None:
    chance = random.Random(20261120)
    made = guarantee.current
    for content, name in ((file_of(made), "証書.pdf"), (json_of(made), "証書.json")):
        assert judge(content).is_good
        files = [altered(content, chance) for _ in range(EACH)]
        assert [place for place, one in enumerate(files) if judge(one).is_good] == []
        for one in files[:SAMPLE]:
            page = checks(city, one, name)
            assert page.status_code == 200
            assert "発行されたものではありません" in words(page)
    assert Event.objects.filter(verb="verify.checked", outcome="bad").count() == 2 * SAMPLE


def test_a_signature_spelled_otherwise_is_refused(guarantee: Guarantee) -> None:
    made = guarantee.current
    data, pdf = json_of(made), file_of(made)
    # The last letter of base64 has bits that no decoder looks at; a length may claim the padding behind it as well.
    last = data.index(b'", "signer"') - 1
    while data[last : last + 1] == b"=":
        last -= 1
    for letter in string.ascii_letters + string.digits + "+/":
        if ord(letter) != data[last]:
            assert not judge(data[:last] + letter.encode() + data[last + 1 :]).is_good, letter
    first, length, _, _ = byte_range(pdf)
    opening = first + length + 1
    assert judge(pdf).is_good
    for place in range(opening, opening + LENGTH_DIGITS):
        for digit in b"0123456789ABCDEF":
            if digit != pdf[place]:
                assert not judge(pdf[:place] + bytes([digit]) + pdf[place + 1 :]).is_good, (place - opening, digit)


def test_another_program_refuses_what_was_altered_inside_the_signed_parts(guarantee: Guarantee, tmp_path: Path) -> None:
    pdfsig = shutil.which("pdfsig")
    assert pdfsig, "poppler-utils is not installed"
    content = file_of(guarantee.current)
    first, length, second, rest = byte_range(content)
    places = [*range(first, first + length), *range(second, second + rest)]
    assert len(places) > len(content) / 2

    def said(one: bytes) -> str:
        path = tmp_path / "altered.pdf"
        path.write_bytes(one)
        return subprocess.run([pdfsig, str(path)], capture_output=True, text=True, check=False).stdout

    assert "Signature is Valid" in said(content)
    chance = random.Random(20261121)
    for place in chance.sample(places, OTHER_PROGRAM):
        one = content[:place] + bytes([content[place] ^ chance.randrange(1, 256)]) + content[place + 1 :]
        assert "Signature is Valid" not in said(one), place


def test_the_text_of_the_pdf_is_the_data(guarantee: Guarantee, tmp_path: Path) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(file_of(guarantee.current))
    shown = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout

    def joined(text: str) -> str:
        return unicodedata.normalize("NFC", re.sub(r"\s+", "", text))

    paper = joined(shown)
    for label, text in rows(payload_of(guarantee.current)):
        assert joined(label + text) in paper, label


def test_a_genuine_file_shows_its_live_state_to_its_body_only(
    city: Person, prefecture: Person, guarantee: Guarantee, shop: Shop
) -> None:
    made = guarantee.current
    pdf, data = file_of(made), json_of(made)
    for content, name in ((pdf, "証書.pdf"), (data, "証書.json")):
        assert "改ざんなし・有効" in words(checks(city, content, name))
        page = words(checks(prefecture, content, name))
        assert "改ざんなし" in page
        assert "貴団体あての証書としては登録されていません" in page
        assert "01261-000001" not in page
    shop.revise(guarantee, "change", amount=12_345_000)
    assert "改ざんなし・旧版（2026/11/20）" in words(checks(city, pdf))
    assert "12,345,000" not in words(checks(city, pdf))


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[" * 100_000,
        b'{"payload": "\\ud800", "signature": "x", "signer": "y"}',
        b"\xff\xfe",
        b"%PDF-",
        b"%PDF-1.7\ntrailer << /Root 1 0 R /Info 1 0 R >>\nstartxref\n0\n%%EOF",
    ],
)
def test_whatever_is_brought_gets_an_answer(city: Person, content: bytes) -> None:
    assert "発行されたものではありません" in words(checks(city, content, "x.json"))


def test_nothing_an_empty_file_and_two_files_are_given_back(city: Person) -> None:
    assert city.post("/verify/check/", {}).status_code == 422
    assert checks(city, b"").status_code == 422
    two = [SimpleUploadedFile("a.pdf", b"%PDF-"), SimpleUploadedFile("b.pdf", b"%PDF-")]
    assert city.post("/verify/check/", {"file": two}).status_code == 422


def test_the_stored_certificate_is_checked_down_to_the_signature_in_its_pdf(city: Person, guarantee: Guarantee) -> None:
    path = registers(city, guarantee.current)
    page = words(city.post(f"{path}verification/"))
    assert "改ざんなし" in page
    assert "PDFの電子署名 有効" in page
    assert page.count("一致") == 4
    assert Event.objects.get(verb="verify.checked").outcome == "good"
