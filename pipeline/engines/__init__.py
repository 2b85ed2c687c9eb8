"""The models behind the ports. Nothing is loaded before a stage has work for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.ports import Embedder, Translator
from pipeline.records import Language

if TYPE_CHECKING:
    from pipeline.likeness import Matcher


@dataclass(frozen=True, slots=True)
class Engines:
    """What a run works with."""

    embedder: Embedder
    translator: Callable[[Language, Language], Translator]
    matcher: "Matcher"  # trained on vectors of this embedder


def default() -> Engines:
    """The bundled embedder with its matcher, and for each pair the translator that is best installed."""
    from functools import partial

    from pipeline import models, translations
    from pipeline.engines.sbert import SentenceEmbedder
    from pipeline.likeness import matcher

    return Engines(
        embedder=SentenceEmbedder(models.find("embedder")),
        translator=partial(translations.translator, None),
        matcher=matcher(),
    )
