import base64
import csv
import hashlib
import io
import itertools
import json
import re
import sys
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from pyarrow import parquet
from translate.storage.tmx import tmxfile
from translate.storage.xliff2 import Xliff2File
from typer.testing import CliRunner

from pipeline import exports
from pipeline.cli import app
from pipeline.collection import Collection
from pipeline.errors import InputError
from pipeline.exports import from_collection, ladder, tables
from pipeline.exports.about import About
from pipeline.exports.from_collection import Choice
from pipeline.records import LANGUAGES, AlignedPair, Article, Passage, Quote, pair_json, quote_json

texts = st.text(min_size=1)
EXAMPLES = settings(max_examples=50, deadline=None)  # a busy machine is slow, not wrong
ABOUT = About(languages=(("en", "uk"),))
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


@EXAMPLES
@given(st.lists(aligned_pairs()))
def test_jsonl_is_read_back_equal(pairs):
    lines = written(pairs, "jsonl").decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [pair_json(pair) for pair in pairs]


def from_row(record):
    """The pair that a row of a table tells of."""
    sides = [
        Passage(
            article_id=record[f"{side}_article"],
            start=int(record[f"{side}_start"]),
            end=int(record[f"{side}_end"]),
            text=record[f"{side}_text"],
        )
        for side in ("left", "right")
    ]
    return AlignedPair(
        left=sides[0],
        right=sides[1],
        left_language=record["left_language"],
        right_language=record["right_language"],
        kind=record["kind"],
        moved=record["moved"] == "true",
        similarity=float(record["similarity"]) if record["similarity"] else None,
        origin=record["origin"],
    )


def unescaped(field):
    out, letters = "", iter(field)
    for letter in letters:
        out += {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}[next(letters)] if letter == "\\" else letter
    return out


@EXAMPLES
@given(st.lists(aligned_pairs()))
def test_tsv_is_read_back_equal(pairs):
    lines = written(pairs, "tsv").decode().split("\n")
    header, *rows = csv.reader(lines[:-1], delimiter="\t", quoting=csv.QUOTE_NONE)
    assert header == list(tables.PAIR)
    assert [from_row(dict(zip(header, map(unescaped, row), strict=True))) for row in rows] == pairs


FORMULA = re.compile("[\\s\ufeff]*[=+\\-@＝＋－＠]")


@EXAMPLES
@given(st.lists(aligned_pairs()))
def test_csv_is_read_back_equal_but_for_what_would_run_in_a_spreadsheet(pairs):
    content = written(pairs, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for row, pair in zip(rows, pairs, strict=True):
        for cell, text in ((row["left_text"], pair.left.text), (row["right_text"], pair.right.text)):
            assert cell.replace("'", "") == representable(text).replace("'", "")
            assert not FORMULA.match(cell)
        assert (row["left_start"], row["kind"], row["moved"]) == (
            str(pair.left.start),
            pair.kind,
            str(pair.moved).lower(),
        )


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\ufeff=1",
        "＝1",
        'So;=HYPERLINK("http://x")',
        "Line\n=1",
        "Так;\t@A1",
    ],
)
def test_no_cell_of_a_csv_is_a_formula_wherever_a_program_ends_cells(text):
    content = written([pair(text, "Текст")], "csv").decode("utf-8-sig")
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator):
            assert not any(FORMULA.match(cell) for cell in row)
    # programs that take a cell that begins with a quotation mark as far as the next separator
    assert not any(FORMULA.match(cell) for cell in re.split("[;\t\r\n]", content) if cell.strip())


def test_plain_text_is_left_alone_in_a_csv():
    text = "Т. зв. «план» — 5-10 % = багато; - так, 'добре' + more@mail"
    ((row),) = csv.DictReader(io.StringIO(written([pair(text, "x")], "csv").decode("utf-8-sig")))
    assert row["left_text"] == text.replace("; -", ";' -")


def representable(text):
    """The text as XML 1.0 can hold it."""
    allowed = {"\t", "\n", "\r"}
    return "".join(c if (c >= " " and c not in "\ufffe\uffff") or c in allowed else "\ufffd" for c in text)


@EXAMPLES
@given(st.lists(aligned_pairs()))
def test_tmx_is_read_back_by_another_reader(pairs):
    expected = [
        ([pair.left_language, pair.right_language], [representable(pair.left.text), representable(pair.right.text)])
        for pair in pairs
        if pair.left.text and pair.right.text
    ]
    units = list(tmx_units(written(pairs, "tmx")))
    assert [(languages, segments) for languages, segments, _ in units] == expected


def known(article_id):
    language = article_id.partition("-")[2]
    return Article(
        id=article_id,
        text="",
        language=language,
        title="Night & day",
        outlet="Rowan <Line>",
        url="javascript:alert(1)" if language == "uk" else "https://rowan.example/?a=1&b=2",
        published="2024-06-04T09:10:00+03:00",
        translator="starter-1" if language == "uk" else None,
    )


def test_tmx_tells_where_a_pair_comes_from():
    pairs = [pair("“Q&A <1>”", "«Питання\rй відповіді»", left_start=7)]
    content = written(pairs, "tmx", signature="emb:small|pairs:1", article=known)
    ((languages, segments, props),) = tmx_units(content)
    assert languages == ["en", "uk"]
    assert segments == ["“Q&A <1>”", "«Питання\rй відповіді»"]
    outlet = ("x-outlet", "Rowan <Line>")
    published = ("x-published", "2024-06-04T09:10:00+03:00")
    assert props == [
        ("x-kind", "1-1"),
        ("x-similarity", "0.75"),
        ("x-length-ratio", "2.33"),
        ("x-moved", "false"),
        ("x-origin", "human"),
        ("x-article", "story-en"),
        ("x-offsets", "7-16"),
        outlet,
        ("x-url", "https://rowan.example/?a=1&b=2"),
        published,
        ("x-article", "story-uk"),
        ("x-offsets", "0-21"),
        outlet,
        ("x-url", "javascript:alert(1)"),
        published,
        ("x-translator", "starter-1"),
    ]
    assert b'<prop type="x-signature">emb:small|pairs:1</prop>' in content
    assert content == written(pairs, "tmx", signature="emb:small|pairs:1", article=known)


XLIFF = {"x": "urn:oasis:names:tc:xliff:document:2.0", "mda": "urn:oasis:names:tc:xliff:metadata:2.0"}


def from_xliff(element):
    """Text with its ``<cp>``."""
    return (element.text or "") + "".join(chr(int(cp.get("hex"), 16)) + (cp.tail or "") for cp in element)


@EXAMPLES
@given(st.lists(aligned_pairs(), min_size=1))
def test_xliff_loses_no_character(pairs):
    with TemporaryDirectory() as folder:
        languages = list(dict.fromkeys((pair.left_language, pair.right_language) for pair in pairs))
        paths = exports.write(pairs, Path(folder) / "pairs.xlf", "xliff", languages=languages)
        found = []
        for both, path in zip(languages, paths, strict=True):
            tree = etree.parse(path).getroot()
            assert (tree.get("version"), tree.get("srcLang"), tree.get("trgLang")) == ("2.1", *both)
            units = tree.iterfind(".//x:segment", XLIFF)
            found += [(both, [from_xliff(element) for element in segment]) for segment in units]
    expected = [
        ((pair.left_language, pair.right_language), [text for text in (pair.left.text, pair.right.text) if text])
        for pair in sorted(pairs, key=lambda pair: languages.index((pair.left_language, pair.right_language)))
        if pair.left.text
    ]
    assert found == expected


def test_xliff_is_read_by_another_reader_and_tells_where_a_pair_comes_from():
    pairs = [pair("“Q&A <1>”", "«П»", left_start=7), pair("Only here.", "", "1-0"), pair("", "Лише тут.", "0-1")]
    content = written(pairs, "xliff", article=known)
    store = Xliff2File.parsestring(content)
    assert (store.getsourcelanguage(), store.gettargetlanguage()) == ("en", "uk")
    assert [(unit.source, unit.target or "") for unit in store.units] == [("“Q&A <1>”", "«П»"), ("Only here.", "")]
    tree = etree.fromstring(content)
    assert [segment.get("state") for segment in tree.iterfind(".//x:segment", XLIFF)] == ["translated", "initial"]
    metas = [(meta.get("type"), meta.text) for meta in tree.iterfind(".//mda:meta", XLIFF)]
    assert {("article", "story-en"), ("outlet", "Rowan <Line>"), ("source-offsets", "7-16"), ("kind", "1-1")} <= set(
        metas
    )


@EXAMPLES
@given(st.lists(aligned_pairs(), min_size=1))
def test_moses_files_have_the_same_lines(pairs):
    with TemporaryDirectory() as folder:
        languages = {(pair.left_language, pair.right_language) for pair in pairs}
        paths = exports.write(pairs, Path(folder) / "pairs", "moses", languages=sorted(languages))
        texts = {path.name: path.read_bytes() for path in paths}
        for name, content in texts.items():
            (other,) = (one for one in texts if one != name and one.rpartition(".")[0] == name.rpartition(".")[0])
            assert len(content.decode().splitlines()) == content.count(b"\n") == texts[other].count(b"\n")
        lines = [line for content in texts.values() for line in content.decode().split("\n")[:-1]]
    both = [(p.left.text.split(), p.right.text.split()) for p in pairs]
    assert sorted(lines) == sorted(" ".join(side) for sides in both if all(sides) for side in sides)


def test_moses_files_are_named_after_languages_and_directions_fall_together(tmp_path):
    one = pair("Line\nbreak.", "Розрив\u2028рядка.")
    paths = exports.write([one], tmp_path / "news.v1", "moses")
    assert [path.name for path in paths] == ["news.v1.en", "news.v1.uk"]
    assert [path.read_text("utf-8") for path in paths] == ["Line break.\n", "Розрив рядка.\n"]
    several = [("en", "uk"), ("uk", "en"), ("ru", "uk")]
    turned = Choice(languages=("uk", "en")).turned(one)
    paths = exports.write([one, turned], tmp_path / "all", "moses", languages=several)
    assert [path.name for path in paths] == ["all.en-uk.en", "all.en-uk.uk", "all.ru-uk.ru", "all.ru-uk.uk"]
    assert [path.read_text("utf-8").count("\n") for path in paths] == [2, 2, 0, 0]


@EXAMPLES
@given(st.lists(aligned_pairs(), min_size=1))
def test_parquet_is_read_back_equal(pairs):
    languages = sorted({(pair.left_language, pair.right_language) for pair in pairs})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.parquet"
        exports.write(pairs, path, "parquet", languages=languages)
        rows = parquet.read_table(path).to_pylist()
    whole = [pair for pair in pairs if pair.left.text and pair.right.text]
    for row, pair in zip(rows, whole, strict=True):
        texts = {language: text for language, text in row["translation"].items() if text is not None}
        assert texts == {pair.left_language: pair.left.text, pair.right_language: pair.right.text}
        assert (row["similarity"], row["moved"], row["left_start"]) == (pair.similarity, pair.moved, pair.left.start)


def test_parquet_is_a_translation_data_set(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    import datasets

    path = tmp_path / "pairs.parquet"
    exports.write([pair("One.", "Один."), pair("Two.", "", "1-0")], path, "parquet", article=known)
    read = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    assert read.features["translation"] == datasets.Translation(languages=["en", "uk"])
    assert read["translation"][:] == [{"en": "One.", "uk": "Один."}]
    assert read[0]["left_outlet"] == "Rowan <Line>"


def test_the_page_shows_what_is_missing_and_runs_nothing_of_an_article(tmp_path):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\x00\" onload='alert(3)'"
    pairs = [pair(hostile, "Б", moved=True), pair("Only here.", "", "1-0"), pair("", "Лише тут.", "0-1")]
    content = written(pairs, "html", article=known).decode()
    page = html.fromstring(content)
    rows = [[cell.text_content() for cell in row.iter("td")] for row in page.iterfind(".//tbody/tr")]
    assert rows == [
        [hostile.replace("\x00", "\ufffd"), "Б", "moved 0.75"],
        ["Only here.", "not in this edition", ""],
        ["not in this edition", "Лише тут.", ""],
    ]
    assert [row.get("class") for row in page.iterfind(".//tbody/tr")] == ["pair moved", "omitted", "omitted"]
    assert page.findtext(".//thead//span[@class='machine']") == "machine translation"
    assert [link.get("href") for link in page.iter("a")] == ["https://rowan.example/?a=1&b=2"]
    assert page.find(".//input[@type='search']") is not None
    assert not list(page.iter("img", "iframe", "object", "link"))
    assert not [name for element in page.iter() for name in element.keys() if name.startswith("on")]  # noqa: SIM118
    policy = page.find(".//meta[@http-equiv]").get("content")
    (script,), (style,) = page.iter("script"), page.iter("style")
    for element in (script, style):
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")


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
    assert list(ladder.lines(pairs, ABOUT)) == ["0,1:1\n", "2:\n", "3:0\n", ":2\n"]


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
    assert list(ladder.lines([pair("A", "А"), other], ABOUT)) == ["0:0\n", "0:0\n"]


@pytest.mark.parametrize("form", sorted(set(exports.FORMATS) - {"ladder"}))
def test_memory_does_not_grow_with_the_pairs(form, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.exports.parquet.GROUP", 100)

    def peak(count):
        tracemalloc.start()
        exports.write(itertools.repeat(pair("A sentence. " * 20, "Речення. " * 20), count), tmp_path / "pairs", form)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is made once
    assert peak(3_000) < peak(300) + 1_000_000  # the lines of 3,000 pairs have twice as much or more


@pytest.mark.parametrize("form", sorted(exports.FORMATS))
def test_an_export_that_fails_leaves_the_old_files(form, tmp_path):
    old = {path: path.read_bytes() for path in exports.write([pair("A", "А")], tmp_path / "pairs", form)}

    def broken():
        yield pair("B", "Б")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        exports.write(broken(), tmp_path / "pairs", form)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == old


@pytest.mark.parametrize("form", ["moses", "parquet"])
def test_what_is_no_text_does_not_go_to_standard_output(form):
    with pytest.raises(InputError):
        exports.write([pair("A", "А")], None, form)


def test_standard_output_is_utf_8_and_stays_open(capfdbinary):
    assert exports.write([pair("A", "Ї\r\nЄ")], None, "tmx") == []
    assert "Ї&#13;\nЄ" in capfdbinary.readouterr().out.decode("utf-8")
    assert not sys.stdout.closed


def article(article_id, language, text, **fields):
    return Article(id=article_id, language=language, text=text, **fields)


@pytest.fixture
def collection(tmp_path):
    """Two stories: en with uk and its machine edition in ru, and uk with en."""
    texts = {
        "one-en": ("en", "The bridge is closed again. Nobody was hurt. Copied words stay here."),
        "one-uk": ("uk", "Міст знову зачинено. Ніхто не постраждав. Copied words stay here."),
        "one-ru": ("ru", "Мост снова закрыт."),
        "two-uk": ("uk", "Міст  знову зачинено. Додано речення."),
        "two-en": ("en", "The bridge is closed again."),
    }

    def passage(article_id, text):
        start = texts[article_id][1].index(text)
        return Passage(article_id=article_id, start=start, end=start + len(text), text=text)

    def aligned(left_id, left, right_id, right, similarity, origin="human"):
        return AlignedPair(
            left=passage(left_id, left), right=passage(right_id, right),
            left_language=texts[left_id][0], right_language=texts[right_id][0],
            kind=f"{min(len(left), 1)}-{min(len(right), 1)}", moved=False, similarity=similarity, origin=origin,
        )  # fmt: skip

    first = [
        aligned("one-en", "The bridge is closed again.", "one-uk", "Міст знову зачинено.", 0.9),
        aligned("one-en", "Nobody was hurt.", "one-uk", "Ніхто не постраждав.", 0.4),
        aligned("one-en", "Copied words stay here.", "one-uk", "Copied words stay here.", 1.0),
    ]
    second = [
        aligned("two-uk", "Міст  знову зачинено.", "two-en", "The bridge is closed again.", 0.8),
        aligned("two-uk", "Додано речення.", "two-en", "", None),
    ]
    machine = [aligned("one-en", "The bridge is closed again.", "one-ru", "Мост снова закрыт.", 0.7, "machine")]
    with Collection.open(tmp_path / "collection", create=True) as opened:
        with opened.transaction():
            for article_id, (language, text) in texts.items():
                translator = "starter" if language == "ru" else None
                opened.put_article(article(article_id, language, text, outlet="Rowan", translator=translator))
            opened.put_pairs("one-en", "one-uk", first)
            opened.put_pairs("two-uk", "two-en", second)
            opened.put_pairs("one-en", "one-ru", machine)
            quote = Quote(
                id="q-1", article_id="one-en", language="en", kind="direct", pieces=((0, 10),), text="The bridge",
                speaker="=Ann", speaker_start=None, speaker_end=None, cue=None, confidence=0.9,
            )  # fmt: skip
            opened.put_quotes("one-en", [quote])
        yield opened


def exported(collection, path, **choice):
    result = from_collection.pairs(collection, path, "jsonl", Choice(**choice), rejects=path.with_name("rejects"))
    pairs, rejects = (
        [json.loads(line) for line in p.read_text("utf-8").splitlines()] for p in (path, result.files[-1])
    )
    return [p["right"]["text"] for p in pairs], [(p["reason"], p["right"]["text"]) for p in rejects], result.left_out


def test_what_filters_take_is_kept_with_the_reason(collection, tmp_path):
    kept, rejects, left_out = exported(collection, tmp_path / "x", names=("all",), min_similarity=0.5)
    assert kept == ["Мост снова закрыт.", "Міст знову зачинено."]
    assert rejects == [
        ("similarity", "Ніхто не постраждав."),
        ("wrong-language", "Copied words stay here."),
        ("duplicate", "The bridge is closed again."),
        ("omission", ""),
    ]
    assert left_out == {"similarity": 1, "wrong-language": 1, "duplicate": 1, "omission": 1}


def test_origin_and_languages_choose_and_reject_nothing(collection, tmp_path):
    kept, rejects, _ = exported(collection, tmp_path / "x", only="machine")
    assert (kept, rejects) == (["Мост снова закрыт."], [])
    kept, rejects, _ = exported(collection, tmp_path / "x", languages=("uk", "en"))
    assert len(kept) == 5
    assert rejects == []
    lefts = [json.loads(line)["left"]["article_id"] for line in (tmp_path / "x").read_text("utf-8").splitlines()]
    assert {name.partition("-")[2] for name in lefts} == {"uk"}, "the first language stands on the left"


def test_doubtful_pairs_go_to_a_file_of_their_own(collection, tmp_path):
    path = tmp_path / "x.tmx"
    result = from_collection.pairs(collection, path, "tmx", Choice(split=0.75, names=("duplicate",)))
    assert [file.name for file in result.files] == ["x.tmx", "x.doubtful.tmx"]
    sure, doubtful = ([segments[1] for _, segments, _ in tmx_units(file.read_bytes())] for file in result.files)
    assert sure == ["Міст знову зачинено.", "Copied words stay here."]
    assert doubtful == ["Мост снова закрыт.", "Ніхто не постраждав."]
    assert result.left_out == {"duplicate": 1}
    with pytest.raises(InputError):
        from_collection.pairs(collection, None, "tmx", Choice(split=0.75))


def test_xliff_of_several_languages_is_several_files(collection, tmp_path):
    result = from_collection.pairs(collection, tmp_path / "x.xlf", "xliff", Choice())
    assert [path.name for path in result.files] == ["x.en-ru.xlf", "x.en-uk.xlf", "x.uk-en.xlf"]
    with pytest.raises(InputError, match="one source"):
        from_collection.pairs(collection, None, "xliff", Choice())
    result = from_collection.pairs(collection, tmp_path / "y.xlf", "xliff", Choice(languages=("en", "uk")))
    assert [path.name for path in result.files] == ["y.xlf"]
    assert len(Xliff2File.parsestring((tmp_path / "y.xlf").read_bytes()).units) == 4


def test_quotations_as_tables(collection, tmp_path):
    (quote,) = collection.quotes()
    for form in exports.TABLES:
        from_collection.records(collection, "quotes", tmp_path / form, form)
    (in_csv,) = csv.DictReader(io.StringIO((tmp_path / "csv").read_text("utf-8-sig")))
    (in_tsv,) = csv.DictReader(io.StringIO((tmp_path / "tsv").read_text("utf-8")), delimiter="\t")
    (in_parquet,) = parquet.read_table(tmp_path / "parquet").to_pylist()
    assert in_csv["speaker"] == "'=Ann"
    assert in_tsv["speaker"] == in_parquet["speaker"] == "=Ann"
    record = quote_json(quote)
    same = ("id", "language", "kind", "text", "speaker", "cue", "confidence", "start", "end")
    assert {name: in_parquet[name] for name in same} == {name: record[name] for name in same}
    assert (in_parquet["article"], in_parquet["outlet"], in_parquet["url"]) == ("one-en", "Rowan", None)


@pytest.mark.parametrize(("what", "form"), [("quotes", "tmx"), ("statements", "html"), ("verdicts", "csv")])
def test_what_makes_no_sense_is_refused_with_what_does(collection, what, form):
    with pytest.raises(InputError) as refused:
        from_collection.records(collection, what, None, form)
    assert "jsonl" in refused.value.hint or "report" in refused.value.hint


def test_the_command_keeps_rejects_beside_the_file_and_says_how_many(collection, tmp_path):
    def export(*options):
        return CliRunner().invoke(app, ["export", "--in", str(collection.folder), *options])

    done = export("--format", "csv", "--filter", "all", "--out", str(tmp_path / "x.csv"))
    assert done.exit_code == 0
    assert "left out: wrong-language 1, duplicate 1, omission 1" in done.stderr
    assert (tmp_path / "x.csv.rejects.jsonl").read_text("utf-8").count("\n") == 3
    assert export("--format", "tsv", "--languages", "uk-en").stdout.count("\tuk\t") == 0
    for wrong in (
        ("--languages", "en-de"),
        ("--what", "quotes", "--format", "csv", "--only", "human"),
        ("--filter", "x"),
    ):
        assert isinstance(export(*wrong).exception, InputError)
