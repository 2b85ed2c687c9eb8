"""The collection remembers everything, and forgets what an updated article no longer says."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from pipeline.collection import Collection
from pipeline.errors import CollectionError
from pipeline.records import AlignedPair, Article, First, Member, Passage, Quote, Refusal, Statement


def article(id_: str, text: str = "“Go,” she said.", **fields: object) -> Article:
    return Article(**({"id": id_, "text": text, "language": "en"} | fields))  # type: ignore[arg-type]


def quote(article_id: str, start: int = 1, end: int = 3) -> Quote:
    return Quote(
        id=f"q-{article_id}-{start}",
        article_id=article_id,
        language="en",
        kind="direct",
        pieces=((start, end),),
        text="Go",
        speaker="Vira",
        speaker_start=6,
        speaker_end=9,
        cue="said",
        confidence=0.9,
    )


def pair(left: Article, right: Article) -> AlignedPair:
    return AlignedPair(
        left=Passage(article_id=left.id, start=0, end=4, text=left.text[0:4]),
        right=Passage(article_id=right.id, start=1, end=3, text=right.text[1:3]),
        left_language=left.language,
        right_language=right.language,
        kind="1-1",
        moved=False,
        similarity=0.5,
        origin="machine" if right.translator else "human",
    )


def interrupted_write(collection: Collection) -> None:
    with collection.transaction():
        collection.put_article(article("a"))
        raise KeyboardInterrupt


def test_articles_come_back_equal_and_in_order(tmp_path: Path) -> None:
    wanted = [article("b", outlet="Post"), article("a", "Zero \x00 byte and 🙂", published="2024-01-01")]
    with Collection.open(tmp_path, create=True) as collection:
        with collection.transaction():
            assert [collection.put_article(a) for a in wanted] == [True, True]
            assert not collection.put_article(wanted[0])
        assert list(collection.articles()) == wanted
        assert collection.article("a") == wanted[1]
        assert collection.article("c") is None


def test_quotes_come_back_equal(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        collection.put_article(article("a"))
        collection.put_quotes("a", [quote("a", 1), quote("a", 5, 7)])
        assert list(collection.quotes()) == [quote("a", 1), quote("a", 5, 7)]


def test_an_updated_article_loses_what_was_derived_from_it(tmp_path: Path) -> None:
    original, edition = article("a"), article("a.ru", language="ru", translation_of="a", translator="toy-1")
    human = article("h", language="uk", translation_of="a")
    with Collection.open(tmp_path, create=True) as collection:
        for each in (original, human):
            collection.put_article(each)
        collection.put_article(edition, [((0, 4), (0, 3))])
        collection.put_quotes("a", [quote("a")])
        collection.put_pairs("a", "h", [pair(original, human)])
        collection.mark_done("a", "quotes", "1")
        assert collection.put_article(article("a", "Something else."))
        assert list(collection.quotes()) == []
        assert list(collection.pairs()) == []
        assert [a.id for a in collection.articles()] == ["a", "h"]
        assert collection.undone("quotes", "1") == ["a", "h"]


def test_a_stage_is_done_for_one_signature(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        collection.put_article(article("a"))
        assert collection.undone("quotes", "1") == ["a"]
        collection.mark_done("a", "quotes", "1")
        assert collection.undone("quotes", "1") == []
        assert collection.undone("quotes", "2") == ["a"]


def test_pairs_and_segments_come_back(tmp_path: Path) -> None:
    left, right = article("a"), article("a.ru", language="ru", translation_of="a", translator="toy-1")
    with Collection.open(tmp_path, create=True) as collection:
        collection.put_article(left)
        collection.put_article(right, [((0, 4), (1, 3))])
        collection.put_pairs("a", "a.ru", [pair(left, right)])
        assert list(collection.pairs()) == [pair(left, right)]
        assert collection.segments("a.ru") == [((0, 4), (1, 3))]


def test_statements_come_back_equal(tmp_path: Path) -> None:
    member = Member(
        quote_id="q-a-1",
        article_id="a",
        outlet=None,
        language="en",
        published=None,
        start=1,
        end=3,
        text="Go",
        relation="altered",
        altered=("number", "name"),
        diff=(("=", "Ми"), ("-", "«41»"), ("+", "31")),
    )
    statement = Statement(
        id="s-1",
        speaker={"en": "Vira", "ru": None, "uk": "Віра"},
        first=First(article_id="a", outlet=None, published=None),
        outlets=1,
        languages=("en",),
        confidence=0.5,
        members=(member,),
        independent_outlets=1,
    )
    with Collection.open(tmp_path, create=True) as collection:
        collection.put_article(article("a"))
        collection.put_quotes("a", [quote("a")])
        collection.put_statements("q-1", [statement])
        assert list(collection.statements()) == [statement]


def test_vectors_and_translations_are_remembered_by_model(tmp_path: Path) -> None:
    vector = np.array([0.6, 0.8], np.float32)
    with Collection.open(tmp_path, create=True) as collection:
        collection.keep_vectors({"x": vector}, "m1")
        assert np.array_equal(collection.known_vectors(["x", "y"], "m1")["x"], vector)
        assert collection.known_vectors(["x"], "m2") == {}
        collection.keep_translations({"cat": "кот"}, "en", "ru", "m1")
        assert collection.known_translations(["cat", "dog"], "en", "ru", "m1") == {"cat": "кот"}
        assert collection.known_translations(["cat"], "en", "uk", "m1") == {}


def test_more_texts_than_one_query_can_hold(tmp_path: Path) -> None:
    texts = [str(n) for n in range(70_000)]
    with Collection.open(tmp_path, create=True) as collection:
        collection.keep_vectors({text: np.array([1], np.float32) for text in texts}, "m")
        assert len(collection.known_vectors(texts, "m")) == len(texts)


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        with pytest.raises(KeyboardInterrupt):
            interrupted_write(collection)
        assert list(collection.articles()) == []
        assert collection.revision == 0


def test_refusals_count_as_a_change_only_when_they_differ(tmp_path: Path) -> None:
    refused = [Refusal(where="a.jsonl:3", field="text", reason="empty")]
    with Collection.open(tmp_path, create=True) as collection:
        collection.put_refusals(refused, lambda _: False)
        revision = collection.revision
        collection.put_refusals(refused, lambda _: False)
        assert collection.revision == revision
        assert list(collection.refusals()) == refused


def test_a_collection_that_may_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        collection.put_article(article("a"))
    monkeypatch.setattr("os.access", lambda *_: False)
    with Collection.open(tmp_path) as collection:
        assert [a.id for a in collection.articles()] == ["a"]
        assert [path.name for path in tmp_path.iterdir()] == ["collection.sqlite"]
        with pytest.raises(CollectionError, match="cannot be written"):
            collection.keep_translations({"cat": "кот"}, "en", "ru", "m1")


def test_opening_what_is_no_collection(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no collection"):
        Collection.open(tmp_path / "absent")
    (tmp_path / "collection.sqlite").write_bytes(b"this is not a database, however long it may be" * 100)
    with pytest.raises(CollectionError, match="cannot be opened"):
        Collection.open(tmp_path)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        collection._db.execute("PRAGMA user_version = 99")
    with pytest.raises(CollectionError, match="another version"):
        Collection.open(tmp_path)


def test_members_that_are_missing_are_told(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        collection.put_article(Article(id="a", text="x", language="en"))
    database = sqlite3.connect(tmp_path / "collection.sqlite")
    database.execute("INSERT INTO statements VALUES ('s', 'c', '{}', 'a', 1, 2, 'en', 1.0, 1)")
    database.commit()
    database.close()
    with pytest.raises(CollectionError, match="missing"), Collection.open(tmp_path) as collection:
        list(collection.statements())


def test_what_fails_over_a_damaged_file_is_told_as_damage(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        for number in range(200):
            collection.put_article(Article(id=f"a{number}", text="It rained. " * 50, language="en"))
    database = sqlite3.connect(tmp_path / "collection.sqlite")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    with pytest.raises(KeyError), Collection.open(tmp_path) as collection:
        raise KeyError("ours")
    data = bytearray((tmp_path / "collection.sqlite").read_bytes())
    data[-4096 * 4 : -4096] = b"\2" * 4096 * 3
    (tmp_path / "collection.sqlite").write_bytes(data)
    with pytest.raises(CollectionError, match="cannot be used"), Collection.open(tmp_path) as collection:
        raise KeyError("what was read")
