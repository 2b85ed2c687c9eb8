"""What a run takes over from the collection that is in its folder already: the order of articles, and what is no shard's.

A run on one machine extends a collection. One on Ray makes it anew from shards, so what time and people have left in it is
carried into the new one: history, the first reading of articles that stay as they were, renderings, refusals, translations
by people. What becomes of these when articles change is asked of the earlier collection itself. While a collection stays in
shards, all that waits in a small file beside them.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline import files, removal
from pipeline.collection import FILE, Collection
from pipeline.distributed import shards
from pipeline.errors import InputError
from pipeline.memory import HUMAN
from pipeline.records import Language

MADE_OF = "made of shards"
"""Under which a collection remembers what it was written from, and its revision when that run was over."""

LEFT = "kept.sqlite"
"""The file in which a collection that stays in shards keeps what these do not hold."""

BY_PEOPLE = "by people"  # under which it counts how often people's translations came in
KEPT = ("changed", "renderings", removal.UNFINISHED)  # of what it remembers


@dataclass(frozen=True, slots=True)
class Earlier:
    """The collection in the folder of a run, before it: `folder` is None where there is none that is a file of SQLite.

    `left` is what one that stays in shards has beside them. `people` stands for what people translated there, and is empty
    where they did not.
    """

    folder: Path | None = None
    revision: int = 0
    people: str = ""
    left: Path | None = None

    @classmethod
    def of(cls, folder: Path, collection: Collection) -> "Earlier":
        """The collection that is open. InputError when it was not made of shards."""
        if collection.meta(MADE_OF) is None:
            raise InputError(
                f"the collection in {folder} was made without Ray", "name another folder, or leave out --ray"
            )
        return cls(folder.absolute(), collection.revision, _digest_of_people(collection))

    @classmethod
    def beside_shards(cls, folder: Path) -> "Earlier":
        """One that stays in shards."""
        left = folder.absolute() / LEFT
        if not left.is_file():
            return NOTHING
        with Collection.of_file(left, folder) as collection:
            return cls(people=_digest_of_people(collection), left=left)

    def order(self) -> list[str]:
        """Ids of the articles that were read, in order of input."""
        with self._opened() as collection:
            return [article_id for _, article_id, _ in _read(collection)]

    def written(self) -> set[str]:
        """Ids of the articles that people wrote."""
        with self._opened() as collection:
            return {id_ for (id_,) in collection.database.execute("SELECT id FROM articles WHERE translator IS NULL")}

    def has_editions_in(self, languages: Sequence[Language]) -> bool:
        """Whether it has made editions in some of these languages."""
        if self.folder is None:
            return False
        with self._opened() as collection:
            rows = collection.rows(f"{_EDITIONS} WHERE made.language IN ({{}}) LIMIT 1", languages)
            return bool(list(rows))

    def editions_of(self, some: Collection, languages: Sequence[Language]) -> dict[Language, list[str]]:
        """By language the articles of another collection of which it has made an edition, and that are as they were."""
        found: dict[Language, list[str]] = {}
        digests = {article_id: digest for _, article_id, digest in _read(some)}
        with self._opened() as collection:
            for article_id, language, digest in collection.rows(f"{_EDITIONS} WHERE original.id IN ({{}})", [*digests]):
                if language in languages and digests[article_id] == digest:
                    found.setdefault(language, []).append(article_id)
        return {language: sorted(ids) for language, ids in sorted(found.items())}

    def put_translations(self, into: Collection) -> None:
        """Put what people translated into the memory of another collection."""
        if self.people:
            with self._opened() as collection:
                _put_translations(collection, into)

    def hand_over(self, into: Collection, places: Sequence[int]) -> tuple[int, int]:
        """Put everything that stays into a collection that was made anew; how many articles are new there, and changed.

        It is what the earlier collection would hold if it had read the articles of the new one, whose positions are
        `places`, in that order.
        """
        order = {place: number for number, place in enumerate(places)}
        read = [row[1:] for row in sorted(_read(into), key=lambda row: order[row[0]])]
        if self.folder is None:
            if self.left is not None:
                with Collection.of_file(self.left, self.left.parent) as before, into.transaction():
                    _leave(before, into)
            return len(read), 0
        with Collection.open(self.folder) as before, _undone(before):
            digests = {article_id: digest for _, article_id, digest in _read(before)}
            updated = 0
            for article_id, digest in read:
                if article_id in digests:
                    updated += digest != digests[article_id] and _read_again(before, into, article_id)
                    _note_reading(before, into, article_id)
            with into.transaction():
                _hand_over(before, into, [id_ for id_, _ in read if id_ in digests])
        return len(read) - sum(id_ in digests for id_, _ in read), updated

    def leave_beside(self, folder: Path) -> None:
        """Put what is in no shard beside the shards, before the collection is given up for these."""
        if self.folder is None:
            return
        with (
            Collection.open(self.folder, read_only=True) as before,
            files.atomic_path(folder / LEFT, like=folder / FILE) as path,
            closing(sqlite3.connect(path, isolation_level=None)) as database,
        ):
            into = Collection.within(database, folder)
            with into.transaction():
                _leave(before, into, everything=True)

    def _opened(self) -> Collection:
        if self.left is not None:
            return Collection.of_file(self.left, self.left.parent)
        assert self.folder is not None, "there is no earlier collection"
        return Collection.open(self.folder, read_only=True)


NOTHING = Earlier()
"""There was no collection."""


_EDITIONS = (
    "SELECT original.id, made.language, original.digest FROM articles AS made JOIN segments ON article_id = made.id AND number = 0"
    " JOIN articles AS original ON original.id = made.translation_of"
)


def _read(collection: Collection) -> Iterator[tuple[int, str, str]]:
    """(position, id, digest) of the articles that the collection did not make itself, in order of input."""
    made, columns = "SELECT article_id FROM segments", "position, id, digest"
    yield from collection.database.execute(f"SELECT {columns} FROM articles WHERE id NOT IN ({made}) ORDER BY position")


@contextmanager
def _undone(collection: Collection) -> Iterator[None]:
    """Whatever is written inside is taken back."""
    collection.database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        collection.database.execute("ROLLBACK")


def _read_again(before: Collection, now: Collection, article_id: str) -> bool:
    article = now.article(article_id)
    return article is not None and before.put_article(article)


def _note_reading(before: Collection, now: Collection, article_id: str) -> None:
    read = now.provenance(article_id)
    if read is not None:
        before.put_provenance(article_id, read)


def _hand_over(before: Collection, into: Collection, known: Sequence[str]) -> None:
    rows = before.rows("SELECT * FROM provenance WHERE article_id IN ({})", known)
    _insert(into, "provenance", rows, "OR REPLACE ")
    _insert(into, "refusals", before.database.execute("SELECT * FROM refusals ORDER BY rowid"))
    _leave(before, into)


def _leave(before: Collection, into: Collection, *, everything: bool = False) -> None:
    """Put what articles said and what was translated of them into another collection: of what is quoted there, or `everything`."""
    _insert(into, "history", before.database.execute("SELECT * FROM history"))
    said = {quote_id for (quote_id,) in into.database.execute("SELECT id FROM quotes")}
    rendered = before.database.execute("SELECT * FROM renderings")
    _insert(into, "renderings", (row for row in rendered if everything or row[0] in said))
    _put_translations(before, into)
    for key in KEPT:
        if (value := before.meta(key)) is not None:
            into.remember(key, value)


def _insert(into: Collection, table: str, rows: Iterator[tuple[object, ...]], otherwise: str = "") -> None:
    marks = ", ".join("?" * len(shards.columns_of(into, table)))
    into.database.executemany(f"INSERT {otherwise}INTO {table} VALUES ({marks})", rows)


def _by_people(collection: Collection) -> list[tuple[object, ...]]:
    query = "SELECT * FROM translations WHERE model = ? ORDER BY source, from_language, to_language"
    return collection.database.execute(query, (HUMAN,)).fetchall()


def _digest_of_people(collection: Collection) -> str:
    rows = _by_people(collection)
    return shards.digest(collection.meta(BY_PEOPLE), rows) if rows else ""


def _put_translations(collection: Collection, into: Collection) -> None:
    _insert(into, "translations", iter(_by_people(collection)), "OR REPLACE ")
    if (count := collection.meta(BY_PEOPLE)) is not None:
        into.remember(BY_PEOPLE, count)


def is_current(folder: Path, key: str) -> bool:
    """Whether the collection in a folder was written from shards of this key, and nothing has been changed in it since."""
    if not (folder / FILE).is_file():
        return False
    with Collection.open(folder, read_only=True) as collection:
        return collection.meta(MADE_OF) == _state(key, collection)


def note_end(collection: Collection, key: str) -> None:
    """Note, inside a transaction, that a run that wrote the collection from shards of this key is over."""
    collection.remember(MADE_OF, _state(key, collection))


def _state(key: str, collection: Collection) -> str:
    return f"{key} at {collection.revision}"
