import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Language
from pipeline.typography import as_part, is_cut_off, typeset


@pytest.mark.parametrize(
    ("translation", "expected"),
    [
        ('"Мы ждали," сказал он.', "«Мы ждали», сказал он."),
        ("“Мы ждали”, — сказал он.", "«Мы ждали», — сказал он."),
        ("'Привет', — сказал он.", "«Привет», — сказал он."),
        ('Газета «Вечер» и "Утро".', "Газета «Вечер» и «Утро»."),
        ('«Он спросил: "Где?" — и ушёл».', "«Он спросил: „Где?“ — и ушёл»."),
        ("«Он спросил: «Где?» — и ушёл».", "«Он спросил: „Где?“ — и ушёл»."),
        ("«Он ответил: 'нет'.»", "«Он ответил: „нет“»."),
        ("«Мы ждали».", "«Мы ждали»."),
        ("«Мы ждали.»", "«Мы ждали»."),
        ("«Мы ждали…»", "«Мы ждали…»"),
        ("«Мы ждали?»", "«Мы ждали?»"),
        ("«Мы ждали, — сказала она. — Никто не пришёл».", "«Мы ждали, — сказала она. — Никто не пришёл»."),
    ],
)
def test_marks_become_those_of_the_target(translation: str, expected: str) -> None:
    assert typeset(translation, "ru", source="“We waited,” he said.") == expected


@pytest.mark.parametrize(
    ("translation", "expected"),
    [
        ("«Ми залишили телефони, — сказав він.", "«Ми залишили телефони», — сказав він."),
        ("«Ідіть! — сказав він.", "«Ідіть!» — сказав він."),
        ("«Ми чекали, — сказала вона. — Ніхто не прийшов.", "«Ми чекали, — сказала вона. — Ніхто не прийшов»."),
        ("«Я прошу не забувати.", "«Я прошу не забувати»."),
        ("«Він відповів: «Ви сидите в ньому».", "«Він відповів: „Ви сидите в ньому“»."),
        (
            "«Де міст, — спитав він у газети «Ранок», яка вийшла.",
            "«Де міст», — спитав він у газети «Ранок», яка вийшла.",
        ),
        ("«Ми чекали,», — сказав він.", "«Ми чекали», — сказав він."),
        ("Ми чекали», — сказав він.", "«Ми чекали», — сказав він."),
    ],
)
def test_an_opened_mark_is_closed_and_a_closing_one_opened(translation: str, expected: str) -> None:
    assert typeset(translation, "uk", source="“We waited,” he said.") == expected


def test_a_closing_mark_that_the_source_does_not_open_is_dropped() -> None:
    assert typeset("Він пішов».", "uk", source="He left.”") == "Він пішов."


@pytest.mark.parametrize(
    ("translation", "expected"),
    [
        ("«Мост закрыт», - сказал он.", "«Мост закрыт», — сказал он."),
        ("Их 10 - 20 человек.", "Их 10 – 20 человек."),
        ("Северо-восток - это там.", "Северо-восток — это там."),
    ],
)
def test_hyphens_between_spaces_become_dashes(translation: str, expected: str) -> None:
    assert typeset(translation, "ru", source="“") == expected


@pytest.mark.parametrize("text", ["м'ята і п’ять", "soldiers’ rifles", "’90s", "Без лапок.", ""])
def test_apostrophes_are_no_marks(text: str) -> None:
    assert typeset(text, "uk", source=text) == text


def test_english_keeps_its_stops_inside() -> None:
    assert typeset('"We waited," he said.', "en", source="«") == "“We waited,” he said."
    assert typeset("«Он сказал: «Нет».»", "en", source="«") == "“Он сказал: ‘Нет’.”"


@given(st.text("аб ,.—!«»“”„\"'’", max_size=40), st.sampled_from(["ru", "uk", "en"]))
def test_marks_are_balanced_and_words_untouched(text: str, language: Language) -> None:
    made = typeset(text, language, source="“a")
    assert [letter for letter in made if letter.isalpha()] == [letter for letter in text if letter.isalpha()]
    opening, closing = ("“", "”") if language == "en" else ("«", "»")
    depth = 0
    for letter in made:
        depth += (letter == opening) - (letter == closing)
        assert 0 <= depth <= 1
    assert depth == 0


@pytest.mark.parametrize(
    ("translation", "source", "expected"),
    [
        ("порт закрыт", "The harbour is closed.", "Порт закрыт."),
        ("порт закрыт", "Is the harbour closed?", "Порт закрыт?"),
        ("Порт закрыт.", "Harbour closed", "Порт закрыт"),
        ("Порт закрыт и т. д.", "Harbour closed etc", "Порт закрыт и т. д."),
        ("Порт закрыт и", "The harbour is closed.", "Порт закрыт и"),
        ("«Порт закрыт»", "“The harbour is closed.”", "«Порт закрыт»."),
        ("iPhone подорожал.", "The iPhone is dearer.", "iPhone подорожал."),
        ("pier.example закрыт.", "The site is closed.", "pier.example закрыт."),
        ("порт", "harbour", "порт"),
        ("@pier поблагодарил всех.", "Thanks go to all from @pier.", "@pier поблагодарил всех."),
        ("12 портов", "12 harbours.", "12 портов."),
        ("", "Harbour.", ""),
    ],
)
def test_a_sentence_begins_and_ends_as_its_source(translation: str, source: str, expected: str) -> None:
    assert typeset(translation, "ru", source=source) == expected


@pytest.mark.parametrize(
    ("translation", "source", "expected"),
    [
        ("Потому что все больны.", "because all are ill", "потому что все больны"),
        ("«Потому что все больны», — сказала она.", "because all are ill,” she said.", "потому что все больны», — сказала она."),
        ("«Мы ждали».", "“We waited", "«Мы ждали"),
        ("ООН против.", "but the UN is against it", "ООН против"),
        ("Анна против.", "but Anna is against it", "Анна против"),
        ("Порт закрыт!", "The harbour is closed!", "Порт закрыт!"),
        ("Порт закрыт:", "the harbour is closed:", "порт закрыт:"),
    ],
)  # fmt: skip
def test_a_part_of_a_sentence_is_no_sentence(translation: str, source: str, expected: str) -> None:
    assert as_part(translation, "ru", source=source) == expected


@pytest.mark.parametrize(
    ("text", "language", "cut_off"),
    [
        ("Мы ждали три дня, и", "ru", True),
        ("Мы ждали три дня,", "ru", True),
        ("Он сказал: «", "ru", True),
        ("Рибалки пішли в", "uk", True),
        ("Рибалки пішли через", "uk", True),
        ("Рыбаки ушли в море", "ru", False),
        ("Рыбаки ушли — «в море»", "ru", False),
        ("The men went to", "en", False),
    ],
)
def test_where_no_sentence_can_end(text: str, language: Language, cut_off: bool) -> None:
    assert is_cut_off(text, language) == cut_off
