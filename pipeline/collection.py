"""The SQLite file that remembers a collection: articles, translations, quotations, vectors, statements, pairs.

What costs time is kept with the signature of the engine that made it, so that a later run does only what is new. A
write is a transaction: a run that is killed leaves what it had finished, and the next run goes on from there.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Self

import numpy as np

from pipeline import settings
from pipeline.errors import CollectionError
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
    Quote,
    Refusal,
    Source,
    Span,
    Statement,
)

FILE = "collection.sqlite"
SCHEMA_VERSION = 3
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
CREATE TABLE refusals (place TEXT NOT NULL, field TEXT, reason TEXT NOT NULL);
"""
_ORDER = "outlets DESC, size DESC, first.position, statements.id"
_STATEMENTS = (
    "SELECT statements.id, speaker, first_article_id, outlet, published, outlets, size, languages, confidence,"
    " independent_outlets FROM statements JOIN articles AS first ON first.id = first_article_id"
)
_MEMBERS = (
    "SELECT quotes.id, quotes.article_id, articles.outlet, quotes.language, articles.published, pieces, quotes.text,"
    " relation, altered, diff FROM statements JOIN articles AS first ON first.id = first_article_id"
    " JOIN members ON statement_id = statements.id JOIN quotes ON quotes.id = quote_id"
    " JOIN articles ON articles.id = quotes.article_id"
)
BATCH = 500  # values of one IN (...), below SQLite's limit of bound variables

Segments = Sequence[tuple[Span, Span]]
"""(source span, target span) of each sentence of a machine edition."""


class Collection:
    """An open collection. Use it in a `with` block; methods raise CollectionError when the file cannot be used."""

    def __init__(self, database: sqlite3.Connection, folder: Path) -> None:
        self._db = database
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, read_only: bool = False) -> Self:
        """Open the collection in `folder`; with `create`, make folder and file where they are missing.

        With `read_only` nothing can be written, and threads may take turns with it.
        """
        path = folder / FILE
        if not create and not path.is_file():
            raise CollectionError(f"there is no collection in {folder}", "make one: crossquote run ARTICLES --into DIR")
        try:
            if create or (not read_only and os.access(folder, os.W_OK)):
                folder.mkdir(parents=True, exist_ok=True)
                database = sqlite3.connect(path, timeout=10, isolation_level=None)
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = NORMAL")
            else:  # where nobody may write, readers need not: immutable asks for no lock files
                uri = f"{path.resolve().as_uri()}?mode=ro{'' if os.access(folder, os.W_OK) else '&immutable=1'}"
                database = sqlite3.connect(
                    uri, uri=True, timeout=10, isolation_level=None, check_same_thread=not read_only
                )
            cls._prepare(database, path)
        except (OSError, sqlite3.Error) as error:
            raise CollectionError(
                f"{path} cannot be opened: {error}", "is it a collection, and may you write there?"
            ) from error
        return cls(database, folder)

    @staticmethod
    def _prepare(database: sqlite3.Connection, path: Path) -> None:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == SCHEMA_VERSION:
            return
        if version != 0 or database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise CollectionError(
                f"{path} was made by another version of Crossquote (schema {version}, this one reads {SCHEMA_VERSION})",
                "run again from the articles into a new folder",
            )
        database.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise CollectionError(
                f"{self.folder / FILE} cannot be written: {error}",
                "is another run using it, or is the disk full? Run again to go on from here",
            ) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see one state, whatever another run writes meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
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
        self.remember("changed", settings.now().isoformat())

    # Articles

    def put_article(self, article: Article, segments: Segments = ()) -> bool:
        """Add or update an article; what was derived from an older state of it is dropped. Whether anything changed.

        `segments` belong to a machine edition.
        """
        row = self._db.execute("SELECT digest FROM articles WHERE id = ?", (article.id,)).fetchone()
        if row and row[0] == article.digest:
            return False
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

    def _forget(self, article_id: str) -> None:
        """Drop what was derived from an article: its quotations with their statements, pairs and machine editions."""
        self._drop_utterances(article_id)
        for table in ("done", "segments", "quotes"):
            self._db.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
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

    # Translations: a translation memory for pipeline.translations

    def known_translations(
        self, sources: Sequence[str], source: Language, target: Language, model: str
    ) -> dict[str, str]:
        """Translations that `model` made before, by source sentence."""
        query = "SELECT source, target FROM translations WHERE from_language = ? AND to_language = ? AND model = ?"
        return dict(self.rows(f"{query} AND source IN ({{}})", sources, source, target, model))

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

    def count_of_quotes(self) -> dict[str, int]:
        """How many quotations articles have, by their ids; those without any are left out."""
        return dict(self._db.execute("SELECT article_id, count(*) FROM quotes GROUP BY article_id"))

    def sources(self, article_ids: Sequence[str]) -> dict[str, Source]:
        """Where some articles come from, by id."""
        rows = self.rows(
            "SELECT a.id, a.position, a.outlet, a.published, a.translation_of, original_id, original.outlet FROM articles AS a"
            " LEFT JOIN reprints ON article_id = a.id LEFT JOIN articles AS original ON original.id = original_id"
            " WHERE a.id IN ({})",
            article_ids,
        )
        return {id_: Source(id_, *rest) for id_, *rest in rows}

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

    def _drop_utterances(self, article_id: str) -> None:
        rows = self._db.execute("SELECT component FROM utterances WHERE article_id = ?", (article_id,))
        self.loosen([row[0] for row in rows if row[0] is not None])
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
                    json.dumps(s.speaker, ensure_ascii=False),
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
                        _diff_kept(m.diff),
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

    def put_pairs(self, left_id: str, right_id: str, pairs: Sequence[AlignedPair]) -> None:
        """Replace the aligned pairs of two editions; the statements quoted there are to be grouped anew."""
        rows = self._db.execute("SELECT component FROM utterances WHERE article_id IN (?, ?)", (left_id, right_id))
        self.loosen([row[0] for row in rows if row[0] is not None])
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

    def put_refusals(self, refusals: Sequence[Refusal]) -> None:
        """Replace the refusals of the last run."""
        if list(self.refusals()) != list(refusals):
            self._db.execute("DELETE FROM refusals")
            self._db.executemany(
                "INSERT INTO refusals VALUES (?, ?, ?)", [(r.where, r.field, r.reason) for r in refusals]
            )
            self.touch()

    def refusals(self) -> Iterator[Refusal]:
        """The inputs that the last run refused."""
        for place, reason, field in self._db.execute("SELECT place, reason, field FROM refusals ORDER BY rowid"):
            yield Refusal(where=place, reason=reason, field=field)

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        number: int = self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return number


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
        members=tuple(next(members) for _ in range(size)),
        independent_outlets=independent,
    )


def _member(row: Sequence[Any]) -> Member:
    quote_id, article_id, outlet, language, published, pieces, text, relation, altered, diff = row
    spans = json.loads(pieces)
    return Member(
        quote_id=quote_id, article_id=article_id, outlet=outlet, language=language, published=published,
        start=spans[0][0], end=spans[-1][1], text=text, relation=relation, altered=tuple(altered.split()),
        diff=_diff(diff),
    )  # fmt: skip


def _diff_kept(diff: Diff | None) -> str | None:
    return None if diff is None else json.dumps(diff, ensure_ascii=False)


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
