#!/usr/bin/env python3
"""Verify the triples: columns, languages, lengths, typography, numbers, repetitions. Standard library only.

usage: python3 check.py        prints what was found; exit status 1 if anything is wrong
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from corpora import tables  # noqa: E402  # found through the line above

THOUSANDS = r"(?<=\d)[\s,.](?=\d{3}\b)"
RATIO = (0.35, 2.4)  # characters of a translation for one of its source


class Triple(NamedTuple):
    """One line of a file."""

    english: str
    russian: str
    ukrainian: str


def faults(triple: Triple) -> Iterator[str]:
    """What is wrong with a line by itself."""
    for language, text in zip(tables.LETTERS, triple, strict=True):
        yield from tables.text_faults(language, text)
        if text.count("«") != text.count("»"):
            yield f"quotation marks without a partner: {text}"
    for text in triple[1:]:
        if not RATIO[0] < len(text) / len(triple.english) < RATIO[1]:
            yield f"length: {text}"
    if numbers(triple.russian) != numbers(triple.ukrainian):
        yield f"numbers differ: {triple.russian} | {triple.ukrainian}"


def numbers(text: str) -> list[str]:
    """The digits of a text, number by number, in alphabetical order."""
    return sorted(re.findall(r"\d+", re.sub(THOUSANDS, "", text)))


def main() -> int:
    """Print a line per file and every fault; 1 if there was one."""
    found: list[str] = []
    first: dict[str, str] = {}
    for path in sorted(HERE.glob("*.tsv")):
        triples = [Triple(*row) for row in tables.read(path, 3)]
        for number, triple in enumerate(triples, 1):
            place = f"{path.name}:{number}"
            found += (f"{place}: {fault}" for fault in faults(triple))
            known = first.setdefault(tables.plain(triple.english), place)
            if known != place:
                found.append(f"{place}: the English of {known}")
        print(path.name, len(triples), "triples")
    return tables.verdict(found)


if __name__ == "__main__":
    sys.exit(main())
