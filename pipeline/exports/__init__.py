"""What a collection holds in the formats that people use: one module a format.

Everything is streamed: a million pairs take no more memory than a thousand. A file is there whole or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from pipeline.errors import InputError
from pipeline.exports import csv, destinations, jsonl, ladder, moses, parquet, side_by_side, tables, tmx, tsv, xliff
from pipeline.exports.about import About, Articles, Languages, unknown
from pipeline.exports.tables import Table
from pipeline.records import AlignedPair

Writer = Callable[[Iterable[AlignedPair], Path | None, About], list[Path]]


def _text(lines: Callable[[Iterable[AlignedPair], About], Iterator[str]]) -> Writer:
    """The writer of a format that is one text file."""
    return lambda pairs, path, about: _write_text(lines(pairs, about), path)


def _write_text(lines: Iterable[str], path: Path | None) -> list[Path]:
    with destinations.text(path) as file:
        file.writelines(lines)
    return [path] if path else []


TABLES: dict[str, Callable[[Table, Path | None], list[Path]]] = {
    "csv": lambda table, path: _write_text(csv.lines(table), path),
    "parquet": parquet.write_table,
    "tsv": lambda table, path: _write_text(tsv.lines(table), path),
}
"""Format -> what writes a table to a path (None: standard output) and gives the files that it wrote."""

FORMATS: dict[str, Writer] = {
    "csv": _text(lambda pairs, about: csv.lines(tables.of_pairs(pairs, about))),
    "html": _text(side_by_side.lines),
    "jsonl": _text(jsonl.lines),
    "ladder": _text(ladder.lines),
    "moses": moses.write,
    "parquet": parquet.write,
    "tmx": _text(tmx.lines),
    "tsv": _text(lambda pairs, about: tsv.lines(tables.of_pairs(pairs, about))),
    "xliff": xliff.write,
}
"""Format -> what writes pairs to a path (None: standard output) and gives the files that it wrote."""


def write(
    pairs: Iterable[AlignedPair],
    path: Path | None,
    form: str,
    *,
    languages: Sequence[Languages] | None = None,
    signature: str = "",
    article: Articles = unknown,
) -> list[Path]:
    """Write pairs in one of `FORMATS` to `path`, or to standard output; the files that were written.

    `languages` are those that pairs may have, by default the ones of the first. `signature` names the models that made the
    pairs, `article` tells where they come from: formats that have a place for it state it.
    """
    rest = iter(pairs)
    if languages is None:
        first = next(rest, None)
        languages = [] if first is None else [(first.left_language, first.right_language)]
        rest = rest if first is None else chain([first], rest)
    if not languages and form in ("moses", "xliff"):
        raise InputError(
            "there are no pairs to write", "which articles are editions of one another? See `translation_of`"
        )
    return FORMATS[form](rest, path, About(languages=tuple(languages), signature=signature, article=article))
