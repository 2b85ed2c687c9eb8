"""What is asked of all statements at once: a file beside the collection with what filters, orders and searches need.

It is made from the collection, whole or not at all, and made again when the collection has changed; whoever deletes it loses
nothing. Where nobody may write beside the collection it lives as long as the server.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Self

from pipeline import __version__, files
from pipeline.collection import FILE, MANIFEST, SHELF, Collection, stays_in_shards
from pipeline.errors import CollectionError
from pipeline.progress import Progress
from pipeline.records import LANGUAGES, Statement
from pipeline.report import views
from pipeline.report.catalogue import Catalogue
from pipeline.report.overview import Overview, of_whole
from pipeline.report.parts import SURROGATE, json_text
from pipeline.report.views import Json
from pipeline.serving.alphabet import places
from pipeline.serving.folding import fold, words

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE statements (position INTEGER PRIMARY KEY, shown TEXT NOT NULL);  -- in their usual order, JSON
CREATE TABLE articles (position INTEGER PRIMARY KEY, shown TEXT NOT NULL);    -- those that no machine made
"""
SEARCHED = ("texts", "names", "titles")
"""What has a full-text index: of statements, by position; of speakers, by number; of articles, by position."""

INDEX = """
CREATE VIRTUAL TABLE {} USING fts5 (
    text, content = '', detail = none, prefix = '2 3 4', tokenize = "unicode61 remove_diacritics 0"
);
"""
LAYOUT = 1  # of the file; another one is another state
TOGETHER = 1_000  # statements that are read with their quotations at once


def state(collection: Collection) -> str:
    """What a shelf is made from; another state asks for another shelf."""
    return f"{collection.folder.resolve()}|{collection.revision}|{collection.meta('changed')}|{__version__}|{LAYOUT}"


class Shelf:
    """An open shelf; each thread that asks it needs a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(self.connect()) as database:
            meta = dict(database.execute("SELECT key, value FROM meta WHERE key IN ('state', 'overview')"))
            rows = database.execute("SELECT shown FROM articles ORDER BY position").fetchall()
        self.articles: list[Json] = [json.loads(shown) for (shown,) in rows]
        self.state: str = meta["state"]
        self.overview: str = meta["overview"]
        """JSON, as it is answered."""

    def catalogue(self) -> Json:
        """See `report.catalogue`, with `places` of the speakers by the reader's language; it is large, so nobody keeps it."""
        with closing(self.connect()) as database:
            row = database.execute("SELECT value FROM meta WHERE key = 'catalogue'").fetchone()
        return dict(json.loads(row[0]))

    def connect(self) -> sqlite3.Connection:
        """A connection that cannot write."""
        return _opened(self.path)

    @classmethod
    def of(cls, collection: Collection, progress: Progress, *, beside: Path | None = None) -> Self:
        """The shelf of a collection, made anew if there is none of its present state; `beside` is where it may stand."""
        path = (beside or collection.folder) / SHELF
        if state_of(path) != state(collection):
            make(collection, path, progress)
        return cls(path)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def state_of(path: Path) -> str | None:
    """What a shelf was made from; None where there is none that can be read."""
    if not path.is_file():
        return None
    try:
        with closing(_opened(path)) as database:
            row = database.execute("SELECT value FROM meta WHERE key = 'state'").fetchone()
    except sqlite3.Error:
        return None
    return row[0] if row else None


def make(collection: Collection, path: Path, progress: Progress) -> None:
    """Write the shelf of a collection to `path`, whole or not at all."""
    try:
        with (
            files.atomic_path(path, like=_source(collection.folder)) as part,  # who may read one may read the other
            closing(sqlite3.connect(part, isolation_level=None)) as database,
            collection.snapshot(),
        ):
            tables = SCHEMA + "".join(map(INDEX.format, SEARCHED))
            database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {tables} BEGIN;")
            _fill(database, collection, progress)
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise CollectionError(f"{path} cannot be written: {error}", "is the disk full?") from error


def _source(folder: Path) -> Path:
    return folder / (MANIFEST if stays_in_shards(folder) else FILE)


def _fill(database: sqlite3.Connection, collection: Collection, progress: Progress) -> None:
    catalogue, overview = Catalogue(), Overview()
    statements = collection.statements()
    position = 0
    with progress.stage("Preparing the search", collection.count("statements")) as advance:
        while some := list(islice(statements, TOGETHER)):
            for one, shown in zip(some, _headings(collection, some), strict=True):
                catalogue.add(shown)
                overview.add(one)
                card = {**shown, "members": shown["members"][:1]}
                database.execute("INSERT INTO statements VALUES (?, ?)", (position, json_text(card)))
                _index(database, "texts", position, views.searchable(shown))
                position += 1
            advance(len(some))
    counts = collection.count_of_quotes()
    published = (one for one in collection.outlines() if not one.translator)
    for number, article in enumerate(published):
        line = json_text(views.article_line(article, counts.get(article.id, 0)))
        database.execute("INSERT INTO articles VALUES (?, ?)", (number, line))
        _index(database, "titles", number, f"{article.title or ''} {article.outlet or ''}")
    signature = collection.meta("signature") or ""
    shown = overview.result(collection.title, signature, collection.outlines()) | {"shown": position}
    shown |= of_whole(collection)
    columns = catalogue.result()
    columns["places"] = {language: places(columns["speakers"], language) for language in LANGUAGES}
    for number, one in enumerate(columns["speakers"]):
        _index(database, "names", number, " ".join(one["spellings"]))
    for table in SEARCHED:
        database.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # one list a word instead of many
    meta = {"state": state(collection), "overview": json_text(shown), "catalogue": json_text(columns)}
    database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


def _index(database: sqlite3.Connection, table: str, number: int, text: str) -> None:
    values = number, SURROGATE.sub("\ufffd", fold(text))
    database.execute(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", values)


def _headings(collection: Collection, some: Sequence[Statement]) -> Iterator[Json]:
    ids = [member.quote_id for one in some for member in one.members]
    quotes, sure = collection.some_quotes(ids), collection.probabilities(ids)
    return (views.heading(one, quotes, sure) for one in some)


def matching(database: sqlite3.Connection, table: str, text: str) -> Iterator[int]:
    """The numbers of what has, in a table of `SEARCHED`, words beginning with all words of a text; none if it has none."""
    wanted = " AND ".join(f'"{word}" *' for word in words(text))
    if wanted:
        yield from (row[0] for row in database.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", (wanted,)))
