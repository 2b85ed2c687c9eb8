"""Brings a collection that an earlier version made to the schema of this one, or says why that cannot be.

Nothing is lost on the way: before a schema is changed, the file is copied beside it, and all steps are one transaction.
Whenever it is interrupted, the collection is of the old schema or of the new one, and whole.
"""

import filecmp
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

from pipeline import files
from pipeline.errors import CollectionError

STEPS = {
    3: """
CREATE TABLE provenance (
    article_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, place TEXT NOT NULL, path TEXT, inside TEXT, offset INTEGER,
    record_id TEXT, read_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE renderings (
    quote_id TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, translator TEXT NOT NULL, flags TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (quote_id, language)
) WITHOUT ROWID;
ALTER TABLE refusals ADD COLUMN source TEXT;
CREATE TABLE history (
    article_id TEXT NOT NULL, version INTEGER NOT NULL, replaced_at TEXT NOT NULL, digest TEXT NOT NULL,
    article TEXT NOT NULL, quotes TEXT, provenance TEXT,
    PRIMARY KEY (article_id, version)
);
CREATE TABLE retractions (article_id TEXT PRIMARY KEY, reason TEXT, at TEXT NOT NULL) WITHOUT ROWID;
""",
}
"""What makes the next schema of each one that can be brought up to date. A step never changes once it was published."""

TABLES = {"meta", "articles", "quotes", "statements", "members"}
"""What collections of all schemas have, and no other database does."""

WAIT = 10
"""Seconds in which another process may end what it is writing."""


def version(database: sqlite3.Connection, path: Path, wanted: int) -> int:
    """The schema of a collection; 0 for a database without anything in it.

    CollectionError for another program's database, and for a schema from which no steps lead to the one that is wanted.
    """
    found: int = database.execute("PRAGMA user_version").fetchone()[0]
    names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    if found == 0 and not names:
        return 0
    if found == 0 or not names >= TABLES:
        raise CollectionError(f"{path} is another program's database, no collection", "name the folder of a collection")
    if found > wanted or not set(range(found, wanted)) <= STEPS.keys():
        raise CollectionError(
            f"{path} was made by another version of Crossquote (schema {found}, this one reads {wanted})",
            "install the version that made it, or a newer one"
            if found > wanted
            else "run again from the articles into a new folder",
        )
    return found


def migrate(path: Path, wanted: int) -> None:
    """Bring the collection in `path` from an earlier schema to the one that is wanted, and tell it to the log.

    CollectionError when that fails; then the collection is as it was.
    """
    try:
        with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")  # nobody else writes from here on
            found = version(database, path, wanted)
            if found == wanted:
                return  # another process was quicker
            kept = _backup(path, found)
            for step in range(found, wanted):
                for statement in statements(STEPS[step]):
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {wanted}")
            database.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise CollectionError(
            f"{path} is of an earlier version, and could not be brought up to date: {error}",
            "is there room for a copy of it, and is nobody else writing there? It is as it was",
        ) from error
    logging.getLogger(__name__).warning(
        "%s was brought from schema %d to %d; as it was, it is kept in %s", path, found, wanted, kept.name
    )


def statements(script: str) -> Iterator[str]:
    """The statements of a script, each of which ends with a line. `executescript` would end the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _backup(path: Path, schema: int) -> Path:
    """Copy a database beside itself, under a name that says of what schema it is; copies that were there stay."""

    def copy(number: int) -> Path:
        return path.with_name(f"{path.name}.schema{schema}{f'.{number}' if number > 1 else ''}.bak")

    number = next(n for n in count(1) if not copy(n).exists())
    kept, last = copy(number), copy(number - 1)
    # Through a connection of its own: what that reads is what was there before the transaction.
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with (
        files.atomic_path(kept, like=path) as part,
        closing(sqlite3.connect(uri, uri=True, timeout=WAIT)) as source,
        closing(sqlite3.connect(part)) as target,
    ):
        target.execute("PRAGMA journal_mode = OFF")
        source.backup(target)
    if number > 1 and filecmp.cmp(kept, last, shallow=False):  # of a migration that was interrupted
        kept.unlink()
        return last
    return kept
