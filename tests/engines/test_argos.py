"""Where Argos packages are found, and which of them counts."""

import json
from pathlib import Path

import pytest
from toys import make_package

from pipeline import settings
from pipeline.engines import argos


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    return tmp_path / "packages"


def test_packages_are_found_where_argostranslate_puts_them(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = make_package(packages, "en", "uk")
    (packages / "broken").mkdir()
    (packages / "broken" / "metadata.json").write_text("{", "utf-8")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(packages))
    assert argos.installed() == [package]
    monkeypatch.delenv("ARGOS_PACKAGES_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert settings.argos_packages_folder() == tmp_path / "data" / "argos-translate" / "packages"
    assert argos.installed() == []
    assert not (tmp_path / "data").exists(), "looking makes no folders"
    (tmp_path / "config" / "argos-translate").mkdir(parents=True)
    (tmp_path / "config" / "argos-translate" / "settings.json").write_text(
        json.dumps({"ARGOS_PACKAGES_DIR": str(packages)}), "utf-8"
    )
    assert argos.installed() == [package]


def test_newer_versions_come_first_and_other_kinds_not_at_all(packages: Path) -> None:
    def write(name: str, **fields: str) -> None:
        (packages / name).mkdir(parents=True)
        (packages / name / "metadata.json").write_text(json.dumps(fields), "utf-8")

    write("a", from_code="en", to_code="uk", package_version="1.9")
    write("b", from_code="en", to_code="uk", package_version="1.10")
    write("c", type="sbd", from_code="en", to_code="uk")
    write("d", from_code="en")
    assert [package.signature for package in argos.installed(packages)] == ["argos-en_uk-1.10", "argos-en_uk-1.9"]
