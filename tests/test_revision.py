"""What is done when a translation has a fault: again with other settings, without stand-ins, around what must stay."""

from collections.abc import Callable, Sequence

import pytest

from pipeline.glossary import Glossary, Term
from pipeline.records import Language
from pipeline.revision import translate

NONE = Glossary()


class Scripted:
    """Answers from a list; what is not in it comes back unchanged. Remembers what it was asked."""

    signature = "scripted-1"

    def __init__(self, answers: dict[str, str], candidates: dict[str, list[str]] | None = None) -> None:
        self.answers, self.others = answers, candidates or {}
        self.asked: list[str] = []
        self.asked_again: list[str] = []

    def supports(self, source: Language, target: Language) -> bool:
        return True

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        self.asked += sentences
        return [self.answers.get(one, one) for one in sentences]

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        self.asked_again += sentences
        return [self.others.get(one, []) for one in sentences]


def made(engine: Scripted, text: str, glossary: Glossary = NONE, target: Language = "uk") -> str:
    return translate([text], engine, "en", target, glossary)[0]


def test_a_sound_translation_is_taken_at_once() -> None:
    engine = Scripted({"The ferry is late.": "Пором запізнюється."})
    assert made(engine, "The ferry is late.") == "Пором запізнюється."
    assert (engine.asked, engine.asked_again) == (["The ferry is late."], [])


@pytest.mark.parametrize(
    "bad",
    [
        "Пором пором пором пором пором.",
        "The ferry is late.",
        "Паром опаздывает, сказал мэр.",
        "Пaром запізнюється.",
        "",
    ],
)
def test_what_is_flagged_is_done_again_and_the_better_one_kept(bad: str) -> None:
    engine = Scripted(
        {"The ferry is late.": bad}, {"The ferry is late.": ["Пором запізнюється і", "Пором запізнюється."]}
    )
    assert made(engine, "The ferry is late.") == "Пором запізнюється."
    assert engine.asked_again == ["The ferry is late."]


def test_another_candidate_is_kept_only_if_it_is_better() -> None:
    source = "It sold 420 loaves before noon."
    engine = Scripted({source: "До полудня він продав хлібини."}, {source: ["Loaves loaves loaves loaves loaves"]})
    assert made(engine, source) == "До полудня він продав хлібини."


def test_of_several_candidates_the_one_whose_words_are_known() -> None:
    source = "The baker closed the shop."
    engine = Scripted(
        {source: "The baker closed the shop."},
        {source: ["Зачинив крамницю берещачий.", "Пекар зачинив крамницю."]},
    )
    assert made(engine, source) == "Пекар зачинив крамницю."


def test_addresses_never_reach_the_engine() -> None:
    engine = Scripted({"Write to X1 or see X2.": "Пишіть на X1 або дивіться X2."})
    text = "Write to a_b@pier.example or see https://pier.example/x_y."
    assert made(engine, text) == "Пишіть на a_b@pier.example або дивіться https://pier.example/x_y."
    assert engine.asked == ["Write to X1 or see X2."]


def test_an_engine_that_drops_stand_ins_translates_around_addresses() -> None:
    engine = Scripted(
        {
            "Write to X1 before noon.": "Пишіть до полудня.",
            "Write to": "Пишіть на",
            "before noon.": "до полудня.",
            "Write to a@pier.example before noon.": "Пишіть на пірс.example до полудня.",
        }
    )
    assert made(engine, "Write to a@pier.example before noon.") == "Пишіть на a@pier.example до полудня."


def test_the_wanted_words_of_a_glossary_are_put_into_the_source() -> None:
    glossary = Glossary([Term("Verkhovna Rada", "Верховна Рада", "uk"), Term("Pier Post", "", None)])
    engine = Scripted({"X1 wrote to the Верховна Рада.": "X1 написала до Верховної Ради."})
    assert made(engine, "Pier Post wrote to the Verkhovna Rada.", glossary) == "Pier Post написала до Верховної Ради."
    assert engine.asked_again == []


def test_a_missed_term_is_sought_among_candidates_and_in_the_plain_text() -> None:
    glossary = Glossary([Term("ferry", "пором", "uk")])
    mixed, plain = "The пором is late.", "The ferry is late."
    found = Scripted({mixed: "Судно запізнюється."}, {mixed: ["Човен запізнюється.", "Пором запізнюється."]})
    assert made(found, plain, glossary) == "Пором запізнюється."
    by_itself = Scripted({mixed: "Судно запізнюється.", plain: "Пором запізнюється."})
    assert made(by_itself, plain, glossary) == "Пором запізнюється."
    nowhere = Scripted({mixed: "Судно запізнюється.", plain: "Човен запізнюється."})
    assert made(nowhere, plain, glossary) == "Судно запізнюється."


def test_headlines_in_capitals_are_translated_as_a_sentence() -> None:
    engine = Scripted({"Nato chief visits kyiv before winter": "Глава НАТО відвідав Київ перед зимою"})
    assert made(engine, "NATO CHIEF VISITS KYIV BEFORE WINTER") == "ГЛАВА НАТО ВІДВІДАВ КИЇВ ПЕРЕД ЗИМОЮ"


def test_a_number_in_words_is_tried_in_digits() -> None:
    engine = Scripted(
        {
            "Fifty-eight of our people are home.": "Сімдесят шістнадцять наших людей удома.",
            "58 of our people are home.": "58 наших людей удома.",
        }
    )
    assert made(engine, "Fifty-eight of our people are home.") == "58 наших людей удома."
    vague = Scripted({"Thousands are home.": "Сотні вже вдома.", "1000 are home.": "1000 вже вдома."})
    assert made(vague, "Thousands are home.") == "Сотні вже вдома."


def test_terms_in_headlines_and_in_addresses() -> None:
    glossary = Glossary([Term("Rada", "Рада", "uk"), Term("ferry", "пором", "uk")])
    engine = Scripted({"Рада votes in winter": "Рада голосує взимку"})
    assert made(engine, "RADA VOTES IN WINTER", glossary) == "РАДА ГОЛОСУЄ ВЗИМКУ"
    kept = Scripted({"See X1": "Дивіться X1"})
    assert made(kept, "See https://pier.example/ferry/rada", glossary) == "Дивіться https://pier.example/ferry/rada"


def test_a_translation_is_one_line() -> None:
    engine = Scripted({"The ferry is late.": "Пором\n запізнюється."})
    assert made(engine, "The ferry is late.") == "Пором запізнюється."


@pytest.mark.parametrize("count", [0, 1, 5])
def test_order_and_number_are_kept(count: int) -> None:
    texts = [f"Line {n} with https://pier.example/{n}" for n in range(count)]
    answer: Callable[[str], str] = lambda text: text.replace("Line", "Рядок").replace("with", "з")  # noqa: E731
    engine = Scripted({})
    engine.translate = lambda sentences, source, target: [answer(one) for one in sentences]  # type: ignore[method-assign]
    assert translate(texts, engine, "en", "uk", NONE) == [answer(one) for one in texts]
