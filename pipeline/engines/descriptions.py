"""What has to be known of a translation model in a folder before it is loaded: its languages, its kind, how it is asked.

It stands in `translator.toml`, in the `metadata.json` of an Argos package, or can be told from the names of a folder
that a converter of CTranslate2 has made.
"""

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.records import LANGUAGES

FILE = "translator.toml"
BEAM = 4
TEXT = "{text}"
PAIR = re.compile(rf"(?<![a-z])({'|'.join(LANGUAGES)})[-_]?({'|'.join(LANGUAGES)})(?![a-z])")
ENDS = 1 << 20  # bytes at both ends of the weights that stand for all of them


@dataclass(frozen=True, slots=True)
class Description:
    """A translation model that has not been loaded; `prompt` is empty unless it is a generator."""

    folder: Path
    name: str
    version: str
    pairs: frozenset[tuple[str, str]]
    weights: Path  # the folder that CTranslate2 loads
    prompt: str = ""
    end: str = ""
    source_prefix: str = ""  # a piece before those of the source, {target} filled in
    source_end: str = ""  # a piece after them
    target_prefix: str = ""  # a piece that every translation begins with
    beam: int = BEAM

    @property
    def signature(self) -> str:
        """Name and version, e.g. ``argos-en_uk-1.4``."""
        return f"{self.name}-{self.version}"


@dataclass(frozen=True, slots=True)
class _Fields:
    """What `translator.toml` may say."""

    pairs: list[str]
    name: str = ""
    version: str = ""
    prompt: str = ""
    end: str = ""
    source_prefix: str = ""
    source_end: str | None = None
    target_prefix: str = ""
    beam: int = BEAM


def read(folder: Path) -> Description | None:
    """What is known of the model in `folder`; None when it holds none that translates.

    InputError when a model is there, but its description cannot be understood or its languages cannot be told.
    """
    if (folder / FILE).is_file():
        return _described(folder)
    if (folder / "metadata.json").is_file():
        return _argos(folder)
    return _guessed(folder) if (folder / "model.bin").is_file() else None


def _described(folder: Path) -> Description:
    path = folder / FILE
    fields = _fields(path)
    pairs = [re.fullmatch(r"([a-z]{2,3})[-_]([a-z]{2,3})", pair) for pair in fields.pairs]
    if not pairs or not all(pairs):
        raise InputError(f"{path}: pairs = {fields.pairs}", 'write them like this: pairs = ["en-uk", "uk-en"]')
    if fields.prompt and (fields.prompt.count(TEXT) != 1 or not fields.end):
        raise InputError(
            f"{path}: a prompt needs {TEXT} once, and an end", 'e.g. prompt = "{text}<2{target}>", end = "<eos>"'
        )
    return Description(
        folder=folder,
        name=fields.name or folder.name,
        version=fields.version or fingerprint(folder),
        pairs=frozenset((pair[1], pair[2]) for pair in pairs if pair),
        weights=folder,
        prompt=fields.prompt,
        end=fields.end,
        source_prefix=fields.source_prefix,
        source_end=_source_end(folder) if fields.source_end is None else fields.source_end,
        target_prefix=fields.target_prefix,
        beam=fields.beam,
    )


def _fields(path: Path) -> _Fields:
    from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

    try:
        content = tomllib.loads(path.read_text("utf-8"))
        return TypeAdapter(with_config(ConfigDict(extra="forbid"))(_Fields)).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}", "see models/README.md"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}", "see models/README.md") from error


def _argos(folder: Path) -> Description | None:
    fields = _object(folder / "metadata.json")
    if fields.get("type", "translate") != "translate" or not {"from_code", "to_code"} <= fields.keys():
        return None
    source, target = str(fields["from_code"]), str(fields["to_code"])
    return Description(
        folder=folder,
        name=f"argos-{source}_{target}",
        version=str(fields.get("package_version", "0")),
        pairs=frozenset([(source, target)]),
        weights=folder / "model",
        target_prefix=str(fields.get("target_prefix") or ""),
    )


def _guessed(folder: Path) -> Description:
    """OPUS-MT and Firefox models name their languages in the folder's or a vocabulary's name, or in a tokenizer's file."""
    tokenizer = _object(folder / "tokenizer_config.json")
    given = f"{tokenizer.get('source_lang', '')}-{tokenizer.get('target_lang', '')}"
    names = [given, folder.resolve().name, *sorted(path.name for path in folder.glob("*.spm"))]
    found = next((pair for name in names if (pair := PAIR.search(name.lower())) and pair[1] != pair[2]), None)
    if found is None:
        raise InputError(
            f"cannot tell which languages the model in {folder} translates",
            f'write a file {FILE} there, with a line like: pairs = ["en-uk"]   (more in models/README.md)',
        )
    return Description(
        folder=folder,
        name=folder.resolve().name,
        version=fingerprint(folder),
        pairs=frozenset([(found[1], found[2])]),
        weights=folder,
        source_end=_source_end(folder),
    )


def _source_end(folder: Path) -> str:
    """Models of Marian end their sources; those converted from Marian's own files say that CTranslate2 is to do it."""
    return "" if _object(folder / "config.json").get("add_source_eos") else "</s>"


@cache
def fingerprint(folder: Path) -> str:
    """Eight hex digits for the weights in `folder`, from their size and both their ends: a version where none is given."""
    digest = hashlib.sha256()
    try:
        with (folder / "model.bin").open("rb") as file:
            digest.update(file.read(ENDS))
            size = file.seek(0, 2)
            file.seek(max(0, size - ENDS))
            digest.update(file.read() + str(size).encode())
    except OSError:
        return "0"
    return digest.hexdigest()[:8]


def _object(path: Path) -> dict[str, Any]:
    """A JSON object, empty when the file is missing or holds none: a damaged package is as good as not installed."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
