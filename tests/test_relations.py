"""How two wordings of one statement relate."""

import pytest

from pipeline import relations
from pipeline.records import Change, Language, Relation

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
    ],
)
def test_alterations(left: str, right: str, right_language: Language, altered: tuple[Change, ...]) -> None:
    assert relations.between(left, "en", right, right_language)[1] == altered
