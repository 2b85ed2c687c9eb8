"""Groups quotations into statements: the same thing said by the same person, in any language or outlet.

Pairs come together in the order of their probability (average linkage): two groups become one only if their members are
the same statement *on average over all pairs between them*, so that one wrong pair cannot chain two statements together.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

import numpy as np

from pipeline import relations
from pipeline.likeness import Matcher, Pool, Said
from pipeline.ports import Vectors
from pipeline.records import LANGUAGES, Article, First, Language, Member, Quote, Statement, content_id

SIGNATURE = "statements:2"
"""Changes whenever the same quotations would be grouped differently."""

TOGETHER = 0.4
"""Mean probability from which two groups are one statement; from newsroom development files (docs/quality.md)."""

AS_LONG = 0.8
"""Share of the longest wording from which one in another language is as full: translations differ by that much."""

_RANK = {"direct": 0, "mixed": 1, "indirect": 2}


def said(quote: Quote) -> Said:
    """What is compared of a quotation."""
    return Said(text=quote.text, language=quote.language, speaker=quote.speaker, article_id=quote.article_id)


def match(
    quotes: Sequence[Quote],
    articles: Mapping[str, Article],
    vectors: Callable[[Sequence[str]], Vectors],
    matcher: Matcher,
) -> list[Statement]:
    """Every quotation in one statement, most widely repeated statements first.

    `articles` by id hold the articles of all quotations, in order of input; `vectors` gives the rows for texts that
    `Said.texts` names. A quoted fragment and the reported clause that it stands in are one and the same utterance.
    """
    uttered = utterances(quotes)
    pool = Pool([said(utterance[0]) for utterance in uttered], vectors, matcher)
    order = {article_id: position for position, article_id in enumerate(articles)}
    made = []
    for group, confidence in _groups(pool):
        members = [quote for n in group for quote in uttered[n]]
        made.append(_statement(members, articles, order, confidence))
    return sorted(made, key=lambda s: (-s.outlets, -len(s.members), order[s.first.article_id], s.id))


def utterances(quotes: Sequence[Quote]) -> list[list[Quote]]:
    """Quotations that overlap within one article, the longest of each first."""
    found: list[list[Quote]] = []
    for quote in sorted(quotes, key=lambda q: (q.article_id, q.start, -q.end)):
        last = found[-1] if found else []
        if last and last[0].article_id == quote.article_id and quote.start < max(q.end for q in last):
            last.append(quote)
        else:
            found.append([quote])
    return [sorted(some, key=lambda q: (-len(q.text), q.start, q.id)) for some in found]


def _groups(pool: Pool) -> list[tuple[list[int], float]]:
    """Groups of utterances, each with the mean probability of its pairs (1 for a single one)."""
    known = {pair: pool.probability(*pair) for pair in pool.candidates()}

    def probability(n: int, m: int) -> float:
        pair = (min(n, m), max(n, m))
        if pair not in known:
            apart = pool.said[n].article_id != pool.said[m].article_id
            known[pair] = pool.probability(*pair) if apart else 0.0
        return known[pair]

    def between(one: list[int], other: list[int]) -> float:
        return float(np.mean([probability(n, m) for n in one for m in other]))

    groups = {n: [n] for n in range(len(pool.said))}
    where = list(range(len(pool.said)))
    likely = sorted((pair for pair, p in known.items() if p >= TOGETHER), key=lambda pair: (-known[pair], pair))
    for n, m in likely:
        one, other = where[n], where[m]
        if one != other and between(groups[one], groups[other]) >= TOGETHER:
            for member in groups[other]:
                where[member] = one
            groups[one] += groups.pop(other)
    return [(group, _cohesion(group, probability)) for group in groups.values()]


def _cohesion(group: list[int], probability: Callable[[int, int], float]) -> float:
    pairs = [probability(n, m) for at, n in enumerate(group) for m in group[at + 1 :]]
    return round(float(np.mean(pairs)), 3) if pairs else 1.0


def _statement(
    members: Sequence[Quote], articles: Mapping[str, Article], order: Mapping[str, int], confidence: float
) -> Statement:
    def when(quote: Quote) -> tuple[datetime, bool, int, int]:
        article = articles[quote.article_id]
        return (published(article), article.translation_of is not None, order[article.id], quote.start)

    fullest = _fullest(members, when)
    rest = sorted((q for q in members if q is not fullest), key=when)
    earliest = min(members, key=when)
    first = articles[earliest.article_id]
    sources = {articles[q.article_id].outlet or ("", q.article_id) for q in members}
    return Statement(
        id=content_id("s", earliest.id),
        speaker=_speaker([fullest, *rest]),
        first=First(article_id=first.id, outlet=first.outlet, published=first.published),
        outlets=len(sources),
        languages=tuple(language for language in LANGUAGES if any(q.language == language for q in members)),
        confidence=confidence,
        members=(_member(fullest, fullest, articles), *(_member(q, fullest, articles) for q in rest)),
    )


def _fullest(members: Sequence[Quote], when: Callable[[Quote], Any]) -> Quote:
    """The longest direct quotation, then mixed, then reported. Lengths in two languages tie when they are close."""
    rank = min(_RANK[quote.kind] for quote in members)
    best = [quote for quote in members if _RANK[quote.kind] == rank]
    longest = [
        min((q for q in best if q.language == language), key=lambda q: (-len(q.text), when(q)))
        for language in {quote.language for quote in best}
    ]
    most = max(map(relations.extent, longest))
    return min((quote for quote in longest if relations.extent(quote) >= AS_LONG * most), key=when)


def published(article: Article) -> datetime:
    """When an article appeared, for ordering.

    A time without a zone counts as UTC, a date alone as the end of that day (whoever gives the time can be shown to have
    been first), no date as the end of all time.
    """
    if article.published is None:
        return datetime.max.replace(tzinfo=UTC)
    moment = datetime.fromisoformat(article.published)
    if len(article.published) <= len("2024-03-12"):
        moment = datetime.combine(moment, time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _speaker(members: Sequence[Quote]) -> dict[Language, str | None]:
    """In each language the fullest name that a member gives; of equally full ones the commonest, then the first."""

    def name(language: Language) -> str | None:
        count = Counter(q.speaker for q in members if q.language == language and q.speaker)
        return max(count, key=lambda name: (len(name.split()), count[name]), default=None)

    return {language: name(language) for language in LANGUAGES}


def _member(quote: Quote, fullest: Quote, articles: Mapping[str, Article]) -> Member:
    article = articles[quote.article_id]
    relation, altered = ("same", ()) if quote is fullest else relations.of_member(quote, fullest)
    return Member(
        quote_id=quote.id,
        article_id=article.id,
        outlet=article.outlet,
        language=quote.language,
        published=article.published,
        start=quote.start,
        end=quote.end,
        text=quote.text,
        relation=relation,
        altered=altered,
        diff=relations.difference(quote, fullest),
    )
