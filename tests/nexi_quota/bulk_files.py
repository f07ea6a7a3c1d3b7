"""Files of notices for the 一括取り込み, and a person who chooses and takes them over."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from nexi_quota import bulk
from nexi_quota.models import Confirmation, InsuranceContract
from portal.outbox import drain
from tests.nexi_quota.driver import Exporter, Page

BULK = "/nexi/bulk/"
NAMES = [column.name for column in bulk.COLUMNS]
FIELDS = [column.field for column in bulk.COLUMNS]
Row = dict[str, Any]
Target = Confirmation | InsuranceContract


def row(target: Target, **changes: Any) -> Row:
    """Return the whole notice of a target as a row by field, with changes (None: leave the cell empty)."""
    filled: Row = {
        "product": target.product,
        "payer": target.payer.code,
        "extent": "全額",
        "day": f"{timezone.localdate():%Y-%m-%d}",
    }
    if isinstance(target, Confirmation):
        filled |= {"kind": "枠戻通知", "confirmation_number": target.number, "reason": "01"}
    else:
        filled |= {
            "kind": "決済通知", "policy_number": target.policy_number, "branch": target.branch, "manner": "01",
        }  # fmt: skip
    return {**filled, **changes}


def part(target: Target, amount: str, **changes: Any) -> Row:
    """Return the notice of a part of a target."""
    return row(target, extent="一部", amount=amount, **changes)


def lines(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """Return the headings and the rows as texts."""
    return [NAMES, *([str(line.get(field) or "") for field in FIELDS] for line in rows)]


def as_csv(rows: Iterable[Mapping[str, Any]], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines(rows))
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Mapping[str, Any]], sheet: str = "通知") -> bytes:
    """Return a workbook whose cells have the types that the rows have."""
    workbook = Workbook()
    page = workbook.worksheets[0]
    page.title = sheet
    page.append(NAMES)
    for line in rows:
        page.append([line.get(field) for field in FIELDS])
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def repacked(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """Return a workbook with parts replaced, added or (None) taken out."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()} | dict(changes)
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return written.getvalue()


def chooses(person: Exporter, content: bytes, name: str = "通知.csv") -> Page:
    """Choose a file and press 内容を確かめる."""
    return person.post(BULK, {"file": SimpleUploadedFile(name, content)})


def takes_over(person: Exporter, preview: Page, *, run: bool = True, **sent: str) -> Page:
    """Press 取り込む, let the job run, and look again."""
    pressed = person.post(preview.path, sent)
    if not run:
        return pressed
    drain()
    return person.get(preview.path)
