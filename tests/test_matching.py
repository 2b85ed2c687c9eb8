"""A collection that grows, changes and loses articles holds the statements of one that was made at once."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_statements import add, article, quote

from pipeline import indexes, matching, verdicts
from pipeline.collection import Collection
from pipeline.lots import Candidates, Lot
from pipeline.records import AlignedPair, Passage, Quote, Statement
from pipeline.search import Wanted, duplicates
from pipeline.utterances import Utterances
from pipeline.verdicts import Verdict

WORDS = ["storm", "quay", "cat", "herring", "gulls", "wheat", "train", "lamp", "bread", "bridge", "river", "snow"]
SPEAKERS = [None, "Vira Zahaiska", "Orest Lanovyi", "Zahaiska"]


def quotation(number: int, chance: random.Random) -> Quote:
    """Few words, so that texts repeat, contain one another and are equally near; sometimes two sentences."""
    sentences = [" ".join(chance.choices(WORDS, k=chance.randint(3, 5))) for _ in range(chance.choice([1, 1, 2]))]
    language = chance.choice(["en", "ru", "uk"])
    return quote(f"a{number}", ". ".join(sentences), speaker=chance.choice(SPEAKERS), language=language)


def at_once(articles: Sequence[tuple[str, Quote]], order: Sequence[str]) -> list[Statement]:
    """The statements of a collection that was made of these articles in one go, in this order."""
    said = dict(articles)
    with tempfile.TemporaryDirectory() as folder, Collection.open(Path(folder), create=True) as collection:
        add(collection, said.values(), [article(name, language=said[name].language) for name in order])
        return list(collection.statements())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 30), parts=st.integers(1, 5))
def test_in_whatever_portions_articles_come(seed: int, count: int, parts: int) -> None:
    chance = random.Random(seed)
    quotes = [quotation(number, chance) for number in range(count)]
    chance.shuffle(quotes)
    names = [q.article_id for q in quotes]
    with tempfile.TemporaryDirectory() as folder, Collection.open(Path(folder), create=True) as collection:
        for part in range(parts):
            some = quotes[part::parts]
            add(collection, some, [article(q.article_id, language=q.language) for q in some])
        grown = list(collection.statements())
        order = [one.id for one in collection.articles()]
    assert sorted(order) == sorted(names)
    assert grown == at_once([(q.article_id, q) for q in quotes], order)


@pytest.mark.parametrize("seed", [1, 2])
def test_when_there_are_more_neighbours_than_are_kept(seed: int) -> None:
    chance = random.Random(seed)
    quotes = [
        quote(f"a{n}", " ".join(chance.choices([f"w{k}" for k in range(30)], k=4)), speaker=chance.choice(SPEAKERS))
        for n in range(120)
    ]
    with tempfile.TemporaryDirectory() as folder, Collection.open(Path(folder), create=True) as collection:
        for part in range(4):
            add(collection, quotes[part::4], [article(q.article_id) for q in quotes[part::4]])
        grown, order = list(collection.statements()), [one.id for one in collection.articles()]
    assert grown == at_once([(q.article_id, q) for q in quotes], order)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(2, 25))
def test_when_articles_change_and_go(seed: int, count: int) -> None:
    chance = random.Random(seed)
    said = {f"a{n}": quotation(n, chance) for n in range(count)}
    with tempfile.TemporaryDirectory() as folder, Collection.open(Path(folder), create=True) as collection:
        add(collection, said.values(), [article(name, language=said[name].language) for name in said])
        for step in range(3):
            name = chance.choice(sorted(said))
            if chance.random() < 0.5 and len(said) > 1:
                del said[name]
                collection.remove(name)
                add(collection, [], [])
            else:
                said[name] = quotation(int(name[1:]), chance)
                changed = article(name, language=said[name].language, title=f"Edition {step}")
                add(collection, [said[name]], [changed])
        left = list(collection.statements())
        order = [one.id for one in collection.articles()]
        assert Utterances(collection).unsaid() == []
    assert left == at_once(list(said.items()), order)


def test_a_new_article_costs_only_what_it_touches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    quotes = [quote(f"a{n}", " ".join(f"w{chance.randint(0, 10**6)}" for _ in range(6))) for n in range(60)]
    twin = quote("b", quotes[7].text)
    grouped: list[int] = []
    made = Candidates.lots

    def watched(*args: Any) -> Iterator[Lot]:
        for lot in made(*args):
            grouped.append(len(lot.utterances))
            yield lot

    with Collection.open(tmp_path, create=True) as collection:
        add(collection, quotes, [article(q.article_id) for q in quotes])
        monkeypatch.setattr(Candidates, "lots", watched)
        add(collection, [twin], [article("b")])
        assert sum(grouped) < 10
        assert [len(s.members) for s in collection.statements()][:2] == [2, 1]


def test_nothing_is_matched_twice(tmp_path: Path) -> None:
    some = [quote(f"a{n}", f"{WORDS[n]} {WORDS[n + 1]} {WORDS[n + 2]}") for n in range(5)]
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, some, [article(q.article_id) for q in some])
        before = collection.revision
        add(collection, [], [])
        assert collection.revision == before


def test_a_run_that_was_killed_between_two_steps_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [quote(f"a{n}", f"{WORDS[n]} {WORDS[n + 1]} {WORDS[n + 2]}") for n in range(6)]
    articles = [article(q.article_id) for q in some]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with Collection.open(tmp_path, create=True) as collection:
        add(collection, some[:3], articles[:3])
        with monkeypatch.context() as patch:
            patch.setattr(matching, "regroup", killed)
            with pytest.raises(KeyboardInterrupt):
                add(collection, some[3:], articles[3:])
        add(collection, [], [])
        assert list(collection.statements()) == at_once([(q.article_id, q) for q in some], [a.id for a in articles])


def test_a_big_collection_keeps_its_index_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    texts = [" ".join(chance.choices([f"w{n}" for n in range(300)], k=6)) for _ in range(400)]
    some = [quote(f"a{n}", text) for n, text in enumerate(texts)]
    twins = [quote(f"b{n}", text) for n, text in enumerate(texts[:20])]
    with Collection.open(tmp_path, create=True) as collection:
        monkeypatch.setattr(indexes, "EXACT", 100)
        add(collection, some, [article(q.article_id) for q in some])
        (first,) = tmp_path.glob("points.*.faiss")
        add(collection, twins, [article(q.article_id) for q in twins])
        (second,) = tmp_path.glob("points.*.faiss")
        assert first == second  # the twins say nothing new
        fresh = [quote(f"c{n}", f"{text} indeed") for n, text in enumerate(texts[:20])]
        add(collection, fresh, [article(q.article_id) for q in fresh])
        (third,) = tmp_path.glob("points.*.faiss")
        assert third != second
        assert sum(s.outlets == 3 for s in collection.statements()) >= 18
        third.unlink()
        add(collection, [quote("d", f"{texts[30]} indeed")], [article("d")])
        assert len(list(tmp_path.glob("points.*.faiss"))) == 1


def test_a_changed_article_takes_its_statements_along(tmp_path: Path) -> None:
    """A run that is killed before it matches leaves a collection that can be read."""
    some = [quote("a", "the storm is over"), quote("b", "the storm is over"), quote("c", "a lamp on the bridge")]
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, some, [article(q.article_id) for q in some])
        with collection.transaction():
            collection.put_article(article("a", title="Another headline"))
        assert [[m.article_id for m in s.members] for s in collection.statements()] == [["c"]]
        collection.put_quotes("a", some[:1])
        add(collection, [], [])
        assert list(collection.statements()) == at_once([(q.article_id, q) for q in some], ["a", "b", "c"])


def test_the_most_doubtful_come_first(tmp_path: Path) -> None:
    sure, unsure = "the storm is over and the gulls agree", "a lamp on the bridge"
    some = [
        quote("a", sure),
        quote("b", sure),
        quote("c", unsure),
        quote("d", f"{unsure} {WORDS[0]}"),
        quote("e", "cat"),
    ]
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, some, [article(q.article_id) for q in some])
        found = list(duplicates(collection, Wanted(min_outlets=1, doubtful=True)))
        assert [[m.article_id for m in s.members] for s in found] == [["d", "c"], ["a", "b"], ["e"]]


# Editions of one article


def facing(collection: Collection, left: Quote, right: Quote) -> None:
    """Align two editions of which each is one quotation, and match."""
    sides = [Passage(article_id=q.article_id, start=q.start, end=q.end, text=q.text) for q in (left, right)]
    pair = AlignedPair(
        left=sides[0], right=sides[1], left_language=left.language, right_language=right.language, kind="1-1",
        moved=False, similarity=0.7, origin="human",
    )  # fmt: skip
    with collection.transaction():
        collection.put_pairs(left.article_id, right.article_id, [pair])
    add(collection, [], [])


def sizes(collection: Collection) -> list[int]:
    return sorted(len(statement.members) for statement in collection.statements())


UNLIKE = [quote("a", "herring and gulls on the quay"), quote("b", "хлеб и мост под снегом", language="ru")]


def test_what_corresponds_in_two_editions_is_one_statement_however_freely_it_is_translated(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, UNLIKE, [article(q.article_id, language=q.language) for q in UNLIKE])
        assert sizes(collection) == [1, 1]
        facing(collection, *UNLIKE)
        assert sizes(collection) == [2]
        with collection.transaction():
            collection.put_pairs("a", "b", [])
        add(collection, [], [])
        assert sizes(collection) == [1, 1]


def test_a_later_quotation_joins_what_corresponds(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, UNLIKE, [article(q.article_id, language=q.language) for q in UNLIKE])
        facing(collection, *UNLIKE)
        twin = quote("c", UNLIKE[0].text)
        add(collection, [twin], [article("c")])
        together = [{m.quote_id for m in statement.members} for statement in collection.statements()]
        assert {q.id for q in UNLIKE} in [found & {q.id for q in UNLIKE} for found in together]


def test_people_outrank_the_alignment(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, UNLIKE, [article(q.article_id, language=q.language) for q in UNLIKE])
        apart = Verdict(
            one=UNLIKE[0].id, other=UNLIKE[1].id, together=False, who="Olena", at="2024-05-01T12:00:00+00:00"
        )
        verdicts.put(collection, [apart])
        facing(collection, *UNLIKE)
        assert sizes(collection) == [1, 1]


def test_processes_make_the_same_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    quotes = [quotation(number, chance) for number in range(40)]
    names = [q.article_id for q in quotes]
    monkeypatch.setattr(matching, "MANY", 1)
    monkeypatch.setenv("CROSSQUOTE_THREADS", "2")
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, quotes, [article(q.article_id, language=q.language) for q in quotes])
        shared = list(collection.statements())
    monkeypatch.undo()
    assert shared == at_once([(q.article_id, q) for q in quotes], names)
