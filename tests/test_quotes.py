import time

import goldens
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.quotes import extract
from pipeline.records import LANGUAGES, Article, Language, Quote, content_id

CASES = [
    pytest.param(language, text, expected, id=f"{language}: {name}")
    for language in LANGUAGES
    for name, text, expected in goldens.read(goldens.FOLDER / f"quotes.{language}.txt")
]
MARKS = "\"'“”„«»‘’‚—–- .,!?:;\n()[]…`″"
MIXTURE = st.lists(
    st.one_of(
        st.sampled_from(MARKS),
        st.sampled_from(
            [
                "said",
                "сказал",
                "що",
                "that",
                "Brandt",
                "Лилия",
                "Марина Голуб",
                "he",
                "она",
                "вона",
                "по словам",
                "5'",
                "9",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=60,
).map(" ".join) | st.text(alphabet=MARKS + "abЖї", max_size=120)
LONG = 200_000  # characters
PATIENCE = 25  # seconds for a text of that length on a slow machine, where 5 are usual; quadratic work takes minutes


def quotes(text: str, language: Language = "en") -> list[Quote]:
    return extract(Article(id="a1", text=text, language=language))


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_golden_cases(language: Language, text: str, expected: list[str]) -> None:
    found = [f"{quote.kind} | {quote.speaker or '—'} | {quote.text}" for quote in quotes(text, language)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_forty_cases(language: Language) -> None:
    assert len(goldens.read(goldens.FOLDER / f"quotes.{language}.txt")) >= 40


@settings(max_examples=150, deadline=None)
@given(MIXTURE, st.sampled_from(LANGUAGES))
def test_any_text_gives_pieces_in_range_and_in_order(text: str, language: Language) -> None:
    for quote in quotes(text, language):
        ends = [bound for piece in quote.pieces for bound in piece]
        assert ends == sorted(ends)
        assert ends[0] >= 0
        assert ends[-1] <= len(text)
        assert all(start < end for start, end in quote.pieces)
        assert quote.text == " … ".join(text[start:end] for start, end in quote.pieces)
        assert (quote.speaker_start is None) == (quote.speaker_end is None)
        assert 0 <= quote.confidence <= 1


@settings(max_examples=60, deadline=None)
@given(MIXTURE, st.sampled_from(LANGUAGES))
def test_the_same_article_gives_the_same_quotes(text: str, language: Language) -> None:
    assert quotes(text, language) == quotes(text, language)


@pytest.mark.parametrize("unit", ['"', "“”", "“", "«\"'", "“’", "' a", "— "])
def test_a_long_text_of_marks_is_read_in_linear_time(unit: str) -> None:
    text = unit * (LONG // len(unit))
    begun = time.monotonic()
    quotes(text)
    assert time.monotonic() - begun < PATIENCE


def test_marks_stay_outside_the_pieces() -> None:
    text = "“The bridge is closed,” said Lila Brandt."
    (quote,) = quotes(text)
    assert [text[start:end] for start, end in quote.pieces] == ["The bridge is closed"]


def test_the_speaker_words_are_those_beside_the_quotation() -> None:
    text = "Lila Brandt came out. “The bridge is closed,” she said."
    (quote,) = quotes(text)
    assert quote.speaker == "Lila Brandt"
    assert text[quote.speaker_start : quote.speaker_end] == "she"
    assert quote.cue == "said"


def test_ids_follow_from_article_kind_and_pieces() -> None:
    (quote,) = quotes("“The bridge is closed,” said Lila Brandt.")
    assert quote.id == content_id("q", "a1", "direct", quote.pieces)


def test_a_quotation_without_speaker_is_less_certain() -> None:
    (named,) = quotes("“The bridge is closed,” said Lila Brandt.")
    (unnamed,) = quotes("“The bridge is closed.”")
    assert unnamed.speaker is None
    assert unnamed.confidence < named.confidence


def test_nothing_to_find() -> None:
    assert quotes("") == []
    assert quotes("The bridge is closed until Monday.") == []
