"""The SQLite file that remembers a collection: articles, translations, quotations, vectors, statements, pairs.

What costs time is kept with the signature of the engine that made it, so that a later run does only what is new. A
write is a transaction: a run that is killed leaves what it had finished, and the next run goes on from there.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Self

import numpy as np

from pipeline import migration, settings
from pipeline.errors import CollectionError, InputError, PipelineError
from pipeline.memory import HUMAN, Remembered
from pipeline.ports import Vectors
from pipeline.records import (
    AlignedPair,
    Article,
    Diff,
    First,
    Join,
    Language,
    Member,
    Passage,
    Provenance,
    Quote,
    Refusal,
    Rendering,
    Source,
    Span,
    Statement,
    quote_json,
)

FILE = "collection.sqlite"
SHELF = "search.sqlite"  # what a server keeps beside it, and makes anew: see `pipeline.serving.shelf`
SHARDS = "shards"  # the folder in which a run on Ray keeps what it has made
MANIFEST = "shards.json"  # of a collection that stays in shards instead: see `pipeline.distributed.large`
SCHEMA_VERSION = 4
"""See `migration`, which brings earlier ones to this."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    position INTEGER PRIMARY KEY,               -- order of input
    id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    text TEXT NOT NULL, language TEXT NOT NULL, outlet TEXT, title TEXT, published TEXT, url TEXT,
    translation_of TEXT, translator TEXT
);
CREATE INDEX articles_by_original ON articles (translation_of);
CREATE TABLE provenance (                       -- what people's articles were read from: see records.Provenance
    article_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, place TEXT NOT NULL, path TEXT, inside TEXT, offset INTEGER,
    record_id TEXT, read_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE done (                             -- which stage has seen which article, in which state
    article_id TEXT NOT NULL, stage TEXT NOT NULL, signature TEXT NOT NULL,
    PRIMARY KEY (article_id, stage)
) WITHOUT ROWID;
CREATE TABLE translations (
    source TEXT NOT NULL, from_language TEXT NOT NULL, to_language TEXT NOT NULL, model TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (source, from_language, to_language, model)
) WITHOUT ROWID;
CREATE TABLE segments (                         -- which sentence of a machine edition translates which
    article_id TEXT NOT NULL, number INTEGER NOT NULL,
    source_start INTEGER NOT NULL, source_end INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    PRIMARY KEY (article_id, number)
) WITHOUT ROWID;
CREATE TABLE quotes (
    id TEXT PRIMARY KEY, article_id TEXT NOT NULL, number INTEGER NOT NULL,
    language TEXT NOT NULL, kind TEXT NOT NULL, pieces TEXT NOT NULL, text TEXT NOT NULL,
    speaker TEXT, speaker_start INTEGER, speaker_end INTEGER, cue TEXT, confidence REAL NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX quotes_by_article ON quotes (article_id, number);
CREATE TABLE renderings (                       -- a quotation as a machine translated it: see pipeline.renderings
    quote_id TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, translator TEXT NOT NULL, flags TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (quote_id, language)
) WITHOUT ROWID;
CREATE TABLE vectors (text TEXT NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (text, model)) WITHOUT ROWID;
CREATE TABLE utterances (                       -- a quotation with those that overlap it: see pipeline.utterances
    quote_id TEXT PRIMARY KEY, article_id TEXT NOT NULL, quotes TEXT NOT NULL, text INTEGER NOT NULL, component TEXT
) WITHOUT ROWID;
CREATE INDEX utterances_by_article ON utterances (article_id);
CREATE INDEX utterances_by_text ON utterances (text);
CREATE INDEX utterances_by_component ON utterances (component);
CREATE TABLE points (text INTEGER PRIMARY KEY, rows BLOB NOT NULL);
CREATE TABLE nearest (text INTEGER PRIMARY KEY, found BLOB NOT NULL);
CREATE TABLE statements (
    id TEXT PRIMARY KEY, component TEXT NOT NULL, speaker TEXT NOT NULL, first_article_id TEXT NOT NULL,
    outlets INTEGER NOT NULL, size INTEGER NOT NULL, languages TEXT NOT NULL, confidence REAL NOT NULL,
    independent_outlets INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX statements_by_component ON statements (component);
CREATE TABLE members (
    statement_id TEXT NOT NULL, number INTEGER NOT NULL, quote_id TEXT NOT NULL UNIQUE,
    relation TEXT NOT NULL, altered TEXT NOT NULL, diff TEXT,   -- JSON
    probability REAL, why TEXT,                 -- that it says the same as the fullest member; the features, JSON
    PRIMARY KEY (statement_id, number)
) WITHOUT ROWID;
CREATE TABLE verdicts (one TEXT NOT NULL, other TEXT NOT NULL, together INTEGER NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (one, other)                    -- ids of quotations, smaller first
) WITHOUT ROWID;
CREATE TABLE shingles (number INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE, hashes BLOB NOT NULL, bands BLOB NOT NULL);
CREATE TABLE bands (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE links (                            -- articles that share most of a text, by their numbers in shingles
    one INTEGER NOT NULL, other INTEGER NOT NULL, shared INTEGER NOT NULL, PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE INDEX links_by_other ON links (other);
CREATE TABLE reprints (article_id TEXT PRIMARY KEY, original_id TEXT NOT NULL) WITHOUT ROWID;  -- see pipeline.reprints
CREATE INDEX reprints_by_original ON reprints (original_id);
CREATE TABLE pairs (
    left_id TEXT NOT NULL, right_id TEXT NOT NULL, number INTEGER NOT NULL,
    left_start INTEGER NOT NULL, left_end INTEGER NOT NULL, right_start INTEGER NOT NULL, right_end INTEGER NOT NULL,
    kind TEXT NOT NULL, moved INTEGER NOT NULL, similarity REAL,
    PRIMARY KEY (left_id, right_id, number)
) WITHOUT ROWID;
CREATE INDEX pairs_by_right ON pairs (right_id);
CREATE TABLE refusals (                         -- source: the file, absolute; NULL for what holds for one run only
    place TEXT NOT NULL, field TEXT, reason TEXT NOT NULL, source TEXT
);
CREATE TABLE history (                          -- what articles said before they were changed: see pipeline.history
    article_id TEXT NOT NULL, version INTEGER NOT NULL, replaced_at TEXT NOT NULL, digest TEXT NOT NULL,
    article TEXT NOT NULL, quotes TEXT, provenance TEXT,    -- JSON; quotes are NULL where nobody had looked for them
    PRIMARY KEY (article_id, version)
);
CREATE TABLE retractions (article_id TEXT PRIMARY KEY, reason TEXT, at TEXT NOT NULL) WITHOUT ROWID;
"""
_ORDER = "outlets DESC, size DESC, first.position, statements.id"
_STATEMENTS = (
    "SELECT statements.id, speaker, first_article_id, outlet, published, outlets, size, languages, confidence,"
    " independent_outlets FROM statements JOIN articles AS first ON first.id = first_article_id"
)
_MEMBERS = (
    "SELECT quotes.id, quotes.article_id, articles.outlet, quotes.language, articles.published, pieces, quotes.text,"
    " relation, altered, diff, retractions.article_id IS NOT NULL"
    " FROM statements JOIN articles AS first ON first.id = first_article_id"
    " JOIN members ON statement_id = statements.id JOIN quotes ON quotes.id = quote_id"
    " JOIN articles ON articles.id = quotes.article_id LEFT JOIN retractions ON retractions.article_id = articles.id"
)
AGAIN = "then run again: it goes on from here"
WAYS_OUT = {
    sqlite3.SQLITE_BUSY: f"another process is writing to it: wait until it has ended, {AGAIN}",
    sqlite3.SQLITE_FULL: f"make room on the disk, {AGAIN}",
    sqlite3.SQLITE_CORRUPT: "it is damaged: crossquote doctor --in DIR says how, and mends what it can",
    sqlite3.SQLITE_READONLY: "it may only be read, by you or on this disk: copy the folder",
}
"""What to do about SQLite's errors, by their codes."""

LONGEST_ID = 16  # characters of a statement's id
BATCH = 500  # values of one IN (...), below SQLite's limit of bound variables

Segments = Sequence[tuple[Span, Span]]
"""(source span, target span) of each sentence of a machine edition."""


def stays_in_shards(folder: Path) -> bool:
    """Whether the collection in a folder is one of the large form, which is no file of SQLite."""
    return (folder / MANIFEST).is_file()


class Collection:
    """An open collection. Use it in a `with` block; methods raise CollectionError when the file cannot be used."""

    def __init__(self, database: sqlite3.Connection, folder: Path, opened: ExitStack | None = None) -> None:
        self._db = database
        self._opened = opened or ExitStack()  # what is to be closed
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, read_only: bool = False, alone: bool = False) -> Self:
        """Open the collection in `folder`; with `create`, make folder and file where they are missing.

        With `read_only` nothing can be written, and threads may take turns with it. With `alone` no other process can open
        it so until it is closed: what takes several transactions is not mixed with another process's. One that an earlier
        version made is first brought to this version's schema, with a copy of it kept, if the folder may be written (see
        `migration`).
        """
        path = folder / FILE
        if stays_in_shards(folder):
            raise CollectionError(
                f"the collection in {folder} stays in shards, for its size: only `crossquote find`, `duplicates`, `serve`, `export` and `report` read it so far",
                f"all of it can be read with DuckDB: cd {folder} && duckdb -init views.sql",
            )
        if not create and not path.is_file():
            raise CollectionError(f"there is no collection in {folder}", "make one: crossquote run ARTICLES --into DIR")
        writable = create or os.access(folder, os.W_OK)
        with ExitStack() as undo:
            try:
                if create:
                    folder.mkdir(parents=True, exist_ok=True)
                    if not os.access(folder, os.W_OK):
                        raise CollectionError(f"{folder} may only be read", "name a folder in which you may write")
                if alone:
                    undo.enter_context(sole_writer(folder))
                if path.is_file():
                    cls._bring_up_to_date(path, create=create, writable=writable)
                if writable and not read_only:
                    database = sqlite3.connect(path, timeout=migration.WAIT, isolation_level=None)
                    undo.callback(database.close)
                    database.execute("PRAGMA journal_mode = WAL")
                    database.execute("PRAGMA synchronous = NORMAL")
                else:
                    database = cls._connect_to_read(path, writable=writable, check_same_thread=not read_only)
                    undo.callback(database.close)
                if create:
                    cls._create(database)
            except (OSError, sqlite3.Error, UnicodeDecodeError) as error:  # names of tables that are no text
                hint = _way_out(error, "is it a collection, may you write there, is there room on the disk?")
                raise CollectionError(f"{path} cannot be opened: {error}", hint) from error
            return cls(database, folder, undo.pop_all())

    @staticmethod
    def _connect_to_read(path: Path, *, writable: bool, check_same_thread: bool = True) -> sqlite3.Connection:
        """Where nobody may write, readers need not: immutable asks for no lock files."""
        uri = f"{path.resolve().as_uri()}?mode=ro{'' if writable else '&immutable=1'}"
        return sqlite3.connect(
            uri, uri=True, timeout=migration.WAIT, isolation_level=None, check_same_thread=check_same_thread
        )

    @classmethod
    def _bring_up_to_date(cls, path: Path, *, create: bool, writable: bool) -> None:
        with closing(cls._connect_to_read(path, writable=writable)) as database:
            found = migration.version(database, path, SCHEMA_VERSION)
        if found == 0 and not create:
            raise CollectionError(f"{path} is empty", "make it again: crossquote run ARTICLES --into DIR")
        if found not in (0, SCHEMA_VERSION):
            if not writable:
                raise CollectionError(
                    f"{path} is of an earlier version (schema {found}, this one reads {SCHEMA_VERSION})",
                    "it is brought up to date where it may be written: copy the folder there",
                )
            migration.migrate(path, SCHEMA_VERSION)

    @staticmethod
    def _create(database: sqlite3.Connection) -> None:
        """Make the tables in a file that has none."""
        if database.execute("PRAGMA user_version").fetchone()[0]:
            return
        database.execute("BEGIN IMMEDIATE")
        if database.execute("PRAGMA user_version").fetchone()[0] == 0:  # else another process was quicker
            for statement in migration.statements(SCHEMA):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        database.execute("COMMIT")

    @classmethod
    def in_memory(cls, folder: Path = Path()) -> Self:
        """An empty collection that lasts as long as it is open; `folder` is where what is put into it comes from."""
        database = sqlite3.connect(":memory:", isolation_level=None)
        opened = ExitStack()
        opened.callback(database.close)
        return cls.within(database, folder, opened)

    @classmethod
    def of_file(cls, path: Path, folder: Path) -> Self:
        """A collection in a file of its own that nobody changes, to be read by any thread; `folder` is where it belongs."""
        database = cls._connect_to_read(path, writable=False, check_same_thread=False)
        opened = ExitStack()
        opened.callback(database.close)
        return cls(database, folder, opened)

    @classmethod
    def within(cls, database: sqlite3.Connection, folder: Path, opened: ExitStack | None = None) -> Self:
        """An empty collection in an empty database."""
        cls._create(database)
        return cls(database, folder, opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        ours = isinstance(error, Exception) and not isinstance(error, PipelineError | OSError | sqlite3.Error)
        damaged = ours and not self._is_whole()  # what is read from it may be anything then
        self._opened.close()
        if isinstance(error, sqlite3.Error) or damaged:
            hint = _way_out(error) if isinstance(error, sqlite3.Error) else WAYS_OUT[sqlite3.SQLITE_CORRUPT]
            raise CollectionError(f"{self.folder / FILE} cannot be used: {error}", hint) from error

    def _is_whole(self) -> bool:
        """Whether SQLite finds no fault in the file."""
        try:
            found = self._db.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.Error:
            return False
        return bool(found == ("ok",))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:  # not so where SQLite has gone back by itself, as on a full disk
                    self._db.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise CollectionError(f"{self.folder / FILE} cannot be written: {error}", _way_out(error)) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see one state, whatever another run writes meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    @property
    def title(self) -> str:
        """What the collection is called: the name of its folder."""
        return self.folder.resolve().name

    # Meta: the revision counts changes; an output is up to date when it was written at the current revision.

    def meta(self, key: str) -> str | None:
        """A remembered value."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def remember(self, key: str, value: str) -> None:
        """Remember a value under `key`."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def revision(self) -> int:
        """Number of changes so far."""
        return int(self.meta("revision") or 0)

    def touch(self) -> None:
        """Count a change, with its time."""
        self.remember("revision", str(self.revision + 1))
        self.remember("changed", max(settings.now().isoformat(), self.meta("changed") or ""))  # clocks go back, too

    # Articles

    def put_article(self, article: Article, segments: Segments = ()) -> bool:
        """Add or update an article; what was derived from an older state of it is dropped. Whether anything changed.

        `segments` belong to a machine edition.
        """
        row = self._db.execute("SELECT digest FROM articles WHERE id = ?", (article.id,)).fetchone()
        if row and row[0] == article.digest:
            return False
        if row and not segments:
            self._keep_version(article.id)
        self._forget(article.id)
        columns = "id, digest, text, language, outlet, title, published, url, translation_of, translator"
        values = (
            article.id, article.digest, article.text, article.language, article.outlet, article.title,
            article.published, article.url, article.translation_of, article.translator,
        )  # fmt: skip
        updates = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", ")[1:])
        marks = ", ".join("?" * len(values))
        self._db.execute(
            f"INSERT INTO articles ({columns}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {updates}", values
        )
        self._db.executemany(
            "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?)",
            [(article.id, number, *source, *target) for number, (source, target) in enumerate(segments)],
        )
        self.touch()
        return True

    def _keep_version(self, article_id: str) -> None:
        """Keep what an article says that is about to change, with its quotations; `history` reads it."""
        article, read = self.article(article_id), self.provenance(article_id)
        if article is None or self.segments(article_id):
            return  # what the collection made itself it can make again
        if self._db.execute("SELECT 1 FROM articles WHERE id = ? AND digest = ''", (article_id,)).fetchone():
            return  # damaged, it is no version: see pipeline.checkup
        quotes = list(self.quotes_of([article_id]))
        statements = self.statement_of([quote.id for quote in quotes])
        kept = [quote_json(quote) | {"statement_id": statements.get(quote.id)} for quote in quotes]
        self._db.execute(
            "INSERT INTO history SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM history WHERE article_id = ?1",
            (
                article_id,
                settings.now().isoformat(),
                article.digest,
                _json(asdict(article)),
                _json(kept) if self.is_read(article_id) else None,
                _json(asdict(read)) if read else None,
            ),
        )

    def _forget(self, article_id: str) -> None:
        """Drop what was derived from an article: its quotations with their statements, pairs and machine editions."""
        self._drop_utterances(article_id)
        self._drop_renderings(article_id)
        for table in ("done", "segments", "quotes", "provenance"):
            self._db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
        self._db.execute(  # or an article that changes, and changes back, would count as aligned
            "DELETE FROM done WHERE stage = 'align ' || ?1 AND article_id IN (SELECT right_id FROM pairs WHERE left_id = ?1)",
            (article_id,),
        )
        self._db.execute("DELETE FROM pairs WHERE left_id = ? OR right_id = ?", (article_id, article_id))
        made = self._db.execute(
            "SELECT articles.id FROM articles JOIN segments ON segments.article_id = articles.id AND number = 0 WHERE translation_of = ?",
            (article_id,),
        ).fetchall()
        for (edition,) in made:
            self.remove(edition)

    def remove(self, article_id: str) -> None:
        """Take an article out, with everything that was derived from it."""
        self._forget(article_id)
        self._db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        self.touch()

    def articles(self, *, machine: bool | None = None) -> Iterator[Article]:
        """Articles in order of input; with `machine`, only those that a machine did or did not make."""
        where = {None: "", True: "WHERE translator IS NOT NULL", False: "WHERE translator IS NULL"}[machine]
        yield from map(_article, self._db.execute(f"SELECT * FROM articles {where} ORDER BY position"))

    def article(self, article_id: str) -> Article | None:
        """One article."""
        row = self._db.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
        return _article(row) if row else None

    def some_articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """Articles by id."""
        rows = self.rows("SELECT * FROM articles WHERE id IN ({})", ids)
        return {article.id: article for article in map(_article, rows)}

    def outlines(self) -> Iterator[Article]:
        """As `articles`, with texts left empty."""
        columns = "position, id, digest, '', language, outlet, title, published, url, translation_of, translator"
        yield from map(_article, self._db.execute(f"SELECT {columns} FROM articles ORDER BY position"))

    def put_provenance(self, article_id: str, read: Provenance) -> bool:
        """Note what an article in its present state was read from. Whether these are the bytes that are noted.

        The first reading counts. When the same bytes are read again somewhere else, only their place is noted anew.
        """
        place = "place, path, inside, offset, record_id"
        anew = ", ".join(f"{name} = excluded.{name}" for name in place.split(", "))
        self._db.execute(
            f"INSERT INTO provenance (article_id, sha256, {place}, read_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            f" ON CONFLICT (article_id) DO UPDATE SET {anew} WHERE sha256 = excluded.sha256 AND excluded.path IS NOT NULL"
            " AND (place, path, inside, offset) IS NOT (excluded.place, excluded.path, excluded.inside, excluded.offset)",
            (article_id, read.sha256, read.where, read.path, read.inside, read.offset, read.record_id, read.read_at),
        )
        noted = "SELECT 1 FROM provenance WHERE article_id = ? AND sha256 = ?"
        return self._db.execute(noted, (article_id, read.sha256)).fetchone() is not None

    def provenance(self, article_id: str) -> Provenance | None:
        """What an article was read from; None for one that was made here, or read by a version that did not note it."""
        columns = "sha256, place, path, inside, offset, record_id, read_at"
        row = self._db.execute(f"SELECT {columns} FROM provenance WHERE article_id = ?", (article_id,)).fetchone()
        if row is None:
            return None
        sha256, where, path, inside, offset, record_id, read_at = row
        return Provenance(
            sha256=sha256, where=where, path=path, inside=inside, offset=offset, record_id=record_id, read_at=read_at
        )

    def normalised(self, article_id: str) -> str | None:
        """How the text of an article was normalised, as `normalisation.Normalised.signature` tells it."""
        row = self._db.execute(
            "SELECT signature FROM done WHERE article_id = ? AND stage = 'normalise'", (article_id,)
        ).fetchone()
        return row[0] if row else None

    def made_here(self) -> set[str]:
        """Ids of the machine editions that this collection made itself."""
        return {row[0] for row in self._db.execute("SELECT article_id FROM segments WHERE number = 0")}

    def segments(self, article_id: str) -> list[tuple[Span, Span]]:
        """(source span, target span) of each sentence of a machine edition."""
        rows = self._db.execute(
            "SELECT source_start, source_end, start, end FROM segments WHERE article_id = ? ORDER BY number",
            (article_id,),
        )
        return [((a, b), (c, d)) for a, b, c, d in rows]

    # Stages

    def undone(self, stage: str, signature: str) -> list[str]:
        """Ids of the articles, in order of input, that `stage` has not seen in their present state with these settings."""
        rows = self._db.execute(
            "SELECT id FROM articles LEFT JOIN done ON article_id = id AND stage = ? WHERE signature IS NOT ? ORDER BY position",
            (stage, signature),
        )
        return [row[0] for row in rows]

    def is_done(self, article_id: str, stage: str, signature: str) -> bool:
        """Whether `stage` has seen the article in its present state with these settings."""
        row = self._db.execute(
            "SELECT signature FROM done WHERE article_id = ? AND stage = ?", (article_id, stage)
        ).fetchone()
        return row is not None and row[0] == signature

    def mark_done(self, article_id: str, stage: str, signature: str) -> None:
        """Note that `stage` has seen the article."""
        self._db.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", (article_id, stage, signature))

    def call_for_edition(self, article_id: str, target: Language) -> None:
        """Have a machine edition made anew."""
        self.mark_done(article_id, f"translate {target}", "")

    def editions_called_for(self) -> list[tuple[str, Language]]:
        """Articles with the languages into which they are to be translated anew."""
        return self._db.execute(
            "SELECT article_id, substr(stage, 11) FROM done JOIN articles ON id = article_id"
            " WHERE stage LIKE 'translate %' AND signature = '' ORDER BY substr(stage, 11), position"
        ).fetchall()

    # Translations: a translation memory for pipeline.translations

    def known_translations(
        self, sources: Sequence[str], source: Language, target: Language, model: str
    ) -> dict[str, str]:
        """Translations that `model` made before, by source sentence."""
        query = "SELECT source, target FROM translations WHERE from_language = ? AND to_language = ? AND model = ?"
        return dict(self.rows(f"{query} AND source IN ({{}})", sources, source, target, model))

    def translated_in(self, signature: str) -> str:
        """In what state something is translated by what has this signature, and by what people translated."""
        return f"{signature}|people:{self.meta('by people') or 0}"

    def keep_translations(self, made: Mapping[str, str], source: Language, target: Language, model: str) -> None:
        """Remember translations, by source sentence, in a transaction of its own; those of people are counted as a change."""
        with self.transaction():
            if model == HUMAN:
                self.remember("by people", str(int(self.meta("by people") or 0) + 1))
            self._db.executemany(
                "INSERT OR REPLACE INTO translations VALUES (?, ?, ?, ?, ?)",
                [(text, source, target, model, translation) for text, translation in made.items()],
            )

    def remembered(self) -> Iterator[Remembered]:
        """All translations, by source sentence."""
        columns = "source, target, from_language, to_language, model"
        order = "source, from_language, to_language, model"
        for row in self._db.execute(f"SELECT {columns} FROM translations ORDER BY {order}"):
            yield Remembered(*row)

    # Quotations

    def put_quotes(self, article_id: str, quotes: Sequence[Quote]) -> None:
        """Replace the quotations of an article; their statements go."""
        self._drop_utterances(article_id)
        self._drop_renderings(article_id, [quote.id for quote in quotes])
        self._db.execute("DELETE FROM quotes WHERE article_id = ?", (article_id,))
        self._db.executemany(
            f"INSERT INTO quotes VALUES ({_marks(range(12))})",
            [
                (q.id, q.article_id, number, q.language, q.kind, json.dumps(q.pieces), q.text,
                 q.speaker, q.speaker_start, q.speaker_end, q.cue, q.confidence)
                for number, q in enumerate(quotes)
            ],
        )  # fmt: skip
        self.touch()

    def quotes(self) -> Iterator[Quote]:
        """All quotations, by article in order of input, then by place."""
        rows = self._db.execute(
            "SELECT quotes.* FROM quotes JOIN articles ON articles.id = article_id ORDER BY articles.position, number"
        )
        yield from map(_quote, rows)

    def some_quotes(self, ids: Sequence[str]) -> dict[str, Quote]:
        """Quotations by id."""
        return {quote.id: quote for quote in map(_quote, self.rows("SELECT * FROM quotes WHERE id IN ({})", ids))}

    def quotes_of(self, article_ids: Sequence[str]) -> Iterator[Quote]:
        """The quotations of some articles."""
        yield from map(_quote, self.rows("SELECT * FROM quotes WHERE article_id IN ({})", article_ids))

    def is_read(self, article_id: str) -> bool:
        """Whether the quotations of an article in its present state have been looked for."""
        query = "SELECT 1 FROM done WHERE article_id = ? AND stage = 'quotes'"
        return self._db.execute(query, (article_id,)).fetchone() is not None

    def count_of_quotes(self) -> dict[str, int]:
        """How many quotations articles have, by their ids; those without any are left out."""
        return dict(self._db.execute("SELECT article_id, count(*) FROM quotes GROUP BY article_id"))

    def sources(self, article_ids: Sequence[str]) -> dict[str, Source]:
        """Where some articles come from, by id."""
        rows = self.rows(
            "SELECT a.id, a.position, a.outlet, a.published, a.translation_of, original_id, original.outlet,"
            " retractions.article_id IS NOT NULL FROM articles AS a LEFT JOIN retractions ON retractions.article_id = a.id"
            " LEFT JOIN reprints ON reprints.article_id = a.id LEFT JOIN articles AS original ON original.id = original_id"
            " WHERE a.id IN ({})",
            article_ids,
        )
        return {row[0]: Source(*(*row[:-1], bool(row[-1]))) for row in rows}

    def rows(self, query: str, values: Sequence[Any], *before: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query whose ``{}`` stands for as many marks as there are `values`, asked in batches.

        `before` are the values of marks that stand before those.
        """
        for some in _batches(values):
            yield from self._db.execute(query.format(_marks(some)), (*before, *some))

    @property
    def database(self) -> sqlite3.Connection:
        """The connection, for modules that keep tables of their own here."""
        return self._db

    # Renderings: nothing follows from them but what readers see, so they have a count of changes of their own

    def put_renderings(self, made: Iterable[Rendering], state: str) -> None:
        """Keep translations of quotations, each in the place of an earlier one; `state` tells what they were made with."""
        self.remember("renderings", str(self.renderings_revision + 1))
        self._db.executemany(
            "INSERT OR REPLACE INTO renderings VALUES (?, ?, ?, ?, ?, ?)",
            [(one.quote_id, one.language, one.text, one.translator, " ".join(one.flags), state) for one in made],
        )

    def retracted(self) -> set[str]:
        """Ids of the articles that somebody noted as retracted."""
        return {id_ for (id_,) in self.database.execute("SELECT article_id FROM retractions")}

    @property
    def renderings_revision(self) -> int:
        """How often some were added."""
        return int(self.meta("renderings") or 0)

    def renderings(self, quote_ids: Sequence[str]) -> dict[str, list[Rendering]]:
        """The translations of some quotations, by their ids; those without any are left out."""
        query = "SELECT quote_id, language, text, translator, flags FROM renderings WHERE quote_id IN ({})"
        found: dict[str, list[Rendering]] = {}
        for quote_id, language, text, translator, flags in self.rows(query, quote_ids):
            made = Rendering(quote_id, language, text, translator, tuple(flags.split()))
            found.setdefault(quote_id, []).append(made)
        return found

    def rendered(self, quote_ids: Sequence[str], language: Language, state: str) -> set[str]:
        """Which of some quotations have a translation into a language that was made in this state."""
        query = "SELECT quote_id FROM renderings WHERE language = ? AND state = ? AND quote_id IN ({})"
        return {row[0] for row in self.rows(query, quote_ids, language, state)}

    def _drop_renderings(self, article_id: str, kept: Sequence[str] = ()) -> None:
        """Those of the quotations of an article, but for some that stay."""
        rows = self._db.execute("SELECT id FROM quotes WHERE article_id = ?", (article_id,))
        gone = {row[0] for row in rows}.difference(kept)
        self._db.executemany("DELETE FROM renderings WHERE quote_id = ?", [(id_,) for id_ in sorted(gone)])

    # Vectors: a cache for pipeline.vectors

    def known_vectors(self, texts: Sequence[str], model: str) -> dict[str, Vectors]:
        """Vectors, each of shape (dim,), that `model` made before, by text."""
        rows = self.rows("SELECT text, vector FROM vectors WHERE model = ? AND text IN ({})", texts, model)
        return {text: np.frombuffer(blob, dtype="<f4") for text, blob in rows}

    def keep_vectors(self, made: Mapping[str, Vectors], model: str) -> None:
        """Remember vectors, by text, in a transaction of its own."""
        with self.transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(text, model, vector.astype("<f4").tobytes()) for text, vector in made.items()],
            )

    # Statements

    def loosen(self, components: Iterable[str]) -> None:
        """Take components apart (see `pipeline.utterances`): their statements go, their utterances are to be grouped anew."""
        some = [(component,) for component in sorted(set(components))]
        self._db.executemany(
            "DELETE FROM members WHERE statement_id IN (SELECT id FROM statements WHERE component = ?)", some
        )
        self._db.executemany("DELETE FROM statements WHERE component = ?", some)
        self._db.executemany("UPDATE utterances SET component = NULL WHERE component = ?", some)

    def loosen_articles(self, ids: Sequence[str]) -> None:
        """As `loosen`, for the components in which articles say something."""
        rows = self.rows("SELECT component FROM utterances WHERE article_id IN ({})", ids)
        self.loosen(component for (component,) in rows if component is not None)

    def _drop_utterances(self, article_id: str) -> None:
        self.loosen_articles([article_id])
        self._db.execute("DELETE FROM utterances WHERE article_id = ?", (article_id,))

    def put_statements(
        self, component: str, statements: Iterable[Statement], joins: Mapping[str, Join] | None = None
    ) -> None:
        """Add the statements of a component (see `pipeline.utterances`), with the joins of their members by quotation."""
        known = joins or {}
        for s in statements:
            self._db.execute(
                "INSERT INTO statements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    s.id,
                    component,
                    _json(s.speaker),
                    s.first.article_id,
                    s.outlets,
                    len(s.members),
                    " ".join(s.languages),
                    s.confidence,
                    s.independent_outlets,
                ),
            )
            self._db.executemany(
                "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        s.id,
                        number,
                        m.quote_id,
                        m.relation,
                        " ".join(m.altered),
                        None if m.diff is None else _json(m.diff),
                        *_join_kept(known.get(m.quote_id)),
                    )
                    for number, m in enumerate(s.members)
                ],
            )

    def statements(self) -> Iterator[Statement]:
        """All statements, most widely repeated first."""
        members = map(_member, self._db.execute(f"{_MEMBERS} ORDER BY {_ORDER}, members.number"))
        for row in self._db.execute(f"{_STATEMENTS} ORDER BY {_ORDER}"):
            yield _statement(row, members)

    def statement(self, id_: str) -> Statement | None:
        """One statement."""
        row = self._db.execute(f"{_STATEMENTS} WHERE statements.id = ?", (id_,)).fetchone()
        query = f"{_MEMBERS} WHERE statements.id = ? ORDER BY members.number"
        return _statement(row, map(_member, self._db.execute(query, (id_,)))) if row else None

    def statement_ids(self, beginning: str, most: int = 6) -> list[str]:
        """The ids of statements that begin so, at most that many."""
        if not beginning.isascii() or not beginning.isprintable():
            return []  # no id does
        query = "SELECT id FROM statements WHERE id BETWEEN ?1 AND ?1 || '~' ORDER BY id LIMIT ?2"
        return [row[0] for row in self._db.execute(query, (beginning, most))]

    def statement_named(self, beginning: str) -> Statement:
        """The statement whose id is this, or begins so; InputError when there is none, or several."""
        ids = self.statement_ids(beginning)
        if len(ids) == 1 or beginning in ids:
            found = self.statement(ids[0])  # an id stands before those that it is the beginning of
            if found is not None:
                return found
        if ids:
            some, count = ", ".join(ids[:5]), f"{len(ids)}" if len(ids) <= 5 else "several"
            raise InputError(
                f"{count} statements begin with {beginning!r}: {some}{'' if len(ids) <= 5 else ', …'}",
                "give more of the id",
            )
        shorter = (beginning[:length] for length in range(min(len(beginning), LONGEST_ID), len("s-"), -1))
        alike = ", ".join(next(filter(None, map(self.statement_ids, shorter)), [])[:3])
        raise InputError(
            f"there is no statement {beginning!r} in {self.folder}",
            (f"did you mean {alike}? " if alike else "")
            + "crossquote duplicates --min-outlets 1 --jsonl --in DIR lists them with their ids",
        )

    def statement_of(self, quote_ids: Sequence[str]) -> dict[str, str]:
        """The ids of the statements that some quotations are members of, by the ids of these."""
        return dict(self.rows("SELECT quote_id, statement_id FROM members WHERE quote_id IN ({})", quote_ids))

    def joins(self) -> dict[str, Join]:
        """Why quotations are members of their statements, by their ids; the fullest member needs no reason."""
        rows = self._db.execute("SELECT quote_id, probability, why FROM members WHERE why IS NOT NULL")
        return _joins(rows)

    def some_joins(self, quote_ids: Sequence[str]) -> dict[str, Join]:
        """As `joins`, of some quotations."""
        query = "SELECT quote_id, probability, why FROM members WHERE why IS NOT NULL AND quote_id IN ({})"
        return _joins(self.rows(query, quote_ids))

    def spellings(self) -> Iterator[list[str]]:
        """The names that the articles give the speaker of each statement, where there are several."""
        rows = self._db.execute(
            "SELECT DISTINCT statement_id, speaker FROM members JOIN quotes ON quotes.id = quote_id"
            " WHERE speaker IS NOT NULL ORDER BY 1, 2"
        )
        for _, some in groupby(rows, key=itemgetter(0)):
            names = [name for _, name in some]
            if len(names) > 1:
                yield names

    def probabilities(self, quote_ids: Sequence[str]) -> dict[str, float]:
        """Of `some_joins` the probabilities."""
        query = "SELECT quote_id, probability FROM members WHERE why IS NOT NULL AND quote_id IN ({})"
        return dict(self.rows(query, quote_ids))

    # Pairs

    def drop_pairs(self, editions: Sequence[tuple[str, str]]) -> None:
        """Forget the aligned pairs of articles, left and right, that are editions of each other no longer."""
        for left_id, right_id in editions:
            self.put_pairs(left_id, right_id, ())
            self._db.execute("DELETE FROM done WHERE article_id = ? AND stage = 'align ' || ?", (right_id, left_id))

    def put_pairs(self, left_id: str, right_id: str, pairs: Sequence[AlignedPair]) -> None:
        """Replace the aligned pairs of two editions; the statements quoted there are to be grouped anew."""
        self.loosen_articles([left_id, right_id])
        self._db.execute("DELETE FROM pairs WHERE left_id = ? AND right_id = ?", (left_id, right_id))
        self._db.executemany(
            f"INSERT INTO pairs VALUES ({_marks(range(10))})",
            [
                (
                    left_id,
                    right_id,
                    number,
                    p.left.start,
                    p.left.end,
                    p.right.start,
                    p.right.end,
                    p.kind,
                    p.moved,
                    p.similarity,
                )
                for number, p in enumerate(pairs)
            ],
        )
        self.touch()

    def pairs(self, *, between: tuple[str, str] | None = None) -> Iterator[AlignedPair]:
        """All aligned pairs, by left and right article, or those of two articles, left and right."""
        for left_id, right_id in [between] if between else self.aligned():
            left, right = self.article(left_id), self.article(right_id)
            if left is None or right is None:
                continue  # an article was removed behind our back
            rows = self._db.execute(
                "SELECT * FROM pairs WHERE left_id = ? AND right_id = ? ORDER BY number", (left_id, right_id)
            )
            for _, _, _, a, b, c, d, kind, moved, similarity in rows:
                yield AlignedPair(
                    left=Passage(article_id=left.id, start=a, end=b, text=left.text[a:b]),
                    right=Passage(article_id=right.id, start=c, end=d, text=right.text[c:d]),
                    left_language=left.language,
                    right_language=right.language,
                    kind=kind,
                    moved=bool(moved),
                    similarity=similarity,
                    origin="machine" if left.translator or right.translator else "human",
                )

    def pairs_beside(self, article_ids: Sequence[str]) -> Iterator[AlignedPair]:
        """The aligned pairs of some articles, whichever side they are on."""
        aligned = {
            both
            for side in ("left_id", "right_id")
            for both in self.rows(f"SELECT DISTINCT left_id, right_id FROM pairs WHERE {side} IN ({{}})", article_ids)
        }
        for left_id, right_id in sorted(aligned):
            yield from self.pairs(between=(left_id, right_id))

    def aligned(self) -> list[tuple[str, str]]:
        """Ids of the articles, left and right, that have aligned pairs, in order of input."""
        return self._db.execute(
            "SELECT DISTINCT left_id, right_id FROM pairs JOIN articles ON id = left_id ORDER BY position, right_id"
        ).fetchall()

    def pair_languages(self) -> list[tuple[Language, Language]]:
        """The languages, left and right, in which there are aligned pairs."""
        return self._db.execute(
            "SELECT DISTINCT l.language, r.language FROM (SELECT DISTINCT left_id, right_id FROM pairs)"
            " JOIN articles AS l ON l.id = left_id JOIN articles AS r ON r.id = right_id ORDER BY 1, 2"
        ).fetchall()

    # Refusals

    def put_refusals(self, refusals: Sequence[Refusal], read: Callable[[str], bool]) -> None:
        """Note what a run refused.

        That takes the place of what was refused of the files that were `read` again, and of what held for one run only.
        """
        before = list(self.refusals())
        left = [refusal for refusal in before if refusal.source is not None and not read(refusal.source)]
        now = sorted([*left, *refusals], key=lambda refusal: refusal.source or "")
        if before != now:
            self._db.execute("DELETE FROM refusals")
            self._db.executemany(
                "INSERT INTO refusals VALUES (?, ?, ?, ?)", [(r.where, r.field, r.reason, r.source) for r in now]
            )
            self.touch()

    def refusals(self) -> Iterator[Refusal]:
        """The inputs that were refused when they were last read, file by file."""
        rows = self._db.execute("SELECT place, reason, field, source FROM refusals ORDER BY rowid")
        for place, reason, field, source in rows:
            yield Refusal(where=place, reason=reason, field=field, source=source)

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        number: int = self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return number


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Inside, and until the process ends in whatever way, nobody else can open the collection in a folder `alone`.

    CollectionError when somebody has done so.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CollectionError(
                f"another process is writing to the collection in {folder}", "wait until it has ended, then run again"
            ) from error
        except OSError:  # a file system without locks: SQLite's own still keep transactions apart
            pass
        yield
    finally:
        os.close(descriptor)


def _way_out(
    error: Exception, otherwise: str = f"is there room on the disk, and may you write there? {AGAIN.capitalize()}"
) -> str:
    """What to do about an error of SQLite's."""
    return WAYS_OUT.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, otherwise)


def _article(row: Sequence[Any]) -> Article:
    _, id_, _, text, language, outlet, title, published, url, translation_of, translator = row
    return Article(
        id=id_, text=text, language=language, outlet=outlet, title=title, published=published, url=url,
        translation_of=translation_of, translator=translator,
    )  # fmt: skip


def _quote(row: Sequence[Any]) -> Quote:
    id_, article_id, _, language, kind, pieces, text, speaker, speaker_start, speaker_end, cue, confidence = row
    return Quote(
        id=id_, article_id=article_id, language=language, kind=kind, pieces=tuple((a, b) for a, b in json.loads(pieces)),
        text=text, speaker=speaker, speaker_start=speaker_start, speaker_end=speaker_end, cue=cue, confidence=confidence,
    )  # fmt: skip


def _statement(row: Sequence[Any], members: Iterator[Member]) -> Statement:
    """A statement from its row; its members come next."""
    id_, speaker, article_id, outlet, published, outlets, size, languages, confidence, independent = row
    return Statement(
        id=id_,
        speaker=json.loads(speaker),
        first=First(article_id=article_id, outlet=outlet, published=published),
        outlets=outlets,
        languages=tuple(languages.split()),
        confidence=confidence,
        members=_next(members, size),
        independent_outlets=independent,
    )


def _next(members: Iterator[Member], size: int) -> tuple[Member, ...]:
    found = tuple(islice(members, size))
    if len(found) != size:
        raise sqlite3.DatabaseError("members of a statement are missing")
    return found


def _member(row: Sequence[Any]) -> Member:
    quote_id, article_id, outlet, language, published, pieces, text, relation, altered, diff, retracted = row
    spans = json.loads(pieces)
    return Member(
        quote_id=quote_id, article_id=article_id, outlet=outlet, language=language, published=published,
        start=spans[0][0], end=spans[-1][1], text=text, relation=relation, altered=tuple(altered.split()),
        diff=_diff(diff), retracted=bool(retracted),
    )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _joins(rows: Iterable[tuple[Any, ...]]) -> dict[str, Join]:
    return {quote_id: Join(probability, json.loads(why)) for quote_id, probability, why in rows}


def _join_kept(join: Join | None) -> tuple[float | None, str | None]:
    return (None, None) if join is None else (join.probability, json.dumps(join.why))


def _diff(kept: str | None) -> Diff | None:
    return None if kept is None else tuple((kind, words) for kind, words in json.loads(kept))


def _batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(values), BATCH):
        yield values[at : at + BATCH]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
