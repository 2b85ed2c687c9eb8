"""How two wordings relate, and what stands between them."""

import json
import time
from importlib.resources import files
from pathlib import Path

import pytest
from conftest import FakeEmbedder, fake_matcher
from hypothesis import given
from hypothesis import strategies as st

from pipeline import relations
from pipeline.engines.expectation import StarterExpectation, _joined
from pipeline.likeness import matcher
from pipeline.ports import Expected
from pipeline.records import LANGUAGES, Change, Language, Quote, Relation
from pipeline.relations import facts, features
from pipeline.relations.comparison import Comparer
from pipeline.relations.differences import difference
from pipeline.relations.judge import judge
from pipeline.relations.wording import clauses, read

BREAD = "We baked bread for the whole street, and nobody asked who would pay"


@pytest.mark.parametrize(
    ("left", "left_language", "right", "right_language", "relation"),
    [
        (BREAD, "en", f"“{BREAD}.”", "en", "same"),
        ("Мы пекли хлеб — на всю улицу, ещё до войны", "ru", "Мы пекли хлеб на всю улицу, еще до войны", "ru", "same"),
        (BREAD, "en", "nobody asked who would pay", "en", "contained"),
        (BREAD, "en", "We baked bread … nobody asked who would pay", "en", "contained"),
        (BREAD, "en", "Bread was baked here for everyone on our street without a thought of money", "en", "reworded"),
        (BREAD, "en", "Ми пекли хліб на всю вулицю, і ніхто не питав, хто заплатить", "uk", "translation"),
        (BREAD, "en", "ніхто не питав, хто заплатить", "uk", "contained"),
        ("We lost 420 megawatts", "en", "Мы потеряли 240 мегаватт", "ru", "altered"),
        ("It costs 1,450 hryvnias, or 9.8 a day", "en", "Це коштує 1450 гривень, або 9,8 на день", "uk", "translation"),
    ],
)
def test_relation(left: str, left_language: Language, right: str, right_language: Language, relation: Relation) -> None:
    assert relations.between(left, left_language, right, right_language)[0] == relation


@pytest.mark.parametrize(
    ("left", "right", "right_language", "altered"),
    [
        ("41 of 94 men", "31 of 94 men", "en", ("number",)),
        ("forty-one of ninety-four men", "31 из 94 человек", "ru", ("number",)),
        ("nine days and no water", "дев’ять днів без води", "uk", ()),
        ("nine days and no water", "шесть дней, а воды нет", "ru", ("number",)),
        ("We do not care who pays", "Нам всё равно, кто платит", "ru", ()),
        ("We don’t regret that order", "Ми не шкодуємо про той наказ", "uk", ()),
        ("I do not regret that order at all", "I do regret that order at all", "en", ("negation",)),
        ("10,000 people", "10 000 людей", "uk", ()),
        ("three of 94 men", "94 men", "en", ()),  # left out, not changed
        ("everybody here", "all of us", "en", ()),
        ("The boats left Odesa before the storm broke", "Лодки ушли из Мариуполя ещё до бури", "ru", ("name",)),
        (
            "Of ninety-four men thirty-one are alive, and I wrote to every family by hand",
            "Из девяноста четырёх в живых сорок один",
            "ru",
            ("number",),
        ),
        ("The ferry to Gdansk sails again in May", "The ferry to Gdansk sails again in June", "en", ("number",)),
    ],
)
def test_alterations(left: str, right: str, right_language: Language, altered: tuple[Change, ...]) -> None:
    assert relations.between(left, "en", right, right_language)[1] == altered


@pytest.mark.parametrize(
    ("left", "left_language", "right", "right_language"),
    [
        ("a beam of 140 cm", "en", "балка в 1,4 метра", "ru"),
        ("We open at 4:40 p.m.", "en", "Ми відчиняємо о 16:40", "uk"),
        ("412 square kilometres", "en", "412 кв. км", "ru"),
        ("48 часов", "ru", "дві доби", "uk"),
        ("девятилетняя девочка", "ru", "a girl of nine", "en"),
        ("two thirds of the roofs", "en", "дві третини дахів", "uk"),
        ("бинты семьдесят восьмого года", "ru", "bandages of 1978", "en"),
        ("$2.3m", "en", "2,3 млн долларов", "ru"),
        ("in the XXI century", "en", "у двадцять першому столітті", "uk"),
        ("last night", "en", "этой ночью", "ru"),
    ],
)
def test_numbers_that_are_the_same(left: str, left_language: Language, right: str, right_language: Language) -> None:
    ours, theirs = read(left, left_language), read(right, right_language)
    assert not any(of(ours, theirs).changed for of in (facts.numbers, facts.units, facts.measures))


@pytest.mark.parametrize(
    ("left", "left_language", "right", "right_language"),
    [
        ("a wait of 48 hours", "en", "ожидание в 48 суток", "ru"),
        ("412 square kilometres", "en", "412 га", "uk"),
        ("Colonel Melnyk", "en", "підполковник Мельник", "uk"),
        ("a room on the second floor", "en", "комната на третьем этаже", "ru"),
        ("half of the roofs", "en", "a third of the roofs", "en"),
        ("three nights", "en", "три тижні", "uk"),
        ("сотни людей", "ru", "тисячі людей", "uk"),
        ("one house burned", "en", "two houses burned", "en"),
        ("3:1", "uk", "3:2", "uk"),
        ("children under 16", "en", "children over 16", "en"),
    ],
)
def test_numbers_that_differ(left: str, left_language: Language, right: str, right_language: Language) -> None:
    ours, theirs = read(left, left_language), read(right, right_language)
    assert any(of(ours, theirs).changed for of in (facts.numbers, facts.units, facts.measures))


@pytest.mark.parametrize(
    ("left", "left_language", "right", "right_language", "changed"),
    [
        ("We left Kharkiv for Lviv", "en", "Мы уехали из Харькова во Львов", "ru", False),
        ("the fields of the Kherson region", "en", "херсонські поля", "uk", False),
        ("Hungary agreed with the IMF", "en", "Угорщина домовилася з МВФ", "uk", False),
        ("НАТО і МВФ", "uk", "Альянс НАТО и Международный валютный фонд", "ru", False),
        ("We left Kharkiv for Lviv", "en", "Мы уехали из Харькова в Луцк", "ru", True),
        ("Austria agreed", "en", "Угорщина погодилася", "uk", True),
        ("«Жуляны» открыты", "ru", "«Бориспіль» відкрито", "uk", True),
        ("Газа в доме нет", "ru", "There is no gas in the house", "en", False),
    ],
)
def test_names(left: str, left_language: Language, right: str, right_language: Language, changed: bool) -> None:
    assert bool(facts.names_of(read(left, left_language), read(right, right_language)).sure.changed) is changed


@pytest.mark.parametrize(
    ("left", "left_language", "right", "right_language", "against"),
    [
        ("The court upheld the arrest", "en", "Суд отменил арест", "ru", ["uphold"]),
        ("Дорога открыта", "ru", "Дорога перекрита", "uk", ["open"]),
        ("The road is not open", "en", "Дорога перекрита", "uk", []),
        ("They refused", "en", "Вони не погодилися", "uk", []),
        ("There is nothing to fear", "en", "Бояться нечего", "ru", []),
    ],
)
def test_opposites(
    left: str, left_language: Language, right: str, right_language: Language, against: list[str]
) -> None:
    assert facts.opposites(read(left, left_language), read(right, right_language))[0] == against


def test_every_judge_knows_its_features_and_order_makes_no_difference() -> None:
    for left, right in (((BREAD, "en"), ("Нас не питали", "uk")), ((BREAD, "en"), ("We baked bread", "en"))):
        one, other = read(*left), read(*right)
        assert features.of_text(one, other) == pytest.approx(features.of_text(other, one))
        found = judge("words", left[1] == right[1]).probabilities(features.of_text(one, other))
        assert sum(found.values()) == pytest.approx(1)
    assert "different" not in judge("words", False).labels


def test_the_judges_learned_with_the_embedder_that_the_matcher_belongs_to() -> None:
    kept = json.loads(files("pipeline").joinpath("relations.json").read_text("utf-8"))
    assert kept["embedder"] == matcher().embedder


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(LANGUAGES), st.sampled_from(LANGUAGES))
def test_any_texts_have_a_relation(left: str, right: str, ours: Language, theirs: Language) -> None:
    assert relations.between(left, ours, right, theirs)[0]
    difference(left, ours, right, theirs)


@pytest.mark.parametrize(
    ("left", "right", "language", "diff"),
    [
        ("We lost 41 men.", "We lost 31 men!", "en", (("=", "We lost"), ("-", "41"), ("+", "31"), ("=", "men!"))),
        ("Ми їх не чекали", "Ми їх чекали", "uk", (("=", "Ми їх"), ("-", "не"), ("=", "чекали"))),
        ("сорок одна хата", "41 хата", "uk", (("=", "41 хата"),)),
        ("Да — и ещё раз да", "Да и еще раз да", "ru", (("=", "Да и еще раз да"),)),
    ],
)
def test_difference_word_by_word(left: str, right: str, language: Language, diff: tuple[tuple[str, str], ...]) -> None:
    assert difference(left, language, right, language) == diff


@given(
    st.lists(
        st.sampled_from(["we", "lost", "41", "forty-one", "men", "«here»", "—", "not", "don’t,", "twice"]),
        min_size=1,
        max_size=9,
    ),
    st.lists(
        st.sampled_from(["we", "lost", "41", "forty-one", "men", "«here»", "—", "not", "don’t,", "twice"]),
        min_size=1,
        max_size=9,
    ),
)
def test_a_difference_holds_all_words_of_the_second_text(left: list[str], right: list[str]) -> None:
    diff = difference(" ".join(left), "en", " ".join(right), "en") or ()
    assert " ".join(words for kind, words in diff if kind in "=+") == " ".join(right)


def test_difference_across_languages_is_that_of_the_facts() -> None:
    assert difference("nine days in Lviv", "en", "шесть дней во Львове", "ru") == (("-", "nine"), ("+", "шесть"))
    assert difference("nine days in Lviv", "en", "девять дней во Львове", "ru") is None


def _quote(id_: str, text: str, kind: str = "direct") -> Quote:
    return Quote(
        id=id_, article_id="a", language="en", kind=kind, pieces=((0, len(text)),), text=text, speaker=None,  # type: ignore[arg-type]
        speaker_start=None, speaker_end=None, cue=None, confidence=1.0,
    )  # fmt: skip


def test_members_that_only_report_and_the_fullest_have_no_difference() -> None:
    fullest = _quote("q-1", BREAD)
    assert relations.difference(fullest, fullest) is None
    assert relations.difference(_quote("q-2", "they had baked bread", "indirect"), fullest) is None
    assert relations.of_member(_quote("q-2", "they had baked bread", "indirect"), fullest) == ("indirect", ())
    assert relations.difference(_quote("q-3", "We baked bread"), fullest)


def test_clauses_are_cut_at_punctuation_and_not_too_short() -> None:
    assert clauses("We baked bread for all, and nobody asked a thing: not one.") == [
        "We baked bread for all,",
        "and nobody asked a thing: not one.",
    ]
    assert clauses("") == [""]


class SureOf(StarterExpectation):
    """Expects every word of the target that the source has too."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))

    def words(self, source: str, target: str, language: Language) -> tuple[list[Expected], float]:
        """See the class."""
        spans = [(word.start, word.end) for word in read(target, language).words]
        return [Expected(a, b, -0.1 if target[a:b] in source else -9.0, -8.0) for a, b in spans], -0.1


def test_comparer_asks_the_translator_across_languages_only() -> None:
    comparer = Comparer(FakeEmbedder(), fake_matcher(), SureOf())
    assert comparer.features((BREAD, "en"), (BREAD, "en"))[1] == "vectors"
    found, evidence = comparer.features((BREAD, "en"), ("Мы пекли хлеб", "ru"))
    assert evidence == "expectation"
    assert found["expected"] == pytest.approx(-9)
    compared = comparer.compare(("41 of 94 men", "en"), ("31 из 94 человек", "ru"))
    assert compared.why["numbers apart"] == [["41"], ["31"]]
    assert compared == comparer.compare(("41 of 94 men", "en"), ("31 из 94 человек", "ru"))
    assert 0 <= compared.confidence <= 1
    assert -1 <= compared.similarity <= 1


def test_without_a_translator_the_vectors_must_do() -> None:
    comparer = Comparer(FakeEmbedder(), fake_matcher(), None)
    assert comparer.features((BREAD, "en"), ("Мы пекли хлеб", "ru"))[1] == "vectors"
    with pytest.raises(ValueError, match="no translator"):
        comparer.of_expectation((BREAD, "en"), ("Мы пекли хлеб", "ru"))


def test_pieces_are_joined_to_words() -> None:
    words = _joined("не пришли", [(0, 2), (2, 6), (6, 9)], [-1.0, -2.0, -3.0], [-4.0, -5.0, -6.0])
    assert words == [Expected(0, 2, -1.0, -4.0), Expected(2, 9, -5.0, -11.0)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("We wait … and wait", True),
        ("We wait... and wait", True),
        ("We wait [...] and wait", True),
        ("We … , ... wait", False),
        ("… and wait", False),
        ("We wait …", False),
        ("— … wait", False),
        ("", False),
    ],
)
def test_words_that_are_left_out(text: str, wanted: bool) -> None:
    assert features.of_text(read(text, "en"), read("We wait", "en"))["ellipsis"] == float(wanted)


@pytest.mark.parametrize("unit", ["a", "a ", "1 ", "не ", "...", "… ", "a… "])
def test_endless_texts_are_compared_in_seconds(unit: str) -> None:
    began = time.process_time()
    text = (unit * 10_000)[:10_000]
    features.of_text(read(text, "uk"), read(f"x {text}", "uk"))
    diff = difference(text, "uk", f"{text} x", "uk")
    assert diff is None or diff[-1][1].endswith("x")
    assert time.process_time() - began < 5
