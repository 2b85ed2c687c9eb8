"""`crossquote models install` of packages, and what `models list` says then."""

import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from toys import make_package

from pipeline import cli


def crossquote(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["crossquote", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "argos"))
    return tmp_path / "argos"


def test_a_package_is_installed_shown_and_listed(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_package(tmp_path / "made", "en", "uk").folder
    file = shutil.make_archive(str(tmp_path / "mine"), "zip", folder.parent, folder.name)
    assert crossquote(monkeypatch, "models", "install", file) == 0
    told = capsys.readouterr().err
    assert "sha256" in told
    assert str(home / "translate-en_uk") in told
    assert crossquote(monkeypatch, "models", "list") == 0
    assert "argos-en_uk" in capsys.readouterr().out


def test_what_cannot_be_installed_is_one_line_and_a_hint(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "bad.argosmodel", "w") as archive:
        archive.writestr("../evil", "")
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", "http://127.0.0.1:9")
    for given in (tmp_path / "bad.argosmodel", "en-uk", "starter", tmp_path / "absent"):
        assert crossquote(monkeypatch, "models", "install", given) == 2
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 2, told
        assert "hint" in told[1]
    assert not home.is_dir() or not list(home.iterdir())
