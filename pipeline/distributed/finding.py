"""Answers from a collection that stays in shards: what comes closest is looked up, and judged as in any collection.

The inverted files name the texts that are near a query. Who says these, their points and their neighbours are copied out of
the blocks that they are in into a collection in memory, and `pipeline.search` answers from that.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.collection import Collection
from pipeline.distributed import large, shards
from pipeline.distributed.crews import HINT
from pipeline.distributed.large import VIEWS
from pipeline.distributed.lots import Decisions
from pipeline.distributed.mapped import MappedIndex
from pipeline.distributed.opened import manifest, present
from pipeline.engines import Engines
from pipeline.errors import CollectionError, InputError
from pipeline.neighbours import KEPT, NOBODY
from pipeline.points import UNIT_BITS
from pipeline.records import LANGUAGES
from pipeline.search import Filters, Finder, Hit, Question, asked
from pipeline.utterances import Utterances

FILTERED = 20
"""Times as many texts are looked up when only some speaker's, or some days', are wanted."""


def views(folder: Path) -> Any:
    """A connection of DuckDB that sees the tables of a collection that stays in shards.

    Of articles and statements, with what belongs to them, it sees the present state, also while a run makes the next one.
    """
    return connected(folder, present(folder))


def connected(folder: Path, some: Mapping[str, Sequence[Path]]) -> Any:
    """As `views`; `some` are the shards of the present state, by stage."""
    connection = _duckdb().connect()
    connection.execute("SET file_search_path = ?", [str(folder.absolute())])
    connection.execute((folder / VIEWS).read_text("utf-8"))
    for table, stage in large.TABLES.items():
        files = [str(path.absolute()) for part in some.get(stage, ()) if (path := part / f"{table}.parquet").is_file()]
        if files:
            connection.execute(large.view(table, _listed(files)))
    return connection


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """What DuckDB cannot read is a CollectionError."""
    try:
        yield
    except _duckdb().Error as error:
        raise CollectionError(
            f"the shards in {folder} cannot be read: {error}", "if a run has ended just now, ask again"
        ) from error


def _listed(texts: Sequence[str]) -> str:
    """A list of texts in SQL."""
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise InputError("DuckDB is not installed: it reads collections that stay in shards", HINT) from error
    return duckdb


class ShardFinder:
    """As `search.Finder`, for a collection that stays in shards; next to nothing of it is loaded."""

    def __init__(self, folder: Path, engines: Engines, filters: Filters) -> None:
        self._folder = folder
        self._engines = engines
        self._filters = filters
        self._manifest = manifest(folder)
        self._indexes = {
            language: MappedIndex.open(
                folder / self._manifest["indexes"][language]["file"], self._manifest["indexes"][language]["probes"]
            )
            for language in LANGUAGES
            if language in self._manifest["indexes"]
        }

    def among(self, filters: Filters) -> "ShardFinder":
        """The same, which looks at other quotations; the inverted files are shared."""
        other = copy(self)
        other._filters = filters
        return other

    def find(self, text: str, k: int) -> list[Hit]:
        """The k quotations that come closest to saying the same as `text`; see `search.Finder`.

        With filters only those count that are among the `FILTERED` times as many nearest texts.
        """
        question = asked(text, self._engines)
        with Collection.in_memory() as collection:
            collection.remember("dimension", str(self._manifest["dimension"]))
            self._fill(collection, self._near(question, k))
            return Finder(collection, self._engines, self._filters, self._indexes).answer(question, k)

    def _near(self, question: Question, k: int) -> list[int]:
        """Numbers of the texts near any point of the query."""
        many = max(k, KEPT) * (1 if self._filters == Filters() else FILTERED)
        rows = question.rows.astype(np.float32)
        found = [index.search(rows, many)[1].ravel() for index in self._indexes.values()]
        ids = np.concatenate([np.zeros(0, np.int64), *found])
        return [int(number) for number in np.unique(ids[ids != NOBODY] >> UNIT_BITS)]

    def _fill(self, collection: Collection, numbers: Sequence[int]) -> None:
        """Put what says some texts into a collection, with all that they are judged by."""
        for block in self._manifest["blocks"]:
            here = [number for number in numbers if block["first"] <= number < block["end"]]
            if here:
                with large.texts(self._folder / block["texts"]) as kept:
                    _copy(kept, here, collection)
        Decisions.read(self._manifest["decided"]).put(collection)


def _copy(kept: Collection, numbers: Sequence[int], into: Collection) -> None:
    """Put what says some texts into another collection."""
    said = list(Utterances(kept).saying(numbers))
    Utterances(into).add(said)
    articles = sorted({one.article_id for one in said})
    for table, key, values in (
        ("quotes", "id", [one.id for one in said]),
        ("points", "text", numbers),
        ("nearest", "text", numbers),
        ("articles", "id", articles),
    ):
        columns = [name for name in shards.columns_of(into, table) if name != "position"]  # another in every block
        marks, names = ", ".join("?" * len(columns)), ", ".join(columns)
        into.database.executemany(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})",
            kept.rows(f"SELECT {names} FROM {table} WHERE {key} IN ({{}})", values),
        )
