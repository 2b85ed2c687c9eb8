"""All editions of an article in one table: their sentences side by side in as many languages as there are.

Alignments of two editions each contradict one another now and then: the English sentence goes with one of the Ukrainian
edition, its Russian counterpart with another. The surer pair is believed, and what contradicts it is left out.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, chain, pairwise
from typing import Any

from pipeline.collection import Collection
from pipeline.editions import families, to_align
from pipeline.exports.tables import Table, Value
from pipeline.records import LANGUAGES, AlignedPair, Article, Language, Origin, Passage, Span

MOST = 6
"""Pieces of one edition in a row; more of them hang together by mistake."""

Piece = tuple[str, int]
"""The number of a piece of an edition: what no pair divides any further, in most cases a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the editions of an article say in one place; an edition that leaves it out is not among the `passages`.

    `similarity` is the lowest cosine of the pairs that the row is made of, None when it stands in one edition alone.
    """

    passages: Mapping[Language, Passage]
    similarity: float | None
    moved: bool
    origin: Origin


def row_json(row: Row) -> dict[str, Any]:
    """A row as JSON: a passage or null for each language."""
    record: dict[str, Any] = {
        language: asdict(row.passages[language]) if language in row.passages else None for language in LANGUAGES
    }
    return record | {"similarity": row.similarity, "moved": row.moved, "origin": row.origin}


def of_collection(collection: Collection) -> Iterator[Row]:
    """The rows of all articles that have several editions, in order of input."""
    for family in families(collection.articles()):
        chosen = editions(family)
        pairs = [
            pair
            for left, right in to_align(family)
            if left in chosen and right in chosen
            for pair in collection.pairs(between=(left.id, right.id))
        ]
        if pairs:
            yield from rows(chosen, pairs)


def editions(family: Sequence[Article]) -> list[Article]:
    """One edition for each language, the first of those that people made, else of the others; the original first."""
    chosen: dict[Language, Article] = {}
    for article in sorted(family, key=lambda article: article.translator is not None):
        chosen.setdefault(article.language, article)
    return list(chosen.values())


def rows(chosen: Sequence[Article], pairs: Iterable[AlignedPair]) -> list[Row]:
    """The rows of some editions, in the order of the first; every sentence that a pair speaks of stands in one of them."""
    known = list(pairs)
    table = _Table({article.id: _pieces(article, known) for article in chosen})
    for pair in sorted((pair for pair in known if pair.similarity is not None), key=_sureness):
        table.join(pair)
    return list(table.rows(chosen))


def _sureness(pair: AlignedPair) -> tuple[bool, float]:
    return pair.moved, -(pair.similarity or 0.0)


def _pieces(article: Article, pairs: Iterable[AlignedPair]) -> list[Span]:
    """Where the pieces of an edition stand, in its order."""
    depth = Counter[int]()  # how many passages begin at a place, less those that end there
    for passage in (side for pair in pairs for side in (pair.left, pair.right) if side.article_id == article.id):
        depth[passage.start] += 1
        depth[passage.end] -= 1
    cuts = sorted(depth)
    covered = accumulate(depth[cut] for cut in cuts)
    return [
        (start, end)
        for (start, end), many in zip(pairwise(cuts), covered, strict=False)
        if many and article.text[start:end].strip()
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """What stands in one row, and how sure that is; equal to itself alone."""

    pieces: set[Piece]
    similarity: float | None = None
    moved: bool = False
    machine: bool = False

    def articles(self) -> set[str]:
        """The editions that have a part in it."""
        return {article_id for article_id, _ in self.pieces}


class _Table:
    """Groups of pieces that grow together, pair by pair."""

    def __init__(self, spans: Mapping[str, list[Span]]) -> None:
        self._spans = spans  # of the pieces of each edition
        self._group = {
            (article_id, number): _Group({(article_id, number)})
            for article_id, pieces in spans.items()
            for number in range(len(pieces))
        }

    def join(self, pair: AlignedPair) -> None:
        """Put the pieces of a pair into one row, unless that contradicts what stands there already."""
        left, right = (self._groups(side) for side in (pair.left, pair.right))
        together, groups = left & right, left | right
        if not together and _articles(left) & _articles(right):
            return
        if len(together) == len(groups) > 1:
            return  # its halves stand in rows of their own
        pieces = set[Piece]().union(*(group.pieces for group in groups))
        if not _hangs_together(pieces):
            return
        cosines = [group.similarity for group in groups if group.similarity is not None]
        joined = _Group(
            pieces,
            min([*cosines, pair.similarity or 0.0]),
            pair.moved or any(group.moved for group in groups),
            pair.origin == "machine" or any(group.machine for group in groups),
        )
        self._group.update(dict.fromkeys(pieces, joined))

    def _groups(self, side: Passage) -> set[_Group]:
        """The groups that the pieces of a passage are in."""
        spans = self._spans[side.article_id]
        numbers = range(bisect_left(spans, (side.start,)), bisect_left(spans, (side.end,)))
        return {self._group[side.article_id, number] for number in numbers}

    def rows(self, chosen: Sequence[Article]) -> Iterator[Row]:
        """The rows in the order of the first edition; what it lacks stands behind what precedes it elsewhere."""
        first: list[_Group] = []
        after: dict[_Group, list[_Group]] = {}
        placed: set[_Group] = set()
        for article in chosen:
            before = first
            for number in range(len(self._spans[article.id])):
                group = self._group[article.id, number]
                if group not in placed:
                    placed.add(group)
                    before.append(group) if article is chosen[0] else before.insert(0, group)
                if article is not chosen[0]:
                    before = after.setdefault(group, [])
        yield from (self._row(group, chosen) for group in _in_order(first, after))

    def _row(self, group: _Group, chosen: Sequence[Article]) -> Row:
        passages: dict[Language, Passage] = {}
        for article in chosen:
            numbers = sorted(number for article_id, number in group.pieces if article_id == article.id)
            if numbers:
                spans = self._spans[article.id]
                start, end = spans[numbers[0]][0], spans[numbers[-1]][1]
                text = article.text[start:end]
                passages[article.language] = Passage(article_id=article.id, start=start, end=end, text=text)
        return Row(
            passages=passages,
            similarity=group.similarity,
            moved=group.moved,
            origin="machine" if group.machine else "human",
        )


def _articles(groups: Iterable[_Group]) -> set[str]:
    return set[str]().union(*(group.articles() for group in groups))


def _hangs_together(pieces: Iterable[Piece]) -> bool:
    """Whether the pieces of each edition follow one another, and are not too many."""
    numbers: dict[str, list[int]] = {}
    for article_id, number in pieces:
        numbers.setdefault(article_id, []).append(number)
    return all(max(some) - min(some) + 1 == len(some) <= MOST for some in numbers.values())


def _in_order(first: Sequence[_Group], after: Mapping[_Group, Sequence[_Group]]) -> Iterator[_Group]:
    """Each group, and behind it those that were placed there."""
    waiting = list(reversed(first))
    while waiting:
        group = waiting.pop()
        yield group
        waiting.extend(reversed(after.get(group, ())))


COLUMNS = {
    **{str(language): str for language in LANGUAGES},
    "similarity": float,
    "moved": bool,
    "origin": str,
    **{
        f"{language}_{name}": kind
        for language in LANGUAGES
        for name, kind in (("article", str), ("start", int), ("end", int))
    },
}


def table(found: Iterable[Row]) -> Table:
    """Rows as a table: the texts first, then where they stand; what an edition leaves out is empty."""
    return Table(COLUMNS, map(_values, found))


def _values(row: Row) -> tuple[Value, ...]:
    passages = [row.passages.get(language) for language in LANGUAGES]
    texts = [passage.text if passage else None for passage in passages]
    places = [(p.article_id, p.start, p.end) if p else (None, None, None) for p in passages]
    return (*texts, row.similarity, row.moved, row.origin, *chain.from_iterable(places))
