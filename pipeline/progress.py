"""How the pipeline tells what it is doing: the command line draws bars, the library is silent."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Advance(Protocol):
    """Called with the number of items that have been finished since the last call."""

    def __call__(self, count: int, total: int | None = None) -> None:
        """`total` corrects how many there will be in all, where that is only known on the way."""


def ignore(count: int, total: int | None = None) -> None:
    """An `Advance` that tells nobody."""


class Progress(Protocol):
    """What the stages report to."""

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """A stage begins: `total` items of work, None when nobody knows; it ends with the `with` block."""


class Silent:
    """Reports to nobody."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        """Take the calls and do nothing."""
        yield ignore
