"""Takes articles out of a collection, and out of every file of its folder, as if they had never been there.

Somebody may have to be protected. So it is not enough that nobody finds an article any more: nothing may be left that
holds its words, neither what earlier versions of it said nor translations, nor vectors, nor pages of the file that SQLite
no longer uses.

    take_out -> what follows from the other articles -> the folder's files -> scrub

A removal that is killed in between is finished by the next one, or by the next run.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline import files, history, indexes, outputs
from pipeline.collection import FILE, SHARDS, SHELF, Collection
from pipeline.errors import CollectionError
from pipeline.records import Article
from pipeline.reprints import Reprints

UNFINISHED = "removal"
"""Under which the collection remembers that words of a removed article may still be in its files, and its `State`."""

State = Literal["up to date", "behind"]
"""Whether everything that follows from the articles had been made, with the present models, before one was taken out."""


@dataclass(frozen=True, slots=True)
class Removed:
    """An article that was taken out, the file and line or record that it was read from, and editions of it that stay."""

    id: str
    where: str | None
    editions: tuple[str, ...]


def take_out(collection: Collection, ids: Sequence[str], state: State) -> list[Removed]:
    """Take out the articles with these ids, in a transaction of its own; what is not there is passed over.

    Verdicts about their quotations stay: they hold no words, and people's work outlives what it is about.
    """
    known = [article for id_ in dict.fromkeys(ids) if (article := collection.article(id_)) is not None]
    if not known:
        return []
    gone = [article.id for article in known]
    with collection.transaction():
        collection.remember(UNFINISHED, unfinished(collection) or state)
        editions, said = _editions(collection, gone), [text for article in known for text in _said(collection, article)]
        made = collection.made_here() & editions.keys()
        said += [text for article in map(collection.article, sorted(made)) if article for text in _texts(article)]
        left = {id_: original for id_, original in editions.items() if id_ not in made and id_ not in {*gone}}
        removed = [_removed(collection, id_, tuple(one for one in left if left[one] == id_)) for id_ in gone]
        Reprints(collection).forget(gone)
        for id_ in gone:
            collection.remove(id_)
        _forget_marks(collection, gone)
        _forget_translations(collection, said)
        collection.remember(indexes.KEY, "{}")  # inverted files keep the places of points that were taken out
    return removed


def _editions(collection: Collection, ids: Sequence[str]) -> dict[str, str]:
    """What is an edition of one of these articles, in order of input, and of which."""
    rows = collection.rows("SELECT position, id, translation_of FROM articles WHERE translation_of IN ({})", ids)
    return {id_: original for _, id_, original in sorted(rows)}


def _removed(collection: Collection, article_id: str, editions: tuple[str, ...]) -> Removed:
    read = collection.provenance(article_id)
    return Removed(article_id, read.where if read else None, editions)


def _said(collection: Collection, article: Article) -> list[str]:
    """All that an article says or said."""
    found = []
    for version in history.versions(collection, article.id):
        found += _texts(version.article)
        found += [one.quote.text for one in version.quotes or ()]
    return found


def _texts(article: Article) -> list[str]:
    return [article.text, article.title or ""]


def _forget_marks(collection: Collection, ids: Sequence[str]) -> None:
    """Drop what is noted beside articles."""
    for table, column, values in (
        ("history", "article_id", ids),
        ("retractions", "article_id", ids),
        ("refusals", "place", ids),
        ("done", "stage", [f"align {id_}" for id_ in ids]),
    ):
        list(collection.rows(f"DELETE FROM {table} WHERE {column} IN ({{}})", values))
    collection.database.execute("DELETE FROM vectors")  # of sentences, by their words: what is aligned needs none
    collection.remember("vectors", "dropped")  # so that nobody misses them


def _forget_translations(collection: Collection, said: Sequence[str]) -> None:
    """Drop what the memory of translations has of these texts, unless another article says it, too."""
    there = "\n".join(map(_plain, said))
    columns = "source, target, from_language, to_language, model"
    rows = [row for row in collection.database.execute(f"SELECT {columns} FROM translations") if _any(row[:2], there)]
    elsewhere = _found_in(collection, {_plain(words) for row in rows for words in row[:2]})
    lost = [row for row in rows if any(_plain(words) in there and _plain(words) not in elsewhere for words in row[:2])]
    collection.database.executemany(
        "DELETE FROM translations WHERE source = ? AND from_language = ? AND to_language = ? AND model = ?",
        [(source, *key) for source, _, *key in lost],
    )


def _any(texts: Iterable[str], there: str) -> bool:
    return any(_plain(text) in there for text in texts)


def _found_in(collection: Collection, wanted: set[str]) -> set[str]:
    """Which of these texts some article says."""
    found: set[str] = set()
    for article in collection.articles():
        there = _plain(f"{article.title or ''}\n{article.text}")
        found |= {words for words in wanted - found if words in there}
    return found


def _plain(text: str) -> str:
    """A text with single blanks: the memory knows no line breaks."""
    return " ".join(text.split())


def unfinished(collection: Collection) -> State | None:
    """The state before a removal that has not come to its end; None where there is none."""
    state = collection.meta(UNFINISHED)
    return None if state is None else "up to date" if state == "up to date" else "behind"


def scrub(collection: Collection) -> bool:
    """Leave nothing of what was removed in the files of the folder, which must have been written anew before.

    False when another process keeps old pages of the collection in use: then it is to be done again. CollectionError
    when there is no room for a copy of it.
    """
    (collection.folder / SHELF).unlink(missing_ok=True)
    shutil.rmtree(collection.folder / SHARDS, ignore_errors=True)
    indexes.sweep(collection)
    files.sweep(collection.folder)
    database = collection.database
    try:
        database.execute("VACUUM")
        busy, *_ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise CollectionError(
            f"what was removed may still be in unused pages of {collection.folder / FILE}: {error}",
            "make room for a copy of that file, and give the same command again",
        ) from error
    if not busy:
        with collection.transaction():
            database.execute("DELETE FROM meta WHERE key = ?", (UNFINISHED,))
    return not busy


def strangers(collection: Collection) -> list[Path]:
    """Files in the folder that are not written anew, and may hold what was removed: copies of earlier schemas, exports."""
    ours = {*outputs.NAMES, *(f"{what}.jsonl" for what in outputs.RECORDS), FILE, f"{FILE}-wal", f"{FILE}-shm", SHELF}
    ours |= {path.name for path in collection.folder.glob(indexes.FILES)}
    inside = sorted(collection.folder.iterdir())
    return [path for path in inside if path.name not in ours and not path.name.startswith(".")]
