"""A collection is damaged in one way after the other: that is found, mended, and the outputs are as they were."""

import json
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from conftest import FakeEmbedder, FakeTranslator, fake_matcher
from newswire import some

from pipeline import checkup, files, indexes
from pipeline.checkup.findings import Finding
from pipeline.collection import FILE, SHELF, Collection
from pipeline.engines import Engines
from pipeline.errors import CollectionError, ModelMissing
from pipeline.outputs import NAMES
from pipeline.progress import Silent
from pipeline.run import run
from pipeline.serving import shelf

HARBOUR = "The harbour stays closed until the storm is over"
STORY = (
    "The wind rose in the night, tore two boats from the quay of the old town and drove them onto the rocks below the mill."
    " Nobody was hurt, since the crews had gone ashore before the storm began, and the boats had been empty for hours."
)
CAT = "“My cat eats nothing but smoked herring,” said Edmund Threlwick, a baker."
ARTICLES = [
    {"id": "a", "text": f"“{HARBOUR},” said Vira Zahaiska, the harbour master.\n\nNobody argued.", "title": "Storm"},
    {"id": "b", "text": f"The port was silent. “{HARBOUR},” Vira Zahaiska said. {CAT}", "published": "2024-03-11"},
    {"id": "r", "text": "Nobody_ru argued_ru.", "language": "ru", "translation_of": "a"},
    {"id": "t", "text": f"{STORY} {CAT}", "published": "2024-03-10"},
    {"id": "u", "text": f"{STORY} Nothing else is known. {CAT}", "published": "2024-03-12"},
]

Damage = Callable[[sqlite3.Connection, Path], None]


def fakes() -> Engines:
    return Engines(FakeEmbedder(), lambda source, target: FakeTranslator(), fake_matcher())


def make(folder: Path, articles: list[dict[str, str]], *targets: str) -> None:
    folder.mkdir()
    source = folder / "articles.jsonl"
    records = [{"language": "en", "outlet": f"Outlet {article['id']}"} | article for article in articles]
    source.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    run([str(source)], folder / "made", fakes(), targets=targets)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkup") / "whole"
    make(folder, ARTICLES, "ru", "uk")
    return folder


@pytest.fixture
def made(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole / "made", tmp_path / "made"))


def found(folder: Path, engines: Engines | None = None) -> list[Finding]:
    return list(checkup.check(folder, mend=(lambda: engines) if engines else None, progress=Silent()))


def faults(folder: Path, engines: Engines | None = None) -> list[str]:
    return [finding.what for finding in found(folder, engines) if not finding.note]


def left(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in NAMES if name != "run.json"}


def damage(folder: Path, how: Damage) -> None:
    with closing(sqlite3.connect(folder / FILE)) as database:
        how(database, folder)
        database.commit()


def sql(*statements: str) -> Damage:
    return lambda database, folder: [database.execute(each) for each in statements] and None


def blob(table: str, column: str, change: Callable[[bytes], bytes]) -> Damage:
    def how(database: sqlite3.Connection, folder: Path) -> None:
        (rows,) = database.execute(f"SELECT {column} FROM {table} ORDER BY 1 DESC LIMIT 1").fetchone()
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (change(rows), rows))

    return how


def file(how: Callable[[Path], object]) -> Damage:
    return lambda database, folder: how(folder) and None


def stranger(rows: bytes) -> bytes:
    """A list whose first place has the point of a text that is not there."""
    ids = np.frombuffer(rows, np.int64, count=len(rows) // 12).copy()
    ids[np.flatnonzero(ids >= 0)[0]] += 1 << 20
    return ids.tobytes() + rows[len(rows) // 3 * 2 :]


DAMAGES: dict[str, tuple[str, Damage]] = {
    "index lost": ("the file", sql("DROP INDEX quotes_by_article")),
    "table lost": ("the file", sql("DROP TABLE nearest")),
    "quotes of nobody": ("quotes", sql("UPDATE quotes SET article_id = 'gone' WHERE article_id = 'b'")),
    "notes of nobody": ("done", sql("INSERT INTO done VALUES ('gone', 'quotes', '1')")),
    "pairs of nobody": (
        "pairs",
        sql("INSERT INTO pairs SELECT 'gone', right_id, number, 0, 1, 0, 1, kind, moved, similarity FROM pairs"),
    ),
    "reprint of nobody": ("reprints", sql("UPDATE reprints SET original_id = 'gone'")),
    "members of nothing": ("members", sql("DELETE FROM statements WHERE size > 1")),
    "links of nothing": ("links", sql("INSERT INTO links VALUES (900, 901, 20)")),
    "bands of nothing": ("bands", sql("INSERT INTO bands VALUES (1, 900)")),
    "bands lost": ("shingles", sql("DELETE FROM bands WHERE number = (SELECT min(number) FROM shingles)")),
    "shingles lost": ("bands", sql("DELETE FROM shingles WHERE article_id = 't'")),
    "links lost": ("reprints", sql("DELETE FROM links")),
    "reprints lost": ("reprints", sql("DELETE FROM reprints")),
    "edition changed": ("editions", sql("UPDATE articles SET text = 'Mewed.' WHERE id = 'b.ru'")),
    "edition lost": ("editions", sql("DELETE FROM articles WHERE id = 'b.uk'")),
    "segments lost": ("editions", sql("DELETE FROM segments WHERE article_id = 'b.ru'")),
    "a segment lost": ("editions", sql("DELETE FROM segments WHERE article_id = 'b.ru' AND number = 1")),
    "segments moved": ("editions", sql("UPDATE segments SET end = end - 4 WHERE article_id = 't.uk'")),
    "quotes lost": ("quotes", sql("DELETE FROM quotes WHERE article_id = 'b'")),
    "a quote changed": ("quotes", sql("UPDATE quotes SET text = 'The harbour' WHERE article_id = 'a'")),
    "a quote moved": ("quotes", sql("UPDATE quotes SET pieces = '[[0, 3]]' WHERE article_id = 'a'")),
    "a quote beyond the end": ("quotes", sql("UPDATE quotes SET pieces = '[[0, 3000]]' WHERE article_id = 'a'")),
    "a quote broken": ("quotes", sql("UPDATE quotes SET pieces = '[[0,' WHERE article_id = 'a'")),
    "a quote renamed": ("quotes", sql("UPDATE quotes SET id = 'q-1' WHERE article_id = 'a'")),
    "pairs lost": ("pairs", sql("DELETE FROM pairs WHERE right_id = 'r'")),
    "a pair lost": ("pairs", sql("DELETE FROM pairs WHERE right_id = 'b.uk' AND number = 2")),
    "pairs moved": ("pairs", sql("UPDATE pairs SET left_end = left_end - 9")),
    "utterances lost": ("utterances", sql("DELETE FROM utterances WHERE article_id = 'b'")),
    "utterance of nothing": ("quotes", sql("UPDATE utterances SET quotes = 'q-1' WHERE article_id = 'a'")),
    "points lost": ("points", sql("DELETE FROM points")),
    "points cut": ("points", blob("points", "rows", lambda rows: rows[:-2])),
    "points zero": ("points", blob("points", "rows", lambda rows: bytes(len(rows)))),
    "points not finite": ("points", blob("points", "rows", lambda rows: struct.pack("<e", float("nan")) + rows[2:])),
    "points too many": ("points", blob("points", "rows", lambda rows: rows * 2)),
    "points nobody says": ("points", sql("INSERT INTO points SELECT 17, rows FROM points LIMIT 1")),
    "vectors lost": ("vectors", sql("DELETE FROM vectors WHERE text LIKE 'Nobody%'")),
    "vector cut": ("vectors", blob("vectors", "vector", lambda vector: vector[:-4])),
    "vector not finite": (
        "vectors",
        blob("vectors", "vector", lambda vector: struct.pack("<f", float("inf")) + vector[4:]),
    ),
    "lists lost": ("neighbours", sql("DELETE FROM nearest WHERE text = (SELECT min(text) FROM nearest)")),
    "list cut": ("neighbours", blob("nearest", "found", lambda rows: rows[:-1])),
    "list of strangers": ("neighbours", blob("nearest", "found", stranger)),
    "components lost": ("statements", sql("UPDATE utterances SET component = NULL")),
    "statements lost": ("statements", sql("DELETE FROM statements", "DELETE FROM members")),
    "members lost": ("statements", sql("DELETE FROM members WHERE number = 1")),
    "another size": ("statements", sql("UPDATE statements SET size = size + 1")),
    "other outlets": ("statements", sql("UPDATE statements SET outlets = 7")),
    "other first": ("statements", sql("UPDATE statements SET first_article_id = 'r'")),
    "other speaker": ("statements", sql('UPDATE statements SET speaker = \'{"en": "Nobody"}\'')),
    "speaker broken": ("statements", sql("UPDATE statements SET speaker = '{'")),
    "other relation": ("statements", sql("UPDATE members SET relation = 'none' WHERE number = 1")),
    "stage unseen": ("stages", sql("DELETE FROM done WHERE stage = 'quotes' AND article_id = 't'")),
    "output lost": ("outputs", file(lambda folder: (folder / "quotes.jsonl").unlink())),
    "output changed": ("outputs", file(lambda folder: (folder / "report.html").write_text("mine"))),
    "account changed": ("outputs", file(lambda folder: (folder / "run.json").write_text("{}"))),
    "leftover": ("leftovers", file(lambda folder: (folder / f"{files.PREFIX}x.jsonl.1{files.SUFFIX}").write_text("x"))),
    "shelf damaged": ("the shelf", file(lambda folder: (folder / SHELF).write_bytes(b"no shelf" * 1000))),
}


def test_a_whole_collection_has_no_faults_and_stays_as_it_is(made: Path, engines: Engines) -> None:
    with Collection.open(made) as collection:
        assert collection.count("reprints")  # or some of what follows would damage nothing
        before = collection.revision
    for given in (None, engines):
        assert found(made, given) == []
    with Collection.open(made) as collection:
        assert collection.revision == before


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named_and_mended(name: str, made: Path, engines: Engines) -> None:
    wanted, account = left(made), json.loads((made / "run.json").read_text("utf-8"))
    what, how = DAMAGES[name]
    damage(made, how)
    assert what in faults(made)
    assert what in faults(made), "looking changes nothing"
    assert what in faults(made, engines)
    assert found(made) == []
    assert left(made) == wanted
    mended = json.loads((made / "run.json").read_text("utf-8"))
    assert {**mended, "changed": ""} == {**account, "changed": ""}


def test_everything_at_once(made: Path, engines: Engines) -> None:
    wanted = left(made)
    for table in (
        "quotes",
        "utterances",
        "points",
        "nearest",
        "statements",
        "members",
        "pairs",
        "segments",
        "shingles",
    ):
        damage(made, sql(f"DELETE FROM {table}"))
    assert faults(made, engines)
    assert found(made) == []
    assert left(made) == wanted


def test_a_text_that_is_not_what_was_read_is_given_back_by_its_input(made: Path, whole: Path, engines: Engines) -> None:
    wanted = left(made)
    damage(made, sql("UPDATE articles SET text = 'Something else entirely, said nobody.' WHERE id = 'b'"))
    for given in (None, engines, engines):
        articles = [finding for finding in found(made, given) if finding.what == "articles"]
        assert ["articles.jsonl" in finding.remedy for finding in articles] == [True]
    run([str(whole / "articles.jsonl")], made, engines, targets=("ru", "uk"))
    assert found(made) == []
    assert left(made) == wanted
    with Collection.open(made) as collection:
        assert not collection.count("history")  # damage is no version


def test_a_collection_that_was_brought_up_to_date(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.executescript((Path(__file__).parent / "golden" / "collection.schema3.sql").read_text("utf-8"))
    assert "the file" not in faults(tmp_path)


def test_translations_of_quotations_wait_for_them(made: Path, engines: Engines) -> None:
    def rendered() -> list[tuple[str, str]]:
        with closing(sqlite3.connect(made / FILE)) as database:
            return database.execute("SELECT quote_id, text FROM renderings").fetchall()

    damage(made, sql("INSERT INTO renderings SELECT id, 'ru', 'Порт закрыт.', 'm', '', '' FROM quotes"))
    before = rendered()
    damage(made, sql("DELETE FROM quotes WHERE article_id = 'b'"))
    assert "quotes" in faults(made, engines)
    assert rendered() == before
    damage(made, sql("INSERT INTO renderings VALUES ('q-1', 'ru', 'Порт закрыт.', 'm', '', '')"))
    assert faults(made, engines) == ["renderings"]
    assert rendered() == before


def test_an_article_that_is_gone_is_given_back_by_its_input(made: Path, whole: Path, engines: Engines) -> None:
    wanted = left(made)
    damage(made, sql("DELETE FROM articles WHERE id = 'u'"))
    gone = [finding for finding in found(made, engines) if finding.what == "articles"]
    assert [finding.remedy for finding in gone] == ["run again from the input"]
    run([str(whole / "articles.jsonl")], made, engines, targets=("ru", "uk"))
    assert found(made) == []
    assert left(made) == wanted


def test_an_interrupted_run_is_no_fault(
    whole: Path, tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(self: FakeEmbedder, texts: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FakeEmbedder, "encode", dies)
        with pytest.raises(KeyboardInterrupt):
            run([str(whole / "articles.jsonl")], tmp_path / "made", engines)
    for given in (None, engines):
        (finding,) = found(tmp_path / "made", given)
        assert finding.note
        assert "run again" in finding.remedy
    run([str(whole / "articles.jsonl")], tmp_path / "made", engines)
    assert found(tmp_path / "made") == []


def test_what_needs_other_models_is_left_to_a_run(made: Path, engines: Engines) -> None:
    def none() -> Engines:
        raise ModelMissing("the model 'embedder' is not installed", "install it")

    damage(made, sql("DELETE FROM points"))
    (*_, last) = checkup.check(made, mend=none, progress=Silent())
    assert (last.what, last.remedy) == ("making anew", "install it")
    assert "the last check" in faults(made, engines)
    assert found(made) == []


def test_a_damaged_database_is_said_to_be_lost(made: Path, engines: Engines) -> None:
    size = (made / FILE).stat().st_size
    with (made / FILE).open("r+b") as database:
        database.seek(size // 2)
        database.write(b"\x55" * (size // 4))
    for given in (None, engines):
        findings = found(made, given)
        assert [finding.what for finding in findings if not finding.note][-1:] == ["the file"]
        assert "restore a copy" in findings[-1].remedy
    (made / FILE).write_bytes(b"this is not a database, however long it may be" * 100)
    (finding,) = found(made, engines)
    assert "not a database" in finding.wrong


def test_an_index_that_does_not_agree_is_built_anew(made: Path, engines: Engines) -> None:
    wanted = left(made)
    with closing(sqlite3.connect(made / FILE)) as database:
        index = "FROM sqlite_master WHERE name = 'utterances_by_text'"
        row = database.execute(f"SELECT * {index}").fetchone()
        database.execute("PRAGMA writable_schema = ON")
        database.execute(f"DELETE {index}")
        database.commit()
    damage(made, sql("UPDATE utterances SET text = text + 1"))
    with closing(sqlite3.connect(made / FILE)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
        database.commit()
    assert {"the file", "utterances"} <= {*faults(made, engines)}
    assert found(made) == []
    assert left(made) == wanted


def test_a_shelf_of_an_earlier_state_is_no_fault(made: Path) -> None:
    with Collection.open(made) as collection:
        shelf.make(collection, made / SHELF, Silent())
    assert found(made) == []
    with Collection.open(made) as collection, collection.transaction():
        collection.remember("changed", "9999-01-01T00:00:00+00:00")
    (finding,) = found(made)
    assert (finding.what, finding.note) == ("the shelf", True)


def test_inverted_files_are_compared_with_the_points(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "EXACT", 100)
    texts = [text.strip("“”.") for text in some(150)]
    make(tmp_path / "m", [{"id": f"m{n}", "text": f"“{text},” said Vira Zahaiska."} for n, text in enumerate(texts)])
    made = tmp_path / "m" / "made"
    wanted = left(made)
    assert found(made) == []
    (path,) = made.glob(indexes.FILES)
    for content in (None, path.read_bytes()[:-1000], b"nothing"):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        assert faults(made, engines) == ["indexes"]
        assert found(made) == []
        (path,) = made.glob(indexes.FILES)
    assert left(made) == wanted


def test_a_folder_without_a_collection(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no collection"):
        found(tmp_path)
