"""Reads golden files: cases of an input and what is expected of it, written so that a linguist can add one.

# what the case is about (may be left out)
the input, one or more lines
---
what is expected, one item a line; no line when nothing is
===
the next case …
"""

from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def read(path: Path) -> list[tuple[str, str, list[str]]]:
    """(name, input, expected lines) of every case; a file without cases or with a malformed one is a ValueError."""
    text = path.read_text(encoding="utf-8")
    cases = [_case(path, number, block) for number, block in enumerate(f"\n{text}".split("\n===\n"), start=1)]
    names = [name for name, _, _ in cases]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{path.name}: several cases are named {', '.join(sorted(twice))}")
    return cases


def _case(path: Path, number: int, block: str) -> tuple[str, str, list[str]]:
    given, *rest = f"{block.rstrip()}\n".split("\n---\n")
    given = given.strip("\n")
    name = f"case {number}"
    if given.startswith("# "):
        name, _, given = given[2:].partition("\n")
    if len(rest) != 1 or not given.strip():
        raise ValueError(f"{path.name}: {name} must be an input, a line --- and what is expected")
    return name, given, [line for line in rest[0].split("\n") if line.strip()]
