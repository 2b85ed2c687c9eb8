"""Reprints, found across batches: articles that share a band are compared, and what is linked is settled by one worker.

That worker sees the links, and of the articles that are linked where they come from.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations, groupby
from operator import itemgetter
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
BAND = pa.schema(
    {"key": pa.int64(), "article_id": pa.string(), "language": pa.string(), "outlet": pa.string(), "batch": pa.int64()}
)
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
    bands = pa.concat_tables(
        [*(_bands(batch, place, first, end) for place, batch in enumerate(some)), BAND.empty_table()]
    )
    keys = bands["key"].to_numpy()
    order = np.argsort(keys, kind="stable")
    next_to = np.diff(keys[order]) == 0
    several = order[np.append(next_to, False) | np.append(False, next_to)] if len(order) else order
    for _, group in groupby(bands.take(pa.array(several)).to_pylist(), key=itemgetter("key")):
        written = [(row["batch"], row["article_id"], row["language"], row["outlet"]) for row in group]
        for one, other in combinations(written, 2):
            if one[2] == other[2] and (one[3] is None or one[3] != other[3]):
                yield one, other


def _bands(batch: Batch, place: int, first: int, end: int) -> pa.Table:
    """The keys of a batch in [first, end], with the articles that have them."""
    where = (shards.field("key") >= first) & (shards.field("key") <= end)
    rows = shards.rows_of(batch.made, "bands", where=where)
    if not len(rows):
        return BAND.empty_table()
    rows = rows.append_column("batch", pa.array(np.full(len(rows), place)))
    return (
        rows.filter(pa.array([id_ not in batch.gone for id_ in rows["article_id"].to_pylist()])) if batch.gone else rows
    )


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
