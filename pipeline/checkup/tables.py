"""Whether the database is whole, and whether its rows point at rows that are there."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.checkup.findings import LOST, NAMED, Finding, Patient, named
from pipeline.checkup.reprinted import look_again
from pipeline.collection import FILE, SCHEMA
from pipeline.records import counted

REPRINTED = ("reprints", "bands", "links")
INDEX = re.compile(r"(missing from|entries in) index")
COMMENT = re.compile(r"--[^\n]*")


@dataclass(frozen=True, slots=True)
class Dangling:
    """Rows of a table for which `where` holds; `key` names one of them."""

    table: str
    what: str
    of: str
    key: str
    where: str


NO_ARTICLE = "NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = {})"
_OF_ARTICLES = {
    "quotes": "quotation",
    "segments": "divided sentence",
    "done": "stage note",
    "provenance": "origin",
    "utterances": "utterance",
    "reprints": "reprint",
}
DANGLING = (
    *(
        Dangling(table, what, "of articles that are not there", "article_id", NO_ARTICLE.format(f"{table}.article_id"))
        for table, what in _OF_ARTICLES.items()
    ),
    Dangling(
        "pairs",
        "aligned pair",
        "of articles that are not there",
        "left_id || ' ' || right_id",
        f"{NO_ARTICLE.format('left_id')} OR {NO_ARTICLE.format('right_id')}",
    ),
    Dangling(
        "reprints",
        "reprint",
        "of originals that are not there",
        "article_id",
        NO_ARTICLE.format("reprints.original_id"),
    ),
    Dangling(
        "members",
        "member",
        "of statements that are not there",
        "quote_id",
        "NOT EXISTS (SELECT 1 FROM statements WHERE statements.id = statement_id)",
    ),
    Dangling(
        "bands",
        "band",
        "of shingles that are not there",
        "number",
        "NOT EXISTS (SELECT 1 FROM shingles WHERE shingles.number = bands.number)",
    ),
    Dangling(
        "links",
        "link",
        "of shingles that are not there",
        "one || ' ' || other",
        "one NOT IN (SELECT number FROM shingles) OR other NOT IN (SELECT number FROM shingles)",
    ),
)


RENDERINGS = Dangling(
    "renderings",
    "translation",
    "of quotations that are not there",
    "quote_id",
    "NOT EXISTS (SELECT 1 FROM quotes WHERE quotes.id = quote_id)",
)


def unreadable(folder: Path) -> str | None:
    """Why the file is no database; None when it is one."""
    try:
        with closing(sqlite3.connect(f"{(folder / FILE).resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return None  # it is locked, or may not be written beside: opening it says so
    except sqlite3.DatabaseError as error:
        return str(error)
    return None


def file(patient: Patient) -> Iterator[Finding]:
    """Whether SQLite finds everything in its place, and all tables and indexes are there."""
    database = patient.collection.database
    wrong = [row[0] for row in database.execute("PRAGMA integrity_check")]
    if wrong != ["ok"]:
        if all(INDEX.search(line) for line in wrong):
            yield Finding(
                "the file",
                f"an index does not agree with its table: {wrong[0]}",
                "the indexes are built anew",
                partial(patient.execute, "REINDEX"),
            )
        else:
            yield Finding("the file", f"{FILE} is damaged: {wrong[0]}", LOST, hopeless=True)
            return
    with closing(sqlite3.connect(":memory:")) as model:
        model.executescript(SCHEMA)
        wanted, there = _objects(model), _objects(database)
        made_by = dict(model.execute("SELECT name, sql FROM sqlite_master").fetchall())
    for name, (kind, _) in wanted.items():
        if name not in there:
            build = partial(patient.execute, made_by[name])
            yield Finding("the file", f"the {kind} {name} is missing", f"the {kind} is made anew", build)
        elif there[name] != wanted[name]:
            yield Finding("the file", f"the {kind} {name} is not as this version makes it", LOST, hopeless=True)


def _take_out(patient: Patient, one: Dangling) -> None:
    patient.execute(f"DELETE FROM {one.table} WHERE {one.where}")
    if one.table in REPRINTED:
        look_again(patient)


def _objects(database: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Kind and statement of each table and index, by name; without comments and spaces, which a migration may not have."""
    rows = database.execute("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    return {name: (kind, "".join(COMMENT.sub("", sql).split())) for name, kind, sql in rows}


def rows(patient: Patient) -> Iterator[Finding]:
    """Rows that point at rows that are not there."""
    for one in DANGLING:
        yield from _dangling(patient, one)


def renderings(patient: Patient) -> Iterator[Finding]:
    """Translations of quotations that are not there; where some are found anew, theirs wait for them."""
    if not patient.touched and not patient.unfinished:
        yield from _dangling(patient, RENDERINGS)


def _dangling(patient: Patient, one: Dangling) -> Iterator[Finding]:
    database = patient.collection.database
    count = database.execute(f"SELECT count(*) FROM {one.table} WHERE {one.where}").fetchone()[0]
    if count:
        some = f"SELECT {one.key} FROM {one.table} WHERE {one.where} LIMIT {NAMED}"
        ids = [row[0] for row in database.execute(some)]
        wrong = f"{counted(count, one.what)} {one.of}{named(ids, count)}"
        yield Finding(one.table, wrong, "taken out", partial(_take_out, patient, one))
