"""What the writers are told beside the pairs."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.records import Article, Language

Languages = tuple[Language, Language]
"""Left and right."""

Articles = Callable[[str], Article | None]
"""The article with an id; None where nothing is known of it."""


def unknown(_: str) -> Article | None:
    """Nothing is known of any article."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What holds of all pairs of an export.

    `languages` are those that a pair may have, for formats that have to know beforehand; `signature` names the models
    that made the pairs; `article` tells where a passage comes from.
    """

    languages: tuple[Languages, ...]
    signature: str = ""
    article: Articles = unknown
