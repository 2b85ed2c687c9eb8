"""What the page needs of every statement before it has unpacked any: enough to filter, to sort and to find one by its id."""

from collections.abc import Iterable
from typing import Any, get_args

from pipeline.records import LANGUAGES, Change
from pipeline.report.views import Json

CHANGES: tuple[Change, ...] = get_args(Change)


class Catalogue:
    """Columns, one value a statement; names of outlets and speakers stand once and are referred to by number."""

    def __init__(self) -> None:
        self._outlets: dict[str | None, int] = {}
        self._speakers: dict[tuple[Any, ...], int] = {}
        self._columns: dict[str, list[Any]] = {
            name: [] for name in ("id", "at", "first", "languages", "altered", "outlets", "sure", "speaker")
        }

    def add(self, shown: Json) -> None:
        """Enter a statement, in the shape of `views.heading`."""
        at = sorted({self._outlet(member["outlet"] or None) for member in shown["members"]})
        values = {
            "id": shown["id"],
            "at": at,
            "first": shown["first"]["at"],
            "languages": _bits(shown["languages"], LANGUAGES),
            "altered": _bits(shown["altered"], CHANGES),
            "outlets": shown["outlets"],
            "sure": shown["sure"],
            "speaker": self._speaker(shown),
        }
        for name, value in values.items():
            self._columns[name].append(value)

    def result(self) -> Json:
        """The columns, with the names that they refer to."""
        speakers = [{"speaker": dict(names), "spellings": list(spellings)} for names, *spellings in self._speakers]
        return {"columns": self._columns, "names": list(self._outlets), "speakers": speakers}

    def _outlet(self, name: str | None) -> int:
        return self._outlets.setdefault(name, len(self._outlets))

    def _speaker(self, shown: Json) -> int | None:
        """The number of the speaker; None when nobody is named."""
        spellings = [spelling["text"] for spelling in shown["spellings"]]
        if not spellings:
            return None
        key = (tuple(shown["speaker"].items()), *spellings)
        return self._speakers.setdefault(key, len(self._speakers))


def _bits(values: Iterable[str], names: tuple[str, ...]) -> int:
    """Which of `names` there are: the first counts 1, the second 2, the third 4."""
    return sum(1 << names.index(value) for value in values)
