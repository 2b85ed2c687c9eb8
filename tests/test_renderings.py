"""Quotations in the languages of those who read about them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FakeTranslator
from reports import BOLTS, BOLTS_UK, HERON, PAIRS, collected, content

from pipeline import renderings
from pipeline.collection import Collection
from pipeline.errors import ModelMissing
from pipeline.memory import HUMAN, Notebook
from pipeline.ports import Translator
from pipeline.progress import Silent
from pipeline.records import Language
from pipeline.renderings import make, offered
from pipeline.translations import Bureau, Engine, Pair

Made = dict[tuple[str, Language], str]


def knowing(translator: Translator, *pairs: Pair) -> Engine:
    """An engine that has one model for some pairs."""

    def engine(source: Language, target: Language) -> Translator:
        if (source, target) not in pairs:
            raise ModelMissing(f"no model translates {source} into {target}", "")
        return translator

    return engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return collected(tmp_path / "Bridges", content(), PAIRS)


@pytest.fixture
def made(folder: Path, translator: FakeTranslator) -> Callable[..., tuple[renderings.Tally, Made]]:
    def make_(*targets: Language, engine: Engine = lambda *_: translator) -> tuple[renderings.Tally, Made]:
        with Collection.open(folder) as collection:
            tally = make(collection, collection.statements(), targets, Bureau(engine, collection), Silent())
            kept = collection.renderings(["q1", "q2", "q3", "q4"])
        return tally, {(id_, one.language): one.text for id_, some in kept.items() for one in some}

    return make_


def test_what_no_edition_has_is_translated(made) -> None:
    tally, found = made("ru")
    # q1 and q4 stand in the Russian edition of their article, q3 is Russian
    assert found == {("q2", "ru"): "Опора_ru зрушила_ru. Дев_ru’яти_ru болтів_ru немає_ru"}
    assert (tally.made, tally.beyond) == (1, {})


def test_it_is_made_once(made, translator: FakeTranslator) -> None:
    made("uk", "ru")
    asked = len(translator.asked)
    tally, found = made("uk", "ru")
    assert (tally.made, len(translator.asked)) == (0, asked)
    assert set(found) == {("q1", "uk"), ("q3", "uk"), ("q4", "uk"), ("q2", "ru")}


def test_another_model_makes_it_anew(made, translator: FakeTranslator) -> None:
    made("ru")
    translator.signature = "fake-2"
    assert made("ru")[0].made == 1
    assert made("ru")[0].made == 0


def test_what_people_translated_takes_its_place(made, folder: Path) -> None:
    made("ru")
    with Collection.open(folder) as collection:
        collection.keep_translations({"Опора зрушила.": "Опора сместилась."}, "uk", "ru", HUMAN)
    tally, found = made("ru")
    assert tally.made == 1
    assert found["q2", "ru"].startswith("Опора сместилась. ")


def test_a_pair_without_a_model_is_counted(made, translator: FakeTranslator) -> None:
    tally, found = made("uk", "ru", engine=knowing(translator, ("uk", "ru"), ("ru", "uk")))
    assert tally.beyond == {("en", "uk"): 2}
    assert set(found) == {("q3", "uk"), ("q2", "ru")}
    with pytest.raises(ModelMissing):
        made("en", engine=knowing(translator, ("uk", "ru")))


def test_the_first_statements_come_first_and_are_kept_when_it_is_stopped(
    made, folder: Path, translator: FakeTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderings, "TOGETHER", 2)
    translate = translator.translate

    def until_the_trams(sentences: list[str], source: Language, target: Language) -> list[str]:
        if "Trams wait" in sentences:
            raise KeyboardInterrupt
        return translate(sentences, source, target)

    monkeypatch.setattr(translator, "translate", until_the_trams)
    with pytest.raises(KeyboardInterrupt):
        made("uk")
    with Collection.open(folder) as collection:
        assert set(collection.renderings(["q1", "q3", "q4"])) == {"q1", "q3"}
    monkeypatch.setattr(translator, "translate", translate)
    translator.asked.clear()
    assert made("uk")[0].made == 1
    assert translator.asked[0] == "Trams wait"


def test_it_goes_with_the_quotation(made, folder: Path) -> None:
    made("uk")
    with Collection.open(folder) as collection, collection.transaction():
        collection.put_quotes(HERON.id, [BOLTS])  # and no longer that of the trams
        assert set(collection.renderings(["q1", "q3", "q4"])) == {"q1", "q3"}
        collection.put_article(replace(HERON, text="Nothing."))
        assert set(collection.renderings(["q1", "q3", "q4"])) == {"q3"}


def test_pairs_that_are_offered(translator: FakeTranslator) -> None:
    assert len(offered(lambda *_: translator)) == 6
    assert offered(knowing(translator, ("uk", "ru"), ("en", "uk"))) == [("en", "uk"), ("uk", "ru")]


def test_texts_of_several_languages(translator: FakeTranslator) -> None:
    bureau = Bureau(lambda *_: translator, Notebook())
    texts = [(BOLTS_UK.text, BOLTS_UK.language), (BOLTS.text, BOLTS.language), ("123", "en")]
    found = renderings.translated(texts, "ru", bureau)
    assert [text.count("_ru") for text, *_ in found] == [6, 7, 0]
    assert {model for _, model, _ in found} == {"fake-1"}
    assert [bool(flags) for *_, flags in found] == [True, True, False]
