"""What is installed, which models are found and where, and how fast they run on this machine."""

import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from pipeline import __version__, engines, models, settings
from pipeline.engines import argos
from pipeline.errors import PipelineError

LIBRARIES = ("argostranslate", "ctranslate2", "sentence-transformers", "torch", "faiss-cpu", "trafilatura", "pymorphy3")
PROBE = 2.0
"""Seconds that a speed is measured for."""

SENTENCE = "The ferry will not leave the harbour before the storm has passed, the captain told the passengers on deck."


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis; `good` is False where something is missing or damaged."""

    what: str
    good: bool
    text: str


def findings() -> Iterator[Finding]:
    """Everything that can be told about this installation, as it is found out."""
    yield Finding(
        "crossquote", True, f"{__version__}, Python {platform.python_version()}, {settings.threads()} threads"
    )
    yield from map(_library, LIBRARIES)
    yield from map(_model, models.manifest().values())
    packages = [package.signature for package in argos.installed()]
    yield Finding("Argos packages", True, f"{', '.join(packages) or 'none'} in {settings.argos_packages_folder()}")
    yield _speed("embedding", "texts", lambda: engines.default().embedder.encode)
    yield _speed(
        "translation",
        "sentences",
        lambda: partial(engines.default().translator("en", "uk").translate, source="en", target="uk"),
    )


def installed(name: str) -> str | None:
    """The version of a library; None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _library(name: str) -> Finding:
    found = installed(name)
    return Finding(name, found is not None, found or "not installed")


def _model(model: models.Model) -> Finding:
    try:
        folder = models.find(model.name)
    except PipelineError as error:
        return Finding(f"model {model.name}", False, f"{error.message}; {error.hint}")
    wrong = models.faults(model, folder)
    return Finding(f"model {model.name}", not wrong, "; ".join(wrong) or f"version {model.version}, in {folder}")


def _speed(what: str, unit: str, engine: Callable[[], Callable[[list[str]], object]]) -> Finding:
    """Texts a second in batches of different texts, once the model is loaded."""
    try:
        began = time.perf_counter()
        work = engine()
        work([SENTENCE])
        loaded = time.perf_counter()
        count = 0
        while time.perf_counter() - loaded < PROBE:
            work([f"{number}. {SENTENCE}" for number in range(count, count + 8)])
            count += 8
    except PipelineError as error:
        return Finding(f"speed of {what}", False, error.message)
    rate = count / (time.perf_counter() - loaded)
    return Finding(f"speed of {what}", True, f"{rate:.1f} {unit} a second, ready after {loaded - began:.1f} s")
