"""What a tagger reads of an article, and what it answers: reported words, and the words that attribute."""

from dataclasses import dataclass
from typing import Literal

from pipeline.records import Language, Span

HintKind = Literal["clause", "source", "cue", "stretch"]
TagKind = Literal["reported", "attribution", "speaker", "cue", "hinted"]
"""Reported words; words that attribute; within those, who speaks and the words of saying; a clause that was a hint."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What the rules take a span for: a reported clause, who says it, the words of saying, or words between marks."""

    kind: HintKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """An article as a tagger reads it: its sentences with the paragraph of each, and the hints of the rules."""

    text: str
    language: Language
    sentences: tuple[Span, ...]
    paragraphs: tuple[int, ...]
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """A span of the article in sentence number `sentence`; `confidence` in [0, 1].

    Of a hint of a clause, `confidence` is the chance that its words are reported, whatever the tagger makes of them.
    """

    kind: TagKind
    sentence: int
    start: int
    end: int
    confidence: float
