"""Finding, checking and installing models."""

import hashlib
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline import models
from pipeline.errors import InputError, ModelMissing

FILES = {"config.json": b"{}", "sub/weights.bin": b"\x00\x01" * 500}


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entries = tuple(
        models.ModelFile(path=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for name, data in FILES.items()
    )
    toy = models.Model(name="toy", kind="test", version="1", languages=("en",), license="MIT", files=entries)
    monkeypatch.setattr(models, "manifest", lambda: {"toy": toy})
    monkeypatch.setenv("CROSSQUOTE_MODELS", str(tmp_path / "models"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "given" / "extra.txt").write_text("not in the manifest")
    return tmp_path / "given"


def test_a_missing_model_says_where_it_was_searched_and_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        models.find("toy")
    assert str(tmp_path / "models") in caught.value.message
    assert "crossquote models install toy" in caught.value.hint


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(InputError, match="'nope'"):
        models.find("nope")


def test_install_from_folder(folder: Path) -> None:
    target = models.install("toy", str(folder))
    assert models.find("toy") == target
    assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()) == sorted(FILES)


@pytest.mark.parametrize("inside", ["", "toy/", "release-1/toy/"])
def test_install_from_zip_and_file_url(folder: Path, tmp_path: Path, inside: str) -> None:
    path = tmp_path / "toy.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil.txt", "outside")
        for name, data in FILES.items():
            archive.writestr(inside + name, data)
    assert models.faults(models.known("toy"), models.install("toy", path.as_uri())) == []
    assert not (tmp_path / "evil.txt").exists()


def test_install_from_tar(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "toy.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, "toy")
    assert models.faults(models.known("toy"), models.install("toy", str(path))) == []


def test_a_wrong_file_is_not_installed_and_the_old_model_stays(folder: Path, tmp_path: Path) -> None:
    models.install("toy", str(folder))
    (folder / "config.json").write_bytes(b"[]")
    with pytest.raises(InputError, match="SHA-256"):
        models.install("toy", str(folder))
    assert models.faults(models.known("toy"), models.find("toy")) == []
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["toy"]


def test_a_bomb_is_not_unpacked(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "toy.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            archive.writestr(name, b"\0" * 10_000_000)
    with pytest.raises(InputError, match="bytes instead of"):
        models.install("toy", str(path))


def test_a_source_that_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither"):
        models.install("toy", str(tmp_path / "absent"))
    with pytest.raises(InputError, match="cannot fetch"):
        models.install("toy", (tmp_path / "absent.zip").as_uri())


def test_faults_name_the_file(folder: Path) -> None:
    (folder / "config.json").unlink()
    (found,) = models.faults(models.known("toy"), folder)
    assert "config.json: missing" in found
