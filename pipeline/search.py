"""Finds what a collection holds: quotations that say the same as a text, statements that outlets repeat."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np
from numpy.typing import NDArray

from pipeline import indexes, languages, names, neighbours, points, relations, statements
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import InputError
from pipeline.likeness import FEATURES, NEIGHBOURS, Likeness, Said
from pipeline.neighbours import KEPT, NOBODY, Neighbours
from pipeline.points import UNIT_BITS, Numbers, Points
from pipeline.ports import Vectors
from pipeline.records import Join, Language, Quote, Relation, Source, Statement
from pipeline.utterances import Utterance, Utterances

LOOKED_AT = 3
"""Times as many as are asked for whose words are read: those that come closest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which quotations are looked at. Dates include their whole day, UTC; an unknown date fits no limit."""

    speaker: str | None = None
    since: date | None = None
    until: date | None = None

    def fit(self, quote_speaker: str | None, published: str | None) -> bool:
        """Whether a quotation is one of them."""
        if self.speaker and not names.same_person(_capitalised(self.speaker), quote_speaker):
            return False
        if not (self.since or self.until):
            return True
        if published is None:
            return False
        moment = statements.published(published)
        begin = datetime.combine(self.since or date.min, time.min, UTC)
        end = datetime.combine(self.until or date.max, time.max, UTC)
        return begin <= moment <= end


def _capitalised(name: str) -> str:
    """A name that was typed in small letters only, as a name."""
    return name.title() if name.islower() else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A quotation that says the same as a query, with this probability; similarity and margin are of centred vectors.

    `why` names the features from which that was judged.
    """

    quote_id: str
    article_id: str
    start: int
    end: int
    text: str
    language: Language
    outlet: str | None
    published: str | None
    speaker: str | None
    similarity: float
    margin: float
    relation: Relation
    confidence: float
    why: Mapping[str, float]
    retracted: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A text that is looked for, with its points: `rows` are (n, dim) float16, centred."""

    said: Said
    rows: NDArray[np.float16]


def asked(text: str, engines: Engines) -> Question:
    """A text as it is looked for, embedded; InputError when it is in none of the three languages."""
    try:
        language = languages.detect(text)
    except languages.UnknownLanguage as error:
        raise InputError(f"cannot look for {text!r}: {error}", "ask in English, Russian or Ukrainian") from error
    vectors = engines.embedder.encode(points.units(text, language))
    said = Said(text=text, language=language, speaker=None, article_id="")
    return Question(said, points.pack(engines.matcher.centred(vectors, language)))


class Finder:
    """Answers queries about the quotations of a collection; its index is loaded once, unless `by_language` gives another."""

    def __init__(
        self, collection: Collection, engines: Engines, filters: Filters, by_language: neighbours.Indexes | None = None
    ) -> None:
        self._collection = collection
        self._store = Utterances(collection)
        self._engines, self._matcher = engines, engines.matcher
        self._indexes = indexes.current(collection).by_language if by_language is None else by_language
        self._choose(filters)

    def among(self, filters: Filters) -> "Finder":
        """The same, which looks at other quotations; the index is shared."""
        other = copy(self)
        other._choose(filters)
        return other

    def _choose(self, filters: Filters) -> None:
        self._fitting = _fitting(self._collection, filters)
        self._among = (
            None if self._fitting is None else self._store.ids(sorted({one.text for one in self._fitting.values()}))
        )

    def find(self, text: str, k: int) -> list[Hit]:
        """The k quotations that come closest to saying the same as `text`, in any language, best first; InputError when it is in none of the three."""
        return self.answer(asked(text, self._engines), k)

    def answer(self, question: Question, k: int) -> list[Hit]:
        """As `find`, for a text that is embedded already."""
        query, rows = question.said, question.rows
        around = self._around(rows.astype(np.float32), max(k, KEPT))
        found = self._candidates(np.unique(around[around != NOBODY] >> UNIT_BITS), k)
        if not found:
            return []
        likeness = self._likeness(query, rows, found)
        pairs = np.array([[0, n] for n in range(1, len(found) + 1)])
        close = np.argsort(-self._matcher.ranks(likeness.closeness(pairs)), kind="stable")[: LOOKED_AT * k]
        found = [found[n] for n in close.tolist()]
        features = likeness.features(pairs[close])
        probable = self._matcher.probabilities(features)
        ranks = self._matcher.ranks(features)
        best = sorted(range(len(found)), key=lambda n: (-ranks[n], found[n].id))[:k]
        sources = self._collection.sources([found[n].article_id for n in best])
        return [
            self._hit(query, found[n], sources[found[n].article_id], float(probable[n]), features[n].tolist())
            for n in best
        ]

    def _around(self, rows: Vectors, k: int) -> Numbers:
        """Ids of the points near any point of the query, in any language."""
        found = [index.search(rows, k, self._among)[1].ravel() for index in self._indexes.values()]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def _candidates(self, numbers: Numbers, k: int) -> list[Quote]:
        """What says these texts: of one that many say, no more than can be shown."""
        chosen: list[str] = []
        said = Counter[int]()
        for one in sorted(self._store.saying(numbers.tolist()), key=lambda one: one.id):
            if said[one.text] < k and (self._fitting is None or one.id in self._fitting):
                said[one.text] += 1
                chosen.append(one.id)
        return list(self._collection.some_quotes(chosen).values())

    def _likeness(self, query: Said, rows: NDArray[np.float16], found: Sequence[Quote]) -> Likeness:
        """The query, number 0, and what was found, ready to be compared."""
        number = points.number(query.text, query.language)
        numbers = [points.number(quote.text, quote.language) for quote in found]
        here = Points.of({number: rows} | self._store.rows(sorted({*numbers})), self._store.dimension)
        lists = self._store.nearest(sorted({*numbers}))
        if number not in numbers:
            asked = neighbours.search(here, here.positions(np.array([number])), self._indexes, None)
            lists = Neighbours.joined([lists, asked])
        near = lists.near(self._matcher.lonely, self._matcher.crowded, NEIGHBOURS)
        spoken = [query, *(statements.said(quote) for quote in found)]
        return Likeness(spoken, here.positions(np.array([number, *numbers])), here, near, self._matcher)

    def _hit(self, query: Said, quote: Quote, source: Source, probability: float, features: Sequence[float]) -> Hit:
        named = dict(zip(FEATURES, features, strict=True))
        relation, _ = relations.between(query.text, query.language, quote.text, quote.language)
        return Hit(
            quote_id=quote.id,
            article_id=source.article_id,
            start=quote.start,
            end=quote.end,
            text=quote.text,
            language=quote.language,
            outlet=source.outlet,
            published=source.published,
            speaker=quote.speaker,
            similarity=round(named["cosine"], 4),
            margin=round(named["margin"], 4),
            relation="indirect" if quote.kind == "indirect" and relation != "altered" else relation,
            confidence=round(probability, 3),
            why={name: round(value, 3) for name, value in named.items()},
            retracted=source.retracted,
        )


def _fitting(collection: Collection, filters: Filters) -> dict[str, Utterance] | None:
    """The utterances that pass the filters, by id; None when there are no filters."""
    if filters == Filters():
        return None
    spoken = Utterances(collection).spoken()
    return {one.id: one for one, speaker, published in spoken if filters.fit(speaker, published)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which statements are listed: those in at least `min_outlets` outlets and in all languages of `spoken`.

    One passes the filters when one of its members does; with `altered`, when some outlet changed it. With `without_reprints` an
    outlet that carries another one's text counts together with that one. Most repeated first; with `doubtful` those first
    whose least certain member is the least certain.
    """

    min_outlets: int
    spoken: Sequence[Language] = ()
    filters: Filters = Filters()
    altered: bool = False
    without_reprints: bool = False
    doubtful: bool = False


def duplicates(collection: Collection, wanted: Wanted) -> Iterator[Statement]:
    """The statements of a collection that are wanted, in that order."""

    def outlets(statement: Statement) -> int:
        return statement.independent_outlets if wanted.without_reprints else statement.outlets

    some = _fitting(collection, wanted.filters)
    fitting = None if some is None else {id_ for one in some.values() for id_ in one.quotes}

    def fits(statement: Statement) -> bool:
        return (
            outlets(statement) >= wanted.min_outlets
            and {*wanted.spoken} <= {*statement.languages}
            and (not wanted.altered or any(member.altered for member in statement.members))
            and (fitting is None or any(member.quote_id in fitting for member in statement.members))
        )

    found: Iterable[Statement] = filter(fits, collection.statements())
    if wanted.without_reprints:
        found = sorted(found, key=outlets, reverse=True)
    yield from _most_doubtful(found, collection.joins()) if wanted.doubtful else found


def _most_doubtful(statements: Iterable[Statement], joins: Mapping[str, Join]) -> list[Statement]:
    """Statements by the probability of their least certain member, the least certain first."""

    def least(statement: Statement) -> float:
        return min((joins[m.quote_id].probability for m in statement.members if m.quote_id in joins), default=1.0)

    return sorted(statements, key=least)
