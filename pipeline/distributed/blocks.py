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
from pipeline.points import HASH_BITS, LANGUAGE_BITS, Numbers, Points, languages_of
from pipeline.records import LANGUAGES, Language, Refusal
from pipeline.utterances import Utterance, Utterances

BITS = HASH_BITS + LANGUAGE_BITS  # of the number of a text
SPAN = 16  # blocks that a block is looked up in, or compared with, by one worker
INVERTED = "points.faiss"
LOOKED_UP = 64  # rows of a group in tables of which `find` looks up single texts
NUMBER_OF_ID = 16  # in which the ids of quotations count


@dataclass(frozen=True, slots=True)
class Block:
    """Texts whose numbers are in [first, end), out of the batches of a roster; then the shards that it has."""

    first: int
    end: int
    roster: str
    said: str = ""
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Blocks that a block is looked up in at once, and where the inverted files of each language are, if search is not exact."""

    blocks: tuple[Block, ...]
    inverted: tuple[str, ...] = ()


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
        for language, count in zip(LANGUAGES, np.bincount(languages_of(spoken), minlength=len(LANGUAGES)), strict=True):
            making.counts[f"texts {language}"] = int(count)


def texts_in(path: str, language: Language) -> int:
    """How many texts of a language are in a block."""
    return shards.read(Path(path)).counts.get(f"texts {language}", 0)


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


def invert(desk: Desk, task: tuple[Span, Language]) -> Made:
    """The inverted file of the points of one language in a span, if it has enough of them."""
    span, language = task
    make = partial(_invert, desk, span, language)
    return shards.made(desk.shards, "invert", [*(Path(one.said).name for one in span.blocks), language], make)


def _invert(desk: Desk, span: Span, language: Language, making: Making) -> None:
    rows, ids = _rows_of(desk, span, language)
    if len(rows) >= desk.sizes.inverted:
        queries = indexes.some_wholes(points_of(span.blocks[0].said, desk.engines.embedder.dimension))
        FaissIndex.inverted(rows, ids, queries).write(making.folder / INVERTED)


def _rows_of(desk: Desk, span: Span, language: Language) -> tuple[NDArray[np.float16], Numbers]:
    """All points of one language in a span, and their ids."""
    found = [points_of(one.said, desk.engines.embedder.dimension).of_language(language) for one in span.blocks]
    return np.concatenate([rows for rows, _ in found]), np.concatenate([ids for _, ids in found])


def look_up(desk: Desk, task: tuple[Block, Span]) -> Made:
    """The neighbours that the texts of a block have in a span; exactly, unless this has inverted files."""
    block, span = task
    names = [Path(path).name for path in (block.said, *(one.said for one in span.blocks), *span.inverted)]
    make = partial(_look_up, desk, block, span)
    return shards.made(desk.shards, "look-up", [*names, matching.signature(desk.engines)], make)


def _look_up(desk: Desk, block: Block, span: Span, making: Making) -> None:
    ours = points_of(block.said, desk.engines.embedder.dimension)
    found = Neighbours.none(ours.numbers)
    for made in _inverted(desk, span) if span.inverted else _exact(desk, span):
        lists = neighbours.search(ours, np.arange(len(ours)), made.by_language, made.points)
        found = neighbours.merged([found, lists])
    making.put("nearest", _table(found))


def _exact(desk: Desk, span: Span) -> Iterator[Indexes]:
    """Block by block."""
    for block in span.blocks:
        yield indexes.of_points(points_of(block.said, desk.engines.embedder.dimension))


def _inverted(desk: Desk, span: Span) -> Iterator[Indexes]:
    """Language by language."""
    for language, path in zip(LANGUAGES, span.inverted, strict=True):
        file = Path(path) / INVERTED
        if file.is_file():
            # what was measured of it is for those who bring it up to date
            made = FaissIndex.read(file, recall=0.0, trained_on=0)
        else:
            made = FaissIndex.flat(*_rows_of(desk, span, language))
        if len(made):
            yield Indexes({language: made}, None)


def _table(lists: Neighbours) -> pa.Table:
    return shards.table(utterances.kept_lists(lists), {"text": pa.int64(), "found": pa.binary()})


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
