"""The models behind the ports, and which of them is taken. Nothing is loaded before a stage has work for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import models, packages, settings
from pipeline.engines import argos, descriptions, routes
from pipeline.engines.descriptions import Description
from pipeline.engines.generators import GeneratorTranslator
from pipeline.engines.sequences import SequenceTranslator
from pipeline.errors import InputError, ModelMissing
from pipeline.ports import Embedder, Expectation, Tagger, Translator
from pipeline.records import Language

if TYPE_CHECKING:
    from pipeline.likeness import Matcher


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


def translator(
    model: str | None, source: Language, target: Language, *, beam: int | None = None, threads: int | None = None
) -> Translator:
    """What translates a pair: directly, or else by way of English; of the models that `offered` names the first.

    No model is loaded yet. ModelMissing, with what is there, when nothing translates the pair.
    """
    found = offered(model)
    route = routes.route(found, source, target)
    if not route:
        with_it = f" with {model}" if model else ""
        raise ModelMissing(f"no model translates {source} into {target}{with_it}", _offer(found))
    legs = [_engine(leg, beam or leg.beam, threads or settings.threads()) for leg in route]
    return legs[0] if len(legs) == 1 else routes.Pivot(*legs)


def offered(model: str | None) -> list[Description]:
    """The models that a user may mean, better ones first.

    None: installed Argos packages, then the starter if it is installed. "argos", "starter", or the name of a folder in
    one of `settings.models_folders()`. Else a path: an .argosmodel file, a folder with a model, or one of such folders.
    InputError when it is none of these; ModelMissing when the starter is named and not installed.
    """
    if model is None:
        return [*argos.installed(), *_starter_if_installed()]
    if model == "argos":
        return argos.installed()
    if model == "starter":
        return _within(models.find("starter"))
    folders = [folder / model for folder in settings.models_folders()] if Path(model).name == model else []
    for place in [*folders, Path(model)]:
        found = _within(packages.unpacked(place)) if place.is_file() else _within(place)
        if found:
            return found
    raise InputError(
        f"there is no translation model {model!r}",
        "give starter, argos, the name of a folder in "
        f"{' or '.join(map(str, settings.models_folders()))}, an .argosmodel file, or a folder with a CTranslate2 model",
    )


def _within(folder: Path) -> list[Description]:
    """The model in `folder`, or those in the folders in it."""
    own = descriptions.read(folder)
    inner = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() and own is None else []
    return [one for one in (own, *map(descriptions.read, inner)) if one is not None]


def installed() -> list[Description]:
    """Every translation model that can be named: Argos packages, and what lies where models are looked for."""
    folders = [path for home in settings.models_folders() if home.is_dir() for path in sorted(home.iterdir())]
    return [*argos.installed(), *(found for folder in folders if (found := _readable(folder)) is not None)]


def _readable(folder: Path) -> Description | None:
    try:
        return descriptions.read(folder)
    except InputError:  # said when somebody asks for that model
        return None


def _starter_if_installed() -> list[Description]:
    try:
        return _within(models.find("starter"))
    except ModelMissing:
        return []


@cache
def _engine(description: Description, beam: int, threads: int) -> Translator:
    """One engine for all pairs of a model: its weights are in memory once."""
    if description.prompt:
        return GeneratorTranslator(description, beam=beam, threads=threads)
    return SequenceTranslator(description, beam=beam, threads=threads)


def _offer(found: Sequence[Description]) -> str:
    """What there is, for somebody whose pair is missing."""
    there = dict.fromkeys([*found, *installed()])
    named = [f"{one.name} ({', '.join(sorted(map('-'.join, one.pairs)))})" for one in there]
    return (
        f"there is: {', '.join(named) or 'none'}; more: crossquote models install SOURCE-TARGET, e.g. en-uk, fetches an "
        f"Argos package into {settings.argos_packages_folder()}; crossquote models install starter --from PATH|URL"
    )
