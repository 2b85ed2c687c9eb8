"""Work spread over processes, for what one core of Python would take too long for."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

Context = TypeVar("Context")
Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 3  # items for each process that wait or are worked on: what memory they may take

_context: Any = None
"""What the work of this process reads from."""


def in_order(
    work: Callable[[Context, Item], Result],
    items: Iterable[Item],
    processes: int,
    *,
    here: Context,
    there: Callable[[], Context],
) -> Iterator[Result]:
    """`work` of each item, in their order; in this process when `processes` is 1. Items are taken as they are needed.

    The work reads from `here`, and in other processes from what `there` opens: reading takes a good part of the time, and
    what is read need not be sent.
    """
    if processes == 1:
        yield from (work(here, item) for item in items)
        return
    source = iter(items)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(there,)) as pool:
        waiting: deque[Future[Result]] = deque(
            pool.submit(_in_context, work, item) for item in islice(source, AHEAD * processes)
        )
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(_in_context, work, item) for item in islice(source, 1))
                yield result
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(there: Callable[[], Any]) -> None:
    global _context
    # What the work remembers grows large and has no cycles: looking for them takes a tenth of its time.
    gc.disable()
    _context = there()


def _in_context(work: Callable[[Any, Item], Result], item: Item) -> Result:
    return work(_context, item)
