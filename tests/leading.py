"""A process that leads two others: what tests start, so it imports little."""

import os
import time
from multiprocessing.connection import Connection

from pipeline import parallel


def lead(told: Connection) -> None:
    """Tell the ids of the processes that work, again and again."""
    for pid in parallel.in_order(_work, range(10**6), 2, here=None, there=_nothing):
        told.send(pid)


def _work(_: object, number: int) -> int:
    time.sleep(0.01)
    return os.getpid()


def _nothing() -> None:
    pass
