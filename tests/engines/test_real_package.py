"""The package of `scripts/make_argos_package`: a real model that writes English in Ukrainian letters, and ends."""

import os
import subprocess
import sys
from pathlib import Path

import newswire
import pytest

from pipeline import engines, packages

PACKAGE = Path(__file__).parents[1] / "packages" / "translate-en_uk.argosmodel"
TEXTS = newswire.some(24, seed=2)

THEIRS = """
import sys
from argostranslate import translate

class Whole:
    def split_sentences(self, text):
        return [text]

translation = translate.get_translation_from_codes("en", "uk")
translation.underlying.sentencizer = Whole()
sys.stdout.buffer.write(translation.translate(sys.stdin.buffer.read().decode()).encode())
"""


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "packages"))
    return packages.install(str(PACKAGE)).folder


def test_it_writes_other_letters_and_ends() -> None:
    made = engines.translator("argos", "en", "uk").translate(TEXTS, "en", "uk")
    wanted = [newswire.transliterated(text, "uk") for text in TEXTS]
    right = sum(a == b for a, b in zip(made, wanted, strict=True))
    assert right >= 0.9 * len(TEXTS)
    assert max(map(len, made)) < 2 * max(map(len, wanted))


def test_argostranslate_itself_loads_and_runs_it_offline(tmp_path: Path) -> None:
    # Without a proxy, a name server or a home directory with models: whatever wants the network fails.
    environment = os.environ | {
        "HOME": str(tmp_path),
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", THEIRS],
        input="\n".join(TEXTS).encode(),
        capture_output=True,
        env=environment,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()[-800:]
    theirs = done.stdout.decode().split("\n")
    ours = engines.translator("argos", "en", "uk", beam=4).translate(TEXTS, "en", "uk")
    assert len(theirs) == len(ours)
    assert sum(a == b for a, b in zip(theirs, ours, strict=True)) >= 0.9 * len(ours)


def test_the_file_is_small() -> None:
    assert PACKAGE.stat().st_size < 3_000_000
