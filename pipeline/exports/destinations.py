"""Where an export goes: files that are there whole or not at all, or standard output when there is no path."""

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline import files
from pipeline.errors import InputError
from pipeline.exports.about import Languages


@contextmanager
def text(path: Path | None) -> Iterator[TextIO]:
    """A text file in UTF-8, line breaks as written, whatever the terminal's encoding."""
    if path is not None:
        with files.atomic(path) as file:
            yield file
        return
    sys.stdout.flush()
    wrapped = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        yield wrapped
        wrapped.flush()
    finally:
        wrapped.detach()  # or standard output would be closed with the wrapper


def inserted(path: Path, word: str) -> Path:
    """The path with a word before its extension: ``a.tmx`` with "doubtful" is ``a.doubtful.tmx``."""
    return path.with_name(f"{path.stem}.{word}{path.suffix}")


def named(path: Path | None, form: str) -> Path:
    """The path of a format that standard output cannot hold; InputError when there is none."""
    if path is None:
        raise InputError(f"{form} cannot go to standard output", "name a file: --out FILE")
    return path


def by_languages(path: Path, languages: Sequence[Languages]) -> dict[Languages, Path]:
    """A path for each pair of languages: `path` itself for a single one, else with the languages before its extension."""
    if len(languages) == 1:
        return {languages[0]: path}
    return {(left, right): inserted(path, f"{left}-{right}") for left, right in languages}
