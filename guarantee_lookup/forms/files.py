"""The file of an 一括照会 (S10)."""

from guarantee_lookup.rules.limits import FILE_LINES
from portal.ui.fields import AttachmentField
from portal.ui.forms import Form


class LookupFileForm(Form):
    """One file of numbers."""

    file = AttachmentField(
        label="照会する番号のファイル",
        max_count=1,
        max_bytes=1024 * 1024,
        types=("xlsx", "csv"),
        hint=f"{FILE_LINES}行まで。CSVの文字コードはUTF-8かShift_JIS（CP932）。",
    )
