#!/usr/bin/env python3
"""Verify the quote pairs: columns, labels, languages, lengths, repetitions, an even spread. Standard library only.

usage: python3 check.py        prints what was found; exit status 1 if anything is wrong
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from corpora import tables  # noqa: E402  # found through the line above

ROWS = 100
LABELS = (
    "same",
    "translation",
    "reworded",
    "contained",
    "altered-number",
    "altered-negation",
    "altered-name",
    "different",
)
COMBINATIONS = ("en-en", "en-ru", "en-uk", "ru-ru", "ru-uk", "uk-uk")


class Row(NamedTuple):
    """One line of a file, its columns in order."""

    label: str
    left_language: str
    left: str
    right_language: str
    right: str
    detail: str


def words(text: str) -> int:
    """Number of words, punctuation standing alone not counted."""
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def text_faults(language: str, text: str) -> Iterator[str]:
    """What is wrong with one of the two quotations."""
    if language not in tables.LETTERS:
        yield f"language {language!r}"
        return
    if not 4 <= words(text) <= 45:
        yield f"{words(text)} words: {text}"
    yield from tables.text_faults(language, text)


def row_faults(row: Row) -> Iterator[str]:
    """What is wrong with a row by itself."""
    yield from text_faults(row.left_language, row.left)
    yield from text_faults(row.right_language, row.right)
    one_language = row.left_language == row.right_language
    altered = row.label.startswith("altered-")
    needs_detail = altered or row.label in ("same", "contained")
    wrong = {
        f"label {row.label!r}": row.label not in LABELS,
        "texts identical": row.left == row.right,
        "same in two languages": row.label == "same" and not one_language,
        "translation in one language": row.label == "translation" and one_language,
        "contained text is not shorter": row.label == "contained" and one_language and len(row.right) >= len(row.left),
        f"detail {row.detail!r}": bool(row.detail) != needs_detail or (altered and " -> " not in row.detail),
    }
    yield from (fault for fault, true in wrong.items() if true)


def combination(row: Row) -> str:
    """The two languages in alphabetical order."""
    return "-".join(sorted((row.left_language, row.right_language)))


def spread_faults(rows: list[Row]) -> Iterator[str]:
    """Labels and combinations of languages that stand too often or too seldom in a file."""
    if len(rows) != ROWS:
        yield f"{len(rows)} rows"
    labels, combinations = Counter(row.label for row in rows), Counter(map(combination, rows))
    yield from (f"{labels[label]} rows of {label}" for label in LABELS if not 10 <= labels[label] <= 15)
    yield from (f"{combinations[name]} rows of {name}" for name in COMBINATIONS if not 14 <= combinations[name] <= 19)


def repetitions(files: dict[str, list[Row]]) -> Iterator[str]:
    """Pairs of texts that occur twice, and texts that cross files: a group of minimal pairs never leaves its file."""
    pairs: dict[tuple[object, ...], str] = {}
    homes: dict[str, set[str]] = {}
    for name, rows in files.items():
        for number, row in enumerate(rows, 1):
            # in `same` rows the difference may be typography alone, so they are keyed apart
            pair = (row.label == "same", *sorted((tables.plain(row.left), tables.plain(row.right))))
            if pair in pairs:
                yield f"{name}:{number}: the texts of {pairs[pair]}"
            pairs[pair] = f"{name}:{number}"
            for text in (row.left, row.right):
                homes.setdefault(tables.plain(text), set()).add(name)
    yield from (f"in several files: {text}" for text, names in homes.items() if len(names) > 1)


def main() -> int:
    """Print a line per file and every fault; 1 if there was one."""
    files = {path.name: [Row(*row) for row in tables.read(path, 6)] for path in sorted(HERE.glob("p*.tsv"))}
    found = [
        *(
            f"{name}:{number}: {fault}"
            for name in files
            for number, row in enumerate(files[name], 1)
            for fault in row_faults(row)
        ),
        *(f"{name}: {fault}" for name, rows in files.items() for fault in spread_faults(rows)),
        *repetitions(files),
    ]
    for name, rows in files.items():
        print(name, len(rows), "rows", dict(Counter(row.label for row in rows)))
    return tables.verdict(found)


if __name__ == "__main__":
    sys.exit(main())
