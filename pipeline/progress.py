"""How the pipeline tells what it is doing: the command line draws bars, the library is silent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]
"""Called with the number of items that have been finished since the last call."""


class Progress(Protocol):
    """What the stages report to."""

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """A stage begins: `total` items of work, None when nobody knows; it ends with the `with` block."""


class Silent:
    """Reports to nobody."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        """Take the calls and do nothing."""
        yield lambda _: None
