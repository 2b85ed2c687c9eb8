"""Which statements and articles fit what is asked, and in which order: what assets/source.js does inside a page.

The columns of the catalogue are held as arrays: a filter over a million statements takes a millisecond.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.records import LANGUAGES, Change, Language
from pipeline.report.catalogue import CHANGES
from pipeline.serving.folding import words
from pipeline.serving.shelf import Shelf, matching

Order = Literal["repeated", "earliest", "latest", "speaker", "doubtful"]
Altered = Literal["any", Change]
Positions = NDArray[np.int32]
Mask = NDArray[np.bool_]

ANSWERS = 32  # questions whose answer is kept, with 4 bytes a statement each


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters and the order of a list of statements. An outlet without a name is ""."""

    text: str = ""
    speaker: str = ""
    outlet: str | None = None
    beside: str | None = None  # another outlet that has the statement too
    language: Language | None = None
    since: date | None = None
    until: date | None = None
    least: int = 1
    altered: Altered | None = None
    sort: Order = "repeated"
    reader: Language = "en"


class Choice:
    """Answers which statements fit, by their positions on the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        catalogue = shelf.catalogue()
        columns = catalogue["columns"]
        self._count = len(columns["id"])
        self._places = {language: np.array(places, np.float64) for language, places in catalogue["places"].items()}
        self._first = np.array([np.nan if at is None else at for at in columns["first"]], np.float64)
        self._sure = np.array([np.nan if sure is None else sure for sure in columns["sure"]], np.float64)
        self._speaker = np.array([-1 if n is None else n for n in columns["speaker"]], np.int32)
        self._languages = np.array(columns["languages"], np.uint8)
        self._altered = np.array(columns["altered"], np.uint8)
        self._outlets = np.array(columns["outlets"], np.int32)
        self._at = _inverted(catalogue["names"], columns["at"])
        self._published = np.array([one["outlet"] or "" for one in shelf.articles], np.str_)
        self._written = np.array([one["language"] for one in shelf.articles], np.str_)
        self._order = lru_cache(maxsize=None)(self._order_of)
        self._answers: dict[Asked, Positions] = {}

    def statements(self, asked: Asked, database: sqlite3.Connection) -> Positions:
        """The positions of those that fit, in the order asked for; `database` is a connection to the shelf."""
        if asked.sort != "speaker":
            asked = replace(asked, reader="en")
        found = self._answers.get(asked)
        if found is None:
            found = self._answers[asked] = self._found(asked, database)
            for oldest in list(self._answers)[:-ANSWERS]:
                self._answers.pop(oldest, None)
        return found

    def articles(
        self, text: str, outlet: str | None, language: Language | None, database: sqlite3.Connection
    ) -> Positions:
        """The positions of the articles that fit, in the order of input."""
        fits = np.ones(len(self._written), np.bool_)
        if words(text):
            fits &= _mask(len(fits), matching(database, "titles", text))
        if outlet is not None:
            fits &= self._published == outlet
        if language is not None:
            fits &= self._written == language
        return np.flatnonzero(fits).astype(np.int32)

    def _found(self, asked: Asked, database: sqlite3.Connection) -> Positions:
        fits = np.ones(self._count, np.bool_)
        for mask in self._masks(asked, database):
            fits &= mask
        order = self._order(asked.sort, asked.reader)
        return order[fits[order]]

    def _masks(self, asked: Asked, database: sqlite3.Connection) -> Iterator[Mask]:
        if words(asked.text):
            yield _mask(self._count, matching(database, "texts", asked.text))
        for outlet in (asked.outlet, asked.beside):
            if outlet is not None:
                yield _mask(self._count, self._at.get(outlet, ()))
        if asked.language:
            yield self._languages & (1 << LANGUAGES.index(asked.language)) != 0
        if asked.altered:
            wanted = 0xFF if asked.altered == "any" else 1 << CHANGES.index(asked.altered)
            yield self._altered & wanted != 0
        if asked.least > 1:
            yield self._outlets >= asked.least
        if words(asked.speaker):
            fitting = _mask(len(self._places["en"]), matching(database, "names", asked.speaker))
            yield np.append(fitting, np.False_)[self._speaker]  # the last is nobody, number -1
        if asked.since:
            yield self._first >= _start(asked.since)
        if asked.until:
            yield self._first < _start(asked.until) + DAY

    def _order_of(self, sort: Order, reader: Language) -> Positions:
        """All positions in an order; what has no date, no speaker or nobody to doubt comes last."""
        if sort == "repeated":
            return np.arange(self._count, dtype=np.int32)
        keys = {"earliest": self._first, "latest": -self._first, "doubtful": self._sure}
        key = self._by_speaker(reader) if sort == "speaker" else keys[sort]
        return np.argsort(key, kind="stable").astype(np.int32)  # NaN comes last

    def _by_speaker(self, reader: Language) -> NDArray[np.float64]:
        """The place of each statement's speaker in the alphabet of the reader's language."""
        return np.append(self._places[reader], np.nan)[self._speaker]  # the last is nobody, number -1


DAY = 24 * 60 * 60


def _mask(length: int, places: Iterable[int]) -> Mask:
    """True at the places."""
    found = np.zeros(length, np.bool_)
    found[places if isinstance(places, np.ndarray) else np.fromiter(places, np.int64)] = True
    return found


def _start(day: date) -> float:
    """Seconds since 1970 at the start of a day, UTC."""
    return datetime.combine(day, time.min, UTC).timestamp()


def _inverted(names: Sequence[str | None], at: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
    """The positions of the statements that each outlet has."""
    owners = np.repeat(np.arange(len(at)), [len(some) for some in at])
    outlets = np.fromiter((number for some in at for number in some), np.int64)
    order = np.argsort(outlets, kind="stable")
    ends = np.searchsorted(outlets[order], np.arange(len(names) + 1))
    return {name or "": owners[order[ends[n] : ends[n + 1]]] for n, name in enumerate(names)}
