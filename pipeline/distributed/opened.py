"""A collection that stays in shards, read from end to end, as exports do: one batch or one lot in memory at a time.

Order is that of the shards: quotations and pairs by batch of articles, statements by lot.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from pipeline.collection import MANIFEST, SHARDS, Collection
from pipeline.distributed import shards
from pipeline.distributed.lots import Decisions
from pipeline.errors import CollectionError
from pipeline.records import AlignedPair, Article, Language, Quote, Statement

OF_BATCH = ("articles", "quotes", "pairs")
OF_LOT = ("articles", "quotes", "reprints", "utterances", "statements", "members")
COUNTED = {"publish": OF_BATCH, "group": ("statements",)}
"""Stages, with the tables of which the manifest says how long they are."""


def manifest(folder: Path) -> dict[str, Any]:
    """What the folder of such a collection says of it; CollectionError when that cannot be read."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CollectionError(f"{folder / MANIFEST} cannot be read: {error}", "run again to write it anew") from error
    return found


def present(folder: Path) -> dict[str, list[Path]]:
    """The shards of the present state, by the stages of `COUNTED`; see `parts`."""
    return {stage: parts(folder, stage) for stage in COUNTED}


def parts(folder: Path, stage: str) -> list[Path]:
    """The shards of a stage of `COUNTED`; CollectionError while there are others beside them.

    A run puts its shards beside those of the state that `shards.json` tells of, and takes away the earlier ones when it
    ends. Between the two they cannot be told apart, but there are more rows than there should be.
    """
    expected = manifest(folder)["counts"]
    found = [path for path in sorted((folder / SHARDS / stage).glob("*")) if not path.name.startswith(".")]
    counts = [shards.read(path).counts for path in found]
    if any(sum(each.get(table, 0) for each in counts) != expected[table] for table in COUNTED[stage]):
        raise CollectionError(
            f"a run is changing the collection in {folder}, or was ended while it did",
            "wait for its end, or run again: it goes on from there",
        )
    return found


class InShards(Collection):
    """Reads what exports ask for. An article is there while its quotations or pairs are being read."""

    _manifest: dict[str, Any]
    _decided: Decisions
    _part: Collection

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The collection in `folder`. Use it in a `with` block."""
        made = cls.in_memory(folder)
        made._manifest = manifest(folder)
        made._decided = Decisions.read(made._manifest["decided"])
        made._decided.put(made)
        made._part = made
        return made

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See `Collection.snapshot`. Shards do not change; those of an earlier state go when a run ends."""
        yield

    def meta(self, key: str) -> str | None:
        """See `Collection.meta`."""
        return self._manifest["signature"] if key == "signature" else super().meta(key)

    def article(self, article_id: str) -> Article | None:
        """See `Collection.article`."""
        return super().article(article_id) if self._part is self else self._part.article(article_id)

    def quotes(self) -> Iterator[Quote]:
        """See `Collection.quotes`."""
        for part in self._parts("publish", OF_BATCH):
            yield from part.quotes()

    def statements(self) -> Iterator[Statement]:
        """See `Collection.statements`."""
        for part in self._parts("group", OF_LOT):
            yield from part.statements()

    def pairs(self, *, between: tuple[str, str] | None = None) -> Iterator[AlignedPair]:
        """See `Collection.pairs`."""
        for part in self._parts("publish", OF_BATCH):
            yield from part.pairs(between=between)

    def pair_languages(self) -> list[tuple[Language, Language]]:
        """See `Collection.pair_languages`."""
        return sorted({both for part in self._parts("publish", OF_BATCH) for both in part.pair_languages()})

    def _parts(self, stage: str, tables: Sequence[str]) -> Iterator[Collection]:
        """The shards of a stage as collections, one after the other."""
        for path in parts(self.folder, stage):
            with Collection.in_memory() as part:
                for table in tables:
                    shards.insert(part, table, shards.rows_of([str(path)], table))
                self._decided.put(part)
                self._part = part
                yield part
        self._part = self
