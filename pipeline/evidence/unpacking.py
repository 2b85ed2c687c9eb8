"""Reads the files in a zip without unpacking it to the disk, and without believing what it says of itself."""

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline import archives, settings
from pipeline.errors import InputError
from pipeline.evidence.manifest import MANIFEST, MEMBERS, SUMS

ENCRYPTED = 1  # the bit of a member's flags that says so
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing of which no more is unpacked than was asked for."""


class Damaged(Exception):
    """A file in the zip cannot be read; the message says why."""


class Unpacked:
    """The files in a zip; `names` are theirs."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self._sizes = {member.filename: member.file_size for member in packed.infolist()}
        self.names = frozenset(self._sizes)

    def read(self, name: str) -> bytes:
        """The content of a file of `names`; Damaged, when there is none to be had."""
        try:
            with self._packed.open(name) as file:
                return file.read(self._sizes[name])
        except archives.DAMAGE as error:
            raise Damaged(str(error)) from error


@contextmanager
def unpacked(path: Path) -> Iterator[Unpacked]:
    """The files in a zip; InputError for one that cannot be read, and for whatever evidence never has."""
    try:
        with path.open("rb") as file, _opened(path, file) as packed:
            for reason in _reasons(packed.infolist()):
                raise _refused(path, reason)
            yield Unpacked(packed)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}", "give the zip that was exported"
        ) from error


def _opened(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    if archives.told_members(file) > settings.limit("members"):
        raise _refused(path, settings.over_limit("members", "it holds more than {} files"))
    try:
        return zipfile.ZipFile(file)
    except archives.DAMAGE as error:
        raise _refused(path, f"it is no zip that can be read ({error})") from error


def _refused(path: Path, reason: str) -> InputError:
    return InputError(f"{path} is no evidence that can be checked: {reason}", "give a zip that crossquote export made")


def _reasons(members: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Why the members of a zip are not those of evidence."""
    sizes = {member.filename: member.file_size for member in members}
    if not {MANIFEST, SUMS} & sizes.keys():
        yield f"it has neither {MANIFEST} nor {SUMS}"
    if len(members) > settings.limit("members"):
        yield settings.over_limit("members", "it holds more than {} files")
    if len({name.casefold() for name in sizes}) < len(members):
        yield "it holds two files of one name"
    if sum(sizes.values()) > settings.limit("evidence"):
        yield settings.over_limit("evidence", "unpacked it would be larger than {} bytes")
    for name in (MANIFEST, MEMBERS, SUMS):
        if sizes.get(name, 0) > settings.limit("page"):
            yield settings.over_limit("page", f"{name} is longer than {{}} bytes")
    for member in members:
        if reason := _reason(member):
            yield f"{member.filename!r} {reason}"


def _reason(member: zipfile.ZipInfo) -> str | None:
    """Why a member is none of evidence."""
    name = member.filename
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or not name.isprintable():
        return "would be written outside its folder"
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG) or not name or name.endswith("/"):
        return "is no plain file"
    if member.flag_bits & ENCRYPTED:
        return "is encrypted"
    return None if member.compress_type in PACKED else "is packed in a way that evidence never is"
