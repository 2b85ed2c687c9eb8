"""Reprints, found across batches: articles that share a band are compared, and what is linked is settled by one worker.

That worker sees the links, and of the articles that are linked where they come from.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline import reprints
from pipeline.collection import Collection
from pipeline.distributed import shards
from pipeline.distributed.blocks import batches
from pipeline.distributed.crews import Desk
from pipeline.distributed.reading import Batch, load
from pipeline.distributed.shards import Made, Making
from pipeline.records import Source
from pipeline.reprints import Shingles

KEYS = 1 << 64  # of bands: integers from -KEYS / 2 on

LINK = {"one": pa.string(), "other": pa.string(), "shared": pa.int64(), "batch": pa.int64(), "other_batch": pa.int64()}
ORIGINAL = dict.fromkeys(("article_id", "original_id", "outlet"), pa.string())

Written = tuple[int, str, str, str | None]
"""An article that a person wrote: the place of its batch in the roster, its id, language and outlet."""


def link(ranges: int, desk: Desk, task: tuple[str, int]) -> Made:
    """Articles, two and two, that share most of a text, among those that share a band in one of so many ranges of keys."""
    roster, number = task
    return shards.made(
        desk.shards, "links", [Path(roster).name, ranges, number], partial(_link, roster, ranges, number)
    )


def _link(roster: str, ranges: int, number: int, making: Making) -> None:
    some = list(batches(roster))
    width = KEYS // ranges
    first = number * width - KEYS // 2
    end = KEYS // 2 - 1 if number == ranges - 1 else first + width - 1  # the last one of the range
    found = {tuple(sorted(pair, key=lambda one: one[:2])) for pair in _sharing(some, first, end)}
    known = _shingles(some, {one for pair in found for one in pair})
    rows = []
    for one, other in sorted(found, key=lambda pair: (pair[0][:2], pair[1][:2])):
        (ours, keys), (theirs, other_keys) = known[one[1]], known[other[1]]
        if first <= min(keys & other_keys) <= end and (common := reprints.shared(ours, theirs)):
            rows.append((one[1], other[1], common, one[0], other[0]))
    making.put("links", shards.table(rows, LINK))


def _sharing(some: Sequence[Batch], first: int, end: int) -> Iterator[tuple[Written, Written]]:
    """Pairs of articles that share a key in [first, end], in one language and not of one outlet."""
    keys, written = list[int](), list[Written]()
    for place, batch in enumerate(some):
        where = (shards.field("key") >= first) & (shards.field("key") <= end)
        rows = shards.rows_of(batch.made, "bands", where=where)
        for key, id_, language, outlet in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            if id_ not in batch.gone:
                keys.append(key)
                written.append((place, id_, language, outlet))
    order = np.argsort(np.array(keys, np.int64), kind="stable")
    ordered = np.array(keys, np.int64)[order]
    for group in np.split(order, np.flatnonzero(np.diff(ordered)) + 1):
        for n, m in combinations(group.tolist(), 2):
            one, other = written[n], written[m]
            if one[2] == other[2] and (one[3] is None or one[3] != other[3]):
                yield one, other


def _shingles(some: Sequence[Batch], wanted: set[Written]) -> dict[str, tuple[Shingles, set[int]]]:
    """The shingles and the keys of some articles."""
    found = {}
    for place in sorted({one[0] for one in wanted}):
        ids = [one[1] for one in wanted if one[0] == place]
        rows = shards.rows_of(some[place].made, "shingles", where=shards.among("article_id", ids))
        for row in rows.to_pylist():
            found[row["article_id"]] = np.frombuffer(row["hashes"], "<u4"), {*row["keys"]}
    return found


def choose(roster: str, desk: Desk, paths: Sequence[str]) -> Made:
    """Which articles are reprints of which, out of the shards with links."""
    parts = [Path(roster).name, [Path(path).name for path in paths]]
    return shards.made(desk.shards, "reprints", parts, partial(_choose, roster, paths))


def _choose(roster: str, paths: Sequence[str], making: Making) -> None:
    links = [tuple(row.values()) for row in shards.rows_of(paths, "links").to_pylist()]
    some = list(batches(roster))
    sources: dict[str, Source] = {}
    editions: dict[str, str] = {}
    for place in sorted({batch for *_, one, other in links for batch in (one, other)}):
        with Collection.in_memory() as collection:
            load(some[place], [], collection)
            outlines = list(collection.outlines())
            sources |= collection.sources([article.id for article in outlines])
            editions |= {article.id: article.translation_of for article in outlines if article.translation_of}
    linked = {id_ for one, other, *_ in links for id_ in (one, other)}
    found = reprints.originals(
        {id_: sources[id_] for id_ in linked}, [(one, other, shared) for one, other, shared, *_ in links], editions
    )
    rows = [(reprint, original, sources[original].outlet) for reprint, original in sorted(found.items())]
    making.put("originals", shards.table(rows, ORIGINAL))
