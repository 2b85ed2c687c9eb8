"""Statements, made in lots of whole components: what belongs to a lot is put together, then grouped as on one machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import matching, statements, verdicts
from pipeline.collection import Collection
from pipeline.distributed import components, shards
from pipeline.distributed.blocks import Block, batches, code, lists_of
from pipeline.distributed.crews import Desk
from pipeline.distributed.reading import Batch, load
from pipeline.distributed.shards import Made, Making
from pipeline.likeness import NEIGHBOURS
from pipeline.lots import Candidates
from pipeline.points import Numbers
from pipeline.records import LANGUAGES
from pipeline.utterances import Utterances
from pipeline.verdicts import Verdict

TABLES = ("quotes", "utterances", "articles", "facing", "originals", "points", "pairs")
ROWS = 1024


@dataclass(frozen=True, slots=True)
class Lots:
    """How utterances fall into lots: by the first utterance of their component (`forest`). `reprints` is a shard."""

    forest: str
    reprints: str
    count: int

    @property
    def key(self) -> list[object]:
        """What a shard depends on that was sorted into these lots."""
        return [Path(self.forest).name, Path(self.reprints).name, self.count]

    def of(self, codes: Numbers) -> tuple[Numbers, Numbers]:
        """(component, lot) of utterances."""
        first = components.first_of(components.read(self.forest), codes)
        return first, first % self.count


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people have decided about a collection before: verdicts, and rows of retractions."""

    verdicts: tuple[Verdict, ...] = ()
    retractions: tuple[tuple[str, str | None, str], ...] = ()

    @classmethod
    def of(cls, collection: Collection) -> "Decisions":
        """Those of a collection."""
        rows = collection.database.execute("SELECT article_id, reason, at FROM retractions ORDER BY article_id")
        return cls(tuple(verdicts.all_of(collection)), tuple(rows))

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Decisions":
        """Those that were kept as JSON; see `as_json`."""
        return cls(tuple(Verdict(**one) for one in kept["verdicts"]), tuple(tuple(row) for row in kept["retractions"]))

    @property
    def as_json(self) -> dict[str, Any]:
        """To be kept as JSON."""
        return {"verdicts": [asdict(one) for one in self.verdicts], "retractions": self.retractions}

    @property
    def key(self) -> list[object]:
        """What a shard depends on that obeys them."""
        return [[[one.one, one.other, one.together] for one in self.verdicts], [row[0] for row in self.retractions]]

    def put(self, collection: Collection) -> None:
        """Note them in a new collection."""
        collection.database.executemany(
            "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?)",
            [(*one.quotes, one.together, one.who, one.at) for one in self.verdicts],
        )
        collection.database.executemany("INSERT INTO retractions VALUES (?, ?, ?)", self.retractions)


# What belongs together whatever is likely


def bind(decided: Decisions, desk: Desk, roster: str) -> Made:
    """Pairs of utterances that people joined, or whose quotations correspond in two editions."""
    make = partial(_bind, decided.verdicts, roster)
    return shards.made(desk.shards, "bind", [Path(roster).name, decided.key], make)


def _bind(decided: Sequence[Verdict], roster: str, making: Making) -> None:
    bound = [verdict.quotes for verdict in decided if verdict.together]
    wanted = {id_ for verdict in decided for id_ in verdict.quotes}
    first: dict[str, str] = {}
    for batch in batches(roster):
        facing = _facing(batch)
        bound += facing
        mine = wanted | {id_ for pair in facing for id_ in pair}
        if mine:
            rows = shards.rows_of(batch.made, "utterances", columns=["quotes", "article_id"])
            for quotes, article_id in zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True):
                ids = quotes.split()
                if article_id not in batch.gone and not mine.isdisjoint(ids):
                    first |= dict.fromkeys(ids, ids[0])
    bound += verdicts.bridged(decided, first)
    pairs = [(code(first[one]), code(first[other])) for one, other in bound if one in first and other in first]
    table = np.array(pairs, np.int64).reshape(-1, 2)
    making.put("pairs", pa.table({"one": table[:, 0], "other": table[:, 1]}))


def _facing(batch: Batch) -> list[tuple[str, str]]:
    rows = shards.rows_of(batch.made, "facing")
    return list(zip(rows["one"].to_pylist(), rows["other"].to_pylist(), strict=True)) if len(rows) else []


# Into lots


def sort_batch(lots: Lots, desk: Desk, batch: Batch) -> Made:
    """The quotations of a batch by lot, with where they come from."""
    return shards.made(desk.shards, "sort", [batch.key, *lots.key], partial(_sort_batch, lots, batch))


def _sort_batch(lots: Lots, batch: Batch, making: Making) -> None:
    with Collection.in_memory() as collection:
        load(batch, ["quotes", "utterances"], collection)
        utterances = shards.table_of(collection, "utterances", "ORDER BY quote_id")
        quotes = shards.table_of(collection, "quotes")
        columns = shards.columns_of(collection, "articles")
        outline = ", ".join("'' AS text" if name == "text" else name for name in columns)
        articles = shards.out_of(collection, f"SELECT {outline} FROM articles ORDER BY id", columns)
    if not len(utterances):
        return
    _, lot = lots.of(np.array([code(id_) for id_ in utterances["quote_id"].to_pylist()], np.int64))
    _put(making, "utterances", utterances, lot)
    where = {
        id_: n for n, ids in zip(lot.tolist(), utterances["quotes"].to_pylist(), strict=True) for id_ in ids.split()
    }
    lot_of = np.array([where[id_] for id_ in quotes["id"].to_pylist()], np.int64)
    _put(making, "quotes", quotes, lot_of)
    _put(making, "articles", *_for_each_lot(articles, "id", quotes["article_id"].to_pylist(), lot_of))
    facing = [(where[one], one, other) for one, other in _facing(batch) if one in where and other in where]
    if facing:
        table = pa.table({name: [row[n] for row in facing] for n, name in ((1, "one"), (2, "other"))})
        _put(making, "facing", table, np.array([row[0] for row in facing], np.int64))
    wanted = shards.among("article_id", {*quotes["article_id"].to_pylist()})
    originals = shards.rows_of([lots.reprints], "originals", where=wanted)
    if len(originals):
        _put(making, "originals", *_for_each_lot(originals, "article_id", quotes["article_id"].to_pylist(), lot_of))


def _for_each_lot(rows: pa.Table, key: str, wanted: Iterable[str], lot: Numbers) -> tuple[pa.Table, Numbers]:
    """The rows that each lot needs, by their key."""
    at = {id_: n for n, id_ in enumerate(rows[key].to_pylist())}
    needed = sorted({(n, at[id_]) for id_, n in zip(wanted, lot.tolist(), strict=True) if id_ in at})
    return rows.take(pa.array([row for _, row in needed], pa.int64())), np.array([n for n, _ in needed], np.int64)


def sort_block(lots: Lots, desk: Desk, block: Block) -> Made:
    """The points of a block by lot, where an utterance of its text has a partner, and what texts reach with their nearest."""
    names = [Path(block.said).name, Path(block.nearest).name]
    return shards.made(desk.shards, "sort", [*names, *lots.key], partial(_sort_block, desk, lots, block))


def _sort_block(desk: Desk, lots: Lots, block: Block, making: Making) -> None:
    said = shards.rows_of([block.said], "said", columns=["id", "words"])
    if not len(said):
        return
    codes = np.array([code(id_) for id_ in said["id"].to_pylist()], np.int64)
    stars = components.read(lots.forest)
    at = np.searchsorted(stars[:, 0], codes).clip(max=max(len(stars) - 1, 0))
    with_partner = stars[at, 0] == codes if len(stars) else np.zeros(len(codes), bool)
    needed = np.unique(np.stack([lots.of(codes)[1], said["words"].to_numpy()])[:, with_partner], axis=1)
    lists = lists_of(block.nearest)
    matcher = desk.engines.matcher
    near = lists.near(matcher.lonely, matcher.crowded, NEIGHBOURS)
    points = shards.rows_of([block.said], "points")
    places = np.searchsorted(points["text"].to_numpy(), needed[1])
    rows = points.take(pa.array(places))
    reach = pa.array([near[n].tobytes() for n in np.searchsorted(lists.numbers, needed[1]).tolist()], pa.binary())
    _put(making, "points", rows.append_column("near", reach), needed[0])


def sort_pairs(lots: Lots, desk: Desk, path: str) -> Made:
    """The pairs of a shard that are within a component, by lot."""
    return shards.made(desk.shards, "sort", [Path(path).name, *lots.key], partial(_sort_pairs, lots, path))


def _sort_pairs(lots: Lots, path: str, making: Making) -> None:
    pairs = shards.rows_of([path], "pairs")
    if not len(pairs):
        return
    (one, lot), (other, _) = (lots.of(pairs[name].to_numpy()) for name in ("one", "other"))
    inside = one == other
    _put(making, "pairs", pairs.filter(pa.array(inside)), lot[inside])


def _put(making: Making, name: str, rows: pa.Table, lot: Numbers) -> None:
    order = np.argsort(lot, kind="stable")
    making.put(name, rows.take(pa.array(order)).append_column("lot", pa.array(lot[order])), rows=ROWS)


# Statements


def group(decided: Decisions, listing: str, desk: Desk, number: int) -> Made:
    """The statements of a lot, out of the shards that `listing` names."""
    parts = [Path(listing).name, number, matching.signature(desk.engines), decided.key]
    return shards.made(desk.shards, "group", parts, partial(_group, desk, decided, listing, number))


def listing(desk: Desk, paths: Sequence[str]) -> Made:
    """The paths of shards, for workers to read."""

    def make(making: Making) -> None:
        making.put("paths", pa.table({"path": pa.array(paths, pa.string())}))

    return shards.made(desk.shards, "listing", [Path(path).name for path in paths], make)


def _group(desk: Desk, decided: Decisions, listing: str, number: int, making: Making) -> None:
    paths = shards.rows_of([listing], "paths")["path"].to_pylist()
    rows = {name: shards.rows_of(paths, name, where=shards.between("lot", number, number + 1)) for name in TABLES}
    matcher = desk.engines.matcher
    with Collection.in_memory() as collection:
        collection.remember("dimension", str(desk.engines.embedder.dimension))
        for name in ("articles", "quotes", "utterances", "points"):
            shards.insert(collection, name, rows[name])
        # what has no partner is compared with nothing, but counts: what texts reach goes by their places among the points
        collection.database.execute("INSERT OR IGNORE INTO points SELECT DISTINCT text, x'' FROM utterances")
        _put_originals(collection, rows["originals"])
        decided.put(collection)
        store = Utterances(collection)
        candidates, probabilities = _candidates(store, rows["points"], rows["pairs"])
        facing = (
            list(zip(*(rows["facing"][side].to_pylist() for side in ("one", "other")), strict=True))
            if len(rows["facing"])
            else []
        )
        for lot in candidates.lots(probabilities, decided.verdicts, facing):
            for one in statements.grouped(collection, lot, matcher=matcher):
                store.put_component(one.utterances, one.statements, one.joins)
        for name in ("utterances", "statements", "members", "quotes", "articles", "reprints"):
            making.put(name, shards.table_of(collection, name))


def _put_originals(collection: Collection, rows: pa.Table) -> None:
    """Say which articles are reprints, and put in what is to be known of their originals."""
    shards.insert(collection, "reprints", rows)
    for number, row in enumerate(rows.to_pylist()):
        collection.database.execute(
            "INSERT OR IGNORE INTO articles (position, id, digest, text, language, outlet) VALUES (?, ?, '', '', '', ?)",
            (-1 - number, row["original_id"], row["outlet"]),
        )


def _candidates(store: Utterances, points: pa.Table, pairs: pa.Table) -> tuple[Candidates, NDArray[np.float64]]:
    """The utterances of a lot with the pairs that are known, and the probabilities of these."""
    some = store.to_group()
    numbers = np.unique(np.array([one.text for one in some], np.int64))
    near = np.zeros((len(numbers), len(LANGUAGES)), np.float32)
    if len(points):
        reached = np.frombuffer(b"".join(points["near"].to_pylist()), np.float32).reshape(-1, len(LANGUAGES))
        near[np.searchsorted(numbers, points["text"].to_numpy())] = reached
    if not len(pairs):
        return Candidates(some, numbers, near, np.zeros((0, 2), np.int64)), np.zeros(0)
    codes = np.array([code(one.id) for one in some], np.int64)
    places = np.stack([np.searchsorted(codes, pairs[name].to_numpy()) for name in ("one", "other")], axis=1)
    return Candidates(some, numbers, near, np.sort(places, axis=1)), pairs["probability"].to_numpy()
