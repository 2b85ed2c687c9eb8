"""Which model translates a pair."""

import shutil
import zipfile
from pathlib import Path

import pytest
from toys import TEXTS, make_directory, make_package

from pipeline import engines, models
from pipeline.errors import InputError, ModelMissing


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "argos"))
    return tmp_path / "argos"


@pytest.mark.usefixtures("packages")
def test_without_packages_the_starter_translates() -> None:
    chosen = engines.translator(None, "en", "uk")
    assert chosen.signature == "starter-2/beam4"
    assert chosen is engines.translator("starter", "ru", "uk"), "its weights are loaded once"
    assert engines.translator(None, "en", "uk", beam=2).signature == "starter-2/beam2"


def test_an_installed_package_wins_unless_the_starter_is_named(packages: Path) -> None:
    make_package(packages, "en", "uk")
    assert engines.translator(None, "en", "uk").signature == "argos-en_uk-1.9/beam4"
    assert engines.translator(None, "en", "uk", beam=1, threads=1).signature == "argos-en_uk-1.9/beam1"
    assert engines.translator(None, "en", "ru").signature.startswith("starter")
    assert engines.translator("starter", "en", "uk").signature.startswith("starter")


def test_a_direct_pair_of_the_starter_wins_over_two_packages(packages: Path) -> None:
    make_package(packages, "ru", "en")
    make_package(packages, "en", "uk")
    assert engines.translator(None, "ru", "uk").signature == "starter-2/beam4"
    pivot = engines.translator("argos", "ru", "uk", beam=1)
    assert pivot.signature == "argos-ru_en-1.9/beam1+argos-en_uk-1.9/beam1"
    english = engines.translator("argos", "ru", "en", beam=1).translate(TEXTS, "ru", "en")
    assert pivot.translate(TEXTS, "ru", "uk") == engines.translator("argos", "en", "uk", beam=1).translate(
        english, "en", "uk"
    )


def test_a_pair_that_nothing_translates_lists_what_there_is(packages: Path) -> None:
    make_package(packages, "en", "uk")
    with pytest.raises(ModelMissing, match="translates ru into en") as caught:
        engines.translator(None, "ru", "en")
    for part in ("argos-en_uk (en-uk)", "starter (en-ru, en-uk, ru-uk, uk-ru)", "crossquote models install"):
        assert part in caught.value.hint
    with pytest.raises(ModelMissing, match="with argos"):
        engines.translator("argos", "en", "ru")


def test_without_the_starter_packages_still_translate(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSQUOTE_MODELS", str(tmp_path / "none"))
    make_package(packages, "en", "uk")
    assert engines.translator(None, "en", "uk").signature == "argos-en_uk-1.9/beam4"
    with pytest.raises(ModelMissing) as caught:
        engines.translator(None, "en", "ru")
    assert "models install starter" in caught.value.hint
    with pytest.raises(ModelMissing, match="'starter' is not complete"):
        engines.translator("starter", "en", "uk")


def test_a_file_of_a_package_is_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_CACHE", str(tmp_path / "cache"))
    package = make_package(tmp_path / "made", "en", "uk")
    file = Path(shutil.make_archive(str(tmp_path / "mine"), "zip", package.folder.parent, package.folder.name))
    file = file.rename(tmp_path / "mine.argosmodel")
    chosen = engines.translator(str(file), "en", "uk", beam=1)
    assert chosen.signature == "argos-en_uk-1.9/beam1"
    assert len(chosen.translate(TEXTS, "en", "uk")) == len(TEXTS)
    assert chosen is engines.translator(str(file), "en", "uk", beam=1)
    with pytest.raises(ModelMissing, match=r"with .*mine\.argosmodel"):
        engines.translator(str(file), "en", "ru")


def test_a_file_that_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_CACHE", str(tmp_path / "cache"))
    with zipfile.ZipFile(tmp_path / "bad.argosmodel", "w") as archive:
        archive.writestr("a/../../b", "")
    with pytest.raises(InputError, match="not an Argos package"):
        engines.translator(str(tmp_path / "bad.argosmodel"), "en", "uk")


def test_a_folder_of_folders_offers_them_all(tmp_path: Path) -> None:
    make_directory(tmp_path / "mine" / "opus-mt-en-uk")
    make_directory(tmp_path / "mine" / "opus-mt-en-ru")
    make_package(tmp_path / "mine", "uk", "en")
    assert engines.translator(str(tmp_path / "mine"), "en", "uk").signature.startswith("opus-mt-en-uk-")
    assert "opus-mt-en-ru" in engines.translator(str(tmp_path / "mine"), "uk", "ru").signature
    one = engines.translator(str(tmp_path / "mine" / "opus-mt-en-ru"), "en", "ru")
    assert one.signature.startswith("opus-mt-en-ru-")


def test_a_model_that_was_dropped_in_goes_by_its_name(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped = tmp_path / "models" / "large"
    dropped.mkdir(parents=True)
    for path in models.find("starter").iterdir():
        (dropped / path.name).symlink_to(path)
    (dropped / "translator.toml").unlink()
    (dropped / "translator.toml").write_text(
        'version = "7"\npairs = ["uk-en"]\nprompt = "<bos>{text}<2{target}>"\nend = "<eos>"\nbeam = 1\n', "utf-8"
    )
    monkeypatch.setenv("CROSSQUOTE_MODELS", str(tmp_path / "models"))
    assert engines.translator("large", "uk", "en").signature == "large-7/beam1"
    assert "large" in [one.name for one in engines.installed()]
    with pytest.raises(ModelMissing) as caught:
        engines.translator(None, "uk", "en")
    assert "large (uk-en)" in caught.value.hint


@pytest.mark.parametrize("name", ["oracle", "no/such/folder"])
def test_an_unknown_model_is_named(name: str) -> None:
    with pytest.raises(InputError, match=f"'{name}'") as caught:
        engines.translator(name, "en", "uk")
    assert ".argosmodel" in caught.value.hint
