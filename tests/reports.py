"""Small collections for tests of the report, and what stands in a page that was written."""

import gzip
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import html

from pipeline import report
from pipeline.collection import Collection
from pipeline.records import (
    AlignedPair,
    Article,
    First,
    Join,
    Language,
    Member,
    Passage,
    Quote,
    Statement,
    join_pieces,
)

SIGNATURE = "emb:e5-small-q4-1|split:1|v:0.1.0"

HOSTILE = (
    "<script>alert(1)</script></script><!--<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "' autofocus onfocus='alert(1)",
    "</title></style></blockquote></details><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}{# x #}&lt;b&gt;&#0;",
    "nul\x00 bell\x07 lone\ud800 line\u2028 over\u202eride",
)
HOSTILE_URLS = (
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JaVaScRiPt://example.com/%0aalert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "//example.com/x",
    "https://",
    "http://[broken",
    "example.com",
)


def article(id: str, language: Language, outlet: str | None, text: str, **fields: str | None) -> Article:
    return Article(id=id, language=language, outlet=outlet, text=text, **fields)


def quote(
    id: str, source: Article, *pieces: str, speaker: str | None = "Ada Quill", beside: str | None = None
) -> Quote:
    spans = tuple((source.text.index(piece), source.text.index(piece) + len(piece)) for piece in pieces)
    at = None if beside is None else source.text.index(beside)
    return Quote(
        id=id,
        article_id=source.id,
        language=source.language,
        kind="direct",
        pieces=spans,
        text=join_pieces(source.text, spans),
        speaker=speaker,
        speaker_start=at,
        speaker_end=None if at is None or beside is None else at + len(beside),
        cue=None,
        confidence=0.9,
    )


def member(quote: Quote, source: Article, **fields: object) -> Member:
    plain = Member(
        quote_id=quote.id,
        article_id=source.id,
        outlet=source.outlet,
        language=source.language,
        published=source.published,
        start=quote.start,
        end=quote.end,
        text=quote.text,
        relation="same",
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def statement(id: str, *members: Member, **speaker: str | None) -> Statement:
    languages: tuple[Language, ...] = ("en", "ru", "uk")
    spoken = {member.language for member in members}
    return Statement(
        id=id,
        speaker={language: speaker.get(language) for language in languages},
        first=First(article_id=members[0].article_id, outlet=members[0].outlet, published=members[0].published),
        outlets=len({member.outlet or member.article_id for member in members}),
        languages=tuple(language for language in languages if language in spoken),
        confidence=0.875,
        members=members,
        independent_outlets=len({member.outlet or member.article_id for member in members}),
    )


HERON = article(
    "a1",
    "en",
    "The Heron",
    "The bridge was shut. “The pier moved,” Ada Quill said on Monday. “Nine bolts are gone.” Trams wait.",
    title="Bridge shut",
    published="2024-05-02T09:30:00+03:00",
    url="https://heron.example/bridge",
)
CHAPLIA = article(
    "a2",
    "uk",
    "Чапля",
    "Міст закрито. «Опора зрушила. Дев’яти болтів немає», — сказала Ада Квіл у понеділок. Трамваї чекають.",
    title="Міст закрито",
    published="2024-05-02",
)
KULIK = article("a3", "ru", "Кулик", "«Десяти болтов нет», — сказала Ада Квилл.", published="2024-05-01T23:00:00Z")
EDITION = replace(
    HERON,
    id="a1.ru",
    text="Мост закрыли. «Опора сдвинулась», — сказала Ада Квилл. Трамваи ждут.",
    title="Мост закрыт",
    language="ru",
    translator="starter-1",
    translation_of="a1",
)
ARTICLES = {source.id: source for source in (HERON, CHAPLIA, KULIK, EDITION)}
BOLTS = quote("q1", HERON, "The pier moved", "Nine bolts are gone", beside="Ada Quill")
BOLTS_UK = quote("q2", CHAPLIA, "Опора зрушила. Дев’яти болтів немає", speaker="Ада Квіл")
BOLTS_RU = quote("q3", KULIK, "Десяти болтов нет", speaker="Ада Квилл")
ALONE = quote("q4", HERON, "Trams wait", speaker=None)
QUOTES = {each.id: each for each in (BOLTS, BOLTS_UK, BOLTS_RU, ALONE)}
REPEATED = statement(
    "s-bolts",
    member(BOLTS, HERON),
    member(BOLTS_UK, CHAPLIA, relation="translation"),
    member(BOLTS_RU, KULIK, relation="altered", altered=("number",), diff=(("-", "Nine"), ("+", "Десяти"))),
    en="Ada Quill",
    uk="Ада Квіл",
)
SINGLE = statement("s-trams", member(ALONE, HERON))
JOINS = {
    "q2": Join(0.874, {"same stance": 1.0, "cosine": 0.7512, "excess": -0.2, "length": 0.004, "numbers changed": 0.0}),
    "q3": Join(0.9996, {}),
}


def pair(left: Article, ours: str, right: Article, theirs: str, *, moved: bool = False) -> AlignedPair:
    """Two passages by their words; an empty one stands at the end."""

    def passage(source: Article, words: str) -> Passage:
        start = source.text.index(words) if words else len(source.text)
        return Passage(article_id=source.id, start=start, end=start + len(words), text=words)

    return AlignedPair(
        left=passage(left, ours),
        right=passage(right, theirs),
        left_language=left.language,
        right_language=right.language,
        kind=f"{bool(ours):d}-{bool(theirs):d}",
        moved=moved,
        similarity=0.8 if ours and theirs else None,
        origin="machine" if right.translator else "human",
    )


PAIRS = (
    pair(HERON, "The bridge was shut.", EDITION, "Мост закрыли."),
    pair(
        HERON,
        "“The pier moved,” Ada Quill said on Monday.",
        EDITION,
        "«Опора сдвинулась», — сказала Ада Квилл.",
        moved=True,
    ),
    pair(HERON, "“Nine bolts are gone.”", EDITION, ""),
    pair(HERON, "Trams wait.", EDITION, "Трамваи ждут."),
)


def content(
    statements: Sequence[Statement] = (REPEATED, SINGLE),
    articles: Mapping[str, Article] = ARTICLES,
    quotes: Mapping[str, Quote] = QUOTES,
    joins: Mapping[str, Join] = JOINS,
    pairs: Sequence[AlignedPair] = PAIRS,
    title: str = "Bridges",
) -> report.Content:
    """What a page is made of."""
    records = report.Records(articles, quotes, joins, report.facing(pairs))
    return report.Content(title, SIGNATURE, statements, records, published=list(articles.values()))


def hostile(*evils: str) -> report.Content:
    """A collection in which every text is one of `evils`: ids, names, titles, dates, addresses, models."""
    articles: dict[str, Article] = {}
    quotes: dict[str, Quote] = {}
    statements, pairs = [], []
    for n, evil in enumerate(evils):
        source = article(
            evil, "en", evil, f"Before. {evil} After.", title=evil, published=evil, url=f"https://x.example/{evil}"
        )
        edition = replace(source, id=f"{evil}.ru", language="ru", translation_of=evil, translator=evil)
        one = quote(evil, source, evil, speaker=evil)
        diff = (("=", evil), ("-", evil), ("+", evil))
        members = member(one, source), member(one, source, relation="altered", altered=("name",), diff=diff)
        statements.append(statement(f"s-{n}", *members, en=evil, ru=f"{evil}!"))
        articles |= {source.id: source, edition.id: edition}
        quotes[evil] = one
        pairs.append(pair(source, f"Before. {evil}", edition, f"Before. {evil}"))
    joins = {evil: Join(0.5, {"cosine": 0.5}) for evil in evils}
    return content(statements, articles, quotes, joins, pairs, title=evils[0])


def collected(folder: Path, what: report.Content, pairs: Sequence[AlignedPair] = ()) -> Path:
    """A collection of what a page is made of, one statement a component."""
    quotes: dict[str, list[Quote]] = {}
    for one in what.records.quotes.values():
        quotes.setdefault(one.article_id, []).append(one)
    with Collection.open(folder, create=True) as collection, collection.transaction():
        for source in what.records.articles.values():
            collection.put_article(source)
        for article_id, some in quotes.items():
            collection.put_quotes(article_id, some)
        for each in what.statements:
            collection.put_statements(each.id, [each], what.records.joins)
        for left, right in dict.fromkeys((one.left.article_id, one.right.article_id) for one in pairs):
            both = [one for one in pairs if (one.left.article_id, one.right.article_id) == (left, right)]
            collection.put_pairs(left, right, both)
        collection.remember("signature", what.signature)
    return folder


def parts(path: Path) -> dict[str, Any]:
    """The data of a page by the names of their parts."""
    document = html.document_fromstring(path.read_text("utf-8"))
    return {
        element.get("id").removeprefix("data-"): json.loads(gzip.decompress(b64decode(element.text)))
        for element in document.xpath("//script[@data-coding='gzip base64']")
    }
