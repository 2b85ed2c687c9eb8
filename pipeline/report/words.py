"""The interface's own words, numbers and dates, in the reader's language."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from pipeline.records import Language

PLURALS: Mapping[str, Callable[[int], str]] = {"one-other": lambda n: "one" if n == 1 else "other"}
"""Rule by name: which form goes with a number, in the categories of the Unicode CLDR."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language's table of ``strings.toml``."""

    language: Language
    table: Mapping[str, Any]

    def number(self, n: int) -> str:
        """Digits in groups of three."""
        return f"{n:,}".replace(",", self.table["thousands"])

    def decimal(self, value: float) -> str:
        """Up to two digits after the point."""
        return f"{round(value, 2):g}".replace("-", "−").replace(".", self.table["decimal"])

    def sure(self, probability: float) -> str:
        """How sure something is, in percent. What a model finds is never told as certain: the ends are "over", "under"."""
        percent = round(100 * probability)
        if percent < 1:
            form = "under"
        elif percent > 99:
            form = "over"
        else:
            form = "about"
        pattern: str = self.table["sure"][form]
        return pattern.format(n=min(max(percent, 1), 99))

    def plural(self, forms: Mapping[str, str], n: int) -> str:
        """The form that goes with `n`, with the number set in where it has {n}."""
        return forms[PLURALS[self.table["plural"]](n)].replace("{n}", self.number(n))

    def day(self, published: str) -> str:
        """Day, month and year; what is not an ISO date comes back as it is."""
        when = moment(published)
        if when is None:
            return published
        month = self.table["months"][when.month - 1]
        pattern: str = self.table["date"]
        return pattern.format(day=when.day, month=month, year=when.year)

    def day_and_time(self, published: str) -> str:
        """As `day`, and the time by the outlet's clock with its distance from UTC, as far as the outlet gave them."""
        when = moment(published)
        if when is None or len(published) <= len("2024-03-12"):
            return self.day(published)
        return f"{self.day(published)}, {when:%H:%M}{_zone(when)}"


def load(language: Language) -> Words:
    """The words of one interface language."""
    tables = tomllib.loads(files("pipeline.report").joinpath("strings.toml").read_text("utf-8"))
    return Words(language, tables[language])


def moment(published: str | None) -> datetime | None:
    """An ISO 8601 date, or date and time, by the clock that it was given in; None when it is none."""
    try:
        return datetime.fromisoformat(published or "")
    except ValueError:
        return None


def timestamp(published: str | None) -> float | None:
    """Seconds since 1970, so that dates of different zones compare; without a zone UTC is taken."""
    when = moment(published)
    if when is None:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _zone(when: datetime) -> str:
    offset = when.utcoffset()
    if offset is None:
        return ""
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return " UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f" UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")
