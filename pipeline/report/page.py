"""Writes ``report.html``: one file with its style, its script and everything that is shown, in compressed parts.

Nothing out of an article may run or reach the network. Data stand in the page as base64 only, the script makes text of
them and never markup, the page's policy admits one style and the scripts by their hashes and no connection at all, and
only http and https become links.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from pipeline.files import atomic
from pipeline.records import LANGUAGES, Article, Language, Quote, Statement
from pipeline.report import views
from pipeline.report.catalogue import Catalogue
from pipeline.report.overview import Overview, named
from pipeline.report.parts import Part, part, parts
from pipeline.report.views import Records
from pipeline.self_contained import asset, environment, integrity

MOST = 50_000
"""Statements that a page shows: with four quotations each and their articles that is a file of 120 MB."""

STATEMENTS = 100
"""Statements in a part: what the browser unpacks to show one, some 150 KB."""

TEXTS = 1_000
"""Statements in a part of what is searched: a search unpacks all of them, and nothing else."""

ARTICLES = 20
"""Articles in a part; editions of one article stand together."""

SCRIPTS = [
    "elements",
    "words",
    "source",
    "marks",
    "renderings",
    "timeline",
    "statement",
    "list",
    "overview",
    "articles",
    "find",
    "report",
]
"""In the order in which they use one another."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a page is made of: `statements` are shown in their order, with the articles of `records`.

    `published` are the articles and `more` the statements beyond those shown that its heading and charts count. `pairs`
    are those that can be translated where the page is made: it says why a translation is lacking. `whole`: see `overview.of_whole`.
    """

    title: str
    signature: str
    statements: Sequence[Statement]
    records: Records
    published: Sequence[Article]
    more: Iterable[Statement] = ()
    pairs: Sequence[tuple[Language, Language]] = ()
    whole: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Served:
    """The page of a server, which asks for its data at /api, and the policy under which it is to be shown."""

    html: str
    policy: str


def write(path: Path, content: Content) -> None:
    """Write the page of a collection to `path`, whole or not at all. The same content gives the same bytes."""
    first, later = _parts(content)
    frame = _frame(connections="'none'")
    with atomic(path) as file:
        file.writelines(_template().stream(title=content.title, first=first, later=later, **frame))


def served() -> Served:
    """The page without any data."""
    frame = _frame(connections="'self'")
    html = _template().render(title="Crossquote", first=(), later=(), **frame)
    return Served(html, str(frame["policy"]))


def _template() -> Template:
    return environment("pipeline.report").get_template("report.html")


def _frame(*, connections: str) -> dict[str, Any]:
    """What every page has, whatever it shows."""
    strings = _strings()
    style = asset("pipeline.report", "report.css")
    script = Markup("\n").join(asset("pipeline.report", f"{name}.js") for name in SCRIPTS)
    return {
        "strings": part("strings", strings),
        "needs": [(language, table["needs"]) for language, table in strings.items()],
        "style": style,
        "script": script,
        "policy": _policy(style, script, connections),
    }


def _policy(style: Markup, script: Markup, connections: str) -> Markup:
    """The page's Content Security Policy: one style, one script, connections to where it is told, nothing else."""
    return Markup(
        f"default-src 'none'; style-src {integrity(style)}; script-src {integrity(script)};"
        f" connect-src {connections}; base-uri 'none'; form-action 'none';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _parts(content: Content) -> tuple[list[Part], Iterator[Part]]:
    """The parts that the page opens with, and those that it unpacks when they are asked for."""
    catalogue, overview = Catalogue(), Overview()
    texts: list[str] = []
    packed = list(parts("statements", _statements(content, catalogue, overview, texts), STATEMENTS))
    for statement in content.more:
        overview.add(statement)
    shown = overview.result(content.title, content.signature, content.published)
    shown |= {"shown": len(content.statements), "translates": named(content.pairs), **content.whole}
    together = {"statements": STATEMENTS, "texts": TEXTS, "articles": ARTICLES}
    first = [part("overview", shown), part("catalogue", catalogue.result() | {"together": together}), *packed[:1]]
    return first, chain(packed[1:], parts("texts", texts, TEXTS), _articles(content))


def _statements(content: Content, catalogue: Catalogue, overview: Overview, texts: list[str]) -> Iterator[views.Json]:
    for statement in content.statements:
        shown = views.statement(statement, content.records)
        catalogue.add(shown)
        overview.add(statement)
        texts.append(views.searchable(shown))
        yield shown


def _articles(content: Content) -> Iterator[Part]:
    """The list of articles, then the articles."""
    quotes: dict[str, list[Quote]] = {}
    for quote in content.records.quotes.values():
        quotes.setdefault(quote.article_id, []).append(quote)
    member_of = {member.quote_id: one.id for one in content.statements for member in one.members}
    ordered: list[Article] = list(content.records.articles.values())
    yield part("articles", [views.article_line(one, len(quotes.get(one.id, ()))) for one in ordered])
    yield from parts(
        "articles",
        (views.article(one, views.in_order(quotes.get(one.id, [])), member_of, content.records) for one in ordered),
        ARTICLES,
    )


def _strings() -> dict[str, Any]:
    """The interface's words by language."""
    tables = tomllib.loads(files("pipeline.report").joinpath("strings.toml").read_text("utf-8"))
    return {language: tables[language] for language in LANGUAGES}
