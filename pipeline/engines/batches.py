"""How CTranslate2 is asked: in batches of like length, again with other settings, and so that waiting can be interrupted."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

PATIENCE = 0.005  # seconds between two looks at a result
AGAIN: dict[str, Any] = {"repetition_penalty": 1.2, "no_repeat_ngram_size": 4}
"""Settings of a beam that must not repeat itself, for `retry`."""
CANDIDATES = 4  # hypotheses that `retry` offers


def windows(lengths: Sequence[int], *, width: int, room: int) -> Iterator[tuple[int, list[int]]]:
    """(length at which the window begins, positions) of each batch, the longest first.

    A window holds `width` lengths and begins at a multiple of `width`: which one a sentence falls into depends on its
    own length alone. A batch has as many sentences as fit into `room` pieces, and at least one.
    """
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    for number, members in groupby(order, key=lambda position: lengths[position] // width):
        window = list(members)
        rows = max(1, room // ((number + 1) * width))
        for at in range(0, len(window), rows):
            yield number * width, window[at : at + rows]


def equal(lengths: Sequence[int], *, room: int) -> Iterator[list[int]]:
    """The positions of each batch of exactly one length, the longest first: the last ones then end together.

    A batch has as many as fit into `room` pieces, and at least one. Nothing has to be padded.
    """
    by_length: dict[int, list[int]] = {}
    for position, length in enumerate(lengths):
        by_length.setdefault(length, []).append(position)
    for length, positions in sorted(by_length.items(), reverse=True):
        size = max(1, room // length)
        for at in range(0, len(positions), size):
            yield positions[at : at + size]


def finished(result: Any) -> Any:
    """The result of an asynchronous call of CTranslate2, waited for in short naps.

    Its own `result()` waits where Python does not hear Ctrl-C, for many seconds when a batch is large.
    """
    while not result.done():
        time.sleep(PATIENCE)
    return result.result()
