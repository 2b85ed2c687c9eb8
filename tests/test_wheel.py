"""The built wheel works without the checkout, without models and without the developers' tools."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = "import sys; sys.argv[0] = 'crossquote'; from pipeline.__main__ import main; main()"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "unpacked")
    return folder / "unpacked"


def crossquote(unpacked: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "HOME": str(home), "XDG_DATA_HOME": str(home)}
    environment.pop("CROSSQUOTE_MODELS", None)
    command = [sys.executable, "-c", COMMAND, *arguments]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)


def test_it_holds_what_the_program_reads_and_no_model(unpacked: Path) -> None:
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {
        "pipeline/manifest.toml",
        "pipeline/matcher.json",
        "pipeline/report/templates/report.html",
        "pipeline/templates/head.html",
    } <= names
    for language in ("en", "ru", "uk"):
        assert f"pipeline/lang/{language}/speech_verbs.txt" in names
    assert max(path.stat().st_size for path in unpacked.rglob("*")) < 1_000_000


def test_help_and_quotes_work(unpacked: Path, tmp_path: Path) -> None:
    assert crossquote(unpacked, tmp_path, "--help").returncode == 0
    (tmp_path / "a.txt").write_text("“The harbour stays closed,” said Vira Zahaiska, the harbour master.", "utf-8")
    found = crossquote(unpacked, tmp_path, "quotes", "a.txt")
    assert found.returncode == 0
    assert "Vira Zahaiska" in found.stdout


def test_a_missing_model_is_one_clear_line_and_can_be_installed(unpacked: Path, tmp_path: Path) -> None:
    missing = crossquote(unpacked, tmp_path, "models", "path", "embedder")
    assert missing.returncode == 2
    assert "crossquote models install embedder --from" in missing.stderr
    installed = crossquote(
        unpacked, tmp_path, "models", "install", "embedder", "--from", str(ROOT / "models" / "embedder")
    )
    assert installed.returncode == 0, installed.stderr
    assert crossquote(unpacked, tmp_path, "models", "path", "embedder").stdout.strip().startswith(str(tmp_path))
