"""Who speaks in Russian and Ukrainian sentences: agreement, cases, word order, clauses; and what they report."""

import time

import pytest

from pipeline.quotes import extract
from pipeline.records import Article, Language
from pipeline.speech import narration, slavic

PATIENCE = 10  # seconds, where a part of one is usual; work that doubles with every verb takes for ever


def source(text: str, language: Language) -> str | None:
    """The words that the first attribution of a sentence names as its source."""
    (sentence,) = narration.narrated(text, [], language)
    found = slavic.find(text, sentence, language)[0].source
    return text[found.start : found.end] if found else None


def reported(text: str, language: Language) -> list[str]:
    return [quote.text for quote in extract(Article(id="a", text=text, language=language)) if quote.kind == "indirect"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a pronoun in the nominative, not a thing that looks the same in the accusative
        ("Свой отчёт он попросил считать черновиком.", "он"),
        ("Диспетчер предупредил экипаж о тумане.", "Диспетчер"),
        ("Дежурный предупредил экипаж о тумане.", "Дежурный"),
        # a person, not an outlet in Latin letters
        ("Об этом сообщила Harbour Post по телефону Марта Квилл.", "Марта Квилл"),
        # over a participle, a relative clause, an apposition
        ("Олег Брагин, назначенный начальником отдела снабжения, отрицает вину.", "Олег Брагин"),
        ("Внук, идущий рядом, поправляет её.", "Внук"),
        ("Бакенщик молчал минуту, потом заявил, что уходит.", "Бакенщик"),
        ("Другой пленный, сержант Кормщиков, признал вину.", "Другой пленный, сержант Кормщиков"),
        # the second verb shares the subject
        ("Посол поблагодарил город и выразил надежду на мир.", "Посол"),
        # the verb of a clause inside another: the speaker of the outer one is not its subject
        ("Европейские партнёры, заверила советница, обещали помощь.", "советница"),
        # plural without subject: the institution, not an object nor the time
        ("В порту сообщили об аварии.", "порту"),
        ("Написали оттуда в три часа ночи, что ждут.", None),
        ("В мае сообщили, что порт закрыт.", None),
        # documents: whose they are, else what they are
        ("В письменном заявлении Марины Голуб говорится, что порт закрыт.", "Марины Голуб"),
        ("В описи значится один ящик.", "описи"),
        # surnames that the dictionary takes for something else
        ("Об этом говорит Шкурпела и улыбается.", "Шкурпела"),
        ("Здесь, смеётся Рек, всегда так.", "Рек"),
        ("Утром 19-летний рядовой говорит с матерью.", "19-летний рядовой"),
        ("Двое из бригады сообщили, что уходят.", "Двое"),
        # two who speak together; a place with a name in marks
        ("Врач Анна Белова и медсестра Ольга Рудь сообщили об этом.", "Врач Анна Белова и медсестра Ольга Рудь"),
        ("Об этом сообщили Иван Петров и Пётр Лом.", "Иван Петров и Пётр Лом"),
        # an infinitive under another verb
        ("Смотрительница не стала скрывать, что устала.", "Смотрительница"),
        ("Мэр дал понять, что уходит.", "Мэр"),
    ],
)
def test_russian_sources(text: str, expected: str | None) -> None:
    assert source(text, "ru") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Свій звіт він попросив вважати чернеткою.", "він"),
        ("Про це вів далі він.", "він"),
        ("Берегова охорона просить не підходити.", "Берегова охорона"),
        ("Черговий попередив екіпаж про туман.", "Черговий"),
        ("Сторож твердить, що бачив човен.", "Сторож"),
        ("Пасічниця хвалиться, що встигла.", "Пасічниця"),
        ("Онук, що крокує поруч, поправляє її.", "Онук"),
        ("Лоцман мовчав хвилину, потім заявив, що йде.", "Лоцман"),
        ("У письмовій заяві Марини Голуб ідеться, що порт закрито.", "Марини Голуб"),
        ("У порту повідомили про аварію.", "порту"),
        ("Представник тієї ж комісії в Рені Недялко Бондар повідомив, що готовий.", "Представник тієї ж комісії в Рені Недялко Бондар"),
        ("Сторожиха не стала приховувати, що втомилася.", "Сторожиха"),
    ],
)  # fmt: skip
def test_ukrainian_sources(text: str, expected: str | None) -> None:
    assert source(text, "uk") == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ru", "Марта Квилл спросила, холодно ли там.", ["холодно ли там"]),
        ("ru", "Марта Квилл видела тех, кто ушёл, и говорила тихо.", []),
        ("ru", "Марта Квилл спросила незадолго до того, как ушёл паром.", []),
        ("ru", "Предприятие твердит своё: зарплаты подросли.", ["зарплаты подросли"]),
        (
            "ru",
            "Марта Квилл призвала жителей не включать котлы и поблагодарила соседей.",
            ["жителей не включать котлы"],
        ),
        (
            "ru",
            "Лоцман, который попросил не называть его имени, сообщил, что порт закрыт.",
            ["не называть его имени", "порт закрыт"],
        ),
        ("ru", "По словам врача, который вышел последним, дорога закрыта.", ["дорога закрыта"]),
        ("ru", "Как стало известно, по данным полиции, двое задержаны.", ["двое задержаны"]),
        ("uk", "Марта Квілл запитала, чи холодно там.", ["чи холодно там"]),
        ("uk", "Марта Квілл дала зрозуміти, що порт закрито.", ["порт закрито"]),
    ],
)
def test_reported_clauses(language: Language, text: str, expected: list[str]) -> None:
    assert reported(text, language) == expected


@pytest.mark.parametrize(
    "text", ["пришёл, " * 399, "сказал, " * 399, "Иван, сказал и " * 99, "в доме говорится и " * 99]
)
def test_a_sentence_of_many_verbs_is_read_in_time(text: str) -> None:
    begin = time.perf_counter()
    for sentence in narration.narrated(text + "сказал, что", [], "ru"):
        slavic.find(text + "сказал, что", sentence, "ru")
    assert time.perf_counter() - begin < PATIENCE


def test_a_word_of_prefixes_without_end_is_a_word() -> None:
    for word in ("не" * 5_000, "най" * 5_000, "сверх" * 2_000):
        text = f"«Ми чекаємо {word}», — сказала Віра Загайська."
        assert extract(Article(id="a", language="uk", text=text))[0].speaker == "Віра Загайська"
