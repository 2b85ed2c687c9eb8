"""Finds, checks and installs the models that the pipeline runs on.

`manifest.toml` lists every model with the size and SHA-256 of its files. A model is a folder of that name below one of
`settings.models_folders()`.
"""

import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from pipeline import files, settings
from pipeline.downloads import CHUNK, fetch
from pipeline.errors import InputError, ModelMissing


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, its path relative to the model's folder."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the manifest."""

    name: str
    kind: str
    version: str
    languages: tuple[str, ...]
    license: str
    files: tuple[ModelFile, ...]

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)


def manifest() -> dict[str, Model]:
    """All models the project knows, by name."""
    path = settings.CHECKOUT / "models" / "manifest.toml"
    if not path.exists():
        path = Path(__file__).with_name("manifest.toml")  # a wheel carries its own copy
    entries = tomllib.loads(path.read_text("utf-8"))
    return {
        name: Model(
            name=name,
            kind=entry["kind"],
            version=entry["version"],
            languages=tuple(entry["languages"]),
            license=entry["license"],
            files=tuple(ModelFile(**file) for file in entry["files"]),
        )
        for name, entry in entries.items()
    }


def known(name: str) -> Model:
    """The manifest's entry for `name`; InputError when there is none."""
    models = manifest()
    if name not in models:
        raise InputError(f"there is no model {name!r}", f"the models are: {', '.join(models)}")
    return models[name]


def find(name: str) -> Path:
    """The folder of an installed model whose files all have the right size (their hashes are checked by `verify`).

    ModelMissing when it is in none of the folders, with the places that were searched.
    """
    model = known(name)
    for folder in settings.models_folders():
        if all(_has_size(folder / name / file.path, file.bytes) for file in model.files):
            return folder / name
    searched = ", ".join(str(folder) for folder in settings.models_folders())
    raise ModelMissing(
        f"the model {name!r} is not complete in any of: {searched}",
        f"run: crossquote models install {name} --from PATH|URL   (or set CROSSQUOTE_MODELS)",
    )


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def faults(model: Model, folder: Path) -> list[str]:
    """What is wrong with the files of `model` in `folder`, one sentence each; empty when every hash is right."""
    found = []
    for file in model.files:
        path = folder / file.path
        if not path.is_file():
            found.append(f"{path}: missing")
        elif path.stat().st_size != file.bytes:
            found.append(f"{path}: {path.stat().st_size} bytes instead of {file.bytes}")
        elif files.sha256(path) != file.sha256:
            found.append(f"{path}: the content is not what the manifest says (SHA-256 differs)")
    return found


def install(name: str, source: str) -> Path:
    """Put a model where `find` looks, from a folder, a .tar(.gz|.xz) or .zip archive, or the URL of one.

    Only the files of the manifest are taken, every hash is checked before anything is moved into place, and the move is
    one rename: an interrupted install leaves nothing behind that `find` would take.
    """
    model = known(name)
    home = settings.user_models_folder()
    home.mkdir(parents=True, exist_ok=True)
    with files.scratch(home) as scratch:
        given = fetch(source, scratch / "download") if "://" in source else Path(source)
        staged = scratch / "staged"
        _stage(model, given, staged)
        wrong = faults(model, staged)
        if wrong:
            raise InputError(
                f"{source} is not the model {name!r} version {model.version}: {wrong[0]}", "nothing was installed"
            )
        target = home / name
        if target.exists():
            target.rename(scratch / "replaced")
        staged.rename(target)
    return target


def _stage(model: Model, given: Path, staged: Path) -> None:
    """Copy the manifest's files of `model` out of a folder or an archive into `staged`; what it lacks is left out."""
    if given.is_dir():
        folder = given / model.name if (given / model.name).is_dir() else given
        for file in model.files:
            if (folder / file.path).is_file():
                with (folder / file.path).open("rb") as content:
                    _unpack(content, staged / file.path, file.bytes)
    elif given.is_file() and zipfile.is_zipfile(given):
        with zipfile.ZipFile(given) as archive:
            for file, name in _archived(model, archive.namelist()):
                with archive.open(name) as content:
                    _unpack(content, staged / file.path, file.bytes)
    elif given.is_file() and tarfile.is_tarfile(given):
        with tarfile.open(given) as tape:
            for file, name in _archived(model, [member.name for member in tape if member.isfile()]):
                with cast(IO[bytes], tape.extractfile(name)) as content:
                    _unpack(content, staged / file.path, file.bytes)
    else:
        raise InputError(
            f"{given} is neither a folder nor a .zip or .tar archive", "give the model's folder or archive"
        )


def _archived(model: Model, names: list[str]) -> list[tuple[ModelFile, str]]:
    """Which archive member holds which file: with or without leading folders, the shortest path wins."""
    found = []
    for file in model.files:
        fitting = [name for name in names if name == file.path or name.endswith("/" + file.path)]
        if fitting:
            found.append((file, min(fitting, key=lambda name: (len(name), name))))
    return found


def _unpack(content: IO[bytes], target: Path, size: int) -> None:
    """Write at most `size` + 1 bytes: a member that is larger than the manifest says is not ours, and may be a bomb."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = size + 1
    with target.open("wb") as file:
        while left > 0 and (chunk := content.read(min(CHUNK, left))):
            file.write(chunk)
            left -= len(chunk)
