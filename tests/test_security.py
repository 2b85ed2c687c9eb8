"""What strangers may write into articles, archives and names, and what it must not do; docs/security.md says against whom."""

import ast
import contextlib
import http.server
import json
import re
import socket
import sqlite3
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from pipeline import (
    cli,
    downloads,
    encodings,
    languages,
    models,
    normalisation,
    packages,
    protection,
    quotes,
    redaction,
    segments,
)
from pipeline.cli import terminal
from pipeline.collection import Collection
from pipeline.engines import Engines, descriptions
from pipeline.errors import InputError
from pipeline.evidence import verifying
from pipeline.evidence.manifest import MANIFEST, SUMS
from pipeline.exports import FORMATS, TABLES
from pipeline.progress import Silent
from pipeline.records import Article, json_line
from pipeline.run import run
from pipeline.self_contained import link
from pipeline.serving.api import application
from pipeline.serving.holdings import OneFile
from pipeline.serving.service import Service

ROOT = Path(__file__).parents[1]
STORM = "“The harbour stays closed until the storm is over,” said Vira Zahaiska, the harbour master."
IDS = ("../../up", "/tmp/away", "a/b", "..", "C:\\x", "\u202egnp.exe", "<b>&x;", "'; DROP TABLE articles; --", "=1+1", "con", "x" * 300, "[red]x")  # fmt: skip


def test_every_line_of_the_threat_model_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "| test" not in line and "---" not in line]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(rows) > 20
    assert [row for row in rows if "`tests/" not in row] == []
    absent = [f"{path}::{name}" for path, name in named if name not in _functions(ROOT / path)]
    assert absent == []


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


@pytest.fixture
def hostile(tmp_path: Path, engines: Engines) -> Path:
    """A collection of articles whose ids, titles, outlets and translations are up to no good."""
    lines = [
        {
            "id": id_,
            "title": id_,
            "outlet": id_,
            "url": f"https://a.example/{number}",
            "text": f"It is the {number}. {STORM}",
        }
        for number, id_ in enumerate(IDS)
    ]
    lines.append({"id": "uk", "language": "uk", "translation_of": IDS[0], "text": "It_uk is_uk the_uk 0."})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    outcome = run([str(tmp_path / "in" / "a.jsonl")], tmp_path / "made", engines)
    assert (outcome.articles, outcome.refused) == (len(lines), [])
    return tmp_path / "made"


@pytest.fixture
def crossquote(monkeypatch: pytest.MonkeyPatch, engines: Engines) -> Callable[..., int]:
    monkeypatch.setattr("pipeline.engines.default", lambda: engines)
    monkeypatch.setattr("pipeline.engines.translator", lambda name, *pair, **_: engines.translator(*pair))

    def command(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["crossquote", *map(str, arguments)])
        try:
            cli.main()
        except SystemExit as stop:
            return int(stop.code or 0)
        return 0

    return command


# Files


def test_no_id_or_name_out_of_an_article_becomes_a_path(
    hostile: Path, tmp_path: Path, crossquote: Callable[..., int]
) -> None:
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    out = tmp_path / "out"
    out.mkdir()
    for form in sorted({*FORMATS} - {"ladder"}):
        assert crossquote("export", "--in", hostile, "--format", form, "--out", out / form) == 0
    for form in sorted(TABLES):
        assert (
            crossquote("export", "--in", hostile, "--what", "quotes", "--format", form, "--out", out / f"q.{form}") == 0
        )
    assert crossquote("report", "--in", hostile, "--out", out / "r.html") == 0
    assert crossquote("tm", "export", "--in", hostile, out / "memory.tmx") == 0
    assert crossquote("translate", tmp_path / "in", "--to", "uk", "--out", out / "uk") in (0, 1)
    made = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert made
    assert {path.relative_to(tmp_path).parts[0] for path in made} == {"out"}
    assert [path.name for path in (out / "uk").iterdir()] == ["a.uk.jsonl"]
    assert not Path("/tmp/away").exists()


@pytest.mark.parametrize("name", ["../starter", "/etc", "starter/../..", "", ".", "a\nb"])
def test_a_model_has_one_of_the_names_that_are_known(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSQUOTE_MODELS", str(tmp_path / "models"))
    with pytest.raises(InputError, match="there is no model"):
        models.install(name, str(tmp_path))
    assert not (tmp_path / "models").exists()


def test_a_member_without_a_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.argosmodel"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (MANIFEST, SUMS, "x/metadata.json"):
            archive.writestr(name, "{}")
    path.write_bytes(path.read_bytes().replace(b"x/metadata.json", b"\0/metadata.json"))
    with pytest.raises(InputError, match="exactly one folder"):
        packages.unpacked(path)
    with pytest.raises(InputError, match="no plain file"):
        verifying.verify(path)


def test_a_redirection_leads_to_no_file(tmp_path: Path) -> None:
    class Away(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Away) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with pytest.raises(InputError, match="cannot fetch"):
            downloads.fetch(f"http://127.0.0.1:{server.server_port}/a", tmp_path / "got")
        server.shutdown()


@pytest.mark.parametrize(
    "index",
    ["{}", "[1]", "null", "[" * 100_000, '[{"links": 5}]', '[{"from_code": "en", "to_code": "uk", "package_version": "²", "links": ["file:///x"]}]'],
)  # fmt: skip
def test_an_index_of_packages_may_say_anything(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.json").write_text(index, "utf-8")
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", tmp_path.as_uri())
    with pytest.raises(InputError):
        packages.install("en-uk")


# Code


def test_nothing_that_is_read_can_be_a_program() -> None:
    """No pickles, no YAML that makes objects, no shell: models are numbers, descriptions are TOML and JSON."""
    forbidden = {"pickle", "marshal", "shelve", "dill", "joblib", "subprocess", "ctypes"}
    found = []
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.split(".")[0] for alias in node.names} | {
                    (getattr(node, "module", "") or "").split(".")[0]
                }
                found += [f"{path.name}: {name}" for name in names & forbidden]
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("eval", "exec", "compile")
            ):
                found.append(f"{path.name}: {node.func.id}")
            if isinstance(node, ast.Attribute) and node.attr in (
                "system",
                "popen",
                "unsafe_load",
                "full_load",
                "UnsafeLoader",
                "FullLoader",
            ):
                found.append(f"{path.name}: {node.attr}")
    assert found == []


@pytest.mark.parametrize(
    "value", ["!!python/object/apply:os.system ['touch made']", "!!python/name:os.system", "*x", "&x [*x]"]
)
def test_front_matter_makes_no_objects(value: str, tmp_path: Path, crossquote: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(f"---\ntitle: {value}\n---\n{STORM}\n", "utf-8")
    assert crossquote("quotes", "a.txt", "--no-tagger") in (0, 2)
    assert not Path("made").exists()


@pytest.mark.parametrize(
    "content", ["[" * 3_000, 'pairs = ["en-uk", "../x"]', "pairs = 5", "beam = nan", "pairs.x = 1", "\0"]
)
def test_the_description_of_a_model_is_data(tmp_path: Path, content: str) -> None:
    (tmp_path / "translator.toml").write_text(content, "utf-8")
    with pytest.raises(InputError):
        descriptions.read(tmp_path)


# Databases


QUOTED = ('" OR 1', "x' OR '1'='1", "'; DROP TABLE statements; --", 'NEAR("a" "b")', "text:harbour", "harbour*", "-harbour", "^harbour", "(", "%", "_")  # fmt: skip


def test_what_is_searched_for_is_never_a_query(hostile: Path, engines: Engines) -> None:
    service = Service(OneFile(hostile), lambda: engines, Silent(), translator=engines.translator)
    served = TestClient(application(service, ("localhost",)), base_url="http://localhost")
    for word in QUOTED:
        for path in (
            "statements?text",
            "statements?speaker",
            "statements?outlet",
            "articles?text",
            "articles?outlet",
            "find?text",
            "article?id",
        ):
            answer = served.get(f"/api/{path}={quote(word)}")
            assert answer.status_code in (200, 404, 422), (path, word)
            if path.endswith("outlet"):  # a speaker without words is no filter
                assert answer.json()["total"] == 0
    everything = served.get("/api/statements").json()["total"]
    assert everything == served.get("/api/statements?text=harbour").json()["total"] > 0


@pytest.mark.parametrize("word", QUOTED)
def test_what_a_command_looks_for_is_never_a_query(word: str, hostile: Path, crossquote: Callable[..., int]) -> None:
    assert crossquote("duplicates", "--in", hostile, "--min-outlets", "1", "--speaker", word) == 0
    assert crossquote("find", STORM, "--in", hostile, "--speaker", word) == 0
    assert crossquote("judge", "--in", hostile, word, "accept") == 2
    with Collection.open(hostile) as collection:
        assert collection.article(word) is None
        assert collection.count("articles") == len(IDS) + 1


def test_a_damaged_collection_is_named(hostile: Path, crossquote: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    path = hostile / "collection.sqlite"
    with Collection.open(hostile) as collection:
        collection.touch()
    database = sqlite3.connect(path)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    data = bytearray(path.read_bytes())
    data[4096 * 2 : -4096] = b"\xff" * (len(data) - 4096 * 3)
    path.write_bytes(data)
    assert crossquote("export", "--in", hostile, "--format", "tsv", "--out", hostile / "x.tsv") == 2
    assert re.search(r"collection\.sqlite .*(malformed|damaged)", capsys.readouterr().err)


# Terminals


COMMANDS = ("\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "\u202e", "\u2066", "\x08", "\r", "\udcff", "\x1b[8m")


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_printed_commands_no_terminal(command: str) -> None:
    shown = terminal.visible(f"a {command} b")
    assert command not in shown
    assert shown.isprintable()
    assert shown.startswith("a \\")


def test_our_own_styles_stay() -> None:
    import typer

    styled = typer.style("x", bold=True) + typer.style("y", fg="green") + typer.style("z", dim=True)
    assert terminal.visible(styled) == styled
    assert terminal.visible("[red]x[/red]\n\t«Ї»") == "[red]x[/red]\n\t«Ї»"


def test_json_lines_escape_what_commands_a_terminal_and_lose_nothing() -> None:
    record = {"id": "".join(COMMANDS) + "\u2028Їé👩\u200d🚀"}
    line = json_line(record)
    assert json.loads(line) == record
    assert line[:-1].isprintable() or "\u200d" in line
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line)


def test_commands_print_through_one_door() -> None:
    """What a person reads goes through `say` and `show`, where nothing commands a terminal."""
    direct = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / "pipeline" / "cli").glob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if path.name != "terminal.py" and re.search(r"typer\.echo\(|\bprint\(|sys\.std(out|err)\.write", line)
    ]
    assert direct == ['__init__.py: typer.echo(f"crossquote {__version__}")']


def test_ids_and_titles_reach_a_terminal_as_text(hostile: Path, tmp_path: Path, crossquote: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    for arguments in (
        ("find", STORM, "--in", hostile, "-k", "50"),
        ("duplicates", "--in", hostile, "--why"),
        ("quotes", tmp_path / "in", "--no-tagger"),
        ("judge", "--in", hostile, "s-", "accept"),
    ):
        crossquote(*arguments)
        captured = capsys.readouterr()
        assert captured.out + captured.err
        assert "\u202e" not in captured.out + captured.err


def test_an_id_that_commands_a_terminal_is_refused_and_shown_as_text(tmp_path: Path, crossquote: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "\x1b]52;c;aGk=\x07", "text": STORM}), "utf-8")
    (tmp_path / "\x1b[2J.txt").write_bytes(bytes(range(256)))
    assert crossquote("quotes", tmp_path / "a.jsonl", tmp_path / "\x1b[2J.txt", "--no-tagger") == 2
    told = capsys.readouterr().err
    assert "control character" in told
    assert r"\x1b[2J.txt" in told
    assert "\x1b" not in told


# Pages and addresses


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", " javascript:alert(1)", "\x01javascript:x", "java\tscript:x", "&#106;avascript:x", "vbscript:x", "VBScript:x"),
        *("data:text/html,x", "file:///etc/passwd", "//evil.example", "\\\\evil.example", "http:evil.example", "https:///x", "blob:x", "about:x"),
        *("https://", "http://[", "https:javascript:x", "view-source:http://a.example", " https://a.example"),
    ],
)  # fmt: skip
def test_odd_addresses_are_no_links(url: str) -> None:
    assert link(url) is None


# Servers


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/collection.sqlite", "/static/../x", "//etc/passwd", "/api/..%2f..%2fx"])  # fmt: skip
def test_a_server_has_no_files(hostile: Path, engines: Engines, path: str) -> None:
    service = Service(OneFile(hostile), lambda: engines, Silent(), translator=engines.translator)
    served = TestClient(application(service, ("localhost",)), base_url="http://localhost")
    assert served.get(path).status_code == 404


def test_questions_have_a_length(hostile: Path, engines: Engines) -> None:
    service = Service(OneFile(hostile), lambda: engines, Silent(), translator=engines.translator)
    served = TestClient(application(service, ("localhost",)), base_url="http://localhost")
    for asked in ("statements?text=", "statements?speaker=", "articles?text=", "find?text="):
        assert served.get(f"/api/{asked}{'a ' * 5_001}").status_code == 422
    assert served.get("/api/statements?limit=1000000").status_code == 422


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """No connection can be made; what tried is listed."""
    tried: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def test_nothing_that_an_article_names_is_fetched(tmp_path: Path, engines: Engines, offline: list[object], crossquote: Callable[..., int]) -> None:  # fmt: skip
    pages = {
        "a.html": f'<!DOCTYPE html SYSTEM "http://evil.example/a.dtd"><html><head><base href="http://evil.example/"><link rel="stylesheet" href="/x.css">'
        f'<meta property="og:url" content="http://evil.example/a"></head><body><img src="http://evil.example/i.png"><p>{STORM}</p><p>{STORM} Again.</p></body></html>',
        "a.rss": f'<?xml-stylesheet href="http://evil.example/s.xsl"?><!DOCTYPE rss SYSTEM "http://evil.example/a.dtd"><rss xmlns:xi="http://www.w3.org/2001/XInclude">'
        f'<channel><item><description>{STORM}</description><xi:include href="http://evil.example/b"/></item></channel></rss>',
    }  # fmt: skip
    for name, content in pages.items():
        (tmp_path / name).write_text(content, "utf-8")
    assert run([str(tmp_path)], tmp_path / "made", engines).articles == 2
    assert crossquote("export", "--in", tmp_path / "made", "--format", "html", "--out", tmp_path / "x.html") == 0
    (tmp_path / "a.tmx").write_text(
        '<!DOCTYPE tmx SYSTEM "http://evil.example/tmx14.dtd"><tmx><header/><body/></tmx>', "utf-8"
    )
    assert crossquote("tm", "import", tmp_path / "a.tmx") == 0
    assert offline == []


# Time


LONG = 8_000
UNITS = ("U.S.", "a.", "a@", "x" , "//", "www", "said ", "сказала ", "не", "according to ", " ", "\t", "“", "«", "— ", "1,", "9", "Vira ", "И", "²", "(", "[", "<", "&", "-", "’", "e\u0301")  # fmt: skip
STEPS: dict[str, Callable[[str], object]] = {
    "normalise": normalisation.normalise,
    "decode": lambda text: encodings.decode(text.encode("koi8-u", "replace")),
    "detect": lambda text: languages.detect(f"a{text}"),
    "quotes": lambda text: quotes.extract(Article(id="a", text=text, language="en")),
    "parts": lambda text: segments.parts(text, "uk"),
    "guard": protection.guard,
    "redacted": redaction.Redactor(["Vira Zahaiska"]).redacted,
}


@pytest.mark.parametrize("step", STEPS)
def test_no_text_takes_long_for_its_length(step: str) -> None:
    """A regular expression or a loop that begins anew at every letter would take minutes."""
    slow = {}
    for unit in UNITS:
        text = (unit * (LONG // len(unit)))[:LONG]
        began = time.process_time()
        with contextlib.suppress(languages.UnknownLanguage):
            STEPS[step](text)
        if (seconds := time.process_time() - began) > 2:
            slow[unit] = seconds
    assert slow == {}
