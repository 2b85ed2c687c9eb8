"""What is kept from the engine, where long sentences are cut, and in which language a sentence is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Language
from pipeline.segments import LONG_CLAUSE, Part, is_shouted, joined, parts, spoken

LONG = (
    "The committee, which had been set up after the accident in 2019 and which had met only twice since then, decided to "
    "postpone the vote on the new timetable until the autumn, because three of its members were ill, the documents had "
    "not been translated, and the company that runs the ferries had asked for more time."
)


@pytest.mark.parametrize(
    ("sentence", "before", "words", "after"),
    [
        ("• First point", "• ", "First point", ""),
        ("1. Open the door.", "1. ", "Open the door.", ""),
        ("12) a thing", "12) ", "a thing", ""),
        ("a) the first item", "a) ", "the first item", ""),
        ("## A heading", "## ", "A heading", ""),
        ("#FerryStop is back", "", "#FerryStop is back", ""),
        ("> quoted line", "> ", "quoted line", ""),
        ("– Yes.", "– ", "Yes.", ""),
        ("* * Two.", "* * ", "Two.", ""),
        ("🎉 The ferry 🚢 is back! 🎉🏖️", "🎉 ", "The ferry 🚢 is back!", " 🎉🏖️"),
        ("“Two,” said he.", "", "“Two,” said he.", ""),
        ("€5 is all.", "", "€5 is all.", ""),
        ("24-hour strike begins", "", "24-hour strike begins", ""),
        ("−5 °C at night", "", "−5 °C at night", ""),
    ],
)
def test_what_stands_around_the_words_is_kept_from_the_engine(
    sentence: str, before: str, words: str, after: str
) -> None:
    assert parts(sentence, "en") == [Part(before, words), *([Part(after, "")] if after else [])]


@pytest.mark.parametrize("sentence", ["12–14", "***", "🎉🎉", "“", "2024", "50 %"])
def test_what_has_no_letters_is_no_work(sentence: str) -> None:
    assert [part.text for part in parts(sentence, "en")] == [""]
    assert joined(parts(sentence, "en"), {}, "uk") == sentence


def test_long_sentences_are_cut_where_clauses_begin() -> None:
    assert [part.text.split()[0] for part in parts(LONG, "en")] == ["The", "because"]
    russian = (
        "Комиссия, созданная после аварии в две тысячи девятнадцатом году и с тех пор собиравшаяся только дважды, "
        "решила отложить голосование по новому расписанию до осени, потому что трое её членов больны, документы не "
        "переведены, а компания, которой принадлежат паромы, попросила ещё времени на ответы жителям."
    )
    assert [part.text.split()[0] for part in parts(russian, "ru")] == ["Комиссия,", "потому"]
    assert len(parts(" ".join(["word"] * LONG_CLAUSE), "en")) == 1
    assert max(len(part.text.split()) for part in parts(" ".join(["word"] * 300), "en")) <= 100


def test_cut_sentences_are_rejoined_as_one() -> None:
    cut = parts(LONG, "en")
    made = {cut[0].text: "Комітет вирішив відкласти голосування.", cut[1].text: "Бо троє його членів хворі."}
    assert joined(cut, made, "uk") == "Комітет вирішив відкласти голосування, бо троє його членів хворі."
    cut = parts(LONG.replace("the company", "Kyiv"), "en")
    named = {cut[0].text: "Комітет вирішив", cut[1].text: "Київ не проти."}
    assert joined(cut, named, "uk") == "Комітет вирішив, Київ не проти."


def test_marks_of_a_cut_quotation_stay_where_they_are() -> None:
    quotation = LONG.replace("The committee", "“The committee").replace("time.", "time,” she said.")
    cut = parts(quotation, "en")
    made = {cut[0].text: "«Комітет вирішив».", cut[1].text: "«Бо троє хворі», — сказала вона."}
    assert joined(cut, made, "uk") == "«Комітет вирішив, бо троє хворі», — сказала вона."


@given(st.text('ab 1.,;:—-«»“”"()•🎉#@/\n', max_size=80), st.sampled_from(["en", "ru", "uk"]))
def test_parts_are_the_sentence(sentence: str, language: Language) -> None:
    assert "".join(part.before + part.text for part in parts(sentence, language)) == sentence


@pytest.mark.parametrize(
    ("sentence", "article", "language"),
    [
        ("Ми чекали три дні.", "en", "uk"),
        ("Мы ждали три дня.", "en", "ru"),
        ("Хліб завозять щодня, але його бракує.", "ru", "uk"),
        ("Это было трудно, но мы выстояли.", "uk", "ru"),
        ("We waited for three days.", "uk", "en"),
        ("Pier Post, Larkfield Dispatch, Rowan Line", "uk", "uk"),
        ("Він цитує «Новый мир» і йде.", "uk", "uk"),
        ("Так.", "en", "en"),
        ("The word «Мова» means language.", "en", "en"),
    ],
)
def test_the_language_of_a_stray_sentence(sentence: str, article: Language, language: Language) -> None:
    assert spoken(sentence, article) == language


def test_headlines_in_capitals() -> None:
    assert is_shouted("NATO CHIEF VISITS KYIV BEFORE SUMMIT MEETING")
    assert not is_shouted("NATO")
    assert not is_shouted("USA, EU")
    assert not is_shouted("Police arrest mayor")


@pytest.mark.parametrize(
    ("sentence", "trail"),
    [("He left. ✅ ", " ✅ "), ("He left.  \u2028", ""), ("He left ✅✅", " ✅✅"), ("✅ ✅", "")],
)
def test_what_stands_behind_the_words_stays(sentence: str, trail: str) -> None:
    found = parts(sentence, "en")
    assert "".join(part.before + part.text for part in found) == sentence
    assert (found[-1].before if not found[-1].text and trail else trail) == trail
