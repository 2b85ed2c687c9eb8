"""Makes the ordinary collection out of shards: the file that every command opens, and that a later run on one machine extends.

One worker writes it, a shard at a time. Only where there are more texts than exact search is for, it holds all points
once, to make the inverted files as a run on one machine does.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import indexes, matching
from pipeline.collection import FILE, Collection
from pipeline.distributed import shards
from pipeline.distributed.blocks import Block, batches
from pipeline.distributed.crews import Desk
from pipeline.distributed.lots import Decisions
from pipeline.distributed.reading import Batch, load
from pipeline.errors import InputError

OF_BATCHES = ("articles", "provenance", "done", "translations", "segments", "quotes", "pairs", "vectors")
MADE_OF = "made of shards"
"""Under which a collection remembers what it was written from."""


@dataclass(frozen=True, slots=True)
class Everything:
    """The shards that a collection consists of, and what people have decided about it; `revision` is the next one."""

    roster: str
    blocks: tuple[Block, ...]
    statements: tuple[str, ...]
    links: tuple[str, ...]
    reprints: str
    decided: Decisions
    revision: int

    @property
    def key(self) -> str:
        """Changes with the content."""
        paths = [self.roster, *(path for one in self.blocks for path in (one.said, one.nearest)), *self.statements]
        names = [Path(path).name for path in [*paths, *self.links, self.reprints]]
        return shards.digest(names, self.decided.key)


def is_current(folder: Path, everything: Everything) -> bool:
    """Whether the collection in a folder was written from these shards."""
    if not (folder / FILE).is_file():
        return False
    with Collection.open(folder, read_only=True) as collection:
        return collection.meta(MADE_OF) == everything.key


def write(desk: Desk, task: tuple[Path, Everything]) -> tuple[int, int]:
    """Write the collection, and put it into its place; how many articles are new, how many are others than before.

    InputError when the folder's collection holds an article that this one would not hold.
    """
    folder, everything = task
    with tempfile.TemporaryDirectory(prefix=".part.", dir=folder) as part:
        with Collection.open(Path(part), create=True) as collection:
            _fill(collection, desk, everything)
            changes = _changes(collection, folder / FILE, everything)
            collection.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for path in sorted(Path(part).glob(indexes.FILES)):
            path.replace(folder / path.name)
        for ending in ("-wal", "-shm"):
            (folder / f"{FILE}{ending}").unlink(missing_ok=True)
        (Path(part) / FILE).replace(folder / FILE)
    return changes


def _changes(collection: Collection, before: Path, everything: Everything) -> tuple[int, int]:
    """How many articles by people the collection that was there before did not have, and had otherwise."""
    database, gone = collection.database, {id_ for batch in batches(everything.roster) for id_ in batch.gone}
    written = "translator IS NULL"
    if not before.is_file():
        return int(database.execute(f"SELECT count(*) FROM articles WHERE {written}").fetchone()[0]), 0
    database.execute("ATTACH ? AS old", (f"{before}",))
    query = f"SELECT id FROM old.articles WHERE {written} AND id NOT IN (SELECT id FROM main.articles)"
    lost = [id_ for (id_,) in database.execute(query) if id_ not in gone]
    if lost:
        raise InputError(
            f"the collection in {before.parent} holds {len(lost)} articles that no PATH has, e.g. {lost[0]}",
            "name their files too, or another folder for this collection",
        )
    query = "SELECT count(*) FROM main.articles AS new LEFT JOIN old.articles AS old ON old.id = new.id WHERE new.translator IS NULL"
    added, updated = (
        int(database.execute(f"{query} AND {which}").fetchone()[0])
        for which in ("old.id IS NULL", "old.digest IS NOT NULL AND old.digest != new.digest")
    )
    database.execute("DETACH old")
    return added, updated


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
        collection.remember("revision", str(everything.revision))
        indexes.updated(collection, [], [])
        collection.remember(MADE_OF, everything.key)
        collection.touch()


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
