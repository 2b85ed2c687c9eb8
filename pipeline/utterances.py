"""Utterances: quotations that overlap within one article, and what a collection remembers of their matching.

A quoted fragment and the reported clause that it stands in are one utterance; the longest of its quotations is what is
compared. The collection keeps the utterances, the points of their texts, the neighbours of each text, and components:
utterances that hang together by likely pairs, which are grouped into statements together. An utterance without a
component is still to be grouped: a run that is killed goes on from there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.collection import Collection
from pipeline.neighbours import KEPT, Neighbours
from pipeline.points import UNIT_BITS, Numbers, Points, number
from pipeline.records import LANGUAGES, Join, Language, Quote, Statement

_SHAPE = (len(LANGUAGES), KEPT)
_SIZE = len(LANGUAGES) * KEPT
_CHUNK = 20_000  # lists that are read at once
_COLUMNS = "quotes, article_id, text"
SPOKEN = (
    "SELECT utterances.quotes, utterances.article_id, utterances.text, speaker, published FROM utterances"
    " JOIN quotes ON quotes.id = quote_id JOIN articles ON articles.id = utterances.article_id"
)
"""Every utterance, with who says it and when its article was published; SQL of SQLite and of DuckDB."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Ids of its quotations, the longest first; the number of the text of that."""

    quotes: tuple[str, ...]
    article_id: str
    text: int

    @property
    def id(self) -> str:
        """The id of its longest quotation."""
        return self.quotes[0]


def overlapping(quotes: Sequence[Quote]) -> list[list[Quote]]:
    """Quotations that overlap within one article, the longest of each first."""
    found: list[list[Quote]] = []
    for quote in sorted(quotes, key=lambda q: (q.article_id, q.start, -q.end)):
        last = found[-1] if found else []
        if last and last[0].article_id == quote.article_id and quote.start < max(q.end for q in last):
            last.append(quote)
        else:
            found.append([quote])
    return [sorted(some, key=lambda q: (-len(q.text), q.start, q.id)) for some in found]


def of_quotes(quotes: Sequence[Quote]) -> list[Utterance]:
    """The utterances of some articles."""
    return [
        Utterance(
            quotes=tuple(quote.id for quote in some),
            article_id=some[0].article_id,
            text=number(some[0].text, some[0].language),
        )
        for some in overlapping(quotes)
    ]


class Utterances:
    """What is remembered; every method that writes needs a transaction of the collection around it."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._db = collection.database

    @property
    def dimension(self) -> int:
        """Length of a point."""
        return int(self._collection.meta("dimension") or 0)

    def clear(self) -> None:
        """Forget everything that depends on the models, and with it all statements."""
        for table in ("utterances", "points", "nearest", "statements", "members"):
            self._db.execute(f"DELETE FROM {table}")

    # Utterances

    def add(self, utterances: Iterable[Utterance]) -> None:
        """Keep utterances that are still to be grouped; those of an article go when its quotations do."""
        self._db.executemany(
            "INSERT OR REPLACE INTO utterances VALUES (?, ?, ?, ?, NULL)",
            [(one.id, one.article_id, " ".join(one.quotes), one.text) for one in utterances],
        )

    def ungrouped(self) -> list[int]:
        """Numbers of the texts of utterances that are to be grouped."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT text FROM utterances WHERE component IS NULL")]

    def components_of_texts(self, numbers: Sequence[int]) -> set[str]:
        """The components of what says some texts."""
        rows = self._rows("SELECT DISTINCT component FROM utterances WHERE text IN ({})", numbers)
        return {row[0] for row in rows if row[0] is not None}

    def components_of_quotes(self, ids: Sequence[str]) -> set[str]:
        """The components of the utterances that hold some quotations."""
        articles = sorted({row[0] for row in self._rows("SELECT article_id FROM quotes WHERE id IN ({})", ids)})
        rows = self._rows("SELECT quotes, component FROM utterances WHERE article_id IN ({})", articles)
        return {component for quotes, component in rows if component and not {*quotes.split()}.isdisjoint(ids)}

    def to_group(self) -> list[Utterance]:
        """All utterances without a component, by id."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM utterances WHERE component IS NULL ORDER BY quote_id")
        return list(map(_utterance, rows))

    def nothing_grouped(self) -> bool:
        """Whether no utterance has a component."""
        grouped = self._db.execute("SELECT 1 FROM utterances WHERE component IS NOT NULL LIMIT 1")
        return grouped.fetchone() is None

    def put_component(
        self, utterances: Sequence[str], statements: Iterable[Statement], joins: Mapping[str, Join]
    ) -> None:
        """Keep what was grouped together; the component is called by its first utterance."""
        self._db.executemany(
            "UPDATE utterances SET component = ? WHERE quote_id = ?", [(utterances[0], id_) for id_ in utterances]
        )
        self._collection.put_statements(utterances[0], statements, joins)

    def saying(self, numbers: Sequence[int]) -> Iterator[Utterance]:
        """The utterances that say some texts."""
        yield from map(_utterance, self._rows(f"SELECT {_COLUMNS} FROM utterances WHERE text IN ({{}})", numbers))

    def spoken(self) -> Iterator[tuple[Utterance, str | None, str | None]]:
        """Every utterance, with who says it and when its article was published."""
        for *utterance, speaker, published in self._db.execute(SPOKEN):
            yield _utterance(utterance), speaker, published

    # Points

    def without_points(self) -> list[tuple[int, str, Language]]:
        """(number, text with its ellipses, language) of texts that have no points yet, shortest first."""
        rows = self._db.execute(
            "SELECT utterances.text, quotes.text, quotes.language FROM utterances"
            " JOIN quotes ON quotes.id = quote_id LEFT JOIN points ON points.text = utterances.text"
            " WHERE points.text IS NULL"
        )
        found = {text: (text, said, language) for text, said, language in rows}
        return sorted(found.values(), key=lambda one: (len(one[1]), one[1]))

    def put_points(self, points: Mapping[int, NDArray[np.float16]]) -> None:
        """Keep the points of texts, by number."""
        self._db.executemany(
            "INSERT OR REPLACE INTO points VALUES (?, ?)", [(text, rows.tobytes()) for text, rows in points.items()]
        )

    def count_of_points(self) -> int:
        """Number of texts that have points."""
        count: int = self._db.execute("SELECT count(*) FROM points").fetchone()[0]
        return count

    def points(self, numbers: Sequence[int] | None = None) -> Points:
        """The points of some texts, or of all that have any."""
        if numbers is not None:
            found = sorted(self._rows("SELECT * FROM points WHERE text IN ({})", numbers))
            return points_of(found, len(found), sum(len(row[1]) for row in found), self.dimension)
        texts, size = self._db.execute("SELECT count(*), coalesce(sum(length(rows)), 0) FROM points").fetchone()
        return points_of(self._db.execute("SELECT * FROM points ORDER BY text"), texts, size, self.dimension)

    def rows(self, numbers: Sequence[int]) -> dict[int, NDArray[np.float16]]:
        """The points of some texts, by number: shape (units, dim)."""
        some = self.points(numbers)
        return {int(each): some.rows[some.starts[n] : some.starts[n + 1]] for n, each in enumerate(some.numbers)}

    def ids(self, numbers: Sequence[int]) -> Numbers:
        """Ids of the points of some texts."""
        width = 2 * self.dimension
        sizes = self._rows("SELECT text, length(rows) FROM points WHERE text IN ({})", numbers)
        return np.array([text << UNIT_BITS | unit for text, size in sizes for unit in range(size // width)], np.int64)

    def all_ids(self) -> Numbers:
        """Ids of all points."""
        width = max(2 * self.dimension, 1)
        rows = self._db.execute("SELECT text, length(rows) FROM points ORDER BY text")
        return np.fromiter((text << UNIT_BITS | unit for text, size in rows for unit in range(size // width)), np.int64)

    # Neighbours

    def fresh(self) -> list[int]:
        """Numbers of texts that somebody says and that have points but no list."""
        rows = self._db.execute(
            "SELECT DISTINCT utterances.text FROM utterances JOIN points ON points.text = utterances.text"
            " LEFT JOIN nearest ON nearest.text = utterances.text WHERE nearest.text IS NULL"
        )
        return sorted(row[0] for row in rows)

    def unsaid(self) -> list[int]:
        """Numbers of texts that have points, and that nobody says any more."""
        rows = self._db.execute(
            "SELECT points.text FROM points LEFT JOIN utterances ON utterances.text = points.text"
            " WHERE utterances.text IS NULL"
        )
        return [row[0] for row in rows]

    def forget(self, numbers: Sequence[int]) -> None:
        """Drop texts that nobody says."""
        for table in ("points", "nearest"):
            self._db.executemany(f"DELETE FROM {table} WHERE text = ?", [(each,) for each in numbers])

    def put_nearest(self, lists: Neighbours) -> None:
        """Keep lists."""
        self._db.executemany("INSERT OR REPLACE INTO nearest VALUES (?, ?)", kept_lists(lists))

    def nearest(self, numbers: Sequence[int]) -> Neighbours:
        """The lists of some texts."""
        return lists_of(sorted(self._rows("SELECT text, found FROM nearest WHERE text IN ({})", numbers)))

    def blocks_of_nearest(self, numbers: Sequence[int]) -> Iterator[Neighbours]:
        """The lists of some texts, as many at a time as memory should hold, in the order of `numbers`, which ascend."""
        for start in range(0, len(numbers), _CHUNK):
            yield self.nearest(numbers[start : start + _CHUNK])

    def all_nearest(self) -> Iterator[Neighbours]:
        """All lists, many at a time, by number."""
        rows = self._db.execute("SELECT text, found FROM nearest ORDER BY text")
        while some := rows.fetchmany(_CHUNK):
            yield lists_of(some)

    def _rows(self, query: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        return self._collection.rows(query, values)


def _utterance(row: Sequence[Any]) -> Utterance:
    quotes, article_id, text = row
    return Utterance(tuple(quotes.split()), article_id, text)


def points_of(rows: Iterable[tuple[Any, ...]], texts: int, size: int, dimension: int) -> Points:
    """Points as they are kept, from (number, rows) by number; `size` is the number of bytes of all rows."""
    made = Points(
        numbers=np.empty(texts, np.int64),
        starts=np.zeros(texts + 1, np.int64),
        rows=np.empty((size // (2 * dimension), dimension), np.float16),
    )
    for n, (text, kept) in enumerate(rows):
        start = made.starts[n]
        made.numbers[n] = text
        made.starts[n + 1] = start + len(kept) // (2 * dimension)
        made.rows[start : made.starts[n + 1]] = np.frombuffer(kept, np.float16).reshape(-1, dimension)
    return made


def kept_lists(lists: Neighbours) -> list[tuple[int, bytes]]:
    """Lists as they are kept: (number, ids and cosines)."""
    rows = zip(lists.numbers.tolist(), lists.ids, lists.cosines, strict=True)
    return [(number, ids.tobytes() + close.tobytes()) for number, ids, close in rows]


def lists_of(rows: Sequence[tuple[int, bytes]]) -> Neighbours:
    """Lists as they are kept, by number."""
    width = _SIZE * 8
    numbers = np.array([row[0] for row in rows], np.int64)
    whole_rows = np.frombuffer(b"".join(row[1] for row in rows), np.uint8).reshape(len(rows), width + _SIZE * 4)
    ids = np.ascontiguousarray(whole_rows[:, :width]).view(np.int64).reshape(-1, *_SHAPE)
    close = np.ascontiguousarray(whole_rows[:, width:]).view(np.float32).reshape(-1, *_SHAPE)
    return Neighbours(numbers, ids, close)
