"""Two editions side by side in one HTML page: to read, to search, to print. See `self_contained`."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from markupsafe import Markup

from pipeline.exports.about import About
from pipeline.languages import ENGLISH_NAMES
from pipeline.records import AlignedPair, Language, Passage
from pipeline.self_contained import asset, environment, integrity, link

TITLE = "Editions side by side"


def lines(pairs: Iterable[AlignedPair], about: About) -> Iterator[str]:
    """The page, a table for two editions and a row a pair; what one side lacks is shown as missing."""
    style, script = (asset("pipeline.exports", f"side_by_side.{kind}") for kind in ("css", "js"))
    template = environment("pipeline.exports").get_template("side_by_side.html")
    page: Any = template.make_module(
        {
            "title": TITLE,
            "names": ENGLISH_NAMES,
            "signature": about.signature,
            "style": style,
            "script": script,
            "policy": _policy(style, script),
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


def _policy(style: Markup, script: Markup) -> Markup:
    """One style, one script, no connection, nothing else."""
    return Markup(
        f"default-src 'none'; style-src {integrity(style)}; script-src {integrity(script)};"
        " base-uri 'none'; form-action 'none'"
    )


def _edition(passage: Passage, language: Language, about: About) -> dict[str, str | None]:
    """What the head of a column says."""
    article = about.article(passage.article_id)
    names = ("title", "outlet", "published", "translator", "url")
    known = {name: getattr(article, name, None) for name in names}
    return {"id": passage.article_id, "language": language, "link": link(known["url"]), **known}
