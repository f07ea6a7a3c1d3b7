"""Which of our papers a PDF is: the certificate, which must not be handed in, or the key sheet (esurety.md 17)."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

CERTIFICATE_TITLE = "保証証書"
SHEET_TITLE = "電子保証にかかる「認証キー」のお知らせ"


@dataclass(frozen=True)
class Paper:
    """`is_certificate`, `is_sheet`, or neither; `code` is the text of the sheet's QR code, "" where it says none."""

    is_certificate: bool = False
    is_sheet: bool = False
    code: str = ""


def paper_of(content: bytes) -> Paper:
    """Recognise a file by our signature or by its title, also when somebody printed or changed it; never raises."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # a second of imports

    from esurety.pdfsign import FIELD

    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        title, keywords = _info(reader, "/Title"), _info(reader, "/Keywords")
        is_signed = any(one.field_name == FIELD for one in reader.embedded_signatures)
    except Exception:
        # A damaged file can break the parser at any depth: whatever it raises means that the file says nothing.
        return Paper()
    if is_signed or title.startswith(CERTIFICATE_TITLE):
        return Paper(is_certificate=True)
    is_sheet = title.startswith(SHEET_TITLE)
    return Paper(is_sheet=is_sheet, code=keywords if is_sheet else "")


def _info(reader: "PdfFileReader", name: str) -> str:
    """Return what the file says of itself, "" where it does not."""
    try:
        return str(reader.trailer["/Info"][name])
    except KeyError:
        return ""
