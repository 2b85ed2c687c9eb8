"""Whether two spellings can be one person."""

import json
from pathlib import Path

import pytest

from pipeline.cli import naming
from pipeline.errors import InputError
from pipeline.names import NameIndex, best_match, same_person

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
    ("Wolodymyr Selenenko", "Владимира Зеленэнка"),
    ("Mykola Faryna", "Nikolai Farina"),
    ("О. Ладыка", "Oleksandr Ladyka"),
    ("N. Faryna", "Микола Фарина"),
    ("Yu. Ladyka", "Юрій Ладика"),
]
OTHER = [
    ("Korostylin", "Лукошин"),
    ("Nina Rezvykh", "Антон Резвых"),
    ("Zoriana Kulchyk", "Ostap Kalynchak"),
    ("Olha Harbar", "Олег Гарбар"),
    ("Т. Ладыка", "Oleksandr Ladyka"),
]


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


PEOPLE = [
    "Володимир Загайний",
    "Віталій Ключенко",
    "Остап Ключенко",
    "Валерій Залужко",
    "Юлія Тимощук",
    "Євген Ящук",
    "Рустем Умаєв",
]
PLACES = [
    "Київ",
    "Харків",
    "Одеса",
    "Дніпро",
    "Нова Каховка",
    "Мала Данилівка",
    "Кам'янка-Дніпровська",
    "Бахмут",
    "Чернівці",
]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Vladimir Zagainy", "Володимир Загайний"),
        ("WOLODYMYR SAHAJNYJ", "Володимир Загайний"),
        ("владимиром загайным", "Володимир Загайний"),
        ("Загайному", "Володимир Загайний"),
        ("В. Загайный", "Володимир Загайний"),
        ("Загайный Владимир Петрович", "Володимир Загайний"),
        ("Volodymyr Petrovych Zahainyi", "Володимир Загайний"),
        ("Vitali Klioutchenko", "Віталій Ключенко"),
        ("Віталію Ключенку", "Віталій Ключенко"),
        ("Saluschko", "Валерій Залужко"),
        ("Ioulia Tymochtchouk", "Юлія Тимощук"),
        ("Eugene Jaschtschuk", "Євген Ящук"),
        ("Rustem Umaiev", "Рустем Умаєв"),
        ("Kiev", "Київ"),
        ("КИЕВОМ", "Київ"),
        ("Charkow", "Харків"),
        ("Odessa", "Одеса"),
        ("Dnepr", "Дніпро"),
        ("Днепропетровск", "Дніпро"),
        ("Novaya Kakhovka", "Нова Каховка"),
        ("Kamenka-Dneprovskaya", "Кам'янка-Дніпровська"),
        ("Артёмовск", "Бахмут"),
        ("Дні\u0301про", "Дніпро"),
        ("Czernowitz", "Чернівці"),
    ],
)
def test_the_namesake_among_many(name: str, found: str) -> None:
    match, confidence = best_match(name, PEOPLE + PLACES)
    assert match == found
    assert 0.5 <= confidence <= 1


@pytest.mark.parametrize(
    "name",
    [
        "Serhii Zahainyi",  # another first name
        "М. Загайний",
        "Юлия",  # a first name alone is anybody's
        "Ключенко",  # two have this surname
        "Каховка",
        "Danylivka",
        "Kamianka",  # other places
        "Lutsk",
        "Chernihiv",
        "",
        "123",
    ],
)
def test_nobody_of_that_name(name: str) -> None:
    assert best_match(name, PEOPLE + PLACES) == (None, 0.0)


def test_one_person_in_two_spellings_is_no_tie() -> None:
    assert best_match("Zahainyi", ["Vladimir Zagainy", "Володимир Загайний"])[0] == "Vladimir Zagainy"


def test_an_exact_spelling_goes_before_an_alias() -> None:
    index = NameIndex(["Бахмут", "Артемівськ"])
    assert index.best_match("Артемівськ")[0] == "Артемівськ"
    assert index.best_match("Bakhmut")[0] == "Бахмут"


def test_nothing_is_found_among_nothing() -> None:
    assert best_match("Kyiv", []) == (None, 0.0)
    assert best_match("Kyiv", ["", "…"]) == (None, 0.0)


def test_the_command_answers_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "match").write_bytes(b"Kharkov\r\n\r\nNobody\r\n")
    (tmp_path / "among").write_bytes("Київ\nХарків\n".encode("utf-16"))
    naming.names(tmp_path / "match", tmp_path / "among")
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(answer["name"], answer["match"]) for answer in answers] == [
        ("Kharkov", "Харків"),
        ("", None),
        ("Nobody", None),
    ]
    assert all(set(answer) == {"name", "match", "confidence"} for answer in answers)


@pytest.mark.parametrize("data", [None, b"\x00\x01\x02\xff" * 20])
def test_a_file_of_no_names_is_refused(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "bad").write_bytes(data)
    (tmp_path / "good").write_text("Київ\n", "utf-8")
    with pytest.raises(InputError, match="bad"):
        naming.names(tmp_path / "bad", tmp_path / "good")


def test_of_an_endless_name_the_beginning_is_read() -> None:
    assert best_match("Vira Zahaiska " * 5_000, ["Ivan Petrov", "Anna " * 5_000])[0] is None
    assert best_match("x" * 100_000, ["x" * 99_000])[0] is not None
