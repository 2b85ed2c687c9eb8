"""What hangs together by pairs, found without anybody who sees all pairs.

Each worker makes of its pairs a forest of stars: every thing that has a partner, beside the first that it hangs together
with. Forests are joined, some at a time, to one; it has no more rows than there are things with a partner, 16 bytes each.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from pipeline.distributed import shards
from pipeline.distributed.crews import Desk
from pipeline.distributed.shards import Made, Making
from pipeline.grouping import labels
from pipeline.likeness import TOGETHER
from pipeline.points import Numbers

JOINED = 16  # forests at once


def stars(pairs: Numbers) -> Numbers:
    """(n, 2): each thing of the pairs (m, 2), ascending, and the first that it hangs together with."""
    things, places = np.unique(pairs, return_inverse=True)
    label = labels(len(things), places.reshape(-1, 2))
    first = np.full(int(label.max(initial=-1)) + 1, len(things), np.int64)
    np.minimum.at(first, label, np.arange(len(things)))
    return np.stack([things, things[first[label]]], axis=1) if len(things) else np.zeros((0, 2), np.int64)


def of_pairs(desk: Desk, path: str) -> Made:
    """The forest of the likely pairs of a shard, or of those that are bound whatever is likely."""
    return shards.made(desk.shards, "forest", [Path(path).name], partial(_of_pairs, path))


def _of_pairs(path: str, making: Making) -> None:
    table = shards.rows_of([path], "pairs")
    pairs = np.stack([table["one"].to_numpy(), table["other"].to_numpy()], axis=1) if len(table) else _NONE
    if "probability" in table.column_names:
        pairs = pairs[table["probability"].to_numpy() >= TOGETHER]
    _put(making, stars(pairs))


def joined(desk: Desk, paths: Sequence[str]) -> Made:
    """The forest of several."""
    return shards.made(desk.shards, "forest", [Path(path).name for path in paths], partial(_joined, paths))


def _joined(paths: Sequence[str], making: Making) -> None:
    _put(making, stars(np.concatenate([_NONE, *map(read, paths)])))


def read(path: str) -> Numbers:
    """The rows of a forest; what is not needed of them stays on the disk."""
    kept: Numbers = np.load(f"{path}/stars.npy", mmap_mode="r")
    return kept


def first_of(stars_: Numbers, things: Numbers) -> Numbers:
    """For each thing the first that it hangs together with, which may be itself."""
    if not len(stars_):
        return things
    at = np.searchsorted(stars_[:, 0], things).clip(max=len(stars_) - 1)
    found = stars_[at]
    return np.where(found[:, 0] == things, found[:, 1], things)


def _put(making: Making, rows: Numbers) -> None:
    np.save(making.folder / "stars.npy", np.asfortranarray(rows))
    making.counts["things"] = len(rows)


_NONE = np.zeros((0, 2), np.int64)
