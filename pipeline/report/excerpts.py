"""The sentences of an article around a quotation, cut into stretches that the page can mark."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from pipeline import sentences
from pipeline.records import Article, Language, Quote, Span

Role = Literal["narration", "quote", "speaker"]


class Stretch(NamedTuple):
    """Some words of an article, and whether they are quoted, name the speaker or neither."""

    role: Role
    text: str


def around(article: Article, quote: Quote) -> tuple[Stretch, ...]:
    """The whole sentences that hold the quotation and, in the same paragraph, the words that attribute it.

    Joined, the stretches are one stretch of the article's text. Empty when nothing but the quotation stands there.
    """
    speaker = _attribution(article.text, quote)
    wanted = [*quote.pieces, speaker] if speaker else list(quote.pieces)
    start, end = _whole_sentences(article, min(s for s, _ in wanted), max(e for _, e in wanted))
    stretches = tuple(_stretches(article.text, quote.pieces, speaker, (start, end)))
    if any(stretch.role != "quote" and re.search(r"\w", stretch.text) for stretch in stretches):
        return stretches
    return ()


def _attribution(text: str, quote: Quote) -> Span | None:
    """The words that name the speaker, unless they stand in another paragraph or inside the quotation."""
    if quote.speaker_start is None or quote.speaker_end is None:
        return None
    span = quote.speaker_start, quote.speaker_end
    gap = text[min(span[1], quote.end) : max(span[0], quote.start)]
    inside = any(start < span[1] and span[0] < end for start, end in quote.pieces)
    return None if inside or "\n" in gap else span


def _whole_sentences(article: Article, start: int, end: int) -> Span:
    """The span from the start of the first to the end of the last sentence that it touches."""
    text = article.text
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    paragraph = text[first : last if last >= 0 else len(text)]
    touched = [
        (first + a, first + b)
        for a, b in _sentences(paragraph, article.language)
        if first + a < end and start < first + b
    ]
    return min([start, *(s for s, _ in touched)]), max([end, *(e for _, e in touched)])


@lru_cache(maxsize=50_000)  # most paragraphs with one quotation have more, in statements far apart
def _sentences(paragraph: str, language: Language) -> tuple[Span, ...]:
    return tuple((sentence.start, sentence.end) for sentence in sentences.split(paragraph, language))


def _stretches(text: str, pieces: tuple[Span, ...], speaker: Span | None, within: Span) -> Iterator[Stretch]:
    marked: list[tuple[Span, Role]] = [(piece, "quote") for piece in pieces]
    if speaker:
        marked.append((speaker, "speaker"))
    position, end = within
    for (mark_start, mark_end), role in sorted(marked):
        if position < mark_start:
            yield Stretch("narration", text[position:mark_start])
        yield Stretch(role, text[mark_start:mark_end])
        position = mark_end
    if position < end:
        yield Stretch("narration", text[position:end])
