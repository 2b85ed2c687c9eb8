"""The holdings of a collection that stays in shards: lists show what is repeated most; all else can be found and opened.

What lists show is put into one file among the shards, which is made anew when `shards.json` has changed. What is not in
it DuckDB looks up in the shards, and `find` looks through everything.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline import __version__, files
from pipeline.collection import MANIFEST, SCHEMA_VERSION, SHARDS, Collection
from pipeline.distributed.excerpts import Library
from pipeline.distributed.finding import ShardFinder
from pipeline.engines import Engines
from pipeline.errors import CollectionError
from pipeline.progress import Progress
from pipeline.report import MOST
from pipeline.search import Filters
from pipeline.serving import shelf
from pipeline.serving.holdings import What

LISTED = "excerpt.sqlite"
WHOLE = {"statement": "statements", "quotation": "quotes"}
"""What is there with all that belongs to it, if it is in the file at all; and the table that it is in."""


@dataclass(frozen=True, slots=True)
class _State:
    """A state of the collection: what `shards.json` was then, and how it is read."""

    manifest: tuple[int, ...]
    library: Library
    word: str


class Shards:
    """See `Holdings`. The `most` most widely repeated statements are listed."""

    def __init__(self, folder: Path, beside: Path | None = None, *, most: int = MOST) -> None:
        self._folder = folder.absolute()  # opening an inverted file changes the working directory for a moment
        self.beside = beside or self._folder
        self._path = (beside or self._folder / SHARDS) / LISTED
        self.remembered: Callable[[], Collection] = Collection.in_memory
        self._most = most
        self._mine = threading.local()
        self._now: _State | None = None

    @contextmanager
    def listed(self, progress: Progress) -> Iterator[Collection]:
        """See `Holdings`."""
        manifest = self._manifest()
        library = Library.open(self._folder)
        key = f"{library.key}|{self._most}|{__version__}|{SCHEMA_VERSION}"
        if self._key() != key:
            with progress.stage("Choosing what is repeated most", 1):
                self._choose(library, key)
        with self._opened() as collection:
            self._now = _State(manifest, library, shelf.state(collection))
            yield collection

    def state(self) -> str:
        """See `Holdings`."""
        now, manifest = self._now, self._manifest()
        return now.word if now and now.manifest == manifest else f"{manifest}"

    def renderings_revision(self) -> int:
        """None are kept."""
        return 0

    @contextmanager
    def around(self, what: What, id_: str) -> Iterator[Collection]:
        """See `Holdings`."""
        state, collection = self._current()
        if _has(collection, what, id_):
            yield collection
            return
        with state.library.excerpt(what, id_) as excerpt:
            yield excerpt

    def statement_of(self, quote_ids: Sequence[str]) -> dict[str, str]:
        """See `Holdings`."""
        return self._current()[0].library.statement_of(quote_ids)

    def finder(self, engines: Engines) -> ShardFinder:
        """See `Holdings`."""
        return ShardFinder(self._folder, engines, Filters())

    def _manifest(self) -> tuple[int, ...]:
        """Tells one `shards.json` from another; nothing where a run has taken it away."""
        with suppress(FileNotFoundError):
            found = (self._folder / MANIFEST).stat()
            return found.st_ino, found.st_size, found.st_mtime_ns
        return ()

    def _key(self) -> str | None:
        """What the file was made of; None where there is none that can be read."""
        with suppress(CollectionError, sqlite3.Error), self._opened() as collection:
            return collection.meta("changed")
        return None

    def _choose(self, library: Library, key: str) -> None:
        """Write the file, whole or not at all."""
        with (
            files.atomic_path(self._path, like=self._folder / MANIFEST) as part,
            closing(sqlite3.connect(part, isolation_level=None)) as database,
        ):
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            made = Collection.within(database, self._folder)
            library.copy("repeated", self._most, made)
            made.remember("changed", key)

    def _opened(self) -> Collection:
        """The file as a collection. Use it in a `with` block."""
        return Collection.of_file(self._path, self._folder)

    def _current(self) -> tuple[_State, Collection]:
        """The state that is served, and this thread's connection to its file."""
        state = self._now
        assert state is not None  # a server begins with lists
        known: tuple[_State, Collection] | None = getattr(self._mine, "known", None)
        if known is None or known[0] is not state:
            known = self._mine.known = state, self._opened()
        return known


def _has(collection: Collection, what: What, id_: str) -> bool:
    """Whether something is there with all that belongs to it."""
    table = WHOLE.get(what)
    return bool(table and collection.database.execute(f"SELECT 1 FROM {table} WHERE id = ?", (id_,)).fetchone())
