"""Files of issued documents: written whole or not at all, and checked against their rows."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.utils import timezone

# A file is there a moment before its row is committed.
GRACE = timedelta(minutes=10)
PART = ".part"
"""Ending of a file that is being written; a kill may leave one."""
LEFT = timedelta(days=1)
MODELS = ["documents.Document", "applications.Attachment"]
"""Models with `file` and its `sha256`; a portal with stored files adds its own. An empty name is no file."""


def write(name: str, content: bytes) -> None:
    """Store `content` as `name`, durably and at once: a reader or a crash sees the whole file or none."""
    target = Path(default_storage.path(name))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=PART, delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(target)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name, too, outlives a power cut
    finally:
        os.close(folder)


def remove_parts() -> int:
    """Delete what killed writers left more than a day ago; returns how many files."""
    latest = timezone.now() - LEFT
    parts = [name for name in stored() if name.endswith(PART) and default_storage.get_modified_time(name) < latest]
    for name in parts:
        default_storage.delete(name)
    return len(parts)


def verify() -> dict[str, Any]:
    """Compare every row with its file and every file with the rows.

    Returns counts of files `checked` and lists of names: `missing`, `altered` (hash differs), `orphans` (no row).
    """
    present = list(stored())  # before the rows: what is deleted meanwhile is no orphan
    report: dict[str, Any] = {"ok": True, "checked": 0, "missing": [], "altered": [], "orphans": []}
    known = set()
    for label in MODELS:
        model = apps.get_model(label)
        for pk, name, sha256 in model._default_manager.exclude(file="").values_list("pk", "file", "sha256").iterator():
            known.add(name)
            report["checked"] += 1
            fault = "missing" if (found := digest(name)) is None else "altered" if found != sha256 else ""
            if fault and model._default_manager.filter(pk=pk).exists():
                report[fault].append(name)
    latest = timezone.now() - GRACE
    report["orphans"] = [
        name
        for name in present
        if name not in known
        and not name.endswith(PART)
        and default_storage.exists(name)
        and default_storage.get_modified_time(name) < latest
    ]
    report["ok"] = not (report["missing"] or report["altered"] or report["orphans"])
    return report


def stored(folder: str = "") -> Iterator[str]:
    """Names of all files of the storage, in order."""
    if folder or default_storage.exists(""):
        folders, files = default_storage.listdir(folder)
        for name in sorted(files):
            yield f"{folder}/{name}".lstrip("/")
        for name in sorted(folders):
            yield from stored(f"{folder}/{name}".lstrip("/"))


def digest(name: str) -> str | None:
    """SHA-256 of a stored file in hexadecimal; None when it is not there."""
    try:
        with default_storage.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
