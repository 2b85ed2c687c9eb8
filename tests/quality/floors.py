"""The figures that must not be undercut, and how they may change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import figures

from corpora.newsroom import reader

PATH = Path(__file__).with_name("baseline.json")
EPSILON = 0.6
"""Percent. Processors differ in the last bits of a vector, and one bead of two hundred moves a figure by a half."""
TRADED = ("precision", "recall")
"""Figures without a floor: either can be had at the cost of the other, and f1 holds both."""
FILES = tuple(reader.measuring_files())
"""Floors are measured on what rules were not made from."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """`corpus` is the digest of what the floors were measured on."""

    corpus: str
    floors: dict[str, float]


def read() -> Baseline:
    """The baseline as it is committed."""
    return Baseline(**json.loads(PATH.read_text("utf-8")))


def undercut(measured: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """A line for every floor that a figure falls below, or that has no figure."""
    return [
        f"{name}: {measured.get(name)} is below {floor}"
        for name, floor in sorted(floors.items())
        if measured.get(name, float("-inf")) < floor - EPSILON
    ]


def update(measured: Mapping[str, float], *, lower: bool) -> list[str]:
    """Raise the floors to the figures; the floors that lie above, which come down only with `lower`."""
    old = read().floors if PATH.exists() else {}
    held = {name: figure for name, figure in measured.items() if name.rpartition(".")[2] not in TRADED}
    fallen = sorted(name for name, figure in held.items() if figure < old.get(name, figure))
    new = {name: figure if lower else max(figure, old.get(name, figure)) for name, figure in held.items()}
    baseline = {"corpus": figures.digest(FILES), "floors": dict(sorted({**old, **new}.items()))}
    PATH.write_text(json.dumps(baseline, indent=2) + "\n", "utf-8")
    return fallen
