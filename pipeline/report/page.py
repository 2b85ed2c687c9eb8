"""Writes ``report.html``: one file with its style, its script and everything that is shown, in compressed parts.

Nothing out of an article may run or reach the network. Data stand in the page as base64 only, the script makes text of
them and never markup, the page's policy admits one style and the scripts by their hashes and no connection at all, and
only http and https become links.
"""

import hashlib
import re
import tomllib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.files import atomic
from pipeline.records import LANGUAGES, Article, Quote, Statement
from pipeline.report import views
from pipeline.report.catalogue import Catalogue
from pipeline.report.overview import Overview
from pipeline.report.parts import Part, part, parts
from pipeline.report.views import Records

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
    "timeline",
    "statement",
    "list",
    "overview",
    "articles",
    "find",
    "report",
]
"""In the order in which they use one another."""

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that no HTML text may hold (HTML standard, 3.2.5); they are shown as U+FFFD."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a page is made of: `statements` are shown in their order, with the articles of `records`.

    `published` are the articles and `more` the statements beyond those shown that its heading and charts count.
    """

    title: str
    signature: str
    statements: Sequence[Statement]
    records: Records
    published: Sequence[Article]
    more: Iterable[Statement] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """The page of a server, which asks for its data at /api, and the policy under which it is to be shown."""

    html: str
    policy: str


def write(path: Path, content: Content) -> None:
    """Write the page of a collection to `path`, whole or not at all. The same content gives the same bytes."""
    first, later = _parts(content)
    stream = (
        _environment()
        .get_template("report.html")
        .stream(title=content.title, first=first, later=later, policy=_policy(connections="'none'"), **_frame())
    )
    with atomic(path) as file:
        file.writelines(stream)


def served() -> Served:
    """The page without any data."""
    policy = _policy(connections="'self'")
    html = (
        _environment()
        .get_template("report.html")
        .render(title="Crossquote", first=(), later=(), policy=policy, **_frame())
    )
    return Served(html, str(policy))


def _frame() -> dict[str, Any]:
    """What every page has, whatever it shows."""
    return {
        "strings": part("strings", _strings()),
        "needs": [(language, table["needs"]) for language, table in _strings().items()],
        "style": _style(),
        "script": _script(),
    }


def _style() -> Markup:
    return _asset("report.css")


def _script() -> Markup:
    return Markup("\n").join(_asset(f"{name}.js") for name in SCRIPTS)


def _policy(*, connections: str) -> Markup:
    """The page's Content Security Policy: one style, one script, connections to where it is told, nothing else."""
    return Markup(
        f"default-src 'none'; style-src {_integrity(_style())}; script-src {_integrity(_script())};"
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
    shown = overview.result(content.title, content.signature, content.published) | {"shown": len(content.statements)}
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


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _printable(value: Any) -> Any:
    return FORBIDDEN.sub("\ufffd", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> Markup:
    """A style or script of ours, which the template sets in as it is."""
    return Markup(files("pipeline.report").joinpath("assets", name).read_text("utf-8"))


def _integrity(asset: Markup) -> str:
    """The source expression that admits exactly this inline style or script (Content Security Policy, level 2)."""
    return f"'sha256-{b64encode(hashlib.sha256(asset.encode()).digest()).decode()}'"
