"""What the pages ask: the file, and a tick for one that came before."""

from nexi_quota.bulk.files import MAX_BYTES, MAX_ROWS, TYPES
from portal.ui.fields import AttachmentField, CheckField
from portal.ui.forms import Form


class BulkForm(Form):
    """One file of notices."""

    file = AttachmentField(
        label="通知のファイル",
        max_count=1,
        max_bytes=MAX_BYTES,
        types=TYPES,
        hint=f"{MAX_ROWS:,}行まで。CSVの文字コードはUTF-8かShift_JIS（CP932）。",
    )


class SameFileForm(Form):
    """Asked when a file with the same bytes came within a day."""

    is_meant = CheckField(label="同じ内容のファイルを重ねて取り込むことを確かめました", required=True)
