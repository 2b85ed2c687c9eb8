"""Files that are there whole or not at all.

Until a file is whole it has a hidden name beside its place, and whoever writes it holds a lock on it. The lock ends with the
process, however that ends; so what a killed process has left behind is told from what is being written, and swept.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, BinaryIO, TextIO, cast

from pipeline.errors import PipelineError

PREFIX, SUFFIX = ".crossquote-", ".part"


@contextmanager
def atomic(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, line breaks as written) that takes its place under `path` when the block ends without an error.

    Whoever opens `path` meanwhile, or after a crash, finds what stood there before. A file that cannot be written (no
    room, no right) raises `PipelineError`; any other error passes through, and nothing is left behind.
    """
    with _replacing(path, "w", encoding="utf-8", newline="") as (file, _):
        yield cast(TextIO, file)


@contextmanager
def atomic_bytes(path: Path) -> Iterator[BinaryIO]:
    """As `atomic`, for bytes."""
    with _replacing(path, "wb") as (file, _):
        yield cast(BinaryIO, file)


@contextmanager
def atomic_path(path: Path, *, like: Path) -> Iterator[Path]:
    """As `atomic`, for what opens the file, which is empty, by a name; who may read `like` may read it."""
    with _replacing(path, "r+b", like=like) as (_, part):
        yield part


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A hidden folder in `parent` that is there as long as the block; OSError where none can be made."""
    sweep(parent)
    with ExitStack() as stack:
        while True:
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX, suffix=SUFFIX, dir=parent))
            stack.callback(os.close, _locked(os.open(name, os.O_RDONLY)))
            if Path(name).exists():  # else it was swept between the two
                break
        yield Path(name)


def leftovers(folder: Path) -> list[Path]:
    """What in `folder` nobody writes any more, and never took its place."""
    return [part for part in sorted(folder.glob(f"{PREFIX}*{SUFFIX}")) if _take(part, remove=False)]


def sweep(folder: Path) -> None:
    """Remove the `leftovers` in a folder."""
    with suppress(OSError):  # whoever may not look may not write either, and is told so then
        for part in folder.glob(f"{PREFIX}*{SUFFIX}"):
            _take(part, remove=True)


_swept = lru_cache(maxsize=1024)(sweep)
"""As `sweep`, once a process: a folder may hold very many files."""


def _take(part: Path, *, remove: bool) -> bool:
    """Whether a file or folder was left behind by a process that is gone."""
    try:
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if remove and part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        elif remove:
            part.unlink(missing_ok=True)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


@contextmanager
def _replacing(
    path: Path, mode: str, *, encoding: str | None = None, newline: str | None = None, like: Path | None = None
) -> Iterator[tuple[IO[str] | IO[bytes], Path]]:
    target = path.resolve()  # a symbolic link stays one
    _swept(target.parent)
    try:
        descriptor, part = _begun(target)
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        with os.fdopen(descriptor, mode, encoding=encoding, newline=newline) as file:
            yield file, part
            file.flush()
            os.fsync(file.fileno())
            part.chmod(_permissions(like or target))
            part.replace(target)
    except OSError as error:
        if error.filename in (None, str(part), str(target)):  # another name: the block failed over a file of its own
            raise _refusal(path, error) from error
        raise
    finally:
        part.unlink(missing_ok=True)


def _begun(target: Path) -> tuple[int, Path]:
    """A new hidden file beside `target`: a descriptor, which holds the lock on it as long as it is open, and its path."""
    while True:
        descriptor, name = tempfile.mkstemp(prefix=f"{PREFIX}{target.name[:40]}.", suffix=SUFFIX, dir=target.parent)
        _locked(descriptor)
        if os.fstat(descriptor).st_nlink:  # else it was swept between the two
            return descriptor, Path(name)
        os.close(descriptor)


def _locked(descriptor: int) -> int:
    with suppress(OSError):  # where there are no locks nothing can be taken for a leftover
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _permissions(target: Path) -> int:
    """Those of the file that is replaced, else those of any new file; `mkstemp` gives none to others."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _refusal(path: Path, error: OSError) -> PipelineError:
    return PipelineError(
        f"{path} cannot be written: {error.strerror or error}",
        "Is there room on the disk, does the folder exist, and may you write there?",
    )


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
