import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.lang import entries
from pipeline.quotes import extract
from pipeline.records import LANGUAGES, NOT_ATTRIBUTED, NOT_NAMED, Article, Language
from pipeline.speech.baseforms import base_form
from pipeline.speech.mentions import key
from pipeline.speech.morphology import forms


def speakers(text: str, language: Language) -> list[str | None]:
    return [
        quote.speaker for quote in extract(Article(id="a1", text=text, language=language)) if quote.kind == "direct"
    ]


@pytest.mark.parametrize(
    ("words", "language", "base"),
    [
        ("Ивана Петренко", "ru", "Иван Петренко"),
        ("Петра Заварзина", "ru", "Пётр Заварзин"),
        ("Анны Заварзиной", "ru", "Анна Заварзина"),
        ("Марины Голуб", "ru", "Марина Голуб"),
        ("Анны Фоменко", "ru", "Анна Фоменко"),
        ("Сергеем Коробейниковым", "ru", "Сергей Коробейников"),
        ("Олександра Фоменка", "uk", "Олександр Фоменко"),
        ("Марини Голуб", "uk", "Марина Голуб"),
        ("Олени Кравчук", "uk", "Олена Кравчук"),
        ("Івана Кравця", "uk", "Іван Кравець"),
    ],
)
def test_declined_names_come_back_in_the_nominative(words: str, language: Language, base: str) -> None:
    assert " ".join(base_form(tuple(words.split()), language, None, oblique=True)) == base


@pytest.mark.parametrize(
    ("name", "language"),
    [("Марина Голуб", "ru"), ("Анна Фоменко", "ru"), ("Марина Голуб", "uk"), ("Олександр Фоменко", "uk")],
)
def test_a_name_in_the_nominative_stays(name: str, language: Language) -> None:
    assert " ".join(base_form(tuple(name.split()), language, None, oblique=False)) == name


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Фоменко", "Фоменка", "uk"),
        ("Заварзин", "Заварзиным", "ru"),
        ("Quill", "Quill’s", "en"),
        ("Семён", "Семен", "ru"),
    ],
)
def test_declined_forms_share_a_key(one: str, other: str, language: Language) -> None:
    assert key(one, language) == key(other, language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Lila Brandt spoke first. “It is closed,” she said. “It is cold,” Owen Tarrant said. “It is late,” he added.", "en",
         ["Lila Brandt", "Owen Tarrant", "Owen Tarrant"]),
        ("Sgt. Owen Tarrant waited. “It is cold,” the sergeant said.", "en", ["Owen Tarrant"]),
        ("“It is cold,” they said.", "en", [None]),
        ("“It is cold,” said Mr Tarrant. Owen Tarrant had come on foot.", "en", ["Owen Tarrant"]),
        ("“It is cold,” said the Ministry of Roads.", "en", ["Ministry of Roads"]),
        ("Лилия Брагина и Пётр Заварзин ждали. «Холодно», — сказал он.", "ru", ["Пётр Заварзин"]),
        ("Сержант Пётр Заварзин ждал. «Холодно», — сказал сержант.", "ru", ["Пётр Заварзин"]),
        ("«Холодно», — сказал Илья Фоменко. Фоменко пришёл пешком. «И поздно», — добавил он.", "ru", ["Илья Фоменко"] * 2),
        ("Лілія Брагіна й Петро Рудавець чекали. «Холодно», — сказав він.", "uk", ["Петро Рудавець"]),
        ("Лікарка Олена Кравчук чекала. «Холодно», — сказала лікарка.", "uk", ["Олена Кравчук"]),
    ],
)  # fmt: skip
def test_speakers_in_their_article(text: str, language: Language, expected: list[str | None]) -> None:
    assert speakers(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        # a name in apposition to the role
        ("“It is cold,” said the second driver, Owen Tarrant.", "en", ["Owen Tarrant"]),
        ("Lila Brandt waited. Her deputy, Owen Tarrant, said: “It is cold.”", "en", ["Owen Tarrant"]),
        ("Lila Brandt, adviser to the head of the port, said: “It is cold.”", "en", ["Lila Brandt"]),
        ("Лилия Брагина ждала. Второй водитель, Бенгт Хольмстрём, сказал: «Холодно».", "ru", ["Бенгт Хольмстрём"]),
        ("«Холодно», — сказал её сосед по дому, Пётр Заварзин.", "ru", ["Пётр Заварзин"]),
        # the name that somebody gave
        ("“It is cold,” said a woman who gave her name only as Lila.", "en", ["Lila"]),
        ("Пётр Заварзин ждал. «Холодно», — сказала женщина, назвавшаяся Лилией.", "ru", ["Лилия"]),
        ("«Холодно», — сказала жінка, яка назвалася Оленою.", "uk", ["Олена"]),
        # who speaks for an institution
        ("“It is cold,” said the port, in the person of Owen Tarrant.", "en", ["Owen Tarrant"]),
        ("Ведомство в лице майора Петра Заварзина заявило: «Холодно».", "ru", ["Пётр Заварзин"]),
        ("Лісгосп відповів словами Олени Кравчук: «Холодно».", "uk", ["Олена Кравчук"]),
        # a surname that is also a common noun, at the head of a sentence
        ("«Поздно», — сказал Илья Халупа. Врач Пётр Заварзин ушёл. Халупа продал трактор. «Холодно», — добавил он.", "ru",
         ["Илья Халупа"] * 2),
        # antecedents in other cases than the nominative
        ("Рядовому Юрієві Дзюбі дозволили зателефонувати. «Холодно», — сказав він.", "uk", ["Юрій Дзюба"]),
        ("Отряд Ярослава Тищенко ждал. «Холодно», — заметил он.", "ru", ["Ярослав Тищенко"]),
        # nobody is named: the noun for a person
        ("Она спросила машиниста о погоде. «Холодно», — ответил тот.", "ru", ["машинист"]),
        ("«Холодно», — возразил ему таксист из Сум.", "ru", ["таксист из Сум"]),
        ("Собеседник в водоканале, просивший о тайне, сказал: «Холодно».", "ru", ["собеседник в водоканале"]),
        # a role that nobody was given: the one person it can be, and nobody when the article tells more of its bearer
        ("До войны Пётр Заварзин сеял рожь. «Холодно», — говорит 52-летний фермер.", "ru", ["Пётр Заварзин"]),
        ("Керівниця диспетчерської служби Олена Кравчук прийшла. Петро Рудавець теж. «Холодно», — сказала диспетчерка.",
         "uk", ["Олена Кравчук"]),
        ("Министр Лилия Брагина ушла. «Холодно», — сказала почтальонша, развозящая письма.", "ru", ["почтальонша"]),
        # an institution is no "he"
        ("Owen Tarrant slept. The Port Assembly said little. “It is cold,” he added.", "en", ["Owen Tarrant"]),
        ("Kirill Svirenko waited in Ostrava. “It is cold,” he said.", "en", ["Kirill Svirenko"]),
    ],
)  # fmt: skip
def test_roles_pronouns_and_names_beside(text: str, language: Language, expected: list[str | None]) -> None:
    assert speakers(text, language) == expected


def test_characters_without_a_unicode_name_do_not_raise() -> None:
    assert forms("\U00017000", "ru")


PRONOUNS = {"he", "she", "it", "they", "он", "она", "они", "він", "вона", "вони"}
SENTENCES: dict[Language, list[str]] = {
    "en": ["“It is cold,” he said.", "Owen Tarrant waited.", "According to them, it is cold.", "The mayor slept.", "She left."],
    "ru": ["«Холодно», — сказала она.", "Она ушла.", "Пётр Заварзин ждал.", "По её словам, холодно.", "Мэр спал."],
    "uk": ["«Холодно», — додав він.", "Вона пішла.", "Петро Рудавець чекав.", "За їхніми словами, холодно.", "Мер спав."],
}  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from(LANGUAGES))
def test_a_speaker_is_never_a_bare_pronoun(data: st.DataObject, language: Language) -> None:
    sentences = data.draw(st.lists(st.sampled_from(SENTENCES[language]), max_size=8))
    article = Article(id="a1", text=" ".join(sentences), language=language)
    assert not PRONOUNS & {(quote.speaker or "").lower() for quote in extract(article)}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        # people who go by a marked name
        ("The medic “Molar” had not slept. “It is cold,” she said.", "en", ["medic “Molar”"]),
        ("Owen Tarrant, known on the river as “the Ox”, waited. “It is cold,” said “the Ox”.", "en", ["Owen Tarrant"]),
        ("Ждал командир «Нотариус». «Холодно», — сказал он.", "ru", ["командир «Нотариус»"]),
        ("Чекав командир «Берега» Петро Рудавець. «Холодно», — сказав він.", "uk", ["Петро Рудавець"]),
        # whose relative it is
        ("Lila Brandt waited. “It is cold,” her husband said.", "en", ["Lila Brandt’s husband"]),
        ("Пётр Заварзин ждал у ворот. «Холодно», — вздохнула мать.", "ru", ["мать Петра Заварзина"]),
        # a wider word for what the article says somebody is
        ("The deputy governor, Owen Tarrant, came late. Lila Brandt, a baker, had waited. “It is cold,” the official said.",
         "en", ["Owen Tarrant"]),
    ],
)  # fmt: skip
def test_call_signs_relatives_and_wider_words(text: str, language: Language, expected: list[str]) -> None:
    assert speakers(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Глава МЧС сказал: «Холодно».", "ru", ["глава МЧС"]),
        ("Представитель ДРТ сказал: «Холодно».", "ru", ["представитель ДРТ"]),  # no dictionary has it
        ("Пресс-секретарь Минобороны сказала: «Холодно».", "ru", ["пресс-секретарь Минобороны"]),
        ("Директор Энергоатома сказал: «Холодно».", "ru", ["директор Энергоатома"]),
        ("Депутат Рады сказал: «Холодно».", "ru", ["депутат Рады"]),
        ("«Холодно», — по словам главы МЧС.", "ru", ["глава МЧС"]),
        ("Речник Укренерго сказав: «Холодно».", "uk", ["речник Укренерго"]),
        ("Директор Водоканалу сказав: «Холодно».", "uk", ["директор Водоканалу"]),
        ("Очільник ДСНС сказав: «Холодно».", "uk", ["очільник ДСНС"]),
        # whose lawyer: a man's surname in the genitive looks like a woman's, and the verb tells
        ("Адвокат Ковалёва сказал: «Холодно».", "ru", ["адвокат Ковалёва"]),
        ("Адвокат Ковалёва сказала: «Холодно».", "ru", ["Ковалёва"]),
        ("Адвокат Ивана Ковалёва говорит: «Холодно».", "ru", ["адвокат Ивана Ковалёва"]),
        # a name behind the institution, in capitals, or like a common noun
        ("Глава Минфина Сергей Дронов сказал: «Холодно».", "ru", ["Сергей Дронов"]),
        ("Глава Минобороны Дронов сказал: «Холодно».", "ru", ["Дронов"]),
        ("Спикер Кремля Дронов сказал: «Холодно».", "ru", ["Дронов"]),
        ("Минобороны Латвии сообщило: «Холодно».", "ru", ["Минобороны Латвии"]),
        ("Капитан ТИЩЕНКО сказал: «Холодно».", "ru", ["ТИЩЕНКО"]),
        ("Майор Гром сказал: «Холодно».", "ru", ["Гром"]),
        ("Речник Міноборони Іван Рудь сказав: «Холодно».", "uk", ["Іван Рудь"]),
        ("У міністерстві спростували повідомлення, назвавши його «холодною, пізньою вигадкою».", "uk", ["міністерство"]),
        # two, and somebody else
        ("Пётр Заварзин ждал. Двое пленных, оба танкисты, сказали: «Холодно».", "ru", ["Двое пленных"]),
        ("Петро Рудавець чекав. Обидва танкісти сказали: «Холодно».", "uk", ["обидва танкісти"]),
        ("Officer Owen Tarrant waited. “It is cold,” another officer said.", "en", ["officer"]),
        ("Owen Tarrant waited. “It is cold,” one of them, a farmer, said.", "en", ["one of them, a farmer"]),
        ("«Холодно», — сказал один из них.", "ru", ["один из них"]),
        ("Місцеві ЗМІ з посиланням на мера повідомили: «Холодно».", "uk", ["місцеві ЗМІ"]),
        ("Owen Tarrant waited. “Is it cold?” a reporter asked.", "en", ["reporter"]),
        ("Пётр Заварзин ждал. «Холодно?» — спросил журналист.", "ru", ["журналист"]),
        ("Журналист Пётр Заварзин ждал. «Холодно?» — спросил журналист.", "ru", ["Пётр Заварзин"]),
        ("Пётр Заварзин ждал. В докладе ООН говорится: «Холодно».", "ru", ["доклад ООН"]),
        ("«Холодно», — рассказывает мать Волкова.", "ru", ["мать Волкова"]),
        ("Петро Рудавець чекав. «Холодно», — сказала його мати.", "uk", ["мати Петра Рудавця"]),
        ("У листі сказано: «Холодно».", "uk", ["лист"]),
        # whose words a paper repeats
        ("Пётр Заварзин ждал. Газета приводит его слова: «Холодно, да и поздно».", "ru", ["Пётр Заварзин"]),
        ("Газета приводит слова фермера Петра Заварзина: «Холодно».", "ru", ["Пётр Заварзин"]),
        ("Газета наводить слова очільниці громади Олени Кравчук: «Холодно».", "uk", ["Олена Кравчук"]),
        # «его» and «его адвоката»
        ("Пётр Заварзин ждал. «Холодно», по словам его адвоката.", "ru", ["адвокат Петра Заварзина"]),
        ("Пётр Заварзин ждал. По его словам, «холодно, да и поздно уже».", "ru", ["Пётр Заварзин"]),
        ("Петро Рудавець чекав. За словами його адвоката, «холодно, та й пізно вже».", "uk", ["адвокат Петра Рудавця"]),
    ],
)  # fmt: skip
def test_whom_a_role_serves_does_not_speak(text: str, language: Language, expected: list[str]) -> None:
    quotes = extract(Article(id="a1", text=text, language=language))
    assert [quote.speaker for quote in quotes] == expected


def test_a_quotation_without_a_speaker_says_why() -> None:
    nobody, unnamed = (
        extract(Article(id="a1", text=text, language="en"))[0]
        for text in ("“Nobody came to the gate.”", "“It is cold,” they said.")
    )
    assert nobody.reason == NOT_ATTRIBUTED
    assert unnamed.reason == NOT_NAMED


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_have_no_comments_and_no_repetitions(language: Language) -> None:
    for name in ("speech_verbs", "manner_verbs", "attribution_phrases", "named_things", "conjunctions"):
        lines = entries(language, name)
        assert lines
        assert len(lines) == len(set(lines)), [line for line in lines if lines.count(line) > 1]
        assert not [line for line in lines if "#" in line or line != line.strip()]


def test_a_list_that_does_not_exist_is_empty() -> None:
    assert entries("en", "no such list") == ()
