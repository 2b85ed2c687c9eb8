"""What the page shows, ready for its template: the records with their words, dates and links worked out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.likeness import FEATURES, matcher
from pipeline.records import LANGUAGES, Article, Join, Language, Member, Quote, QuoteKind, Statement
from pipeline.report import excerpts
from pipeline.report.excerpts import Stretch
from pipeline.report.words import Words, timestamp

REASONS = 12
"""Features of a join that are shown: more than that nobody reads, and the rest hardly moves the probability."""


@dataclass(frozen=True, slots=True)
class Records:
    """What statements refer to: articles and quotations by their ids, joins by the ids of quotations."""

    articles: Mapping[str, Article]
    quotes: Mapping[str, Quote]
    joins: Mapping[str, Join]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name, and the language that it is spelled in."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class MemberView:
    """One wording; `link` is the article's address when a browser may follow it.

    `sure` is the probability in [0, 1] that it says the same as the fullest one, `why` the features of that which tell
    most; None and empty where nothing is recorded, as for the fullest itself.
    """

    member: Member
    kind: QuoteKind
    excerpt: tuple[Stretch, ...]
    title: str | None
    link: str | None
    sure: float | None
    why: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement; `at` are its outlets as numbers into `Facets.outlets`, `first` in seconds since 1970.

    `sure` is the least probability of a member; None where no member has one.
    """

    statement: Statement
    speaker: Spelling | None
    spellings: tuple[Spelling, ...]
    fullest: MemberView
    members: tuple[MemberView, ...]
    changes: tuple[str, ...]
    at: tuple[int, ...]
    first: int | None
    sure: float | None


@dataclass(frozen=True, slots=True)
class Facets:
    """What the reader can choose from, each with the number of statements behind it."""

    languages: tuple[tuple[Language, int], ...]
    outlets: tuple[tuple[str | None, int], ...]
    speakers: tuple[str, ...]
    thresholds: tuple[int, ...]


def view(statements: Sequence[Statement], records: Records, reader: Language) -> tuple[list[StatementView], Facets]:
    """The statements, most widely repeated first, and the choices for filtering them."""
    ordered = sorted(statements, key=_widely_repeated_first)
    outlets = _counted(outlet for statement in ordered for outlet in _outlets(statement))
    numbers = {outlet: number for number, (outlet, _) in enumerate(outlets)}
    views = [_statement(statement, records, numbers, reader) for statement in ordered]
    return views, _facets(views, outlets)


def figures(statements: Sequence[Statement], articles: Mapping[str, Article]) -> dict[str, int]:
    """The counts of the heading. Editions that a machine made are no articles of an outlet and are not counted."""
    published = [article for article in articles.values() if article.translator is None]
    named = {article.outlet for article in published if article.outlet}
    return {
        "articles": len(published),
        "outlets": len(named) + sum(not article.outlet for article in published),
        "languages": len({article.language for article in published}),
        "statements": len(statements),
        "repeated": sum(statement.outlets > 1 for statement in statements),
        "altered": sum(any(member.altered for member in statement.members) for statement in statements),
    }


def coverage(articles: Mapping[str, Article], words: Words) -> str | None:
    """The days from the first to the last published article; None when no article says."""
    dated = sorted(
        (when, article.published)
        for article in articles.values()
        if article.published and (when := timestamp(article.published)) is not None
    )
    if not dated:
        return None
    first, last = words.day(dated[0][1]), words.day(dated[-1][1])
    return first if first == last else f"{first} – {last}"


def _widely_repeated_first(statement: Statement) -> tuple[int, int, float, str]:
    first = timestamp(statement.first.published)
    return -statement.outlets, -len(statement.members), float("inf") if first is None else first, statement.id


def _statement(
    statement: Statement, records: Records, numbers: Mapping[str | None, int], reader: Language
) -> StatementView:
    members = tuple(_member(member, records) for member in statement.members)
    named = _spellings(statement, records.quotes, reader)
    first = timestamp(statement.first.published)
    return StatementView(
        statement=statement,
        speaker=named[0] if named else None,
        spellings=named[1:],
        fullest=members[0],
        members=members,
        changes=tuple(sorted({change for member in statement.members for change in member.altered})),
        at=tuple(sorted(numbers[outlet] for outlet in _outlets(statement))),
        first=None if first is None else int(first),
        sure=min((member.sure for member in members if member.sure is not None), default=None),
    )


def _member(member: Member, records: Records) -> MemberView:
    article, quote = records.articles[member.article_id], records.quotes[member.quote_id]
    join = records.joins.get(member.quote_id)
    return MemberView(
        member=member,
        kind=quote.kind,
        excerpt=excerpts.around(article, quote),
        title=article.title,
        link=_link(article.url),
        sure=join.probability if join else None,
        why=_telling(join.why) if join else (),
    )


def _telling(why: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Of the features that are not 0 in two digits, the `REASONS` that weigh most, in the order of `FEATURES`."""
    values = {name: value for name in FEATURES if (value := round(why.get(name, 0), 2))}
    weights = matcher().weights
    most = sorted(values, key=lambda name: -abs(weights[name] * values[name]))[:REASONS]
    return tuple((name, value) for name, value in values.items() if name in most)


def _spellings(statement: Statement, quotes: Mapping[str, Quote], reader: Language) -> tuple[Spelling, ...]:
    """Every spelling once, the reader's language first, then those that the articles use."""
    languages = sorted(LANGUAGES, key=lambda language: language != reader)
    spellings = [Spelling(name, language) for language in languages if (name := statement.speaker.get(language))]
    for member in statement.members:
        if name := quotes[member.quote_id].speaker:
            spellings.append(Spelling(name, member.language))
    once: dict[str, Spelling] = {}
    for spelling in spellings:
        once.setdefault(spelling.text.casefold(), spelling)
    return tuple(once.values())


def _outlets(statement: Statement) -> set[str | None]:
    return {member.outlet or None for member in statement.members}


def _counted(outlets: Iterable[str | None]) -> tuple[tuple[str | None, int], ...]:
    """By name, those without one last."""
    return tuple(sorted(Counter(outlets).items(), key=lambda entry: (entry[0] is None, (entry[0] or "").casefold())))


def _facets(views: Sequence[StatementView], outlets: tuple[tuple[str | None, int], ...]) -> Facets:
    spoken = Counter(language for view in views for language in view.statement.languages)
    widest = max((view.statement.outlets for view in views), default=0)
    return Facets(
        languages=tuple((language, spoken[language]) for language in LANGUAGES if spoken[language]),
        outlets=outlets,
        speakers=tuple(
            sorted({view.speaker.text for view in views if view.speaker}, key=lambda name: (name.casefold(), name))
        ),
        thresholds=tuple(n for n in (1, 2, 3, 4, 5, 10, 20, 50) if n == 1 or n <= widest),
    )


def _link(url: str | None) -> str | None:
    """The address when it is plain http or https to some host; other schemes can run code or read files."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
