"""Works on what belongs together at once, and where that fails piece by piece, so that only what fails is set aside.

Most failures are errors. Some take the worker with them: a library that crashes, memory that is not there. So a careful
worker writes down which piece it begins before it begins it. A piece that two workers have died over is set aside too.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Self, TypeVar

from pipeline.distributed.crews import Desk
from pipeline.errors import PipelineError

Piece = TypeVar("Piece")
Result = TypeVar("Result")

FATAL = 2  # deaths over a piece
FATALITY = f"{FATAL} workers died over it"
TRAILS = "trails"


def worked(
    desk: Desk,
    name: str,
    pieces: Sequence[Piece],
    together: Callable[[Sequence[Piece]], Result],
    failed: Callable[[Piece, str], None],
) -> list[Result]:
    """`together` of all pieces; where that fails, of each by itself, and what fails then is told to `failed` with the reason.

    `name` is that of the work, the same whenever it is tried. What a user can mend (`PipelineError`) is no fault of a piece.
    """
    if not desk.careful:
        try:
            return [together(pieces)]
        except PipelineError:
            raise
        except Exception:  # noqa: BLE001 which piece it is comes out below
            pass
    found = []
    with Trail(desk, name) as trail:
        for number, piece in enumerate(pieces):
            if trail.is_fatal(number):
                failed(piece, FATALITY)
                continue
            trail.begin(number)
            try:
                found.append(together([piece]))
            except PipelineError:
                raise
            except Exception as error:  # noqa: BLE001 whatever it is, the rest can go on
                failed(piece, f"{type(error).__name__}: {error}")
            trail.end(number)
    return found


class Trail:
    """Which pieces were begun and not ended. Use it in a `with` block."""

    def __init__(self, desk: Desk, name: str) -> None:
        path = desk.shards / TRAILS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.deaths: Counter[int] = Counter()
        lines = path.read_text("ascii").splitlines() if path.is_file() else []
        for line in lines:
            what, _, number = line.partition(" ")
            if number.isdecimal():  # the last line may be half of one
                self.deaths[int(number)] += 1 if what == "begin" else -1
        self._file = path.open("a", encoding="ascii")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def is_fatal(self, number: int) -> bool:
        """Whether too many workers have died over a piece."""
        return self.deaths[number] >= FATAL

    def begin(self, number: int) -> None:
        """A piece is begun."""
        self._write(f"begin {number}\n")

    def end(self, number: int) -> None:
        """A piece is done, whatever came of it."""
        self._write(f"end {number}\n")

    def _write(self, line: str) -> None:
        self._file.write(line)
        self._file.flush()
        os.fsync(self._file.fileno())
