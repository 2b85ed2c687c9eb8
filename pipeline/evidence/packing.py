"""Packs the files of the evidence into a zip: the same files give the same bytes."""

import re
import zipfile
from pathlib import Path

from pipeline import files
from pipeline.records import Statement

THEN = (1980, 1, 1, 0, 0, 0)
"""The time that all files in a zip have: when a zip was made is no part of what it says."""

READABLE = 0o100644 << 16


def default_name(statement: Statement, *, redacted: bool) -> Path:
    """What the zip of a statement is called, in the folder where one is."""
    return Path(re.sub(r"[^\w-]", "_", statement.id) + (".redacted.zip" if redacted else ".zip"))


def pack(content: dict[str, bytes], path: Path) -> str:
    """Write a zip, whole or not at all; its SHA-256."""
    with files.atomic_bytes(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, THEN)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, READABLE, 3
            packed.writestr(entry, content[name])
    return files.sha256(path)
