"""The translation memory: what has been translated, and by whom.

A translation is kept by the source segment, the pair and the model with its settings. The model `HUMAN` stands for
people: what they translated (`exchange` brings it in) outranks every model.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.records import Language

HUMAN = "human"
LINE_BREAK = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
"""What neither a segment nor its translation has: each is one line. A space takes its place."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A translation in a memory."""

    source: str
    target: str
    from_language: Language
    to_language: Language
    model: str


class TranslationMemory(Protocol):
    """Remembers translations by source segment, pair and model."""

    def known_translations(
        self, sources: Sequence[str], source: Language, target: Language, model: str
    ) -> dict[str, str]:
        """Those of `sources` that are known."""

    def keep_translations(self, made: Mapping[str, str], source: Language, target: Language, model: str) -> None:
        """Remember some more."""


class Archive(TranslationMemory, Protocol):
    """A memory that can be read through."""

    def remembered(self) -> Iterator[Remembered]:
        """Everything, in a fixed order."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """A translation memory that lasts as long as the process."""

    _pages: dict[tuple[Language, Language, str], dict[str, str]] = field(default_factory=dict)

    def known_translations(
        self, sources: Sequence[str], source: Language, target: Language, model: str
    ) -> dict[str, str]:
        """Those of `sources` that are known."""
        page = self._pages.get((source, target, model), {})
        return {text: page[text] for text in sources if text in page}

    def keep_translations(self, made: Mapping[str, str], source: Language, target: Language, model: str) -> None:
        """Remember some more."""
        self._pages.setdefault((source, target, model), {}).update(made)

    def remembered(self) -> Iterator[Remembered]:
        """Everything, in the order in which it came."""
        for (source, target, model), page in self._pages.items():
            for text, translation in page.items():
                yield Remembered(text, translation, source, target, model)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A translation memory that writes into a notebook of its own, over one that is only read."""

    below: TranslationMemory
    _new: Notebook = field(default_factory=Notebook)

    def known_translations(
        self, sources: Sequence[str], source: Language, target: Language, model: str
    ) -> dict[str, str]:
        """Those of `sources` that are known."""
        known = self.below.known_translations(sources, source, target, model)
        return known | self._new.known_translations(sources, source, target, model)

    def keep_translations(self, made: Mapping[str, str], source: Language, target: Language, model: str) -> None:
        """Remember some more."""
        self._new.keep_translations(made, source, target, model)
