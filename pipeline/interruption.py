"""How a command ends that was interrupted or stopped: in one line, at once, and so that it can be started again."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

INTERRUPTED, STOPPED = 130, 143


def stop(number: int, frame: FrameType | None) -> NoReturn:
    """What SIGTERM does: blocks end as after Ctrl-C, so that nothing half-written is left."""
    raise SystemExit(STOPPED)


def leave(code: int) -> NoReturn:
    """End, all files being closed, without waiting for the engines: they would first finish what they have begun."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    with suppress(OSError):
        sys.stdout.flush()
        how = "interrupted" if code == INTERRUPTED else "stopped"
        print(f"crossquote: {how}; the same command goes on from here", file=sys.stderr, flush=True)  # noqa: T201
    os._exit(code)
