"""Work spread over processes or threads, for what one core would take too long for."""

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from pipeline import settings

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


def in_threads(work: Callable[..., None], items: Sequence[tuple[Any, ...]]) -> None:
    """`work` of each item's parts, by as many threads as there are cores; for work that spends its time in libraries.

    Each thread is alone in what it calls there: libraries that share out every small step themselves spend as much time on
    waiting for one another as on the step.
    """
    if len(items) == 1:
        work(*items[0])
        return
    with (
        threadpool_limits(1),
        ThreadPoolExecutor(settings.threads(), initializer=threadpool_limits, initargs=(1,)) as pool,
    ):
        for done in [pool.submit(work, *item) for item in items]:
            done.result()


def _begin(there: Callable[[], Any]) -> None:
    global _context
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted is the process that leads
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # What the work remembers grows large and has no cycles: looking for them takes a tenth of its time.
    gc.disable()
    _context = there()


def _end_with_parent() -> None:
    """End when the process that leads has been killed: nobody else would tell."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _in_context(work: Callable[[Any, Item], Result], item: Item) -> Result:
    return work(_context, item)
