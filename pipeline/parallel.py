"""Work spread over processes, for what one core of Python would take too long for."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 3  # items for each process that wait or are worked on: what memory they may take


def in_order(work: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    """`work` of each item, in their order; in this process when `processes` is 1. Items are taken as they are needed."""
    if processes == 1:
        yield from map(work, items)
        return
    source = iter(items)
    context = multiprocessing.get_context("spawn")
    # what the work remembers grows large and has no cycles: looking for them takes a tenth of its time
    with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.disable) as pool:
        waiting: deque[Future[Result]] = deque(pool.submit(work, item) for item in islice(source, AHEAD * processes))
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(work, item) for item in islice(source, 1))
                yield result
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
