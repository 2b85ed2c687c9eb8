"""Translates in a process of its own: a model that is read, or a translation that is checked, would hold up every page."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from pipeline.collection import Collection
from pipeline.errors import PipelineError
from pipeline.memory import Overlay
from pipeline.records import Language
from pipeline.renderings import Translated, translated
from pipeline.translations import Bureau, Engine

YIELDING = 10  # how much the process lets others go first, as `nice` counts

Task = tuple[Callable[[], Collection], Engine, str, Language, Language]
"""What opens the memory, what translates, a text, its language, and the language to translate it into."""


class Interpreter:
    """Translates texts with an engine; the memory that `remembered` opens is asked first, and nothing is written into it.

    `elsewhere`: in a process that begins with the first text, and anew should it end. It ends with this one.
    """

    def __init__(self, remembered: Callable[[], Collection], engine: Engine, *, elsewhere: bool) -> None:
        self._remembered, self._engine, self._elsewhere = remembered, engine, elsewhere
        self._turn = threading.Lock()
        self._line: Connection | None = None

    def translate(self, text: str, language: Language, target: Language) -> Translated:
        """The translation of a text. ModelMissing when nothing translates it."""
        task = self._remembered, self._engine, text, language, target
        return self._asked(task) if self._elsewhere else _done(task)

    def _asked(self, task: Task) -> Translated:
        with self._turn:
            try:
                self._line = self._line or _begun()
                self._line.send(task)
                answer: Translated | PipelineError = self._line.recv()
            except (EOFError, OSError) as error:
                self._line = None
                raise PipelineError(
                    "the process that translates has ended", "is there memory for the model?"
                ) from error
        if isinstance(answer, PipelineError):
            raise answer
        return answer


def _begun() -> Connection:
    """The line to a new process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_work, args=(theirs,), daemon=True).start()
    theirs.close()
    return ours


def _work(line: Connection) -> None:
    """Do one task after another, as long as there is somebody at the other end of the line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which this process ends with
    with suppress(AttributeError, OSError):  # not everywhere
        os.nice(YIELDING)
    with suppress(EOFError, OSError):
        while True:
            task: Task = line.recv()
            try:
                answer: Translated | PipelineError = _done(task)
            except PipelineError as error:
                answer = error
            line.send(answer)


def _done(task: Task) -> Translated:
    remembered, engine, text, language, target = task
    with remembered() as collection:
        return translated([(text, language)], target, Bureau(engine, Overlay(collection)))[0]
