"""Reading: every kind of input, every field, every refusal."""

import json
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from pipeline import articles
from pipeline.errors import InputError
from pipeline.records import Article, Refusal

ENGLISH = "The ferry will not leave the harbour before the storm has passed, the captain told the passengers on deck."
RUSSIAN = "Паром не выйдет из гавани, пока не кончится шторм, сказал капитан пассажирам на палубе."
UKRAINIAN = "Пором не вийде з гавані, доки не вщухне шторм, сказав капітан пасажирам на палубі."


def read(*paths: Path) -> list[Article | Refusal]:
    return list(articles.read(articles.inputs([str(path) for path in paths]).files))


def only(items: list[Article | Refusal]) -> Article:
    (item,) = items
    assert isinstance(item, Article), item
    return item


def write_lines(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    return path


def test_jsonl_fields_are_kept_as_they_are(tmp_path: Path) -> None:
    record = {
        "id": "x1",
        "outlet": "The Ferry Post",
        "language": "en",
        "title": "A storm",
        "published": "2024-03-12T18:40:00+02:00",
        "url": "https://ferry.example/a",
        "translation_of": "x0",
        "text": f"{ENGLISH}\n\n“No,” he said. ",
    }
    article = only(read(write_lines(tmp_path / "a.jsonl", record)))
    assert {name: getattr(article, name) for name in record} == record


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (RUSSIAN, "ru"), (UKRAINIAN, "uk"), ("Так, ї.", "uk")])
def test_language_is_detected(tmp_path: Path, text: str, language: str) -> None:
    assert only(read(write_lines(tmp_path / "a.jsonl", {"text": text}))).language == language


@pytest.mark.parametrize(("code", "language"), [("en-GB", "en"), ("ukr", "uk"), ("RU", "ru"), ("ua", "uk")])
def test_language_codes_in_use_are_understood(tmp_path: Path, code: str, language: str) -> None:
    assert only(read(write_lines(tmp_path / "a.jsonl", {"text": "…", "language": code}))).language == language


def test_id_is_derived_from_content(tmp_path: Path) -> None:
    one = only(read(write_lines(tmp_path / "a.jsonl", {"text": ENGLISH})))
    two = only(read(write_lines(tmp_path / "b.jsonl", {"text": ENGLISH})))
    three = only(read(write_lines(tmp_path / "c.jsonl", {"text": ENGLISH, "outlet": "Another"})))
    assert one.id == two.id != three.id


FRENCH = "Le capitaine a déclaré aux passagers que le ferry ne quitterait pas le port avant la fin de la tempête."


def test_titles_and_outlets_are_one_line(tmp_path: Path) -> None:
    record = {"text": ENGLISH, "title": "A storm\n  is coming ", "outlet": "The Ferry\u2028Post"}
    article = only(read(write_lines(tmp_path / "a.jsonl", record)))
    assert (article.title, article.outlet) == ("A storm is coming", "The Ferry Post")


@pytest.mark.parametrize(
    ("record", "field", "reason"),
    [
        ({"id": "a"}, "text", "missing"),
        ({"text": " \n"}, "text", "empty"),
        ({"text": 5}, "text", "not a string"),
        ({"text": ENGLISH, "language": "fr"}, "language", "French (fr)"),
        ({"text": FRENCH}, "language", "French (fr)"),
        ({"text": "1234"}, "language", "no letters"),
        ({"text": ENGLISH, "published": "yesterday"}, "published", "ISO 8601"),
        ({"text": ENGLISH, "published": 2024}, "published", "ISO 8601"),
        ({"text": ENGLISH, "outlet": ["a"]}, "outlet", "string"),
        ({"text": "half \ud800 pair"}, "text", "surrogate"),
    ],
)
def test_a_bad_field_is_refused_by_file_line_and_name(tmp_path: Path, record: object, field: str, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": RUSSIAN}) + "\n" + json.dumps(record) + "\n", "utf-8")
    good, bad = read(path)
    assert isinstance(good, Article)
    assert isinstance(bad, Refusal)
    assert bad.where == f"{path}:2"
    assert bad.field == field
    assert reason in bad.reason


def test_a_broken_line_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        f'{json.dumps({"text": ENGLISH})}\n{{"text": "cut\n\n[1]\n{json.dumps({"text": RUSSIAN})}\n', "utf-8"
    )
    items = read(path)
    assert [type(item) for item in items] == [Article, Refusal, Refusal, Article]
    assert str(items[1]).startswith(f"{path}:2: not JSON")
    assert str(items[2]) == f"{path}:4: not a JSON object"


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("[" * 100_000 + "]" * 100_000, "utf-8")
    (refused,) = read(path)
    assert isinstance(refused, Refusal)


def test_one_id_with_two_texts_is_refused_and_a_repetition_skipped(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "a.jsonl", {"id": "x", "text": ENGLISH}, {"id": "x", "text": ENGLISH}, {"id": "x", "text": RUSSIAN}
    )
    items = read(path)
    assert [type(item) for item in items] == [Article, Refusal]
    assert str(items[1]).startswith(f"{path}:3: id:")


def test_text_file_with_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        f"---\ntitle: A storm\noutlet: Post\npublished: 2024-03-12\n---\n\n{ENGLISH}\r\n", "utf-8", newline=""
    )
    article = only(read(path))
    assert (article.title, article.outlet, article.published) == ("A storm", "Post", "2024-03-12")
    assert article.text == f"{ENGLISH}\n"


def test_broken_front_matter_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"---\ntitle: A\noutlet: [x\n---\n{ENGLISH}\n", "utf-8")
    (refused,) = read(path)
    assert str(refused).startswith(f"{path}:")
    assert "YAML" in str(refused)


def test_rules_of_dashes_are_no_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"---\n{ENGLISH}\n---\n", "utf-8")
    assert only(read(path)).text == f"---\n{ENGLISH}\n---\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8_u"])
def test_encodings_of_the_region_are_read(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(UKRAINIAN.encode(codec))
    article = only(read(path))
    assert (article.text, article.language) == (UKRAINIAN, "uk")


@pytest.mark.parametrize("codec", ["utf-16", "cp1251"])
def test_encodings_of_jsonl(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((json.dumps({"text": RUSSIAN}, ensure_ascii=False) + "\n").encode(codec))
    assert only(read(path)).text == RUSSIAN


def test_a_line_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps({"text": RUSSIAN}, ensure_ascii=False).encode() + b"\n"
    filler = good * 9000  # beyond the part that the encoding is told by
    path.write_bytes(filler + b'{"text": "\xff"}\n')
    items = read(path)
    assert str(items[-1]) == f"{path}:9001: not utf-8"


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.html"])
def test_binary_data_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bytes(range(256)) * 20)
    (refused,) = read(path)
    assert "binary" in str(refused)


def test_folders_are_read_in_order_without_what_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("z.txt", "b/a.txt", "README.txt", "LICENSE.txt", ".x.txt", ".hidden/a.txt", "photo.jpg"):
        (tmp_path / name).write_text(ENGLISH, "utf-8")
    found = articles.inputs([str(tmp_path)])
    assert [Path(file).relative_to(tmp_path).as_posix() for file in found.files] == ["b/a.txt", "z.txt"]
    assert found.passed_over == 1


def test_a_missing_path_beside_good_ones_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ENGLISH, "utf-8")
    found = articles.inputs([str(path), str(tmp_path / "none"), __file__])
    assert found.files == (str(path),)
    assert [refusal.where for refusal in found.refused] == [str(tmp_path / "none"), __file__]


@pytest.mark.parametrize("make_folder", [True, False])
def test_nothing_to_read_is_an_error(tmp_path: Path, make_folder: bool) -> None:
    path = tmp_path / "empty"
    if make_folder:
        path.mkdir()
    with pytest.raises(InputError):
        articles.inputs([str(path)])


@pytest.mark.parametrize("suffix", [".jsonl", ".txt", ".html"])
def test_offsets_count_in_the_text_that_is_kept(tmp_path: Path, suffix: str) -> None:
    dirty = unicodedata.normalize("NFD", UKRAINIAN).replace("гавані", "га\u00adва\u200bнi")
    path = tmp_path / f"a{suffix}"
    bodies = {
        ".jsonl": json.dumps({"text": f"{dirty}\r\n"}),
        ".txt": f"{dirty}\r\n",
        ".html": f"<html><body><p>{dirty}</p></body></html>",
    }
    path.write_text(bodies[suffix], "utf-8", newline="")
    ((_, found),) = articles.find([str(path)], Counter())
    assert isinstance(found, articles.Found)
    assert found.article.text.strip() == UKRAINIAN
    assert found.where.startswith(str(path))
    if suffix != ".html":  # there the text is what was found on the page, by trafilatura's own normal form
        assert found.normalised.changes == ("line-ends", "soft-hyphens", "zero-width", "nfc", "look-alikes")


def test_clean_text_is_kept_as_it_is(tmp_path: Path) -> None:
    ((_, found),) = articles.find([str(write_lines(tmp_path / "a.jsonl", {"text": UKRAINIAN}))], Counter())
    assert isinstance(found, articles.Found)
    assert found.normalised.changes == ()


def test_bytes_that_are_no_characters_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(UKRAINIAN.encode()[:-5] + b"\xff.")
    ((_, found),) = articles.find([str(path)], Counter())
    assert isinstance(found, articles.Found)
    assert found.normalised.changes == ("replaced-bytes",)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n\ufeff"])
def test_lines_of_jsonl_end_in_many_ways(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(end.join(json.dumps({"text": text}) for text in (ENGLISH, RUSSIAN)) + "\n", "utf-8", newline="")
    assert [item.text for item in read(path) if isinstance(item, Article)] == [ENGLISH, RUSSIAN]


def test_the_first_line_beyond_ascii_tells_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    ascii_only = (json.dumps({"text": ENGLISH, "id": "x"}) + "\n").encode() * 9000
    path.write_bytes(ascii_only + json.dumps({"text": RUSSIAN}, ensure_ascii=False).encode("cp1251"))
    assert [item.text for item in read(path) if isinstance(item, Article)] == [ENGLISH, RUSSIAN]


def test_front_matter_with_line_ends_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"---\r\ntitle: A storm\r\n---\r\n\r\n{ENGLISH}\r\n".encode("utf-16"))
    article = only(read(path))
    assert (article.title, article.text) == ("A storm", f"{ENGLISH}\n")
    assert (articles.decoded(path.read_bytes()) or "").endswith(article.text)


def test_repetitions_are_counted(tmp_path: Path) -> None:
    passed_over: Counter[str] = Counter()
    path = write_lines(tmp_path / "a.jsonl", {"text": ENGLISH}, {"text": ENGLISH})
    assert len(list(articles.find([str(path)], passed_over))) == 1
    assert passed_over == {"repetitions": 1}


@pytest.mark.parametrize(
    ("name", "value", "record", "field"),
    [
        ("ARTICLE", "50", {"text": ENGLISH}, "text"),
        ("FIELD", "50", {"text": ENGLISH, "title": "x" * 51}, "title"),
        ("RECORD", "100", {"text": ENGLISH}, None),
        ("NESTING", "5", {"text": ENGLISH, "more": [[[[[[1]]]]]]}, None),
    ],
)
def test_what_is_over_a_limit_is_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, record: object, field: str | None
) -> None:
    monkeypatch.setenv(f"CROSSQUOTE_MAX_{name}", value)
    path = write_lines(tmp_path / "a.jsonl", record, {"text": "Short, he said."})
    bad, good = read(path)
    assert isinstance(bad, Refusal)
    assert (bad.where, bad.field) == (f"{path}:1", field)
    assert f"CROSSQUOTE_MAX_{name}" in bad.reason
    assert isinstance(good, Article)


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.rss", "a.mhtml"])
def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CROSSQUOTE_MAX_PAGE", "50")
    (tmp_path / name).write_text(ENGLISH, "utf-8")
    (refused,) = read(tmp_path / name)
    assert "CROSSQUOTE_MAX_PAGE" in str(refused)


def test_a_name_that_is_too_long_is_refused_and_the_rest_goes_through(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("He left.", "utf-8")
    found = articles.inputs([str(tmp_path / ("x" * 300)), str(tmp_path / "a.txt")])
    assert found.files == (str(tmp_path / "a.txt"),)
    assert "too long" in found.refused[0].reason
