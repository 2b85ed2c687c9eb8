"""Writes ``report.html``: one file with its style, its script and every word of the statements inside.

Nothing out of an article may run or reach the network. All of it passes through the template's escaping; the page's
policy admits one style and one script, each by its hash, and no connection at all; only http and https become links.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.files import atomic
from pipeline.records import Article, Join, Language, Quote, Statement
from pipeline.report import views, words

READER: Language = "en"
"""Language of the interface, and the one in which speakers are named where a spelling is known."""

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that no HTML text may hold (HTML standard, 3.2.5); they are shown as U+FFFD."""


def write(
    path: Path,
    *,
    title: str,
    statements: Sequence[Statement],
    articles: Mapping[str, Article],
    quotes: Mapping[str, Quote],
    joins: Mapping[str, Join],
    signature: str,
) -> None:
    """Write the page of a collection to `path`, whole or not at all.

    `articles` and `quotes` are by id and hold at least those that the statements name; `joins` says by quotation why it
    is a member, where that is known. The same arguments give the same bytes. `signature` names the models and settings
    that the statements were made with.
    """
    reader = words.load(READER)
    shown, facets = views.view(statements, views.Records(articles, quotes, joins), READER)
    page = _environment().get_template("report.html")
    stream = page.stream(
        title=title,
        signature=signature,
        statements=shown,
        facets=facets,
        figures=views.figures(statements, articles),
        coverage=views.coverage(articles, reader),
        words=reader,
        t=reader.table,
        style=_asset("report.css"),
        script=_asset("report.js"),
        integrity=_integrity,
    )
    with atomic(path) as file:
        file.writelines(stream)


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
