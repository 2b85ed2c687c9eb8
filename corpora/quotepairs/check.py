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
LETTERS = {"en": r"[A-Za-z]", "ru": r"[А-Яа-яЁё]", "uk": r"[А-Яа-яІіЇїЄєҐґ]"}
FOREIGN_LETTERS = {"en": r"[А-Яа-яЁёІіЇїЄєҐґ]", "ru": r"[ІіЇїЄєҐґ]", "uk": r"[ЁёЫыЭэЪъ]"}
MIXED_ALPHABETS = r"(?i)[a-z][а-яёіїєґ]|[а-яёіїєґ][a-z]"


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


def plain(text: str) -> str:
    """Letters and digits only, so that typography does not hide a repetition."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def text_faults(language: str, text: str) -> Iterator[str]:
    """What is wrong with one of the two quotations."""
    if language not in LETTERS:
        yield f"language {language!r}"
        return
    if not 4 <= words(text) <= 45:
        yield f"{words(text)} words: {text}"
    if text != text.strip() or "  " in text:
        yield f"stray spaces: {text}"
    if re.search(FOREIGN_LETTERS[language], text) or not re.search(LETTERS[language], text):
        yield f"not {language}: {text}"
    if re.search(MIXED_ALPHABETS, text):
        yield f"mixed alphabets: {text}"


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


def read(path: Path) -> list[Row]:
    """The rows of a file; a line with another number of columns is a `ValueError`."""
    lines = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        if line.count("\t") != 5 or "\r" in line:
            raise ValueError(f"{path.name}:{number}: six columns and no carriage return expected")
    return [Row(*line.split("\t")) for line in lines]


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
            pair = (row.label == "same", *sorted((plain(row.left), plain(row.right))))
            if pair in pairs:
                yield f"{name}:{number}: the texts of {pairs[pair]}"
            pairs[pair] = f"{name}:{number}"
            for text in (row.left, row.right):
                homes.setdefault(plain(text), set()).add(name)
    yield from (f"in several files: {text}" for text, names in homes.items() if len(names) > 1)


def main() -> int:
    """Print a line per file and every fault; 1 if there was one."""
    files = {path.name: read(path) for path in sorted(HERE.glob("p*.tsv"))}
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
    for fault in found:
        print("PROBLEM", fault)
    print("clean" if not found else f"{len(found)} problems")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
