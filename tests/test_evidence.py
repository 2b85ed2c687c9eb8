"""Evidence holds what shows who said what; whatever is changed in it is named, and hostile zips are refused unread."""

import gzip
import hashlib
import json
import re
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from test_archives import HTML, record
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import InputError
from pipeline.evidence import gathering, packing, verifying
from pipeline.publication import Published
from pipeline.records import Statement
from pipeline.redaction import Redactor
from pipeline.run import run

SAID = "The ferry will not leave the harbour before the storm has passed"
STORY = f"It rained.\n\n“{SAID},” captain Vira Koval said on deck.\n\nThe crew waited <b>for</b> hours & slept."
EVIL = "<script>alert(1)</script>"
PAGE = (
    "<html><head><title>Storm</title><meta property='og:site_name' content='Gulf Mirror'></head><body><article>"
    + "".join(f"<p>{one.replace('<', '&lt;')}</p>" for one in STORY.split("\n\n"))
    + "</article></body></html>"
)
FEED = f"""<rss version="2.0"><channel><title>Quay Wire</title><language>en</language>
<item><title>Other</title><description>“Bread will be cheap again by spring,” baker Olha Mak said in the market hall on Friday.</description></item>
<item><title>Storm</title><description>{STORY.replace("<", "&lt;").replace("&", "&amp;")}</description></item></channel></rss>"""

Zip = dict[str, bytes]


def write_inputs(folder: Path) -> None:
    folder.mkdir()
    one = {"id": "../../etc/passwd", "outlet": EVIL, "language": "en", "text": STORY, "url": "javascript:alert(1)"}
    folder.joinpath("a.jsonl").write_text(json.dumps(one) + "\n", "utf-8")
    folder.joinpath("b.html").write_text(PAGE, "utf-8")
    crawled = PAGE.replace("Gulf Mirror", "Reed Post").encode()
    folder.joinpath("c.warc.gz").write_bytes(
        gzip.compress(record(b"", HTML, status=b"404 Not Found"))
        + gzip.compress(record(crawled, b"Content-Type: text/html"))
    )
    folder.joinpath("d.txt").write_text(f"---\noutlet: Text\npublished: 2024-03-12\n---\n{STORY}\u00ad", "utf-8")
    folder.joinpath("e.rss").write_text(FEED, "utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection with one statement in five kinds of input."""
    from conftest import FakeEmbedder, FakeTranslator, fake_matcher

    folder = tmp_path_factory.mktemp("evidence")
    write_inputs(folder / "in")
    engines = Engines(
        embedder=FakeEmbedder(), translator=lambda source, target: FakeTranslator(), matcher=fake_matcher()
    )
    run([str(folder / "in")], folder / "col", engines)
    return folder


def statement_of(collection: Collection) -> Statement:
    return max(collection.statements(), key=lambda one: len(one.members))


def exported(made: Path) -> tuple[Zip, list[str]]:
    with Collection.open(made / "col") as collection:
        return gathering.gather(collection, statement_of(collection))


@pytest.fixture(scope="module")
def content(made: Path) -> Zip:
    return exported(made)[0]


def manifest_of(content: Zip) -> dict[str, object]:
    found: dict[str, object] = json.loads(content["manifest.json"])
    return found


def verified(content: Zip, path: Path) -> verifying.Examined:
    packing.pack(content, path)
    return verifying.verify(path)


def summed(content: Zip) -> Zip:
    """The same with right sums, as somebody makes them who has changed a file."""
    rest = {name: data for name, data in content.items() if name != "SHA256SUMS"}
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(rest.items()))
    return rest | {"SHA256SUMS": sums.encode()}


def replaced(content: Zip, name: str, old: str, new: str) -> Zip:
    text = content[name].decode()
    assert old in text
    return content | {name: text.replace(old, new).encode()}


def test_evidence_has_members_texts_inputs_and_their_hashes(made: Path, content: Zip, tmp_path: Path) -> None:
    assert {re.sub(r"(?<=/)\d+", "N", name) for name in content} == {
        "SHA256SUMS", "articles/N.txt", "evidence.html", "inputs/N.html", "inputs/N.jsonl", "inputs/N.rss", "inputs/N.txt",
        "inputs/N.warc", "manifest.json", "members.jsonl", "payloads/N.html",
    }  # fmt: skip
    members = [json.loads(line) for line in content["members.jsonl"].splitlines()]
    assert len(members) == 5
    for one in members:
        text = content[one["file"]].decode()
        assert text[one["member"]["start"] : one["member"]["end"]].startswith(SAID)
        assert one["context"] == text[one["start"] :][: len(one["context"])]
    inputs = {hashlib.sha256(data).hexdigest() for name, data in content.items() if re.match("inputs|payloads", name)}
    exhibits = json.loads(content["manifest.json"])["exhibits"]
    assert {one["original"]["sha256"] for one in exhibits} <= inputs
    assert all(one["original"]["differing"] == [] for one in exhibits)
    assert {one["normalised"] for one in exhibits} == {"norm:1 ", "norm:1 soft-hyphens"}
    examined = verified(content, tmp_path / "e.zip")
    assert (examined.faults, examined.notes, examined.inputs) == ([], [], 5)
    assert examined.sha256 == hashlib.sha256((tmp_path / "e.zip").read_bytes()).hexdigest()


def test_the_same_collection_gives_the_same_bytes(made: Path, content: Zip, tmp_path: Path) -> None:
    again, _ = exported(made)
    assert packing.pack(again, tmp_path / "a.zip") == packing.pack(dict(reversed(content.items())), tmp_path / "b.zip")


def test_the_inputs_make_the_same_articles_again(content: Zip, made: Path, tmp_path: Path, engines: Engines) -> None:
    for name, data in content.items():
        if name.startswith("inputs/"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(data)
    run([str(tmp_path / "inputs")], tmp_path / "col", engines)
    with Collection.open(tmp_path / "col") as ours, Collection.open(made / "col") as theirs:
        assert {one.id for one in ours.articles()} == {one.id for one in theirs.articles()}


def test_nothing_in_the_page_can_run(content: Zip) -> None:
    html = content["evidence.html"].decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert 'href="javascript' not in html
    assert "default-src 'none'" in html
    assert f"<mark>{SAID}</mark>" in html


@pytest.mark.parametrize("name", ["articles/001.txt", "inputs/001", "payloads/", "members.jsonl", "evidence.html"])
def test_a_changed_or_missing_file_is_named(content: Zip, tmp_path: Path, name: str) -> None:
    name = next(one for one in sorted(content) if one.startswith(name))
    changed = verified(content | {name: content[name] + b" "}, tmp_path / "a.zip")
    assert f"{name} was changed" in changed.faults
    missing = verified({one: data for one, data in content.items() if one != name}, tmp_path / "b.zip")
    assert missing.faults == [f"{name} is missing"]


def test_an_added_file_is_named(content: Zip, tmp_path: Path) -> None:
    examined = verified(content | {"articles/999.txt": b"x"}, tmp_path / "a.zip")
    assert examined.faults == [
        "articles/999.txt was added: it is not in SHA256SUMS",
        "articles/999.txt is of nothing that manifest.json names",
    ]


CHANGES: dict[str, tuple[Callable[[Zip], Zip], str]] = {
    "the words of an article": (lambda one: replaced(one, "articles/001.txt", "not leave", "now leave"), "is not the text whose hash"),
    "the words of a member": (lambda one: replaced(one, "members.jsonl", "not leave", "now leave"), "do not stand"),
    "a speaker on the page": (lambda one: replaced(one, "evidence.html", "Vira Koval", "Olha Koval"), "does not show"),
    "a date": (lambda one: replaced(one, "manifest.json", '"published": "2024-03-12"', '"published": "2022-03-12"'), "another published"),
    "a time of reading": (lambda one: replaced(one, "manifest.json", '"read_at": "20', '"read_at": "19'), "does not show"),
    "how a text was normalised": (lambda one: replaced(one, "manifest.json", "norm:1 soft-hyphens", "norm:1 nfc"), "another normalised"),
    "a hash": (lambda one: one | {"manifest.json": re.sub(rb'"sha256": "[0-9a-f]{8}', b'"sha256": "00000000', one["manifest.json"])}, "is not the input whose hash"),
    "an offset": (lambda one: one | {"members.jsonl": re.sub(rb'"start": \d+, "end"', b'"start": 1, "end"', one["members.jsonl"], count=1)}, "differ in the members"),
    "a field": (lambda one: replaced(one, "manifest.json", '"exhibits"', '"exhibit"'), "manifest.json: exhibits"),
    "the form": (lambda one: one | {"manifest.json": b"["}, "manifest.json"),
    "a member": (lambda one: one | {"members.jsonl": one["members.jsonl"].split(b"\n", 1)[1]}, "differ in the members"),
    "a context": (lambda one: replaced(one, "members.jsonl", "It rained", "It poured"), "its context does not stand"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_with_the_sums_made_anew_does_not_agree(content: Zip, tmp_path: Path, what: str) -> None:
    change, told = CHANGES[what]
    assert change(content) != content
    faults = verified(summed(change(content)), tmp_path / "a.zip").faults
    assert any(told in fault for fault in faults), faults


def test_a_text_that_its_input_does_not_give_is_a_fault(content: Zip, tmp_path: Path) -> None:
    """Whoever changes a text, its hash, its words and the sums leaves the input, or changes all there is."""
    old, new = content["articles/001.txt"], content["articles/001.txt"].replace(b"not leave", b"now leave")
    hashes = {hashlib.sha256(one).hexdigest().encode() for one in (old,)}
    changed = {
        name: data.replace(b"not leave", b"now leave")
        for name, data in content.items()
        if not name.startswith(("inputs", "payloads"))
    }
    for digest in hashes:
        changed["manifest.json"] = changed["manifest.json"].replace(digest, hashlib.sha256(new).hexdigest().encode())
    faults = verified(summed(content | changed), tmp_path / "a.zip").faults
    assert any("gives another" in fault and "text" in fault for fault in faults), faults


def test_another_version_that_reads_otherwise_is_a_note(
    content: Zip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.evidence.originals.differing", lambda *_: ("text",))
    older = summed(replaced(content, "manifest.json", '"trafilatura": "', '"trafilatura": "0.'))
    examined = verified(older, tmp_path / "a.zip")
    told = [note for note in examined.notes if "gives another text, to another version" in note]
    assert len(told) == 5
    assert "exported with: trafilatura 0." in told[0]
    assert not any("gives another" in fault for fault in examined.faults)
    assert any("gives another" in fault for fault in verified(content, tmp_path / "b.zip").faults)


def test_evidence_of_a_later_format_asks_for_a_later_version(content: Zip, tmp_path: Path) -> None:
    packing.pack(summed(replaced(content, "manifest.json", '"format": 1', '"format": 2')), tmp_path / "a.zip")
    with pytest.raises(InputError, match="made by version"):
        verifying.verify(tmp_path / "a.zip")


def test_inputs_that_are_gone_or_changed_are_told(made: Path, tmp_path: Path, engines: Engines) -> None:
    write_inputs(tmp_path / "in")
    run([str(tmp_path / "in")], tmp_path / "col", engines)
    (tmp_path / "in" / "b.html").unlink()
    for name in ("a.jsonl", "d.txt"):
        path = tmp_path / "in" / name
        path.write_text(path.read_text("utf-8").replace("rained", "poured"), "utf-8")
    (tmp_path / "in" / "c.warc.gz").write_bytes(b"")
    files, lacking = exported(tmp_path)
    assert sorted(told.split(": ")[-1] for told in lacking) == [
        "the file has changed since it was read",
        "the file is not there any more",
        "the line is not in the file any more",
        "the record is not in the file any more",
    ]
    assert sorted(name for name in files if re.match("inputs|payloads", name)) == ["inputs/005.rss"]
    examined = verified(files, tmp_path / "a.zip")
    assert (examined.faults, len(examined.notes), examined.inputs) == ([], 4, 1)
    assert "not in this file: the line is not in the file any more" in files["evidence.html"].decode()


def test_an_article_of_which_nobody_noted_where_it_came_from(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "col", tmp_path / "col")
    with Collection.open(tmp_path / "col") as collection:
        collection.database.execute("DELETE FROM provenance")
    files, lacking = exported(tmp_path)
    assert len(lacking) == 5
    assert "run it again" in lacking[0]
    examined = verified(files, tmp_path / "a.zip")
    assert (examined.faults, len(examined.notes), examined.inputs) == ([], 5, 0)


def test_with_names_redacted_no_input_and_no_hash_of_one_is_in_it(made: Path, tmp_path: Path) -> None:
    with Collection.open(made / "col") as collection:
        inputs = [collection.provenance(one.id) for one in collection.articles()]
        published = Published(collection, Redactor(["Vira Koval"]))
        files, lacking = gathering.gather(published, published.statement_named(statement_of(collection).id))
    assert not lacking
    assert not any(re.match("inputs|payloads", name) for name in files)
    everything = b"".join(files.values())
    assert b"Koval" not in everything
    assert "Person 1" in everything.decode()
    assert not any(
        one is not None and (one.sha256.encode() in everything or one.where.encode() in everything) for one in inputs
    )
    examined = verified(files, tmp_path / "a.zip")
    assert (examined.faults, examined.notes, examined.inputs) == ([], [], 0)


# Hostile zips


def zipped(path: Path, *members: tuple[zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("SHA256SUMS", "")
        for entry, data in members:
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return path


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_members_that_evidence_never_has_are_refused(tmp_path: Path) -> None:
    for entry, told in (
        *((zipfile.ZipInfo(name), "outside") for name in ("../a", "/etc/a", "a/../../b", "C:a", "a\nb")),
        (link("articles/001.txt"), "no plain file"),
        (zipfile.ZipInfo("articles/"), "no plain file"),
    ):
        with pytest.raises(InputError, match=told):
            verifying.verify(zipped(tmp_path / "a.zip", (entry, b"x")))
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for other in ("a.txt", "A.TXT"):
        path = zipped(tmp_path / "a.zip", (zipfile.ZipInfo("a.txt"), b"1"), (zipfile.ZipInfo(other), b"2"))
        with pytest.raises(InputError, match="two files of one name"):
            verifying.verify(path)


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_MAX_EVIDENCE", "100000")
    with pytest.raises(InputError, match="CROSSQUOTE_MAX_EVIDENCE"):
        verifying.verify(zipped(tmp_path / "a.zip", (zipfile.ZipInfo("a"), bytes(100_001))))
    monkeypatch.setenv("CROSSQUOTE_MAX_MEMBERS", "20")
    many = [(zipfile.ZipInfo(str(n)), b"") for n in range(21)]
    with pytest.raises(InputError, match="CROSSQUOTE_MAX_MEMBERS"):
        verifying.verify(zipped(tmp_path / "a.zip", *many))


def test_a_way_of_packing_that_unpacks_more_than_is_asked_for_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("SHA256SUMS", "")
    with pytest.raises(InputError, match="packed in a way"):
        verifying.verify(tmp_path / "a.zip")


def test_pieces_that_would_fill_the_memory_are_not_joined(content: Zip, tmp_path: Path) -> None:
    endless = b'"pieces": [' + b"[0, 9999999999], " * 100_000 + b"[0, 9999999999]]"
    members = re.sub(rb'"pieces": \[\[.*?\]\]', endless, content["members.jsonl"], count=1)
    faults = verified(summed(content | {"members.jsonl": members}), tmp_path / "a.zip").faults
    assert any("do not stand" in fault for fault in faults)


def test_a_size_that_is_a_lie_is_a_fault(content: Zip, tmp_path: Path) -> None:
    packing.pack(content, tmp_path / "a.zip")
    data = (tmp_path / "a.zip").read_bytes()
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"members.jsonl"))
    smaller = data[: at + 24] + (10).to_bytes(4, "little") + data[at + 28 :]
    (tmp_path / "a.zip").write_bytes(smaller)
    assert any(fault.startswith("members.jsonl is damaged") for fault in verifying.verify(tmp_path / "a.zip").faults)


def test_an_encrypted_member_is_refused(content: Zip, tmp_path: Path) -> None:
    packing.pack(content, tmp_path / "a.zip")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError, match="is encrypted"):
        verifying.verify(tmp_path / "a.zip")


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 100, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_evidence_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError, match="no evidence"):
        verifying.verify(tmp_path / "a.zip")


def test_no_byte_of_a_file_can_be_other_without_being_noticed(content: Zip, tmp_path: Path) -> None:
    packing.pack(content, tmp_path / "a.zip")
    data = (tmp_path / "a.zip").read_bytes()
    noticed = 0
    for at in range(7, len(data), len(data) // 30):
        (tmp_path / "b.zip").write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        try:
            faults = verifying.verify(tmp_path / "b.zip").faults
        except InputError:
            faults = ["refused"]
        noticed += bool(faults)
        if not faults:  # a header that is no part of any file, such as its time
            with zipfile.ZipFile(tmp_path / "b.zip") as packed:
                assert {name: packed.read(name) for name in packed.namelist()} == content
    assert noticed > 20


# The commands


def test_the_commands(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Collection.open(made / "col") as collection:
        id_ = statement_of(collection).id
    export = ["export", "--in", str(made / "col"), "--what", "evidence"]
    runner = CliRunner()
    done = runner.invoke(app, [*export, "--statement", id_[:8]])
    assert done.exit_code == 0, done.output
    digest = hashlib.sha256((tmp_path / f"{id_}.zip").read_bytes()).hexdigest()
    assert f"sha256 {digest}" in done.output
    checked = runner.invoke(app, ["verify", f"{id_}.zip"])
    assert checked.exit_code == 0
    assert f"sha256 {digest}" in checked.output
    assert "5 members, 5 articles, 5 inputs" in checked.output
    with zipfile.ZipFile(tmp_path / f"{id_}.zip", "a") as packed:
        packed.writestr("more.txt", "x")
    checked = runner.invoke(app, ["verify", f"{id_}.zip"])
    assert checked.exit_code == 1
    assert "fault: more.txt was added" in checked.output


def test_an_id_with_a_mistake_is_answered_with_those_that_are_like_it(made: Path) -> None:
    with Collection.open(made / "col") as collection:
        id_ = statement_of(collection).id
        with pytest.raises(InputError, match="there is no statement") as caught:
            collection.statement_named(f"{id_[:-2]}zz")
    assert f"did you mean {id_}?" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--what", "evidence"], "for one statement"),
        (["--what", "evidence", "--statement", "s-none"], "there is no statement"),
        (["--what", "evidence", "--statement", "s-\udc80"], "there is no statement"),
        (["--what", "evidence", "--statement", "s-"], "2 statements begin with 's-': s-"),
        (["--what", "evidence", "--statement", "s-1", "--format", "tmx"], "cannot be written as tmx"),
        (["--what", "evidence", "--statement", "s-1", "--only", "human"], "not chosen as pairs"),
        (["--what", "quotes", "--statement", "s-1"], "for evidence"),
        (["--format", "zip"], "for evidence"),
    ],
)
def test_requests_that_mean_nothing(made: Path, options: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["export", "--in", str(made / "col"), *options])
    assert isinstance(done.exception, InputError)
    assert told in done.exception.message
