"""The models behind the ports, and which of them is taken. Nothing is loaded before a stage has work for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import models, settings
from pipeline.engines import argos, starter
from pipeline.errors import InputError, ModelMissing
from pipeline.ports import Embedder, Expectation, Tagger, Translator
from pipeline.records import Language

if TYPE_CHECKING:
    from pipeline.likeness import Matcher

TRANSLATORS = ("argos", "starter")
"""Names that a user may choose a translator by."""


@dataclass(frozen=True, slots=True)
class Engines:
    """What a run works with."""

    embedder: Embedder
    translator: Callable[[Language, Language], Translator]
    matcher: "Matcher"  # trained on vectors of this embedder
    tagger: Tagger | None = None  # without one, quotations are found by rules alone


def default() -> Engines:
    """The bundled embedder with its matcher, the tagger if it is installed, for each pair the translator that is best."""
    from pipeline.engines.sbert import SentenceEmbedder
    from pipeline.likeness import matcher

    return Engines(
        embedder=SentenceEmbedder(models.find("embedder")),
        translator=partial(translator, None),
        matcher=matcher(),
        tagger=_tagger_if_installed(),
    )


def find_tagger() -> Tagger:
    """The bundled tagger; ModelMissing when it, or the embedder whose word table it uses, is not installed."""
    from pipeline.engines.tagger import EncoderTagger

    return EncoderTagger(models.find("tagger"), models.find("embedder"), threads=settings.threads())


def _tagger_if_installed() -> Tagger | None:
    try:
        return find_tagger()
    except ModelMissing:
        return None


def find_expectation() -> Expectation | None:
    """The starter's; None where it is not installed, and relations are judged without."""
    from pipeline.engines.expectation import StarterExpectation

    try:
        return StarterExpectation(models.find("starter"))
    except ModelMissing:
        return None


def translator(name: str | None, source: Language, target: Language, *, beam: int | None = None) -> Translator:
    """The engine for a pair: the one of that name, else an installed Argos package, else the starter.

    No model is loaded yet. InputError for an unknown name; ModelMissing, with what is installed, when nothing that is
    there translates the pair.
    """
    if name not in (None, *TRANSLATORS):
        raise InputError(f"there is no translation engine {name!r}", f"the engines are: {', '.join(TRANSLATORS)}")
    packages = argos.installed()
    route = argos.route(packages, source, target)
    if route and name != "starter":
        return _argos(route, beam or argos.BEAM, settings.threads())
    if (source, target) in starter.PAIRS and name != "argos":
        version = models.known("starter").version
        return _starter(models.find("starter"), version, beam or starter.BEAM, settings.threads())
    raise ModelMissing(f"no model translates {source} into {target}{f' with {name}' if name else ''}", _offer(packages))


@cache
def _argos(route: tuple[argos.Package, ...], beam: int, threads: int) -> argos.Argos:
    return argos.Argos(route, beam=beam, threads=threads)


@cache
def _starter(folder: Path, version: str, beam: int, threads: int) -> starter.Starter:
    """One starter for all pairs: its weights are in memory once."""
    return starter.Starter(folder, version=version, beam=beam, threads=threads)


def _offer(packages: Sequence[argos.Package]) -> str:
    """What there is, for somebody whose pair is missing."""
    pairs = sorted(f"{package.source}-{package.target}" for package in packages)
    starters = sorted(f"{source}-{target}" for source, target in starter.PAIRS)
    return (
        f"Argos packages in {settings.argos_packages_folder()}: {', '.join(pairs) or 'none'}; starter: {', '.join(starters)}; "
        "more Argos packages: argospm install translate-SOURCE_TARGET"
    )
