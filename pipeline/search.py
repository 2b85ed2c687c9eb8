"""Finds what a collection holds: quotations that say the same as a text, statements that outlets repeat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pipeline import languages, names, relations, statements, vectors
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import InputError
from pipeline.likeness import Pool, Said
from pipeline.records import Article, Language, Quote, Relation, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which quotations are looked at. Dates include their whole day, UTC; an unknown date fits no limit."""

    speaker: str | None = None
    since: date | None = None
    until: date | None = None

    def fit(self, quote_speaker: str | None, article: Article) -> bool:
        """Whether a quotation is one of them."""
        if self.speaker and not names.same_person(_capitalised(self.speaker), quote_speaker):
            return False
        if not (self.since or self.until):
            return True
        if article.published is None:
            return False
        moment = statements.published(article)
        begin = datetime.combine(self.since or date.min, time.min, UTC)
        end = datetime.combine(self.until or date.max, time.max, UTC)
        return begin <= moment <= end


def _capitalised(name: str) -> str:
    """A name that was typed in small letters only, as a name."""
    return name.title() if name.islower() else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A quotation that says the same as a query; similarity and margin are of centred vectors."""

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


class Finder:
    """Answers queries about the quotations of a collection, which are loaded once."""

    def __init__(self, collection: Collection, engines: Engines, filters: Filters) -> None:
        self._embedder = engines.embedder
        self._articles = {article.id: article for article in collection.articles(machine=False)}
        fitting = [q for q in collection.quotes() if filters.fit(q.speaker, self._articles[q.article_id])]
        self._quotes = [utterance[0] for utterance in statements.utterances(fitting)]
        self._pool = Pool(
            [statements.said(quote) for quote in self._quotes],
            lambda texts: vectors.embed(texts, engines.embedder, collection),
            engines.matcher,
        )

    def find(self, text: str, k: int) -> list[Hit]:
        """The k quotations that most probably say the same as `text`, in any language, best first; InputError when it is in none of the three."""
        try:
            language = languages.detect(text)
        except languages.UnknownLanguage as error:
            raise InputError(f"cannot look for {text!r}: {error}", "ask in English, Russian or Ukrainian") from error
        query = Said(text=text, language=language, speaker=None, article_id="")
        found = self._pool.nearest(query, self._embedder.encode(query.texts()), k)
        return [self._hit(query, self._quotes[number], features) for number, features in found]

    def _hit(self, query: Said, quote: Quote, features: dict[str, float]) -> Hit:
        article = self._articles[quote.article_id]
        relation, _ = relations.between(query.text, query.language, quote.text, quote.language)
        return Hit(
            quote_id=quote.id,
            article_id=article.id,
            start=quote.start,
            end=quote.end,
            text=quote.text,
            language=quote.language,
            outlet=article.outlet,
            published=article.published,
            speaker=quote.speaker,
            similarity=round(features["cosine"], 4),
            margin=round(features["margin"], 4),
            relation="indirect" if quote.kind == "indirect" and relation != "altered" else relation,
        )


def duplicates(
    collection: Collection,
    *,
    min_outlets: int,
    spoken: Sequence[Language],
    filters: Filters,
    altered: bool,
) -> Iterator[Statement]:
    """Statements that stand in at least `min_outlets` outlets and in all languages of `spoken`, most repeated first.

    A statement passes the filters when one of its members does; with `altered`, when some outlet changed it.
    """
    speakers = {quote.id: quote.speaker for quote in collection.quotes()}
    articles = {article.id: article for article in collection.articles(machine=False)}
    for statement in collection.statements():
        members = statement.members
        if statement.outlets < min_outlets or not set(spoken) <= set(statement.languages):
            continue
        if altered and not any(member.altered for member in members):
            continue
        if any(filters.fit(speakers[member.quote_id], articles[member.article_id]) for member in members):
            yield statement
