"""Aligned pairs in the formats that people use: one module a format, each making the lines of a text file."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pipeline import files
from pipeline.exports import jsonl, ladder, tmx, tsv
from pipeline.records import AlignedPair

FORMATS: dict[str, Callable[[Iterable[AlignedPair], str], Iterator[str]]] = {
    "jsonl": jsonl.lines,
    "ladder": ladder.lines,
    "tmx": tmx.lines,
    "tsv": tsv.lines,
}
"""Format -> the lines, each with its line break, of pairs and of the signature that a format with a header states."""


def write(pairs: Iterable[AlignedPair], path: Path, form: str, *, signature: str = "") -> None:
    """Write pairs to `path` in one of `FORMATS`, in constant memory; the file is there whole or not at all."""
    with files.atomic(path) as file:
        file.writelines(FORMATS[form](pairs, signature))
