"""Argos packages are installed whole, where argostranslate finds them, or not at all."""

import contextlib
import functools
import hashlib
import http.server
import json
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import downloads, packages
from pipeline.engines import argos
from pipeline.errors import InputError

METADATA = {"from_code": "en", "to_code": "uk", "package_version": "1.0"}
GOOD = {
    "translate-en_uk/metadata.json": json.dumps(METADATA),
    "translate-en_uk/model/model.bin": "weights",
    "translate-en_uk/sentencepiece.model": "pieces",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "argos" / "packages"))
    monkeypatch.setenv("CROSSQUOTE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "argos" / "packages"


def make(path: Path, members: dict[str, str] = GOOD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def left_behind(home: Path) -> list[str]:
    return sorted(path.name for folder in (home.parent, home) if folder.is_dir() for path in folder.iterdir())


def test_a_file_is_installed_and_its_digest_told(tmp_path: Path, home: Path) -> None:
    file = make(tmp_path / "mine.argosmodel")
    done = packages.install(str(file))
    assert done.folder == home / "translate-en_uk"
    assert done.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert [package.signature for package in argos.installed()] == ["argos-en_uk-1.0"]
    assert left_behind(home) == ["packages", "translate-en_uk"]


def test_a_package_of_that_name_is_replaced(tmp_path: Path, home: Path) -> None:
    packages.install(str(make(tmp_path / "old.argosmodel", GOOD | {"translate-en_uk/old.txt": "old"})))
    newer = json.dumps(METADATA | {"package_version": "2.0"})
    packages.install(str(make(tmp_path / "new.argosmodel", GOOD | {"translate-en_uk/metadata.json": newer})))
    assert [package.version for package in argos.installed()] == ["2.0"]
    assert not (home / "translate-en_uk" / "old.txt").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/evil",
        "translate-en_uk/../../evil",
        "translate-en_uk/..\\..\\evil",
        "C:/evil",
        "translate-en_uk/model/MODEL.BIN",
        "evil",
        "another/evil",
        "translate-en_uk",
    ],
)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, home: Path, name: str) -> None:
    file = make(tmp_path / "bad.argosmodel", GOOD | {name: "evil"})
    with pytest.raises(InputError, match="not an Argos package"):
        packages.install(str(file))
    assert left_behind(home) == ["packages"]
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, home: Path, kind: int) -> None:
    file = make(tmp_path / "bad.argosmodel")
    with zipfile.ZipFile(file, "a") as archive:
        entry = zipfile.ZipInfo("translate-en_uk/passwords")
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(InputError, match="link or a device"):
        packages.install(str(file))
    assert left_behind(home) == ["packages"]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, home: Path) -> None:
    file = make(tmp_path / "bad.argosmodel", GOOD | {"translate-en_uk/zeros": "\0" * 30_000_000})
    with pytest.raises(InputError, match="unpacks to 30000000 bytes"):
        packages.install(str(file))
    assert left_behind(home) == ["packages"]


def test_what_is_larger_than_it_says_is_refused(tmp_path: Path, home: Path) -> None:
    file = make(tmp_path / "bad.argosmodel", GOOD | {"translate-en_uk/long.txt": "0123456789" * 100})
    content = file.read_bytes()
    lying = content.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != content
    file.write_bytes(lying)
    with pytest.raises(InputError, match="not an Argos package"):
        packages.install(str(file))
    assert left_behind(home) == ["packages"]


def test_limits_of_size_and_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = make(tmp_path / "mine.argosmodel")
    monkeypatch.setattr(packages, "MOST", 2)
    with pytest.raises(InputError, match="3 files"):
        packages.install(str(file))
    monkeypatch.setattr(packages, "MOST", 9)
    monkeypatch.setattr(packages, "LARGEST", 20)
    with pytest.raises(InputError, match="larger than"):
        packages.install(str(file))
    monkeypatch.setattr(downloads, "LARGEST", 20)
    with pytest.raises(InputError, match="larger than"):
        packages.install(file.as_uri())


@pytest.mark.parametrize(
    "members",
    [{}, {"a/b": "c"}, {name: text for name, text in GOOD.items() if "metadata" not in name}],
    ids=["empty", "other", "no metadata"],
)
def test_what_is_no_package(tmp_path: Path, members: dict[str, str]) -> None:
    with pytest.raises(InputError, match="not an Argos package"):
        packages.install(str(make(tmp_path / "bad.argosmodel", members)))


def test_what_is_no_zip_or_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "bad.argosmodel").write_text("nonsense")
    with pytest.raises(InputError, match="zip"):
        packages.install(str(tmp_path / "bad.argosmodel"))
    good = make(tmp_path / "good.argosmodel").read_bytes()
    (tmp_path / "bad.argosmodel").write_bytes(good[: len(good) // 2])
    with pytest.raises(InputError, match="zip"):
        packages.install(str(tmp_path / "bad.argosmodel"))


def test_a_damaged_member_is_noticed(tmp_path: Path, home: Path) -> None:
    file = make(tmp_path / "bad.argosmodel")
    content = bytearray(file.read_bytes())
    at = content.index(b"model/model.bin") + len("model/model.bin") + 2
    content[at] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(InputError, match="not an Argos package"):
        packages.install(str(file))
    assert left_behind(home) == ["packages"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serves the folder ``tmp_path/served``."""
    (tmp_path / "served").mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "served"))
    ) as served:
        threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


Index = Callable[..., None]


@pytest.fixture
def index(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Writes argostranslate's list of packages, from (source, target, version, file)."""
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", f"{server}/")

    def write(*entries: tuple[str, str, str, str]) -> None:
        listed = [
            {"from_code": a, "to_code": b, "package_version": version, "links": ["ipfs://x", f"{server}/{name}"]}
            for a, b, version, name in entries
        ]
        (tmp_path / "served" / "index.json").write_text(json.dumps(listed), "utf-8")

    return write


def test_a_url_is_fetched(tmp_path: Path, server: str) -> None:
    make(tmp_path / "served" / "mine.argosmodel")
    packages.install(f"{server}/mine.argosmodel")
    assert len(argos.installed()) == 1
    with pytest.raises(InputError, match=r"cannot fetch .*404"):
        packages.install(f"{server}/absent.argosmodel")


@pytest.mark.parametrize("pair", ["en-uk", "en_uk"])
def test_a_pair_comes_from_the_index_in_its_newest_version(tmp_path: Path, index: Index, pair: str) -> None:
    make(tmp_path / "served" / "new.argosmodel")
    index(("en", "uk", "1.9", "old.argosmodel"), ("en", "uk", "1.10", "new.argosmodel"), ("en", "ru", "2", "x"))
    packages.install(pair)
    assert len(argos.installed()) == 1


def test_a_pair_that_the_index_does_not_have(index: Index) -> None:
    index(("en", "uk", "1.9", "a"), ("ru", "en", "1.9", "b"), ("en", "de", "1.9", "c"))
    with pytest.raises(InputError, match="no package from ru into uk") as caught:
        packages.install("ru-uk")
    assert "en-uk, ru-en" in caught.value.hint
    assert "en-de" not in caught.value.hint


def test_offline_a_pair_fails_in_one_clear_line(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"cannot fetch http://127.0.0.1:9/index.json: .*refused") as caught:
        packages.install("en-uk")
    assert "\n" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("what", ["nothing", "ftp://example.org/x.argosmodel"])
def test_what_cannot_be_installed_at_all(what: str) -> None:
    with pytest.raises(InputError):
        packages.install(what)


def test_a_file_is_unpacked_into_the_cache_once(tmp_path: Path) -> None:
    file = make(tmp_path / "mine.argosmodel")
    folder = packages.unpacked(file)
    assert folder.parent == tmp_path / "cache" / "packages"
    assert folder.name == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (folder / "metadata.json").is_file()
    packages._unpacked.cache_clear()
    assert packages.unpacked(file) == folder
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_places_that_a_zip_tells_wrongly_are_noticed(tmp_path: Path, home: Path) -> None:
    content = make(tmp_path / "good.argosmodel").read_bytes()
    directory = content.index(b"PK\1\2")
    for offset, size in ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (38, 4), (42, 4)):
        for byte in (b"\xff", b"\x0e", b"\x01"):
            wrong = content[: directory + offset] + byte * size + content[directory + offset + size :]
            (tmp_path / "bad.argosmodel").write_bytes(wrong)
            with contextlib.suppress(InputError):  # some of it does not matter
                packages.install(str(tmp_path / "bad.argosmodel"))
    assert left_behind(home) in (["packages"], ["packages", "translate-en_uk"])
