"""Makes statements of utterances: the same thing said by the same person, in any language or outlet.

Which utterances belong together is decided by average linkage (`pipeline.grouping`) over the probabilities of their pairs
(`pipeline.likeness`); the fullest wording then stands first, and every other one says how it relates to it.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from pipeline import relations
from pipeline.collection import Collection
from pipeline.grouping import Pair, components, groups, labels
from pipeline.likeness import FEATURES, TOGETHER, Likeness, Matcher, Said
from pipeline.lots import Comparison, Lot
from pipeline.ports import Vectors
from pipeline.records import LANGUAGES, First, Join, Language, Member, Quote, Relation, Source, Statement, content_id
from pipeline.utterances import Utterance, Utterances

AS_LONG = 0.8
"""Share of the longest wording from which one in another language is as full: translations differ by that much."""

_RANK = {"direct": 0, "mixed": 1, "indirect": 2}


@dataclass(frozen=True, slots=True)
class Grouped:
    """The statements of utterances that hang together by likely pairs; the utterances by id, the joins by quotation."""

    utterances: list[str]
    statements: list[Statement]
    joins: dict[str, Join]


def said(quote: Quote) -> Said:
    """What is compared of a quotation."""
    return Said(quote.text, quote.language, quote.speaker, quote.article_id, reported=quote.kind == "indirect")


def likeness_of(
    utterances: Sequence[Utterance],
    near: Vectors,
    quotes: Mapping[str, Quote],
    collection: Collection,
    matcher: Matcher,
) -> Likeness:
    """Compares utterances, which count as in `utterances`; `quotes` has the longest quotation of each."""
    points = Utterances(collection).points(sorted({one.text for one in utterances}))
    texts = points.positions(np.array([one.text for one in utterances], np.int64))
    return Likeness([said(quotes[one.id]) for one in utterances], texts, points, near, matcher)


def compared(collection: Collection, some: Comparison, *, matcher: Matcher) -> NDArray[np.float64]:
    """The probabilities of the pairs of a comparison; not a number for those that cannot be one statement."""
    quotes = collection.some_quotes([one.id for one in some.utterances])
    return likeness_of(some.utterances, some.near, quotes, collection, matcher).promising(some.pairs)


def grouped(collection: Collection, lot: Lot, *, matcher: Matcher) -> list[Grouped]:
    """The statements of a lot, by component."""
    quotes = collection.some_quotes([id_ for one in lot.utterances for id_ in one.quotes])
    sources = collection.sources(sorted({one.article_id for one in lot.utterances}))
    likeness = likeness_of(lot.utterances, lot.near, quotes, collection, matcher)
    every: dict[Pair, float] = dict(lot.known)

    def probabilities(pairs: Sequence[Pair]) -> list[float]:
        missing = [pair for pair in pairs if pair not in every]
        if missing:
            every.update(zip(missing, likeness.probabilities(np.array(missing)).tolist(), strict=True))
        return [every[pair] for pair in pairs]

    size = len(lot.utterances)
    made = groups(
        size, lot.known, probabilities, TOGETHER, together=[*sorted(lot.together), *sorted(lot.facing)], apart=lot.apart
    )
    decided = labels(size, lot.together)

    def cohesion(group: Sequence[int]) -> float:
        """The mean certainty of the pairs of a group, in which what people joined is certain; 1 for a single one."""
        pairs = [(n, m) for at, n in enumerate(group) for m in group[at + 1 :]]
        judged = [(n, m) for n, m in pairs if decided[n] != decided[m]]
        certain = len(pairs) - len(judged)
        return round((certain + math.fsum(probabilities(judged))) / len(pairs), 3) if pairs else 1.0

    found = [
        _statement([quotes[id_] for n in group for id_ in lot.utterances[n].quotes], sources, cohesion(group))
        for group in made
    ]
    joins = _joins(lot, made, found, likeness, matcher)
    parts = components(size, [*(pair for pair, p in lot.known.items() if p >= TOGETHER), *lot.together, *lot.facing])
    part_of = {n: number for number, part in enumerate(parts) for n in part}
    grouped = [Grouped([lot.utterances[n].id for n in part], [], {}) for part in parts]
    for group, statement in zip(made, found, strict=True):
        part = grouped[part_of[group[0]]]
        part.statements.append(statement)
        part.joins.update(
            {member.quote_id: joins[member.quote_id] for member in statement.members if member.quote_id in joins}
        )
    return grouped


def _joins(
    lot: Lot, made: Sequence[Sequence[int]], found: Sequence[Statement], likeness: Likeness, matcher: Matcher
) -> dict[str, Join]:
    """Why each utterance is in the statement of its fullest member, by quotation."""
    pairs = []
    for group, statement in zip(made, found, strict=True):
        fullest = next(n for n in group if statement.members[0].quote_id in lot.utterances[n].quotes)
        pairs += [(fullest, n) for n in group if n != fullest]
    features = likeness.features(np.array(pairs, np.int64).reshape(-1, 2))
    joins = {}
    for (_, n), row, p in zip(pairs, features.tolist(), matcher.probabilities(features).tolist(), strict=True):
        why = {name: round(value, 3) for name, value in zip(FEATURES, row, strict=True) if value}
        joins.update(dict.fromkeys(lot.utterances[n].quotes, Join(round(p, 3), why)))
    return joins


def follow(statement: Statement, members: Sequence[Quote], sources: Mapping[str, Source]) -> bool:
    """Whether everything but the relations of a statement follows from its members, in their order."""
    order, heading = _heading(members, sources)
    return (
        [quote.id for quote in order] == [member.quote_id for member in statement.members]
        and all(getattr(statement, name) == value for name, value in heading.items())
        and statement.members[0].relation == "same"
        and all(member.relation in get_args(Relation) for member in statement.members)
        and 0 <= statement.confidence <= 1
    )


def _statement(members: Sequence[Quote], sources: Mapping[str, Source], confidence: float) -> Statement:
    order, heading = _heading(members, sources)
    made = tuple(_member(quote, order[0], sources[quote.article_id]) for quote in order)
    return Statement(**heading, confidence=confidence, members=made)


def _heading(members: Sequence[Quote], sources: Mapping[str, Source]) -> tuple[list[Quote], dict[str, Any]]:
    """The members in their order, the fullest first, and what a statement says of them all."""

    def when(quote: Quote) -> tuple[datetime, bool, int, int]:
        return (*appeared(sources[quote.article_id]), quote.start)

    standing = [quote for quote in members if not sources[quote.article_id].retracted]
    fullest = _fullest(standing or members, when)
    rest = sorted((q for q in members if q is not fullest), key=when)
    earliest = min(members, key=when)
    first = sources[earliest.article_id]
    outlets, independent = _outlets([sources[quote.article_id] for quote in standing])
    order = [fullest, *rest]
    return order, {
        "id": content_id("s", earliest.id),
        "speaker": _speaker(order),
        "first": First(article_id=first.article_id, outlet=first.outlet, published=first.published),
        "outlets": outlets,
        "languages": tuple(language for language in LANGUAGES if any(q.language == language for q in members)),
        "independent_outlets": independent,
    }


def _outlets(sources: Sequence[Source]) -> tuple[int, int]:
    """How many outlets some articles come from; how many when a reprint counts as its original's outlet."""
    carriers = {source.outlet or ("", source.article_id) for source in sources}
    origins = {
        source.outlet or ("", source.article_id)
        if source.original is None
        else source.original_outlet or ("", source.original)
        for source in sources
    }
    return len(carriers), min(len(carriers), len(origins))  # an outlet may reprint two others that are not among these


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


def appeared(source: Source) -> tuple[datetime, bool, int]:
    """For ordering articles by what came first; at the same time the original edition, then what was read first."""
    return (published(source.published), source.translation_of is not None, source.position)


def published(when: str | None) -> datetime:
    """When an article appeared, for ordering.

    A time without a zone counts as UTC, a date alone as the end of that day (whoever gives the time can be shown to have
    been first), no date as the end of all time.
    """
    if when is None:
        return datetime.max.replace(tzinfo=UTC)
    moment = datetime.fromisoformat(when)
    if len(when) <= len("2024-03-12"):
        moment = datetime.combine(moment, time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _speaker(members: Sequence[Quote]) -> dict[Language, str | None]:
    """In each language the fullest name that a member gives; of equally full ones the commonest, then the first."""

    def name(language: Language) -> str | None:
        count = Counter(q.speaker for q in members if q.language == language and q.speaker)
        return max(count, key=lambda name: (len(name.split()), count[name]), default=None)

    return {language: name(language) for language in LANGUAGES}


def _member(quote: Quote, fullest: Quote, source: Source) -> Member:
    relation, altered = ("same", ()) if quote is fullest else relations.of_member(quote, fullest)
    return Member(
        quote_id=quote.id,
        article_id=source.article_id,
        outlet=source.outlet,
        language=quote.language,
        published=source.published,
        start=quote.start,
        end=quote.end,
        text=quote.text,
        relation=relation,
        altered=altered,
        diff=relations.difference(quote, fullest),
        retracted=source.retracted,
    )
