"""Makes the ordinary collection out of shards: the file that every command opens, and that a later run on one machine extends.

One worker writes it, a shard at a time. Only where there are more texts than exact search is for, it holds all points
once, to make the inverted files as a run on one machine does.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import indexes, matching
from pipeline.collection import FILE, Collection
from pipeline.distributed import shards
from pipeline.distributed.blocks import Block, batches
from pipeline.distributed.crews import Desk
from pipeline.distributed.earlier import MADE_OF, Earlier
from pipeline.distributed.lots import Decisions
from pipeline.distributed.reading import Batch, load
from pipeline.distributed.shards import Made

OF_BATCHES = ("articles", "provenance", "done", "translations", "segments", "quotes", "pairs", "vectors")


@dataclass(frozen=True, slots=True)
class Everything:
    """The shards that a collection consists of, what people have decided about it, and the collection that was there before."""

    roster: str
    blocks: tuple[Block, ...]
    statements: tuple[str, ...]
    links: tuple[str, ...]
    reprints: str
    decided: Decisions
    earlier: Earlier

    @property
    def key(self) -> str:
        """Changes with the content."""
        paths = [self.roster, *(path for one in self.blocks for path in (one.said, one.nearest)), *self.statements]
        names = [Path(path).name for path in [*paths, *self.links, self.reprints]]
        return shards.digest(names, self.decided.key)


def write(desk: Desk, task: tuple[Path, Everything]) -> Made:
    """Write the collection, and put it into its place; among the counts how many articles were `added`, and `updated`."""
    began = time.process_time()
    shards.measure_peak()
    folder, everything = task
    with tempfile.TemporaryDirectory(prefix=".part.", dir=folder) as part:
        with Collection.open(Path(part), create=True) as collection:
            _fill(collection, desk, everything)
            added, updated = everything.earlier.hand_over(collection, _as_read(everything.roster))
            collection.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for path in sorted(Path(part).glob(indexes.FILES)):
            path.replace(folder / path.name)
        for ending in ("-wal", "-shm"):
            (folder / f"{FILE}{ending}").unlink(missing_ok=True)
        (Path(part) / FILE).replace(folder / FILE)
    return Made(
        str(folder),
        round(time.process_time() - began, 3),
        shards.peak(),
        {"added": added, "updated": updated},
        (),
        True,
    )


def _fill(collection: Collection, desk: Desk, everything: Everything) -> None:
    for batch in batches(everything.roster):
        with collection.transaction():
            load(batch, OF_BATCHES, collection)
            _put_shingles(collection, batch)
    with collection.transaction():
        _put_links(collection, everything.links)
        shards.insert(collection, "reprints", shards.rows_of([everything.reprints], "originals"))
        collection.remember("reprints", "settled")
    for block in everything.blocks:
        with collection.transaction():
            shards.insert(collection, "points", shards.rows_of([block.said], "points"))
            shards.insert(collection, "nearest", shards.rows_of([block.nearest], "nearest"))
    for path in everything.statements:
        with collection.transaction():
            for table in ("utterances", "statements", "members"):
                shards.insert(collection, table, shards.rows_of([path], table))
    with collection.transaction():
        everything.decided.put(collection)
        collection.remember("matched with", matching.signature(desk.engines))
        collection.remember("dimension", str(desk.engines.embedder.dimension))
        collection.remember("revision", str(everything.earlier.revision + 1))
        indexes.updated(collection, [], [])
        collection.remember(MADE_OF, everything.key)  # until the run is over: see `earlier.note_end`
        collection.touch()


def _as_read(roster: str) -> list[int]:
    """The positions of articles in the order in which files have them now, which may be another than they came in."""
    plans = sorted({batch.plan for batch in batches(roster)})
    rows = shards.rows_of(plans, "plan").sort_by([("part", "ascending"), ("local", "ascending")])
    found: list[int] = rows["position"].to_pylist()
    return found


def _put_shingles(collection: Collection, batch: Batch) -> None:
    """What reprints are found by; articles count by their places."""
    rows = shards.rows_of(batch.made, "shingles").to_pylist()
    places = dict(
        collection.rows("SELECT id, position FROM articles WHERE id IN ({})", [row["article_id"] for row in rows])
    )
    for row in rows:
        if number := places.get(row["article_id"]):
            keys = np.array(row["keys"], "<i8").tobytes()
            collection.database.execute(
                "INSERT INTO shingles VALUES (?, ?, ?, ?)", (number, row["article_id"], row["hashes"], keys)
            )
            collection.database.executemany(
                "INSERT OR IGNORE INTO bands VALUES (?, ?)", [(key, number) for key in row["keys"]]
            )


def _put_links(collection: Collection, paths: Sequence[str]) -> None:
    rows = shards.rows_of(paths, "links")
    for one, other, shared in (
        zip(*(rows[name].to_pylist() for name in ("one", "other", "shared")), strict=True) if len(rows) else ()
    ):
        numbers = [
            row[0] for row in collection.rows("SELECT number FROM shingles WHERE article_id IN ({})", [one, other])
        ]
        collection.database.execute("INSERT INTO links VALUES (?, ?, ?)", (min(numbers), max(numbers), shared))
