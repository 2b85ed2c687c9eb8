"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, TextIO, cast

from pipeline.errors import PipelineError


@contextmanager
def atomic(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, line breaks as written) that takes its place under `path` when the block ends without an error.

    Whoever opens `path` meanwhile, or after a crash, finds what stood there before. A file that cannot be written (no
    room, no right) raises `PipelineError`; any other error passes through, and nothing is left behind.
    """
    with _replacing(path, "w", encoding="utf-8", newline="") as file:
        yield cast(TextIO, file)


@contextmanager
def atomic_bytes(path: Path) -> Iterator[BinaryIO]:
    """As `atomic`, for bytes."""
    with _replacing(path, "wb") as file:
        yield cast(BinaryIO, file)


@contextmanager
def _replacing(
    path: Path, mode: str, *, encoding: str | None = None, newline: str | None = None
) -> Iterator[IO[str] | IO[bytes]]:
    target = path.resolve()  # a symbolic link stays one
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _refusal(path, error) from error
    part = Path(name)
    try:
        with os.fdopen(descriptor, mode, encoding=encoding, newline=newline) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_permissions(target))
        part.replace(target)
    except OSError as error:
        if error.filename in (None, name):  # another name: the block failed over a file of its own
            raise _refusal(path, error) from error
        raise
    finally:
        part.unlink(missing_ok=True)


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
