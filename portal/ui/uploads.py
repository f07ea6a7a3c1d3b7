"""Judging an uploaded file by its name, its first bytes and its size; what the browser says about it is never used."""

from __future__ import annotations

import codecs
import struct
import zipfile
from collections.abc import Sequence
from typing import Any, Literal, Protocol

from django.core.files.uploadedfile import UploadedFile

from portal.common import text

NAMES = {
    "pdf": "PDF",
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "tif": "TIFF",
    "tiff": "TIFF",
    "xlsx": "Excel（.xlsx）",
    "csv": "CSV",
}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # also the wrapping of an .xlsx with a password
MAX_NAME = 255
MAX_UNPACKED = 200 * 1024 * 1024
MAX_DIRECTORY = 256 * 1024
SAMPLE = 64 * 1024


class Limits(Protocol):
    """What a field says about its files."""

    max_bytes: int
    types: tuple[str, ...]


def kinds(types: Sequence[str]) -> str:
    """Return the file kinds in words: 「PDF、PNG、CSV」."""
    return "、".join(dict.fromkeys(NAMES[t] for t in types))


def size(count: int) -> str:
    """Return `count` bytes as people say it: 10MB, 12.3MB, 340KB."""
    if count < 1024 * 1024:
        return f"{-(-count // 1024)}KB"
    return f"{count / 1024 / 1024:.1f}".removesuffix(".0") + "MB"


def check(file: UploadedFile[Any], field: Limits) -> str:
    """Return what is wrong with `file` and what to do about it, or an empty text."""
    name = file.name or ""
    shown = f"「{name[:60]}」"
    if unusable := text.unusable_characters(name):
        return f"ファイル名に使えない文字（{unusable[:60]}）があります。名前を変えて選び直してください。"
    if len(name) > MAX_NAME:
        return f"ファイル名は{MAX_NAME}文字以内にしてください。"
    length = file.size or 0
    if not length:
        return f"{shown}は空のファイルです。中身を確かめて選び直してください。"
    if length > field.max_bytes:
        # A file just over the limit must not be told that it has the size of the limit.
        now = size(length) if size(length) != size(field.max_bytes) else f"{length:,}バイト"
        return f"{shown}は大きすぎます。{size(field.max_bytes)}までです（いま{now}）。"
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in field.types:
        return f"{shown}は選べません。選んだファイルは {kinds(field.types)} のどれかにしてください。"
    file.seek(0)
    head = file.read(16)
    if extension == "xlsx" and head.startswith(OLD_OFFICE):
        return f"{shown}は開けません。パスワードを外し、Excel（.xlsx）で保存し直して選んでください。"
    right = READERS[extension](file, head)
    file.seek(0)
    if not right:
        return f"{shown}の中身が {NAMES[extension]} ではありません。{NAMES[extension]} で保存し直して選んでください。"
    return ""


def _pdf(file: UploadedFile[Any], head: bytes) -> bool:
    return head.startswith(b"%PDF-")


def _png(file: UploadedFile[Any], head: bytes) -> bool:
    return head.startswith(b"\x89PNG\r\n\x1a\n")


def _jpeg(file: UploadedFile[Any], head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def _tiff(file: UploadedFile[Any], head: bytes) -> bool:
    """Tell whether the file has the head of a TIFF: byte order, 42, the place of the first picture behind the head."""
    order: Literal["little", "big"] = "little" if head.startswith(b"II*\0") else "big"
    return head.startswith((b"II*\0", b"MM\0*")) and int.from_bytes(head[4:8], order) >= 8


def _xlsx(file: UploadedFile[Any], head: bytes) -> bool:
    """Tell whether the file is a workbook without macros, links or a size that only unpacking would show."""
    if not head.startswith(b"PK\x03\x04") or not _small_directory(file):
        return False
    try:
        members = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeError, struct.error):
        return False
    names = {member.filename for member in members}
    return (
        {"[Content_Types].xml", "xl/workbook.xml"} <= names
        and not any(name.lower().endswith("vbaproject.bin") for name in names)
        and not any(member.external_attr >> 28 == 0xA for member in members)  # a symbolic link
        and not any(member.flag_bits & 1 for member in members)  # encrypted
        and sum(member.file_size for member in members) <= MAX_UNPACKED
    )


def _small_directory(file: UploadedFile[Any]) -> bool:
    """Tell whether the list of members is short enough to be read: a few megabytes of it would cost seconds."""
    file.seek(max((file.size or 0) - 65_557, 0))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    return end >= 0 and len(tail) >= end + 22 and int.from_bytes(tail[end + 12 : end + 16], "little") <= MAX_DIRECTORY


def _csv(file: UploadedFile[Any], head: bytes) -> bool:
    """Tell whether the file begins as text in UTF-8 or CP932; its rows are judged by whoever imports them."""
    file.seek(0)
    sample = file.read(SAMPLE)
    if b"\0" in sample or head.startswith((b"%PDF-", b"MZ", b"PK\x03\x04")):
        return False
    return any(_decodes(sample, encoding) for encoding in ("utf-8-sig", "cp932"))


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=len(sample) < SAMPLE)
    except UnicodeDecodeError:
        return False
    return True


READERS = {
    "pdf": _pdf,
    "png": _png,
    "jpg": _jpeg,
    "jpeg": _jpeg,
    "tif": _tiff,
    "tiff": _tiff,
    "xlsx": _xlsx,
    "csv": _csv,
}
