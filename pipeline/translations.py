"""Translates articles: every sentence once, in batches of like length, remembered; and makes machine editions of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from pipeline.ports import Translator
from pipeline.progress import Advance
from pipeline.records import Article, Language, Span
from pipeline.sentences import split, split_long
from pipeline.typography import typeset

Job = tuple[str, Language, Language]
"""A sentence, its language and the language to translate it into."""

WINDOW = 20_000  # jobs that are sorted together: what bounds memory
BATCH = 64  # sentences between two writes to the memory: what a killed run can lose
LONG = 25  # words; the starter loses clauses of longer segments
BULLET = re.compile(r"[•▪◦‣·*]\s+")  # engines lose them


class TranslationMemory(Protocol):
    """Remembers translations by source sentence, pair and model."""

    def known_translations(
        self, sources: Sequence[str], source: Language, target: Language, model: str
    ) -> dict[str, str]:
        """Those of `sources` that are known."""

    def keep_translations(self, made: Mapping[str, str], source: Language, target: Language, model: str) -> None:
        """Remember some more."""


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


def segments(article: Article) -> list[str]:
    """What has to be translated for an edition of `article`, title first: its sentences, long quotations in parts."""
    texts = [article.title or "", article.text]
    sentences = [sentence.text for text in texts for sentence in split(text, article.language)]
    return [part for text in sentences for part, _ in _parts(text, article.language) if _has_words(part)]


def translate(
    jobs: Iterable[Job],
    engine: Callable[[Language, Language], Translator],
    memory: TranslationMemory,
    advance: Advance = lambda _: None,
) -> None:
    """Translate what `memory` does not know yet, and keep it there as it comes.

    A sentence that occurs several times is translated once. `engine` gives the translator for a pair. `advance` is told
    of every job, also of those that cost nothing.
    """
    stream = iter(jobs)
    while window := list(islice(stream, WINDOW)):
        for (source, target), sentences in _by_pair(window).items():
            chosen = engine(source, target)
            wanted = _missing(sentences, source, target, memory, chosen.signature)
            advance(len(sentences) - len(wanted))
            for at in range(0, len(wanted), BATCH):
                batch = wanted[at : at + BATCH]
                made = dict(zip(batch, chosen.translate(batch, source, target), strict=True))
                memory.keep_translations(made, source, target, chosen.signature)
                advance(len(batch))


def edition(
    article: Article, target: Language, translator: Translator, memory: TranslationMemory
) -> tuple[Article, list[tuple[Span, Span]]]:
    """The machine edition of an article, and the (source span, target span) of each sentence.

    What stands between sentences is kept. KeyError when a segment has not been translated.
    """
    known = memory.known_translations(segments(article), article.language, target, translator.signature)
    title, _ = _rendered(article.title or "", article.language, target, known)
    text, spans = _rendered(article.text, article.language, target, known)
    made = replace(
        article,
        id=f"{article.id}.{target}",
        text=text,
        language=target,
        title=title or None,
        translation_of=article.id,
        translator=translator.signature,
    )
    return made, spans


def _by_pair(jobs: Iterable[Job]) -> dict[tuple[Language, Language], list[str]]:
    pairs: dict[tuple[Language, Language], list[str]] = {}
    for sentence, source, target in jobs:
        pairs.setdefault((source, target), []).append(sentence)
    return pairs


def _missing(
    sentences: Iterable[str], source: Language, target: Language, memory: TranslationMemory, model: str
) -> list[str]:
    """The distinct sentences that `memory` does not know, longest first."""
    distinct = list(dict.fromkeys(sentences))
    known = memory.known_translations(distinct, source, target, model)
    return sorted((text for text in distinct if text not in known), key=lambda text: (-len(text), text))


def _rendered(
    text: str, language: Language, target: Language, known: Mapping[str, str]
) -> tuple[str, list[tuple[Span, Span]]]:
    """A text with its sentences translated, and the spans of each sentence in both."""
    pieces: list[str] = []
    spans = []
    done = length = 0
    for sentence in split(text, language):
        between = text[done : sentence.start]
        translation = _sentence(sentence.text, language, target, known)
        start = length + len(between)
        length = start + len(translation)
        pieces += [between, translation]
        spans.append(((sentence.start, sentence.end), (start, length)))
        done = sentence.end
    return "".join(pieces) + text[done:], spans


def _sentence(text: str, language: Language, target: Language, known: Mapping[str, str]) -> str:
    parts = [(known[part] or part if _has_words(part) else part) + between for part, between in _parts(text, language)]
    return typeset("".join(parts), target, source=text)


def _parts(sentence: str, language: Language) -> Iterator[tuple[str, str]]:
    """The segments of one sentence that the engine gets, each with what stands between it and the next."""
    bullet = BULLET.match(sentence)
    if bullet:
        yield "", bullet[0]
        sentence = sentence[bullet.end() :]
    parts = split_long(sentence, language, words=LONG)
    ends = [part.start for part in parts[1:]] + [len(sentence)]
    for part, end in zip(parts, ends, strict=True):
        yield part.text, sentence[part.end : end]


def _has_words(text: str) -> bool:
    return any(map(str.isalpha, text))
