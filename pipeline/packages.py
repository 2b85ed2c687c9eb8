"""Argos packages as files: fetched, unpacked safely, installed where `argostranslate` finds them too.

An .argosmodel is a zip of one folder. Nobody vouches for its content, so every member is looked at before anything is
written, what is written is counted, and a package is in place whole or not at all.
"""

import errno
import json
import lzma
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline import files, settings
from pipeline.downloads import CHUNK, LARGEST, fetch
from pipeline.errors import InputError, PipelineError
from pipeline.files import sha256

MOST = 2_000  # members; stanza's models in older packages are dozens
DENSEST = 200  # times: weights hardly shrink, a bomb does by a thousand
DENSE_FROM = 1 << 20  # bytes; small texts may shrink as they like
DAMAGE = (
    zipfile.BadZipFile,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)
"""What a damaged zip raises, beside errors of the system without a name or for a place that is none."""

PAIR = re.compile(r"([a-z]{2,3})[-_]([a-z]{2,3})")


@dataclass(frozen=True, slots=True)
class Installed:
    """Where a package went, and the SHA-256 of the file that it came from."""

    folder: Path
    sha256: str


def install(given: str) -> Installed:
    """Install an .argosmodel from a file, a URL, or by its pair ("en-uk") through argostranslate's index.

    InputError, with nothing installed, when it cannot be had or is not to be trusted. A package of the same name is
    replaced.
    """
    home = settings.argos_packages_folder()
    home.mkdir(parents=True, exist_ok=True)
    # Beside the packages, not among them: argostranslate stumbles over a folder without metadata.
    with files.scratch(home.parent) as scratch:
        file = _had(given, scratch)
        digest = sha256(file)
        staged = _extracted(file, scratch / "staged")
        target = home / staged.name
        try:
            if target.exists():
                target.rename(scratch / "replaced")
            staged.rename(target)
        except OSError as error:
            raise PipelineError(f"cannot install {given} in {home}: {error}", "nothing was installed") from error
    return Installed(target, digest)


def unpacked(file: Path) -> Path:
    """The folder of the package in `file`, unpacked once into the cache; its name there is the file's SHA-256."""
    status = file.stat()
    return _unpacked(file, status.st_size, status.st_mtime_ns)


@cache
def _unpacked(file: Path, _size: int, _changed: int) -> Path:
    home = settings.cache_folder() / "packages"
    target = home / sha256(file)
    if not target.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with files.scratch(home) as scratch:
            staged = _extracted(file, scratch / "staged")
            try:
                staged.rename(target)
            except OSError:
                if not target.is_dir():  # else another process was quicker
                    raise
    return target


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version, by which packages of a pair are compared: 1.10 is newer than 1.9."""
    return tuple(int(part) for part in version.split(".") if re.fullmatch("[0-9]{1,9}", part))


def _had(given: str, scratch: Path) -> Path:
    """The file that was given, downloaded if need be."""
    pair = PAIR.fullmatch(given)
    if Path(given).is_file():
        return Path(given)
    if pair:
        return _of_pair(pair[1], pair[2], scratch)
    if "://" in given:
        return fetch(given, scratch / "package.argosmodel")
    raise InputError(
        f"{given} is no file, no URL and no pair of languages",
        "give an .argosmodel file, its URL, or a pair such as en-uk",
    )


def _of_pair(source: str, target: str, scratch: Path) -> Path:
    """The newest package for a pair in argostranslate's index."""
    url = settings.argos_package_index() + "index.json"
    entries = _index(fetch(url, scratch / "index.json"), url)
    of_pair = [entry for entry in entries if (entry.get("from_code"), entry.get("to_code")) == (source, target)]
    links = [link for entry in sorted(of_pair, key=_version, reverse=True) for link in entry["links"]]
    usable = [link for link in links if str(link).startswith(("http://", "https://"))]
    if not usable:
        pairs = sorted({f"{entry.get('from_code')}-{entry.get('to_code')}" for entry in entries if entry["links"]})
        offered = [pair for pair in pairs if {source, target} & set(pair.split("-"))]
        raise InputError(
            f"the index has no package from {source} into {target}",
            f"it has: {', '.join(offered) or 'none with one of the two'}; pairs without one go by way of English",
        )
    return fetch(usable[0], scratch / "package.argosmodel")


def _index(file: Path, url: str) -> list[dict[str, Any]]:
    """The entries of an index, each with its `links`; InputError when it is none."""
    try:
        entries = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{url} is not an index of packages: {error}", "give the package's file or URL") from error
    if not isinstance(entries, list):
        raise InputError(f"{url} is not an index of packages", "give the package's file or URL")
    known = [entry for entry in entries if isinstance(entry, dict)]
    return [entry | {"links": links if isinstance(links := entry.get("links"), list) else []} for entry in known]


def _version(entry: dict[str, Any]) -> tuple[int, ...]:
    return numbers_of(str(entry.get("package_version", "")))


def _extracted(file: Path, into: Path) -> Path:
    """The one folder of a package, unpacked below `into`; InputError when the file is not to be trusted."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.filename.endswith("/")]
            _check(file, members)
            left = LARGEST  # packages of today have 50 to 250 MB
            for member in members:
                left -= _written(archive, member, into / member.filename, left)
    except DAMAGE as error:
        raise _refused(file, f"it is not a zip that can be read ({error})") from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):
            raise
        raise _refused(file, f"it is not a zip that can be read ({error})") from error  # a place before its beginning
    top = into / PurePosixPath(members[0].filename).parts[0]
    if not (top / "metadata.json").is_file() or not (top / "model" / "model.bin").is_file():
        raise _refused(file, "it has no metadata.json with a model/model.bin beside it")
    return top


def _check(file: Path, members: list[zipfile.ZipInfo]) -> None:
    """InputError for whatever a package never has."""
    tops = {PurePosixPath(member.filename).parts[:1] for member in members}
    if len(tops) != 1 or any(len(PurePosixPath(member.filename).parts) < 2 for member in members):
        raise _refused(file, "it does not hold exactly one folder")
    if len(members) > MOST:
        raise _refused(file, f"it holds {len(members)} files")
    if len({member.filename.casefold() for member in members}) < len(members):
        raise _refused(file, "it holds two files of one name")
    if sum(member.file_size for member in members) > LARGEST:
        raise _refused(file, f"unpacked it would be larger than {LARGEST >> 30} GB")
    for member in members:
        if _leads_out(member.filename):
            raise _refused(file, f"{member.filename!r} would be written outside its folder")
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise _refused(file, f"{member.filename!r} is a link or a device")
        if member.file_size > max(DENSE_FROM, DENSEST * member.compress_size):
            raise _refused(
                file, f"{member.filename!r} unpacks to {member.file_size} bytes out of {member.compress_size}"
            )


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or name.startswith("/") or "\\" in name or ":" in name or ".." in parts or parts[0].startswith(".")


def _written(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Unpack one member and count its bytes: headers may lie about them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with archive.open(member) as content, target.open("xb") as out:
        while chunk := content.read(CHUNK):
            count += len(chunk)
            if count > left or count > member.file_size:
                raise _refused(Path(archive.filename or ""), f"{member.filename!r} is larger than it says")
            out.write(chunk)
    return count


def _refused(file: Path, reason: str) -> InputError:
    return InputError(f"{file} is not an Argos package: {reason}", "nothing was installed")
