import csv
import itertools
import json
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.storage.tmx import tmxfile

from pipeline import exports
from pipeline.exports import ladder, tsv
from pipeline.records import LANGUAGES, AlignedPair, Passage, pair_json

texts = st.text(min_size=1)
similarities = st.floats(-1, 1).map(lambda similarity: round(similarity, 4))


@st.composite
def passages(draw, content=texts):
    text = draw(content)
    start = draw(st.integers(0, 10**6))
    return Passage(article_id=draw(texts), start=start, end=start + len(text), text=text)


@st.composite
def aligned_pairs(draw):
    left_side, right_side = draw(st.sampled_from([(True, True), (True, True), (True, False), (False, True)]))
    left_language, right_language = draw(st.permutations(LANGUAGES))[:2]
    return AlignedPair(
        left=draw(passages(texts if left_side else st.just(""))),
        right=draw(passages(texts if right_side else st.just(""))),
        left_language=left_language,
        right_language=right_language,
        kind="1-1" if left_side and right_side else "1-0" if left_side else "0-1",
        moved=draw(st.booleans()),
        similarity=draw(similarities) if left_side and right_side else None,
        origin=draw(st.sampled_from(["human", "machine"])),
    )


def pair(left, right, kind="1-1", *, left_start=0, right_start=0, moved=False):
    return AlignedPair(
        left=Passage(article_id="story-en", start=left_start, end=left_start + len(left), text=left),
        right=Passage(article_id="story-uk", start=right_start, end=right_start + len(right), text=right),
        left_language="en",
        right_language="uk",
        kind=kind,
        moved=moved,
        similarity=0.75 if left and right else None,
        origin="human",
    )


def written(pairs, form, **options):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pairs"
        exports.write(pairs, path, form, **options)
        return path.read_bytes()


def tmx_units(content):
    """What translate-toolkit reads: for each unit (languages, texts, notes of provenance)."""
    store = tmxfile.parsestring(content)
    for unit in store.units:
        languages = [node.get("{http://www.w3.org/XML/1998/namespace}lang") for node in unit.xmlelement.iter("tuv")]
        segments = ["".join(node.itertext()) for node in unit.xmlelement.iter("seg")]
        props = [(node.get("type"), node.text) for node in unit.xmlelement.iter("prop")]
        yield languages, segments, props


@given(st.lists(aligned_pairs()))
def test_jsonl_is_read_back_equal(pairs):
    lines = written(pairs, "jsonl").decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [pair_json(pair) for pair in pairs]


def unescaped(field):
    out, letters = "", iter(field)
    for letter in letters:
        out += {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}[next(letters)] if letter == "\\" else letter
    return out


@given(st.lists(aligned_pairs()))
def test_tsv_is_read_back_equal(pairs):
    lines = written(pairs, "tsv").decode().split("\n")
    header, *rows = csv.reader(lines[:-1], delimiter="\t", quoting=csv.QUOTE_NONE)
    assert tuple(header) == tsv.COLUMNS
    records = [dict(zip(header, map(unescaped, row), strict=True)) for row in rows]
    assert [
        AlignedPair(
            left=Passage(
                article_id=record["left_article"],
                start=int(record["left_start"]),
                end=int(record["left_end"]),
                text=record["left_text"],
            ),
            right=Passage(
                article_id=record["right_article"],
                start=int(record["right_start"]),
                end=int(record["right_end"]),
                text=record["right_text"],
            ),
            left_language=record["left_language"],
            right_language=record["right_language"],
            kind=record["kind"],
            moved=record["moved"] == "true",
            similarity=float(record["similarity"]) if record["similarity"] else None,
            origin=record["origin"],
        )
        for record in records
    ] == pairs


def representable(text):
    """The text as XML 1.0 can hold it."""
    allowed = {"\t", "\n", "\r"}
    return "".join(c if (c >= " " and c not in "\ufffe\uffff") or c in allowed else "\ufffd" for c in text)


@given(st.lists(aligned_pairs()))
def test_tmx_is_read_back_by_another_reader(pairs):
    expected = [
        ([pair.left_language, pair.right_language], [representable(pair.left.text), representable(pair.right.text)])
        for pair in pairs
        if pair.left.text and pair.right.text
    ]
    units = list(tmx_units(written(pairs, "tmx")))
    assert [(languages, segments) for languages, segments, _ in units] == expected


def test_tmx_tells_where_a_pair_comes_from():
    content = written([pair("“Q&A <1>”", "«Питання\rй відповіді»", left_start=7)], "tmx", signature="emb:small|pairs:1")
    ((languages, segments, props),) = tmx_units(content)
    assert languages == ["en", "uk"]
    assert segments == ["“Q&A <1>”", "«Питання\rй відповіді»"]
    assert props == [
        ("x-kind", "1-1"),
        ("x-similarity", "0.75"),
        ("x-moved", "false"),
        ("x-origin", "human"),
        ("x-article", "story-en"),
        ("x-offsets", "7-16"),
        ("x-article", "story-uk"),
        ("x-offsets", "0-21"),
    ]
    assert b'<prop type="x-signature">emb:small|pairs:1</prop>' in content
    assert content == written(
        [pair("“Q&A <1>”", "«Питання\rй відповіді»", left_start=7)], "tmx", signature="emb:small|pairs:1"
    )


def test_omissions_stand_in_tables_but_in_no_translation_memory():
    pairs = [pair("Only here.", "", "1-0"), pair("", "Лише тут.", "0-1"), pair("Both.", "Обидва.")]
    assert len(written(pairs, "jsonl").splitlines()) == 3
    assert len(written(pairs, "tsv").splitlines()) == 4
    assert [segments for _, segments, _ in tmx_units(written(pairs, "tmx"))] == [["Both.", "Обидва."]]


def test_ladder_numbers_the_sentences_of_both_sides():
    pairs = [
        pair("Aa. Bb.", "Аа.", "2-1", left_start=0, right_start=4),
        pair("Cc.", "", "1-0", left_start=8, right_start=7),
        pair("Dd.", "Бб.", left_start=12, right_start=0, moved=True),
        pair("", "Вв.", "0-1", left_start=15, right_start=8),
    ]
    assert list(ladder.lines(pairs)) == ["0,1:1\n", "2:\n", "3:0\n", ":2\n"]


def test_a_ladder_begins_anew_with_other_articles():
    other = AlignedPair(
        left=Passage(article_id="other-en", start=0, end=1, text="A"),
        right=Passage(article_id="other-uk", start=0, end=1, text="А"),
        left_language="en",
        right_language="uk",
        kind="1-1",
        moved=False,
        similarity=1.0,
        origin="human",
    )
    assert list(ladder.lines([pair("A", "А"), other])) == ["0:0\n", "0:0\n"]


@pytest.mark.parametrize("form", ["jsonl", "tsv", "tmx"])
def test_memory_does_not_grow_with_the_pairs(form, tmp_path):
    def peak(count):
        tracemalloc.start()
        exports.write(itertools.repeat(pair("A sentence. " * 20, "Речення. " * 20), count), tmp_path / "pairs", form)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is made once
    assert peak(10_000) < peak(500) + 1_000_000  # the lines of 10,000 pairs have seven times as much


def test_an_export_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "pairs.tmx"
    path.write_text("old")

    def broken():
        yield pair("A", "А")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        exports.write(broken(), path, "tmx")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
