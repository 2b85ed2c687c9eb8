"""What the page is told: records as JSON, with what a reader wants to see worked out.

The page asks for five things: an overview, statements, one statement, articles, one article. Whoever answers, a part of
the file or a server, answers in these shapes. Offsets count characters, as everywhere.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from pipeline.likeness import FEATURES, matcher
from pipeline.records import (
    LANGUAGES,
    AlignedPair,
    Article,
    Change,
    Join,
    Language,
    Member,
    Quote,
    Rendering,
    Span,
    Statement,
)
from pipeline.relations.wording import read
from pipeline.report import excerpts
from pipeline.self_contained import link
from pipeline.statements import published

Json = dict[str, Any]

REASONS = 12
"""Features of a join that are shown: more than that nobody reads, and the rest hardly moves the probability."""

Row = tuple[int, int, int, int, bool]
"""Sentences side by side: (start, end) in the article, (start, end) in the other edition, whether they were moved there.

An empty span faces what one edition leaves out; it stands where the counterpart would."""


@dataclass(frozen=True, slots=True)
class Records:
    """What a page can show beside its statements.

    `articles` and `quotes` by id; `joins` by quotation, where it is known why it is a member; `facing` by article, then by
    the id of another edition of it: see `facing`; `rendered` by quotation; `retracted` are ids of articles.
    """

    articles: Mapping[str, Article]
    quotes: Mapping[str, Quote]
    joins: Mapping[str, Join]
    facing: Mapping[str, Mapping[str, Sequence[Row]]]
    rendered: Mapping[str, Sequence[Rendering]] = field(default_factory=dict)
    retracted: Collection[str] = ()


def facing(pairs: Iterable[AlignedPair]) -> dict[str, dict[str, list[Row]]]:
    """The rows of each article with each of its editions, in the order of the article."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        left, right = pair.left, pair.right
        found[left.article_id][right.article_id].append((left.start, left.end, right.start, right.end, pair.moved))
        found[right.article_id][left.article_id].append((right.start, right.end, left.start, left.end, pair.moved))
    for editions in found.values():
        for rows in editions.values():
            rows.sort()
    return found


def statement(one: Statement, records: Records) -> Json:
    """A statement as `statements.jsonl` has it, and of each member where it stands and why it is one.

    `spellings` are the names of the speaker, each once; `sure` is the least probability of a member, null where none has
    one; `first.at` are seconds since 1970.
    """
    members = [_member(member, one.members[0].language, records) for member in one.members]
    sure = {member["quote_id"]: member["sure"] for member in members if member["sure"] is not None}
    return {**heading(one, records.quotes, sure), "members": members}


def heading(one: Statement, quotes: Mapping[str, Quote], sure: Mapping[str, float]) -> Json:
    """As `statement`, with members as `statements.jsonl` has them: what a list, its filters and a search need.

    `sure` are the probabilities of members, by quotation, where they have one.
    """
    return {
        **_fields(one),
        "first": {**_fields(one.first), "at": timestamp(one.first.published)},
        "spellings": _spellings(one, quotes),
        "altered": sorted({change for member in one.members for change in member.altered}),
        "sure": min((sure[member.quote_id] for member in one.members if member.quote_id in sure), default=None),
        "members": [_fields(member) for member in one.members],
    }


def searchable(shown: Json) -> str:
    """What a search looks through in a statement, in the shape of `heading`: names, wordings, outlets, each once."""
    members = shown["members"]
    found = [spelling["text"] for spelling in shown["spellings"]]
    found += [member["text"] for member in members]
    found += [member["outlet"] for member in members if member["outlet"]]
    return "\n".join(dict.fromkeys(found))


def article(one: Article, quotes: Sequence[Quote], statements: Mapping[str, str], records: Records) -> Json:
    """An article with its quotations and what stands beside it in other editions.

    `statements` are ids by quotation.
    """
    return {
        **article_line(one, len(quotes)),
        "retracted": one.id in records.retracted,
        "text": one.text,
        "link": link(one.url),
        "quotations": [
            {
                "id": quote.id,
                "pieces": quote.pieces,
                "kind": quote.kind,
                "speaker": quote.speaker,
                "statement": statements.get(quote.id),
            }
            for quote in quotes
        ],
        "editions": [
            {**article_line(records.articles[id_]), "rows": rows}
            for id_, rows in records.facing.get(one.id, {}).items()
            if id_ in records.articles
        ],
    }


def article_line(one: Article, quotes: int = 0) -> Json:
    """What a list of articles shows of one."""
    return {
        "id": one.id,
        "outlet": one.outlet,
        "language": one.language,
        "title": one.title,
        "published": one.published,
        "translator": one.translator,
        "quotes": quotes,
    }


def in_order(quotes: Iterable[Quote]) -> list[Quote]:
    """The quotations of an article as it has them; the longer of two that begin together is first."""
    return sorted(quotes, key=lambda quote: (quote.start, -quote.end, quote.id))


def timestamp(when: str | None) -> int | None:
    """Seconds since 1970, so that dates of different zones compare; None when `when` is no ISO 8601 date.

    See `statements.published`, which tells who was first.
    """
    try:
        return int(published(when).timestamp()) if when else None
    except ValueError:
        return None


def _fields(record: Any) -> Json:
    """The fields of a record by name: what `dataclasses.asdict` gives, without copying what they hold."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _member(member: Member, fullest: Language, records: Records) -> Json:
    """`fullest` is the language of the wording that the member is compared with."""
    source, quote = records.articles[member.article_id], records.quotes[member.quote_id]
    join = records.joins.get(member.quote_id)
    return {
        **_fields(member),
        "at": timestamp(member.published),
        "diff": _marked(member, fullest),
        "kind": quote.kind,
        "speaker": quote.speaker,
        "title": source.title,
        "link": link(source.url),
        "excerpt": excerpts.around(source, quote),
        "sure": join.probability if join else None,
        "why": _telling(join.why) if join else [],
        "renderings": _renderings(member, records),
    }


def _marked(member: Member, fullest: Language) -> list[Any] | None:
    """The difference with, for each stretch that only one side has, what in it is the altered number, negation or name.

    [kind, words, [[start, end, change] …]], offsets into the words.
    """
    if member.diff is None:
        return None
    languages = {"-": fullest, "+": member.language}
    return [
        [kind, words, list(_altered(words, languages[kind], member.altered)) if kind in languages else []]
        for kind, words in member.diff
    ]


def _altered(words: str, language: Language, changes: Sequence[Change]) -> Iterator[tuple[int, int, Change]]:
    for word in read(words, language).words if changes else ():
        found: dict[Change, bool] = {
            "number": word.form.value is not None,
            "negation": word.form.denial or word.form.negative,
            "name": words[word.start : word.end][:1].isupper(),
        }
        change = next((change for change in changes if found[change]), None)
        if change:
            yield word.start, word.end, change


def editions(member: Member, records: Records) -> dict[Language, Json]:
    """What other editions have beside the member, one edition a language, one by people if there is."""
    beside = records.facing.get(member.article_id, {})
    known = [(records.articles[id_], rows) for id_, rows in beside.items() if id_ in records.articles]
    found: dict[Language, Json] = {}
    for edition, rows in sorted(known, key=lambda entry: (entry[0].translator is not None, entry[0].id)):
        spans = [(c, d) for a, b, c, d, _ in rows if a < member.end and member.start < b and c < d]
        if spans and edition.language not in (member.language, *found):
            text = _joined(edition.text, spans)
            found[edition.language] = rendering(edition.language, text, edition.translator)
    return found


def rendering(language: Language, text: str, translator: str | None, flags: Sequence[str] = ()) -> Json:
    """What a reader of another language gets of a quotation; `flags` tell what looks wrong where a machine translated it."""
    return {"language": language, "text": text, "translator": translator, "flags": list(flags)}


def _renderings(member: Member, records: Records) -> list[Json]:
    """The member in other languages: what an edition has, else the translation of its words."""
    made = records.rendered.get(member.quote_id, ())
    found = {one.language: rendering(one.language, one.text, one.translator, one.flags) for one in made}
    return list({**found, **editions(member, records)}.values())


def _joined(text: str, spans: Sequence[Span]) -> str:
    return " ".join(text[start:end] for start, end in sorted(spans))


def _telling(why: Mapping[str, float]) -> list[tuple[str, float]]:
    """Of the features that are not 0 in two digits, the `REASONS` that weigh most, in the order of `FEATURES`."""
    values = {name: value for name in FEATURES if (value := round(why.get(name, 0), 2))}
    weights = matcher().weights
    most = sorted(values, key=lambda name: -abs(weights[name] * values[name]))[:REASONS]
    return [(name, value) for name, value in values.items() if name in most]


def _spellings(one: Statement, quotes: Mapping[str, Quote]) -> list[Json]:
    """Every spelling once, first those that stand for the speaker, then those that the articles use."""
    named = [(name, language) for language in LANGUAGES if (name := one.speaker.get(language))]
    named += [(name, member.language) for member in one.members if (name := quotes[member.quote_id].speaker)]
    once: dict[str, Json] = {}
    for name, language in named:
        once.setdefault(name.casefold(), {"text": name, "language": language})
    return list(once.values())
