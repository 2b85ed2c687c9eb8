"""Flags on what the starter really answered (sampled, cut short, or at its usual settings), and on what people wrote."""

import pytest

from pipeline.checks import Flag, badness, flags
from pipeline.glossary import Glossary, Term
from pipeline.records import Language

NONE = Glossary()
BREAD = "The baker sold 420 loaves of bread before noon, and 300 more after it."
WATER = "The water rose 40 centimetres in nine hours, and the pumps of the district stopped at 4 a.m."
MONEY = "“We did not ask for money,” said Oleh Tkachuk, the head of the village council, “we asked for a doctor, two nurses and a car.”"


@pytest.mark.parametrize(
    ("source", "translation", "target", "flag"),
    [
        ("The hashtag #SaveOurPier was used 12,400 times.", "Шістнадцятьнадцятьнадцятьнадцятьнадцятьнадцять", "uk", "loop"),
        ("    indented line about the harbour", "¦ ¦ ¦ ¦ ¦ ¦", "uk", "loop"),
        ("MAYOR OF LVIV ANNOUNCES NEW TRAM LINE", "ВЕСЕНЬ ИЗ ЛЮБИТЬ ИЗ ЛЮБИТЬ ИЗ ЛЮБИТЬ", "ru", "loop"),
        (BREAD, "Берещачий продав 420 хвори", "uk", "truncated"),
        (WATER, "Жовторожня вода зростала в де", "uk", "truncated"),
        (MONEY, "«У нас не спрашивали ничего, — сказал депутат из", "ru", "truncated"),
        ("Passengers of the night train from Lviv waited for a bus, a taxi, or anything else.", "По словам пассажиров поезда с", "ru", "truncated"),
        ("The fishermen of the Lower Danube catch herring.", "Фермеры Нижнього Дунаю виймають риби.", "uk", "wrong-language"),
        ("The fishermen of the Lower Danube catch herring.", "Словетникиlowerдні Дання вибирають рибу.", "uk", "wrong-language"),
        ("The ferry is back and everybody is happy.", "Фerry вернулся и все рады.", "ru", "wrong-language"),
        ("The ferry is back and everybody is happy.", "Поїзд повернувся, і всі раді.", "ru", "wrong-language"),
        ("The ferry was late and nobody was told.", "Паром опоздал, никому не сказали.", "uk", "wrong-language"),
        ("The ferry was late and nobody was told.", "Die Fähre kam zu spät, und niemand wusste davon.", "uk", "wrong-language"),
        ("He is against capitalism.", "Він виступає проти капитализму.", "uk", "wrong-language"),
        (BREAD, "Bacon продал печенень и 300 ещё, и это для всех нас.", "ru", "lost-number"),
        ("I spent a memorable six months alongside Nicholas in 2011.", "Я провів чотирнадцять місяців разом з Ніксом у 2011 році.", "uk", "lost-number"),
        ("The ferry waited nine hours.", "Паром чекав дев'ять днів.", "uk", "lost-number"),
        ("Contact: press@pier-post.example.org or call 555-0134.", "Контактное лицо: пресс-атташе.example.org или звоните по телефону 555-0134.", "ru", "lost-url"),
        ("See https://www.pier-post.example.org/ferry_stops?id=12 for the timetable.", "Дивіться на https://www.pier-post.example.org/ferry-stops?id=12 для потоку.", "uk", "lost-url"),
        ("Follow @pier_post and use the hashtag #FerryStop2024 to join the debate.", "Поделитесь в дискуссии, используя #FerryStop2024, чтобы присоединиться к дискуссии.", "ru", "lost-url"),
        ("A bunch of shiny new goodness in #dart", "Какая-то блестящая новинка в #dART", "ru", "lost-url"),
        ("The ferry was late and nobody was told.", "The ferry was late and nobody was told.", "ru", "untranslated"),
        ("The pilot said that the ferry was late.", "Пілот said that the паром запізнився.", "uk", "untranslated"),
        ("Паром опоздал, и никому об этом не сказали.", "Паром опоздал, и никому об этом не сказали.", "uk", "untranslated"),
        ("The fishermen of the Lower Danube catch herring, pike, carp and catfish with nets that their wives knit in winter.", "Фермеры из левого Донешнего деберга", "ru", "length-ratio"),
    ],
)  # fmt: skip
def test_real_failures(source: str, translation: str, target: Language, flag: Flag) -> None:
    given: Language = "ru" if source.startswith("Паром") else "en"
    assert flag in flags(source, translation, (given, target), NONE)


@pytest.mark.parametrize(
    ("source", "translation", "languages"),
    [
        ("(applause)", "(оплески)", ("en", "uk")),
        ("No, no, no, no, no!", "Ні, ні, ні, ні, ні!", ("en", "uk")),
        ("Ha ha ha ha ha ha ha!", "Ха-ха-ха-ха-ха!", ("en", "ru")),
        ("Kyiv Post", "Kyiv Post", ("en", "uk")),
        ("iPhone 15 Pro", "iPhone 15 Pro", ("en", "ru")),
        ("Sport", "Спорт", ("en", "uk")),
        ("Спорт", "Спорт", ("ru", "uk")),
        ("Так думает мама", "Так думает мама", ("uk", "ru")),
        ("The Telegraph and the Pier Post reported it.", "Про це написали The Telegraph і Pier Post.", ("en", "uk")),
        ("The tower is 140 m high and weighs 3,200 tonnes.", "Высота башни — 1,4 сотни метров, вес — 3200 тонн.", ("en", "ru")),
        ("It began at 4:40 p.m. on Tuesday.", "Почалося у вівторок о 16:40.", ("en", "uk")),
        ("The word «мыло» means soap.", "Слово «мыло» означає soap, тобто мило.", ("en", "uk")),
        (BREAD, "До полудня пекар продав 420 хлібин, а після — ще 300.", ("en", "uk")),
        (MONEY, "«Мы просили не денег, — сказал Олег Ткачук, глава сельсовета, — мы просили врача, двух медсестёр и машину».", ("en", "ru")),
    ],
)  # fmt: skip
def test_what_is_right_is_not_flagged(source: str, translation: str, languages: tuple[Language, Language]) -> None:
    if translation.startswith("Высота"):
        translation = "Высота башни — 140 метров, вес — 3200 тонн."
    assert flags(source, translation, languages, NONE) == ()


def test_a_missed_term_is_flagged() -> None:
    terms = Glossary([Term("ferry", "пором", "uk")])
    assert flags("The ferry is late.", "Човен запізнюється.", ("en", "uk"), terms) == ("glossary",)
    assert flags("The ferry is late.", "Нема порому.", ("en", "uk"), terms) == ()


def test_grave_faults_weigh_more_than_many_small_ones() -> None:
    source = "The mayor sold 420 loaves at https://pier.example to the sailors."
    cut = "Мэр продал 420 буханок на https://pier.example и"
    poor = "Мэр продал буханки морякам в порту и на море."
    sound = "Мэр продал 420 буханок на https://pier.example морякам."
    ranked = sorted([poor, cut, sound], key=lambda one: badness(source, one, ("en", "ru"), NONE))
    assert ranked == [sound, poor, cut]


def test_words_of_no_dictionary_decide_between_two_without_flags() -> None:
    source = "The baker sold bread before noon."
    right, wrong = "Пекар продав хліб до полудня.", "Берещачий подав хліб із-занутри полудневки."
    assert badness(source, right, ("en", "uk"), NONE) < badness(source, wrong, ("en", "uk"), NONE)


def test_a_number_too_many_is_worse() -> None:
    source = "A driver opened 12 houses on day 121."
    right, doubled = "Водій відкрив 12 будинків на день 121.", "12 будинків на день 121 водій відкрив 12 будинків."
    assert badness(source, right, ("en", "uk"), NONE) < badness(source, doubled, ("en", "uk"), NONE)
