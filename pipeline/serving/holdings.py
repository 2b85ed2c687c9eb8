"""Where what is served comes from; this is all that the server knows of the form of a collection."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.progress import Progress
from pipeline.search import Filters, Finder, Hit
from pipeline.serving import shelf

What = Literal["statement", "article", "quotation"]


class Finding(Protocol):
    """What answers by meaning: see `search.Finder`."""

    def find(self, text: str, k: int) -> list[Hit]:
        """See `search.Finder`."""

    def among(self, filters: Filters) -> "Finding":
        """See `search.Finder`."""


class Holdings(Protocol):
    """A collection that is read while it may change. All methods may be called by several threads at once.

    `beside` is the folder for what is made of it. `remembered` opens what remembers translations, in another process too.
    """

    beside: Path
    remembered: Callable[[], Collection]

    def listed(self, progress: Progress) -> AbstractContextManager[Collection]:
        """What lists are made of: the collection as it is now, or the most widely repeated part of it."""

    def state(self) -> str:
        """A word for what is held now, as `shelf.state` has it; asked with every question, so it takes no time."""

    def renderings_revision(self) -> int:
        """See `Collection.renderings_revision`."""

    def around(self, what: What, id_: str) -> AbstractContextManager[Collection]:
        """In one state, a collection that has all that is shown of that, if there is such a thing."""

    def statement_of(self, quote_ids: Sequence[str]) -> dict[str, str]:
        """See `Collection.statement_of`."""

    def finder(self, engines: Engines) -> Finding:
        """What looks through all that is held now."""


class OneFile:
    """The holdings of an ordinary collection; each thread has a connection of its own."""

    def __init__(self, folder: Path, beside: Path | None = None) -> None:
        self.beside = beside or folder
        self.remembered: Callable[[], Collection] = partial(Collection.open, folder, read_only=True)
        self._mine = threading.local()

    def listed(self, _: Progress) -> Collection:
        """See `Holdings`."""
        return self.remembered()

    def state(self) -> str:
        """See `Holdings`."""
        return shelf.state(self._collection())

    def renderings_revision(self) -> int:
        """See `Holdings`."""
        return self._collection().renderings_revision

    @contextmanager
    def around(self, what: What, id_: str) -> Iterator[Collection]:
        """See `Holdings`."""
        collection = self._collection()
        with collection.snapshot():
            yield collection

    def statement_of(self, quote_ids: Sequence[str]) -> dict[str, str]:
        """See `Holdings`."""
        return self._collection().statement_of(quote_ids)

    def finder(self, engines: Engines) -> Finder:
        """See `Holdings`."""
        return Finder(self.remembered(), engines, Filters())

    def _collection(self) -> Collection:
        if not hasattr(self._mine, "collection"):
            self._mine.collection = self.remembered()
        opened: Collection = self._mine.collection
        return opened
