"""Two editions side by side in one HTML page: to read, to search, to print. It needs nothing but itself.

Nothing out of an article may run or reach the network: all of it passes through the template's escaping, the page's
policy admits one style and one script, each by its hash, and no connection; only http and https become links.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.exports.about import About
from pipeline.records import AlignedPair, Language, Passage

TITLE = "Editions side by side"
NAMES: dict[Language, str] = {"en": "English", "ru": "Russian", "uk": "Ukrainian"}

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that no HTML text may hold (HTML standard, 3.2.5); they are shown as U+FFFD."""


def lines(pairs: Iterable[AlignedPair], about: About) -> Iterator[str]:
    """The page, a table for two editions and a row a pair; what one side lacks is shown as missing."""
    template = _environment().get_template("side_by_side.html")
    page: Any = template.make_module(
        {
            "title": TITLE,
            "names": NAMES,
            "signature": about.signature,
            "style": _asset("side_by_side.css"),
            "script": _asset("side_by_side.js"),
            "integrity": _integrity,
        }
    )
    yield page.head().lstrip()
    together = groupby(pairs, key=lambda pair: (pair.left.article_id, pair.right.article_id))
    for number, (_, rows) in enumerate(together, 1):
        for place, pair in enumerate(rows):
            if place == 0:
                left = _edition(pair.left, pair.left_language, about)
                right = _edition(pair.right, pair.right_language, about)
                yield page.editions(number, left, right)
            yield page.row(pair)
        yield page.closed()
    yield page.foot()


def _edition(passage: Passage, language: Language, about: About) -> dict[str, str | None]:
    """What the head of a column says."""
    article = about.article(passage.article_id)
    names = ("title", "outlet", "published", "translator", "url")
    known = {name: getattr(article, name, None) for name in names}
    url = known["url"] or ""
    link = url if re.match(r"https?://", url, re.I) else None
    return {"id": passage.article_id, "language": language, "link": link, **known}


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("pipeline.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _printable(value: Any) -> Any:
    return _FORBIDDEN.sub("\ufffd", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> Markup:
    """A style or script of ours, which the template sets in as it is."""
    return Markup(files("pipeline.exports").joinpath("assets", name).read_text("utf-8"))


def _integrity(asset: Markup) -> str:
    """The source expression that admits exactly this inline style or script (Content Security Policy, level 2)."""
    return f"'sha256-{b64encode(hashlib.sha256(asset.encode()).digest()).decode()}'"
