"""The page of the evidence: who said what, where and when, how the wordings differ, and how all of it can be checked.

It holds nothing that is not in the manifest and in the members, so that it can be checked against them. See `self_contained`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from pipeline.evidence.manifest import Exhibit, Manifest, Testimony
from pipeline.languages import ENGLISH_NAMES
from pipeline.records import LANGUAGES
from pipeline.self_contained import asset, environment, integrity, link


class Stretch(NamedTuple):
    """Some words of an article, and whether they are quoted."""

    quoted: bool
    text: str


class Shown(NamedTuple):
    """A member as the page has it."""

    testimony: Testimony
    exhibit: Exhibit
    stretches: list[Stretch]
    link: str | None


def render(manifest: Manifest, testimonies: Sequence[Testimony]) -> str:
    """The page. ValueError when a member's article is not among the exhibits."""
    exhibits = {one.file: one for one in manifest.exhibits}
    if not all(one.file in exhibits for one in testimonies):
        raise ValueError("a member's article is not in the manifest")
    style = asset("pipeline.evidence", "evidence.css")
    return (
        environment("pipeline.evidence")
        .get_template("evidence.html")
        .render(
            title=f"Evidence: {manifest.statement.id}",
            policy=Markup(f"default-src 'none'; style-src {integrity(style)}; base-uri 'none'; form-action 'none'"),
            style=style,
            manifest=manifest,
            speakers=list(dict.fromkeys(name for code in LANGUAGES if (name := manifest.statement.speaker.get(code)))),
            members=[
                Shown(one, exhibits[one.file], list(_stretches(one)), link(exhibits[one.file].url))
                for one in testimonies
            ],
            names=ENGLISH_NAMES,
        )
    )


def _stretches(one: Testimony) -> Iterator[Stretch]:
    """The context, cut where quoted words begin and end."""
    at = 0
    for start, end in one.quote.pieces:
        yield Stretch(False, one.context[at : start - one.start])
        yield Stretch(True, one.context[start - one.start : end - one.start])
        at = end - one.start
    yield Stretch(False, one.context[at:])
