import itertools
import re
import time

import goldens
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import LANGUAGES, Language, Sentence
from pipeline.sentences import LONG, split, split_long

CASES = [
    pytest.param(language, given, expected, id=f"{language}: {name}")
    for language in LANGUAGES
    for name, given, expected in goldens.read(goldens.FOLDER / f"sentences.{language}.txt")
]
ODD_TEXT = st.lists(
    st.sampled_from(
        [*"«»„“”‘’\"'()[]—–-.!?…,:; \n\t\u00a0\u2028\r", "...", "A", "b", "Я", "ї", "5", "😀", "т. е.", "U.S.", "Dr."]
    )
    | st.text(max_size=4),
    max_size=40,
).map("".join)
PATIENT = settings(deadline=None)  # a busy machine is no fault of the splitter
SECONDS = 20  # a quadratic splitter needs minutes for the texts below; a slow machine does not


def texts(sentences: list[Sentence]) -> list[str]:
    return [sentence.text for sentence in sentences]


@pytest.mark.parametrize(("language", "given", "expected"), CASES)
def test_golden(language: Language, given: str, expected: list[str]) -> None:
    assert texts(split(given, language)) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_sixty_golden_cases_a_language(language: Language) -> None:
    assert sum(case.values[0] == language for case in CASES) >= 60


@PATIENT
@given(ODD_TEXT, st.sampled_from(LANGUAGES), st.sampled_from([split, lambda *args: split_long(*args, words=1)]))
def test_nothing_but_whitespace_is_left_out(text, language, splitter) -> None:
    sentences = splitter(text, language)
    outside, at = [], 0
    for sentence in sentences:
        assert sentence.text == text[sentence.start : sentence.end] == sentence.text.strip() != ""
        outside.append(text[at : sentence.start])
        at = sentence.end
    assert "".join([*outside, text[at:]]).strip() == ""
    rebuilt = (
        "".join(
            itertools.chain(*zip(outside, texts(sentences), strict=True)),
        )
        + text[at:]
    )
    assert rebuilt == text


@PATIENT
@given(ODD_TEXT, st.sampled_from(LANGUAGES))
def test_a_line_break_ends_a_sentence(text, language) -> None:
    assert not any("\n" in sentence.text for sentence in split(text, language))


@PATIENT
@given(ODD_TEXT, st.sampled_from(LANGUAGES))
def test_long_parts_only_cut_further(text, language) -> None:
    whole, parts = split(text, language), split_long(text, language, words=1)
    assert {sentence.end for sentence in whole} <= {part.end for part in parts}


@PATIENT
@given(st.sampled_from(["«{}»", "“{}”", '"{}"', "„{}“", "({})"]), st.integers(1, 30), st.sampled_from(LANGUAGES))
def test_a_quotation_stays_whole(marks, length, language) -> None:
    quoted = marks.format(" ".join(["Дім стоїть."] * length))
    assert texts(split(f"Так. {quoted} Отже.", language)) == ["Так.", quoted, "Отже."]


def test_offsets_count_from_the_start_of_the_text() -> None:
    assert split("  Да.\n\n Нет. ", "ru") == [Sentence(2, 5, "Да."), Sentence(8, 12, "Нет.")]


@pytest.mark.parametrize("text", ["", " \n\t\n ", "\u00a0"])
def test_a_blank_text_has_no_sentences(text) -> None:
    assert split(text, "en") == []
    assert split_long(text, "en") == []


@pytest.mark.parametrize("splitter", [split, split_long])
def test_an_unknown_language_is_refused(splitter) -> None:
    with pytest.raises(ValueError, match="'de'"):
        splitter("", "de")


def test_a_long_quotation_is_cut_for_translation() -> None:
    first = "“We waited for the bus " + "and waited " * 20 + "in vain."
    text = f"{first} Nobody came,” she said. He nodded."
    assert texts(split(text, "en")) == [f"{first} Nobody came,” she said.", "He nodded."]
    assert texts(split_long(text, "en")) == [first, "Nobody came,” she said.", "He nodded."]


def test_a_short_quotation_is_not_cut_for_translation() -> None:
    text = "«Мы ждали. Никто не пришёл», — сказала она."
    assert texts(split_long(text, "ru")) == [text]
    assert texts(split_long(text, "ru", words=3)) == ["«Мы ждали.", "Никто не пришёл», — сказала она."]


def test_a_long_sentence_without_an_end_inside_stays() -> None:
    text = "слово " * (LONG + 1) + "конец."
    assert texts(split_long(text, "ru")) == [text]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"' * 100_000, 1),
        ("«" * 50_000 + "»" * 50_000, 1),
        ("слово " * 170_000, 1),
        ("а" * 1_000_000, 1),
        (". " * 200_000, 1),
        ("“a?” Bob " * 20_000, None),
        ("т. е. " * 50_000, 1),
        ("(" * 100_000 + ". A", None),
        (" " * 500_000 + "— а", 1),
    ],
    ids=["marks", "nested", "no stop", "one word", "stops", "questions", "abbreviations", "brackets", "blanks"],
)
def test_time_is_linear(text, count) -> None:
    begun = time.perf_counter()
    sentences = split(text, "en")
    assert time.perf_counter() - begun < SECONDS
    assert count in (None, len(sentences))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "case 1"),
        ("input without expectation\n", "case 1"),
        ("in\n---\nout\n---\nout\n", "case 1"),
        ("in\n---\nout\n===\n# the second\n---\nout\n", "the second"),
        ("# twice\nin\n---\nout\n===\n# twice\nin\n---\nout\n", "twice"),
    ],
)
def test_a_malformed_golden_file_is_refused(tmp_path, content, fault) -> None:
    path = tmp_path / "cases.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape("cases.txt: ") + f".*{fault}"):
        goldens.read(path)


def test_a_golden_file_is_read(tmp_path) -> None:
    path = tmp_path / "cases.txt"
    path.write_text("# two lines\na\n\nb\n---\na\nb\n===\nc\n---\n", encoding="utf-8")
    assert goldens.read(path) == [("two lines", "a\n\nb", ["a", "b"]), ("case 2", "c", [])]
