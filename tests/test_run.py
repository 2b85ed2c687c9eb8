"""The whole pipeline over fakes: what it makes, what it does not do twice, what it does with bad input."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import FakeEmbedder, FakeTagger, FakeTranslator

from pipeline import pairs
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import InputError
from pipeline.outputs import NAMES
from pipeline.run import Outcome, run

ENGLISH = (
    "“The harbour stays closed until the storm is over,” said Vira Zahaiska, the harbour master.\n\nNobody argued."
)
AGAIN = "The port was silent. “The harbour stays closed until the storm is over,” Vira Zahaiska said."
OTHER = "“My cat eats nothing but smoked herring,” said Edmund Threlwick, a baker."


def line(id_: str, text: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "language": "en", "outlet": f"Outlet {id_}", "text": text} | fields


def write(path: Path, *records: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    return str(path)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def outputs(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in NAMES if name != "run.json"}


@pytest.fixture
def source(tmp_path: Path) -> str:
    return write(
        tmp_path / "a.jsonl",
        line("a", ENGLISH, published="2024-03-12", title="Storm"),
        line("b", AGAIN, published="2024-03-11"),
        line("c", OTHER),
    )


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "out"


def run_again(source: str, into: Path, engines: Engines, *targets: Any) -> Outcome:
    return run([source], into, engines, targets=targets)


def test_one_statement_in_two_outlets(source: str, into: Path, engines: Engines) -> None:
    outcome = run_again(source, into, engines)
    assert (outcome.articles, outcome.added, outcome.changed) == (3, 3, True)
    first, *rest = records(into / "statements.jsonl")
    assert [member["article_id"] for member in first["members"]] == ["b", "a"]  # the same length: the earlier one
    assert [member["relation"] for member in first["members"]] == ["same", "same"]
    assert (first["outlets"], first["languages"], first["speaker"]["en"]) == (2, ["en"], "Vira Zahaiska")
    assert first["first"] == {"article_id": "b", "outlet": "Outlet b", "published": "2024-03-11"}
    assert all(statement["outlets"] == 1 for statement in rest)
    assert {q["article_id"] for q in records(into / "quotes.jsonl")} == {"a", "b", "c"}


def test_every_offset_points_at_its_words(source: str, into: Path, engines: Engines) -> None:
    run_again(source, into, engines, "ru")
    with Collection.open(into) as collection:
        text = {article.id: article.text for article in collection.articles()}
    for quote in records(into / "quotes.jsonl"):
        assert " … ".join(text[quote["article_id"]][s:e] for s, e in quote["pieces"]) == quote["text"]
    for pair in records(into / "pairs.jsonl"):
        for side in (pair["left"], pair["right"]):
            assert text[side["article_id"]][side["start"] : side["end"]] == side["text"]


def test_machine_editions_are_paired_but_quote_nobody(source: str, into: Path, engines: Engines) -> None:
    run_again(source, into, engines, "ru", "uk")
    pairs = records(into / "pairs.jsonl")
    assert {pair["right"]["article_id"] for pair in pairs} == {f"{i}.{t}" for i in "abc" for t in ("ru", "uk")}
    assert {(pair["origin"], pair["kind"]) for pair in pairs} == {("machine", "1-1")}
    assert all(pair["similarity"] == pytest.approx(1, abs=1e-3) for pair in pairs)
    assert {q["article_id"] for q in records(into / "quotes.jsonl")} == {"a", "b", "c"}
    with Collection.open(into) as collection:
        edition = collection.article("a.ru")
    assert edition
    assert (edition.translation_of, edition.translator, edition.title) == ("a", "fake-1", "Storm_ru")


def test_a_human_edition_is_aligned_and_not_made_again(tmp_path: Path, into: Path, engines: Engines) -> None:
    source = write(
        tmp_path / "a.jsonl",
        line("a", "The storm is over. Nobody argued."),
        line("r", "The_ru storm_ru is_ru over_ru. Nobody_ru argued_ru.", language="ru", translation_of="a"),
    )
    run_again(source, into, engines, "ru", "uk")
    pairs = records(into / "pairs.jsonl")
    human = [pair for pair in pairs if pair["origin"] == "human"]
    assert [(pair["left"]["text"], pair["right"]["text"]) for pair in human] == [
        ("The storm is over.", "The_ru storm_ru is_ru over_ru."),
        ("Nobody argued.", "Nobody_ru argued_ru."),
    ]
    assert {pair["right"]["article_id"] for pair in pairs if pair["origin"] == "machine"} == {"a.uk"}


def test_what_is_one_family_no_longer_has_no_pairs(tmp_path: Path, into: Path, engines: Engines) -> None:
    lines = [
        line("a", "The storm is over. Nobody argued."),
        line("b", "Буря позади. Никто не спорил.", language="ru", translation_of="a"),
        line("c", "Буря минула. Ніхто не сперечався.", language="uk", translation_of="b"),
    ]
    run_again(write(tmp_path / "a.jsonl", *lines), into, engines)
    lines[1] = line("b", "Буря позади. Никто не спорил.", language="ru")
    run_again(write(tmp_path / "a.jsonl", *lines), into, engines)
    run_again(write(tmp_path / "a.jsonl", *lines), tmp_path / "anew", engines)
    assert records(into / "pairs.jsonl") == records(tmp_path / "anew" / "pairs.jsonl")
    assert {(pair["left"]["article_id"], pair["right"]["article_id"]) for pair in records(into / "pairs.jsonl")} == {
        ("b", "c")
    }


def test_a_machine_edition_helps_to_align_two_that_people_made(
    tmp_path: Path, into: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    align = pairs.align
    monkeypatch.setattr(pairs, "align", lambda *given: seen.append(given[4]) or align(*given))
    lines = [
        line("a", "The storm is over. Nobody argued."),
        line("r", "Никто не спорил.", language="ru", translation_of="a"),
    ]
    source = write(tmp_path / "a.jsonl", *lines)
    run_again(source, into, engines)
    run_again(source, into, engines, "uk")  # aligns anew, now that there is something to compare
    run_again(source, into, engines, "uk")
    assert seen == [None, (["The_uk storm_uk is_uk over_uk.", "Nobody_uk argued_uk."], ["Никто не спорил."])]


def test_a_machine_edition_never_takes_the_place_of_an_article(tmp_path: Path, into: Path, engines: Engines) -> None:
    source = write(tmp_path / "a.jsonl", line("a", ENGLISH), line("a.ru", OTHER))
    run_again(source, into, engines, "ru")
    with Collection.open(into) as collection:
        articles = {article.id: article for article in collection.articles()}
    assert articles["a.ru"].text == OTHER
    assert articles["a.ru.machine"].translation_of == "a"
    assert not run_again(source, into, engines, "ru").changed


def test_a_human_edition_that_comes_later_takes_the_place_of_the_machine_s(tmp_path: Path, engines: Engines) -> None:
    one = write(tmp_path / "1.jsonl", line("a", ENGLISH))
    two = write(tmp_path / "2.jsonl", line("r", "The_ru harbour_ru.", language="ru", translation_of="a"))
    run_again(one, tmp_path / "extended", engines, "ru", "uk")
    run_again(two, tmp_path / "extended", engines, "ru", "uk")
    run([one, two], tmp_path / "rebuilt", engines, targets=("ru", "uk"))
    extended, rebuilt = outputs(tmp_path / "extended"), outputs(tmp_path / "rebuilt")
    assert extended["pairs.jsonl"] == rebuilt["pairs.jsonl"]
    assert b"a.ru" not in extended["pairs.jsonl"]


def test_a_machine_edition_that_is_given_is_not_made_again(
    tmp_path: Path, into: Path, engines: Engines, translator: FakeTranslator
) -> None:
    given = line("a.ru", "Storm_ru.", language="ru", translation_of="a", translator="their-9")
    source = write(tmp_path / "a.jsonl", line("a", ENGLISH), given)
    run_again(source, into, engines, "ru")
    assert translator.asked == []
    assert not run_again(source, into, engines, "ru").changed
    assert {pair["origin"] for pair in records(into / "pairs.jsonl")} == {"machine"}


def test_a_second_run_does_nothing(
    source: str, into: Path, engines: Engines, translator: FakeTranslator, embedder: FakeEmbedder
) -> None:
    run_again(source, into, engines, "ru")
    before = {name: (into / name).stat().st_mtime_ns for name in NAMES}
    translator.asked.clear()
    embedder.asked.clear()
    outcome = run_again(source, into, engines, "ru")
    assert not outcome.changed
    assert (translator.asked, embedder.asked) == ([], [])
    assert {name: (into / name).stat().st_mtime_ns for name in NAMES} == before


def test_an_added_article_costs_only_its_own_work(
    source: str, into: Path, engines: Engines, translator: FakeTranslator, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    run_again(source, into, engines, "ru")
    translator.asked.clear()
    embedder.asked.clear()
    more = write(tmp_path / "b.jsonl", line("d", "“Ships never lie,” said Orest Lanovyi. Gulls agreed."))
    outcome = run_again(more, into, engines, "ru")
    assert (outcome.added, outcome.counts["articles"]) == (1, 8)
    assert sorted(translator.asked) == ["Gulls agreed.", "“Ships never lie,” said Orest Lanovyi."]
    assert all("hip" in text or "ull" in text for text in embedder.asked)


def test_an_extended_collection_equals_a_rebuilt_one(tmp_path: Path, engines: Engines) -> None:
    one = write(tmp_path / "1.jsonl", line("a", ENGLISH, title="Storm"), line("b", AGAIN))
    two = write(tmp_path / "2.jsonl", line("c", OTHER), line("d", ENGLISH.replace("Nobody", "No one")))
    run_again(one, tmp_path / "extended", engines, "ru")
    run_again(two, tmp_path / "extended", engines, "ru")
    run([one, two], tmp_path / "rebuilt", engines, targets=("ru",))
    extended, rebuilt = outputs(tmp_path / "extended"), outputs(tmp_path / "rebuilt")
    for name in ("quotes.jsonl", "statements.jsonl", "pairs.jsonl", "pairs.tmx"):
        assert extended[name] == rebuilt[name]


def test_a_changed_article_is_updated_and_the_others_stay(
    source: str, into: Path, engines: Engines, tmp_path: Path
) -> None:
    run_again(source, into, engines, "ru")
    changed = write(tmp_path / "new.jsonl", line("a", OTHER))
    outcome = run_again(changed, into, engines, "ru")
    assert (outcome.updated, outcome.added) == (1, 0)
    statements = records(into / "statements.jsonl")
    assert {m["article_id"] for m in statements[0]["members"]} == {"a", "c"}
    with Collection.open(into) as collection:
        edition = collection.article("a.ru")
    assert edition
    assert "cat_ru" in edition.text


def test_a_run_that_dies_is_completed_by_the_next(
    source: str, tmp_path: Path, engines: Engines, translator: FakeTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_again(source, tmp_path / "whole", engines, "ru")
    honest = FakeTranslator.translate

    def dies(self: FakeTranslator, *arguments: Any) -> list[str]:
        if len(self.asked) > 8:
            raise KeyboardInterrupt
        return honest(self, *arguments)

    monkeypatch.setattr("pipeline.translations.BATCH", 1)
    monkeypatch.setattr(FakeTranslator, "translate", dies)
    translator.asked.clear()
    with pytest.raises(KeyboardInterrupt):
        run_again(source, tmp_path / "cut", engines, "uk", "ru")
    assert not (tmp_path / "cut" / "quotes.jsonl").exists()
    monkeypatch.setattr(FakeTranslator, "translate", honest)
    translator.asked.clear()
    run_again(source, tmp_path / "cut", engines, "ru")
    assert outputs(tmp_path / "cut").keys() == outputs(tmp_path / "whole").keys()
    assert records(tmp_path / "cut" / "statements.jsonl") == records(tmp_path / "whole" / "statements.jsonl")


def test_refused_inputs_are_named_and_the_rest_is_processed(
    source: str, into: Path, engines: Engines, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"text": ""}\n{"text"\n', "utf-8")
    outcome = run([source, str(broken), str(tmp_path / "absent")], into, engines)
    assert outcome.articles == 3
    account = json.loads((into / "run.json").read_text("utf-8"))
    assert [refusal["where"] for refusal in account["refusals"]] == [
        str(tmp_path / "absent"),
        f"{broken}:1",
        f"{broken}:2",
    ]
    assert account["counts"]["refused"] == 3


def test_input_without_any_article_leaves_no_collection(into: Path, engines: Engines, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"text": ""}\n', "utf-8")
    with pytest.raises(InputError, match="empty"):
        run([str(broken)], into, engines)
    assert not into.exists()


def test_the_account_of_a_run(source: str, into: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    run_again(source, into, engines, "ru")
    account = json.loads((into / "run.json").read_text("utf-8"))
    assert account["models"] == {"embedder": "fake-emb-1", "tagger": None, "translators": ["fake-1"]}
    assert account["settings"] == {"to": ["ru"]}
    assert account["changed"] == "2023-11-14T22:13:20+00:00"
    assert set(account["seconds"]) >= {"read", "translate", "quotes", "align", "match"}
    assert account["counts"]["articles"] == 6


def test_another_tagger_finds_the_quotations_anew_and_the_same_one_does_not(
    tmp_path: Path, into: Path, engines: Engines
) -> None:
    text = "Vira Zahaiska, the harbour master, was of one mind with the captains: the storm would pass."
    source = write(tmp_path / "a.jsonl", line("a", text))
    tagger = FakeTagger(
        ("reported", "the storm would pass"), ("attribution", "Vira Zahaiska"), ("speaker", "Vira Zahaiska")
    )
    run_again(source, into, engines)
    assert not records(into / "quotes.jsonl")
    for changed in (True, False):
        assert run_again(source, into, replace(engines, tagger=tagger)).changed == changed
        assert [quote["text"] for quote in records(into / "quotes.jsonl")] == ["the storm would pass"]
    assert len(tagger.asked) == 1
    assert json.loads((into / "run.json").read_text("utf-8"))["models"]["tagger"] == "fake-tagger-1"
