"""Carries quotations through the alignment: which words of the other editions a quotation corresponds to.

The pairs that a quotation touches lead to sentences of another edition. Where a quotation there fills them as much as
this one fills its own, and each is the other's best, the two correspond; else the counterpart is the stretch of those
sentences that the quotation takes up in its own.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline import quotes
from pipeline.collection import Collection
from pipeline.records import AlignedPair, Article, Language, Origin, Passage, Quote, Span

FITS = 0.5
"""From what fit on two quotations correspond."""
PLACE = 0.25
"""How much of the fit is where in the sentences the words stand; the rest is how much of them they fill."""
WORD = re.compile(r"\w+(?:['’ʼ-]\w+)*")

Part = tuple[float, float, float]
"""Of a passage: how much of it a quotation fills, and between which two places; all from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """Where the words of a quotation stand in another edition.

    `quote_id` is the quotation of that edition that says them, if one was found there. `similarity` is the lowest
    cosine of the pairs that lead there. `fit` in [0, 1] is, with a `quote_id`, how alike the two fill the paired
    sentences; without one, how much of these the quotation fills: less, and the place of its words is a guess.
    """

    of: str
    article_id: str
    language: Language
    start: int
    end: int
    text: str
    quote_id: str | None
    similarity: float
    fit: float
    origin: Origin


def counterpart_json(counterpart: Counterpart) -> dict[str, Any]:
    """A counterpart as JSON; `of` is the id of the quotation."""
    return asdict(counterpart)


def of_collection(collection: Collection, article_ids: Container[str] | None = None) -> Iterator[Counterpart]:
    """The counterparts of all quotations, edition by edition; with `article_ids`, where either edition is one of those.

    In editions that a machine made, where nothing was looked for, quotations are found by rules, and have no id.
    """
    for left, right in _editions(collection, article_ids):
        yield from _between(left, right, collection)


def correspondences(
    collection: Collection, article_ids: Container[str] | None = None
) -> Iterator[tuple[str, str, float]]:
    """(quotation, quotation, fit), smaller id first, of quotations in editions by people that correspond; each two once.

    With `article_ids`, where either edition is one of those. Editions that a machine made are not looked at.
    """
    for left, right in _editions(collection, article_ids):
        if left.translator or right.translator:
            continue
        for found in _between(left, right, collection):
            if found.quote_id is not None and found.of < found.quote_id:
                yield found.of, found.quote_id, found.fit


def _editions(collection: Collection, article_ids: Container[str] | None) -> Iterator[tuple[Article, Article]]:
    for ids in collection.aligned():
        if article_ids is None or any(article_id in article_ids for article_id in ids):
            left, right = (collection.article(article_id) for article_id in ids)
            if left and right:
                yield left, right


def _between(left: Article, right: Article, collection: Collection) -> list[Counterpart]:
    pairs = collection.pairs(between=(left.id, right.id))
    return between(left, right, pairs, _quotes(left, collection), _quotes(right, collection))


def _quotes(article: Article, collection: Collection) -> list[Quote]:
    return quotes.extract(article) if article.translator else list(collection.quotes_of([article.id]))


def between(
    left: Article, right: Article, pairs: Iterable[AlignedPair], ours: Sequence[Quote], theirs: Sequence[Quote]
) -> list[Counterpart]:
    """The counterparts of the quotations of two editions in the other one, first those of the left edition.

    Quotations of a machine edition are counterparts, but have none themselves.
    """
    known = [pair for pair in pairs if pair.similarity is not None]
    one, other = (
        _Side(article, {quote.id: quote for quote in some}, passages, _parts(some, passages))
        for article, some, passages in (
            (left, ours, [pair.left for pair in known]),
            (right, theirs, [pair.right for pair in known]),
        )
    )
    fits = _mutual(one.parts, other.parts, [len(pair.left.text) + len(pair.right.text) for pair in known])
    back = {second: (first, fit) for first, (second, fit) in fits.items()}
    return [*_counterparts(one, other, known, fits), *_counterparts(other, one, known, back)]


@dataclass(frozen=True, slots=True)
class _Side:
    """An edition, its quotations by id, its passages pair by pair, and which parts of them each quotation is."""

    article: Article
    quotes: Mapping[str, Quote]
    passages: Sequence[Passage]
    parts: Mapping[str, Mapping[int, Part]]


def _parts(some: Iterable[Quote], passages: Sequence[Passage]) -> dict[str, dict[int, Part]]:
    """For each quotation the numbers of the passages that it stands in, and which part of them it is."""
    order = sorted(range(len(passages)), key=lambda number: passages[number].start)
    starts = [passages[number].start for number in order]
    parts: dict[str, dict[int, Part]] = {}
    for quote in some:
        near = order[max(bisect_right(starts, quote.start) - 1, 0) : bisect_left(starts, quote.end)]
        parts[quote.id] = {number: part for number in near if (part := _part(quote, passages[number]))}
    return parts


def _part(quote: Quote, passage: Passage) -> Part | None:
    within = [(max(start, passage.start), min(end, passage.end)) for start, end in quote.pieces]
    within = [(start - passage.start, end - passage.start) for start, end in within if start < end]
    if not within:
        return None
    length = passage.end - passage.start
    return sum(end - start for start, end in within) / length, within[0][0] / length, within[-1][1] / length


def _mutual(
    ours: Mapping[str, Mapping[int, Part]], theirs: Mapping[str, Mapping[int, Part]], lengths: Sequence[int]
) -> dict[str, tuple[str, float]]:
    """For each of ours the one of theirs that it fits best and that it fits best, with their fit."""
    there: dict[int, list[str]] = {}
    for other, parts in theirs.items():
        for number in parts:
            there.setdefault(number, []).append(other)
    best: dict[str, tuple[float, str]] = {}
    best_back: dict[str, tuple[float, str]] = {}
    for one, parts in ours.items():
        for other in sorted({other for number in parts for other in there.get(number, ())}):
            fit = _fit(parts, theirs[other], lengths)
            if fit >= FITS:
                best[one] = max(best.get(one, (0.0, "")), (fit, other))
                best_back[other] = max(best_back.get(other, (0.0, "")), (fit, one))
    return {one: (other, fit) for one, (fit, other) in best.items() if best_back[other][1] == one}


def _fit(one: Mapping[int, Part], other: Mapping[int, Part], lengths: Sequence[int]) -> float:
    """How alike two quotations fill paired passages, 0 to 1."""
    common = filled = placed = 0.0
    for number in one.keys() | other.keys():
        (much, start, end), (more, begin, stop) = one.get(number, (0.0, 0.0, 0.0)), other.get(number, (0.0, 0.0, 0.0))
        common += lengths[number] * min(much, more)
        filled += lengths[number] * max(much, more)
        overlap = max(min(end, stop) - max(start, begin), 0.0)
        placed += lengths[number] * max(much, more) * overlap / max(end - start + stop - begin - overlap, 1e-9)
    return ((1 - PLACE) * common + PLACE * placed) / max(filled, 1e-9)


def _counterparts(
    one: _Side, other: _Side, pairs: Sequence[AlignedPair], fits: Mapping[str, tuple[str, float]]
) -> Iterator[Counterpart]:
    """Where the quotations of one edition stand in the other; `fits` are those that correspond to one of its own."""
    if one.article.translator:
        return
    for quote_id, touched in one.parts.items():
        if not touched:
            continue
        known, fit = fits.get(quote_id, (None, min(much for much, _, _ in touched.values())))
        if known:
            start, end = other.quotes[known].start, other.quotes[known].end
        else:
            start, end = _projected(touched, pairs, other.passages)
        yield Counterpart(
            of=quote_id,
            article_id=other.article.id,
            language=other.article.language,
            start=start,
            end=end,
            text=other.article.text[start:end],
            quote_id=None if other.article.translator else known,
            similarity=min(pairs[number].similarity or 0.0 for number in touched),
            fit=round(fit, 4),
            origin=pairs[0].origin,
        )


def _projected(touched: Mapping[int, Part], pairs: Sequence[AlignedPair], passages: Sequence[Passage]) -> Span:
    """The stretch of the passages that parts of their counterparts take up, from word to word.

    Of passages that were moved apart, those that stand with the most filled one.
    """
    moved = pairs[max(touched, key=lambda number: touched[number][0])].moved
    spans = [
        _words(passages[number], start, end)
        for number, (_, start, end) in touched.items()
        if pairs[number].moved == moved
    ]
    return min(start for start, _ in spans), max(end for _, end in spans)


def _words(passage: Passage, start: float, end: float) -> Span:
    """The part of a passage between two places from 0 to 1, moved to the nearest beginning and end of a word."""
    length = passage.end - passage.start
    words = [match.span() for match in WORD.finditer(passage.text)] or [(0, length)]
    first = min((begin for begin, _ in words), key=lambda begin: abs(begin - start * length))
    last = min((stop for _, stop in words if stop > first), key=lambda stop: abs(stop - end * length))
    return passage.start + first, passage.start + last
