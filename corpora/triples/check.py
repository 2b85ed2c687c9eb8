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
FOREIGN_LETTERS = {"English": r"[А-Яа-яЁёІіЇїЄєҐґ]", "Russian": r"[ІіЇїЄєҐґ]", "Ukrainian": r"[ЁёЫыЭэЪъ]"}
MIXED_ALPHABETS = r"(?i)[a-z][а-яёіїєґ]|[а-яёіїєґ][a-z]"
THOUSANDS = r"(?<=\d)[\s,.](?=\d{3}\b)"
RATIO = (0.35, 2.4)  # characters of a translation for one of its source


class Triple(NamedTuple):
    """One line of a file."""

    english: str
    russian: str
    ukrainian: str


def read(path: Path) -> list[Triple]:
    """The triples of a file; a line with another number of columns is a `ValueError`."""
    lines = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        if line.count("\t") != 2 or "\r" in line:
            raise ValueError(f"{path.name}:{number}: three columns and no carriage return expected")
    return [Triple(*line.split("\t")) for line in lines]


def faults(triple: Triple) -> Iterator[str]:
    """What is wrong with a line by itself."""
    for (language, letters), text in zip(FOREIGN_LETTERS.items(), triple, strict=True):
        if text != text.strip() or "  " in text or not text:
            yield f"stray spaces: {text}"
        if re.search(letters, text) or re.search(MIXED_ALPHABETS, text):
            yield f"letters that are not {language}: {text}"
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


def plain(text: str) -> str:
    """Letters and digits only, so that typography does not hide a repetition."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def main() -> int:
    """Print a line per file and every fault; 1 if there was one."""
    found: list[str] = []
    first: dict[str, str] = {}
    for path in sorted(HERE.glob("*.tsv")):
        triples = read(path)
        for number, triple in enumerate(triples, 1):
            place = f"{path.name}:{number}"
            found += (f"{place}: {fault}" for fault in faults(triple))
            known = first.setdefault(plain(triple.english), place)
            if known != place:
                found.append(f"{place}: the English of {known}")
        print(path.name, len(triples), "triples")
    for fault in found:
        print("PROBLEM", fault)
    print("clean" if not found else f"{len(found)} problems")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
