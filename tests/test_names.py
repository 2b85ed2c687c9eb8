"""Whether two spellings can be one person."""

import pytest

from pipeline.names import same_person

SAME = [
    ("Vira Zahaiska", "Вера Загайская"),
    ("Віра Загайська", "Загайской"),
    ("Oleksii Korostylin", "Aleksei Korostylin"),
    ("Alexey Korostylin", "Олексій Коростилін"),
    ("Hanna Ladyka", "Анна Ладыка"),
    ("Fedir Harbar", "Fyodor Garbar"),
    ("Bohdan Yurkiv", "Богдан Юрків"),
    ("Ilya Kormshchikov", "Илья Кормщиков"),
    ("Yevhen Prytula", "Евгений Притула"),
    ("Holub", "Марина Голуб"),
]
OTHER = [("Korostylin", "Лукошин"), ("Nina Rezvykh", "Антон Резвых"), ("Zoriana Kulchyk", "Ostap Kalynchak")]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_one_person(left: str, right: str) -> None:
    assert same_person(left, right) is True
    assert same_person(right, left) is True


@pytest.mark.parametrize(("left", "right"), OTHER)
def test_two_persons(left: str, right: str) -> None:
    assert same_person(left, right) is False


@pytest.mark.parametrize(
    ("left", "right"), [(None, "Вера"), ("the governor", "Orest Lanovyi"), ("", "Вера"), ("Вера", "губернатор")]
)
def test_a_role_may_be_anybody(left: str | None, right: str) -> None:
    assert same_person(left, right) is None
