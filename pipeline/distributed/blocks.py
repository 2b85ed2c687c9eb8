"""Matching by blocks: texts fall into blocks by their numbers, which are hashes, and each block is looked at against each.

A worker has the points of two blocks at a time. It finds the neighbours that texts of the one have in the other, and
later judges the pairs of quotations that say a text of each.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import indexes, matching, neighbours, statements, utterances
from pipeline.collection import Collection
from pipeline.distributed import shards
from pipeline.distributed.crews import Desk
from pipeline.distributed.pieces import worked
from pipeline.distributed.reading import Batch
from pipeline.distributed.shards import Made, Making
from pipeline.engines.faiss import FaissIndex
from pipeline.indexes import Indexes
from pipeline.likeness import FLOOR, NEIGHBOURS, RATIO
from pipeline.lots import Candidates, Comparison
from pipeline.neighbours import Neighbours
from pipeline.points import HASH_BITS, LANGUAGE_BITS, Numbers, Points
from pipeline.records import LANGUAGES, Refusal
from pipeline.utterances import Utterance, Utterances

BITS = HASH_BITS + LANGUAGE_BITS  # of the number of a text
SPAN = 16  # blocks that a block is looked up in by one worker
LOOKED_UP = 64  # rows of a group in tables of which `find` looks up single texts
NUMBER_OF_ID = 16  # in which the ids of quotations count


@dataclass(frozen=True, slots=True)
class Block:
    """Texts whose numbers are in [first, end), out of the batches of a roster; then the shards that it has."""

    first: int
    end: int
    roster: str
    said: str = ""
    inverted: str = ""
    nearest: str = ""


def blocks(roster: Made, texts: int, size: int) -> list[Block]:
    """The blocks of so many texts."""
    count = 1
    while texts / count > size:
        count *= 2
    width = (1 << BITS) // count
    return [Block(n * width, (n + 1) * width, roster.path) for n in range(count)]


def roster(desk: Desk, some: Sequence[Batch]) -> Made:
    """All batches as they are now, for workers to look up what is where."""

    def make(making: Making) -> None:
        rows = [
            {"plan": one.plan, "number": one.number, "key": one.key, "made": list(one.made), "gone": list(one.gone)}
            for one in some
        ]
        making.put("batches", pa.Table.from_pylist(rows, schema=_ROSTER))

    return shards.made(desk.shards, "roster", [[one.key, one.plan, one.number] for one in some], make)


_ROSTER = pa.schema(
    {
        "plan": pa.string(),
        "number": pa.int64(),
        "key": pa.string(),
        "made": pa.list_(pa.string()),
        "gone": pa.list_(pa.string()),
    }
)


def batches(path: str) -> Iterator[Batch]:
    """The batches of a roster."""
    for row in shards.rows_of([path], "batches").to_pylist():
        yield Batch(row["key"], row["plan"], row["number"], tuple(row["made"]), tuple(row["gone"]))


# What is said in a block, and its points


def gather(desk: Desk, block: Block) -> Made:
    """What is said in a block, and its points, out of all batches."""
    parts = [Path(block.roster).name, block.first, block.end]
    return shards.made(desk.shards, "gather", parts, partial(_gather, block))


def _gather(block: Block, making: Making) -> None:
    said, rows, seen = list[pa.Table](), list[pa.Table](), np.zeros(0, np.int64)
    for batch in batches(block.roster):
        some = shards.rows_of(batch.made, "said", where=shards.between("words", block.first, block.end))
        if len(some) and batch.gone:
            some = some.filter(pa.array([id_ not in batch.gone for id_ in some["article_id"].to_pylist()]))
        said += [some] if len(some) else []
        found = shards.rows_of(batch.made, "points", where=shards.between("text", block.first, block.end))
        if len(found):
            numbers = found["text"].to_numpy()
            fresh = ~np.isin(numbers, seen)
            seen = np.concatenate([seen, numbers[fresh]])
            rows.append(found.filter(pa.array(fresh)))
    if said:
        making.put("said", pa.concat_tables(said).sort_by([("words", "ascending"), ("id", "ascending")]), LOOKED_UP)
    if rows:
        spoken = np.unique(np.concatenate([table["words"].to_numpy() for table in said])) if said else seen[:0]
        points = pa.concat_tables(rows).sort_by("text")
        making.put("points", points.filter(pa.array(np.isin(points["text"].to_numpy(), spoken))), LOOKED_UP)


def points_of(path: str, dimension: int) -> Points:
    """The points of a block."""
    rows = _rows(path, "points", "rows")
    return utterances.points_of(rows, len(rows), sum(len(row[1]) for row in rows), dimension)


def lists_of(path: str) -> Neighbours:
    """The lists of a block."""
    return utterances.lists_of(_rows(path, "nearest", "found"))


def _rows(path: str, table: str, column: str) -> list[tuple[int, bytes]]:
    rows = shards.rows_of([path], table)
    return list(zip(rows["text"].to_pylist(), rows[column].to_pylist(), strict=True)) if len(rows) else []


# Neighbours


def invert(desk: Desk, block: Block) -> Made:
    """The inverted files of a block, one for each language that has enough points there."""

    def make(making: Making) -> None:
        points = points_of(block.said, desk.engines.embedder.dimension)
        queries = indexes.some_wholes(points)
        for language in LANGUAGES:
            rows, ids = points.of_language(language)
            if len(rows) >= desk.sizes.inverted:
                FaissIndex.inverted(rows, ids, queries).write(making.folder / f"{language}.faiss")

    return shards.made(desk.shards, "invert", [Path(block.said).name], make)


def look_up(desk: Desk, task: tuple[Block, tuple[Block, ...]]) -> Made:
    """The neighbours that the texts of a block have in some blocks; exactly, unless these have inverted files."""
    block, others = task
    names = [Path(path).name for one in (block, *others) for path in (one.said, one.inverted)]
    make = partial(_look_up, desk, block, others)
    return shards.made(desk.shards, "look-up", [*names, matching.signature(desk.engines)], make)


def _look_up(desk: Desk, block: Block, others: Sequence[Block], making: Making) -> None:
    ours = points_of(block.said, desk.engines.embedder.dimension)
    found: Neighbours | None = None
    for other in others:
        made = _indexes(other, desk)
        lists = neighbours.search(ours, np.arange(len(ours)), made.by_language, made.points)
        found = lists if found is None else neighbours.merged([found, lists])
    making.put("nearest", _table(found or Neighbours.none(ours.numbers)))


def _indexes(block: Block, desk: Desk) -> Indexes:
    if not block.inverted:
        return indexes.of_points(points_of(block.said, desk.engines.embedder.dimension))
    files = {language: Path(block.inverted) / f"{language}.faiss" for language in LANGUAGES}
    there = [language for language, file in files.items() if file.is_file()]
    # What was measured of them is for those who bring them up to date.
    made = {language: FaissIndex.read(files[language], recall=0.0, trained_on=0) for language in there}
    if len(there) < len(LANGUAGES):
        points = points_of(block.said, desk.engines.embedder.dimension)
        for language in set(LANGUAGES) - set(there):
            rows, ids = points.of_language(language)
            if len(rows):
                made[language] = FaissIndex.flat(rows, ids)
    return Indexes(made, None)


def _table(lists: Neighbours) -> pa.Table:
    kept = utterances.kept_lists(lists)
    columns = {"text": (pa.int64(), 0), "found": (pa.binary(), 1)}
    return pa.table({name: pa.array([row[n] for row in kept], kind) for name, (kind, n) in columns.items()})


def merge(desk: Desk, paths: tuple[str, ...]) -> Made:
    """One list of each text of a block, out of what was found of them in all others."""

    def make(making: Making) -> None:
        lists = neighbours.merged([lists_of(path) for path in paths])
        making.put("nearest", _table(lists), LOOKED_UP)

    return shards.made(desk.shards, "nearest", [Path(path).name for path in paths], make)


# Pairs


def compare(desk: Desk, task: tuple[Block, tuple[Block, ...]]) -> Made:
    """The pairs of utterances that may be one statement, with their probabilities: of a block with some blocks, or itself."""
    one, others = task
    names = [Path(path).name for block in (one, *others) for path in (block.said, block.nearest)]
    make = partial(_compare, desk, one, others)
    return shards.made(desk.shards, "compare", [*names, matching.signature(desk.engines)], make)


def _compare(desk: Desk, one: Block, others: Sequence[Block], making: Making) -> None:
    ours = lists_of(one.nearest)
    for other in others:
        if other == one:
            _judge(desk, [one], [ours], ours.numbers, making)
        else:
            lists = [ours, lists_of(other.nearest)]
            _judge(desk, [one, other], lists, _near_enough(lists, desk.engines.matcher), making)


def _judge(desk: Desk, task: Sequence[Block], lists: Sequence[Neighbours], chosen: Numbers, making: Making) -> None:
    """Judge the pairs within a block, or between two, that say some texts."""
    with Collection.in_memory() as collection:
        some = _fill(collection, task, chosen, lists, desk)
        candidates = Candidates.found(collection, some, desk.engines.matcher)
        if len(task) > 1:
            ours = np.array([task[0].first <= each.text < task[0].end for each in some], bool)
            candidates.pairs = candidates.pairs[ours[candidates.pairs[:, 0]] != ours[candidates.pairs[:, 1]]]
        found = [np.zeros(0), *(_compared(desk, collection, each, making) for each in candidates.comparisons())]
    probabilities = np.concatenate(found)
    known = ~np.isnan(probabilities)
    codes = np.array([code(each.id) for each in some], np.int64)
    ids = codes[candidates.pairs[known]].reshape(-1, 2)
    making.put("pairs", pa.table({"one": ids[:, 0], "other": ids[:, 1], "probability": probabilities[known]}))


def _near_enough(lists: Sequence[Neighbours], matcher: Any) -> Numbers:
    """The texts of two blocks that are near enough to one of the other block to be compared."""
    both = Neighbours.joined(lists)
    near = both.near(matcher.lonely, matcher.crowded, NEIGHBOURS)
    pairs, _ = neighbours.pairs([both], both.numbers, near, FLOOR, RATIO)
    ours = np.isin(both.numbers, lists[0].numbers)
    found: Numbers = both.numbers[np.unique(pairs[ours[pairs[:, 0]] != ours[pairs[:, 1]]])]
    return found


def _fill(
    collection: Collection, task: Iterable[Block], chosen: Numbers, lists: Sequence[Neighbours], desk: Desk
) -> list[Utterance]:
    """Put what says some texts into a collection, with points and lists; the utterances, by id."""
    collection.remember("dimension", str(desk.engines.embedder.dimension))
    some = list[Utterance]()
    for block in task:
        said = _chosen(shards.rows_of([block.said], "said"), "words", chosen)
        if len(said):
            shards.insert(collection, "quotes", said)
            some += utterances_of(said)
            shards.insert(collection, "points", _chosen(shards.rows_of([block.said], "points"), "text", chosen))
    store = Utterances(collection)
    for each in lists:
        store.put_nearest(each.chosen(np.isin(each.numbers, chosen)))
    return sorted(some, key=lambda one: one.id)


def _chosen(rows: pa.Table, column: str, numbers: Numbers) -> pa.Table:
    return rows.filter(pa.array(np.isin(rows[column].to_numpy(), numbers))) if len(rows) else rows


def utterances_of(said: pa.Table) -> list[Utterance]:
    """What is said in a block."""
    columns = (said[name].to_pylist() for name in ("quotes", "article_id", "words"))
    return [Utterance(tuple(quotes.split()), article, text) for quotes, article, text in zip(*columns, strict=True)]


def _compared(desk: Desk, collection: Collection, some: Comparison, making: Making) -> NDArray[np.float64]:
    """The probabilities of pairs; 0 for one that cannot be compared without an error."""
    found = np.zeros(len(some.pairs))

    def together(numbers: Sequence[int]) -> None:
        part = Comparison(some.utterances, some.near, some.pairs[list(numbers)])
        found[list(numbers)] = statements.compared(collection, part, matcher=desk.engines.matcher)

    def failed(number: int, reason: str) -> None:
        one, other = (some.utterances[n] for n in some.pairs[number].tolist())
        making.refuse(Refusal(where=one.article_id, reason=f"compare: {one.id} with {other.id}: {reason}"))

    name = shards.digest(making.name, some.pairs.tolist(), [one.id for one in some.utterances])
    worked(desk, f"compare-{name}", range(len(some.pairs)), together, failed)
    return found


def code(quote_id: str) -> int:
    """The id of a quotation as a number; ids sort as their numbers do."""
    return int(quote_id.rpartition("-")[2], NUMBER_OF_ID)
