"""What the checks of tables share: files of tab-separated columns with texts in English, Russian and Ukrainian. Standard library only."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

LETTERS = {"en": r"[A-Za-z]", "ru": r"[А-Яа-яЁё]", "uk": r"[А-Яа-яІіЇїЄєҐґ]"}
FOREIGN_LETTERS = {"en": r"[А-Яа-яЁёІіЇїЄєҐґ]", "ru": r"[ІіЇїЄєҐґ]", "uk": r"[ЁёЫыЭэЪъ]"}
MIXED_ALPHABETS = r"(?i)[a-z][а-яёіїєґ]|[а-яёіїєґ][a-z]"


def read(path: Path, columns: int) -> list[list[str]]:
    """The lines of a file, column by column; one with another number of columns is a `ValueError`."""
    lines = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        if line.count("\t") != columns - 1 or "\r" in line:
            raise ValueError(f"{path.name}:{number}: {columns} columns and no carriage return expected")
    return [line.split("\t") for line in lines]


def text_faults(language: str, text: str) -> Iterator[str]:
    """What is wrong with the spaces and letters of a text."""
    if text != text.strip() or "  " in text:
        yield f"stray spaces: {text}"
    if re.search(FOREIGN_LETTERS[language], text) or not re.search(LETTERS[language], text):
        yield f"not {language}: {text}"
    if re.search(MIXED_ALPHABETS, text):
        yield f"mixed alphabets: {text}"


def plain(text: str) -> str:
    """Letters and digits only, so that typography does not hide a repetition."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def verdict(found: Sequence[str]) -> int:
    """Print all that is wrong; the exit status."""
    for fault in found:
        print("PROBLEM", fault)
    print("clean" if not found else f"{len(found)} problems")
    return int(bool(found))
