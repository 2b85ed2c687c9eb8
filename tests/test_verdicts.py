"""What people decide about statements holds, in this collection and in others of the same articles."""

import json
import random
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
from conftest import fake_matcher
from hypothesis import given, settings
from hypothesis import strategies as st
from test_matching import quotation
from test_statements import CALM, CALM_RU, FISH, add, article, quote

from pipeline import matching, verdicts
from pipeline.collection import Collection
from pipeline.errors import InputError
from pipeline.progress import Silent
from pipeline.records import Quote, Statement
from pipeline.verdicts import Verdict

WHEAT = "Six ships sail with wheat at noon"
SAID = [
    quote("a", CALM),
    quote("b", CALM),
    quote("c", CALM_RU, language="ru"),
    quote("d", FISH, speaker="Orest Lanovyi"),
    quote("e", WHEAT, speaker="Vira Zahaiska"),
]
NOON = "2026-11-26T12:00:00+00:00"
LATER = "2026-11-26T13:00:00+00:00"


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    with made_of(tmp_path / "first", SAID) as made:
        yield made


def made_of(folder: Path, quotes: Sequence[Quote], decided: Sequence[Verdict] = ()) -> Collection:
    """A collection of articles with one quotation each, in which `decided` was decided before they were matched."""
    made = Collection.open(folder, create=True)
    verdicts.put(made, decided)
    add(made, quotes, [article(q.article_id, language=q.language) for q in quotes])
    return made


def decide(collection: Collection, decided: Sequence[Verdict]) -> None:
    verdicts.put(collection, decided)
    matching.regroup(collection, fake_matcher(), Silent())


def holding(collection: Collection, *article_ids: str) -> list[Statement]:
    """The statements of some articles, each once."""
    found = [s for s in collection.statements() if {m.article_id for m in s.members} & {*article_ids}]
    return sorted(found, key=lambda s: min(m.article_id for m in s.members))


def members(collection: Collection) -> list[str]:
    """The articles of each statement: "abc" "d"."""
    return sorted("".join(sorted(m.article_id for m in s.members)) for s in collection.statements())


def split(collection: Collection, *article_ids: str, at: str = NOON) -> None:
    (statement,) = holding(collection, *article_ids)
    quotes = collection.some_quotes([m.quote_id for m in statement.members])
    named = [m.quote_id for m in statement.members if m.article_id in article_ids]
    left = {m.article_id for m in statement.members} - {*article_ids}
    decide(collection, verdicts.split(statement, named, quotes, who="Olena", at=at))
    (one,), (other,) = holding(collection, *article_ids), holding(collection, *left)
    assert one != other


def merge(collection: Collection, *article_ids: str, at: str = NOON) -> None:
    one, other = holding(collection, *article_ids)
    decide(collection, verdicts.merge(one, other, verdicts.all_of(collection), who="Olena", at=at))
    (_,) = holding(collection, *(m.article_id for m in (*one.members, *other.members)))


def accept(collection: Collection, article_id: str) -> None:
    (statement,) = holding(collection, article_id)
    decide(collection, verdicts.accept(statement, who="Olena", at=NOON))


def test_the_matcher_alone(collection: Collection) -> None:
    assert members(collection) == ["abc", "d", "e"]


def test_a_split_holds_when_the_collection_grows(collection: Collection) -> None:
    split(collection, "c")
    assert members(collection) == ["ab", "c", "d", "e"]
    add(collection, [quote("f", CALM)], [article("f")])
    assert {"abf", "c"} <= {*members(collection)} or {"ab", "cf"} <= {*members(collection)}


@pytest.mark.parametrize("named", [("a",), ("a", "b"), ("b", "c")])
def test_a_split_makes_two_statements(collection: Collection, named: tuple[str, ...]) -> None:
    split(collection, *named)
    rest = "".join(sorted({*"abc"} - {*named}))
    assert members(collection) == sorted(["".join(named), rest, "d", "e"])


def test_a_merge_joins_all_members_of_both(collection: Collection) -> None:
    merge(collection, "a", "d")
    assert members(collection) == ["abcd", "e"]
    merge(collection, "a", "e")
    assert members(collection) == ["abcde"]


def test_the_last_verdict_wins(collection: Collection) -> None:
    split(collection, "b", "c")
    merge(collection, "a", "b", at=LATER)
    assert members(collection) == ["abc", "d", "e"]
    split(collection, "a", at=LATER)
    assert members(collection) == ["a", "bc", "d", "e"]
    (one,) = {v.together for v in verdicts.all_of(collection) if {v.one, v.other} == {SAID[0].id, SAID[1].id}}
    assert one is False


def test_a_merge_outranks_every_earlier_split_between_the_two(collection: Collection) -> None:
    split(collection, "c")  # from a and from b
    merge(collection, "a", "c", at=LATER)
    assert members(collection) == ["abc", "d", "e"]
    assert all(verdict.together for verdict in verdicts.all_of(collection))


def test_what_was_merged_can_be_split_at_any_member(collection: Collection) -> None:
    merge(collection, "a", "d")
    (whole,) = holding(collection, "a")
    split(collection, whole.members[0].article_id)  # all others were joined to this one
    assert sorted(map(len, members(collection))) == [1, 1, 3]


def test_an_accepted_statement_is_certain_until_somebody_new_joins_it(collection: Collection) -> None:
    (before,) = holding(collection, "a")
    assert before.confidence < 1
    accept(collection, "a")
    (after,) = holding(collection, "a")
    assert after.confidence == 1
    assert (after.id, after.members) == (before.id, before.members)
    add(collection, [quote("f", CALM)], [article("f")])
    (grown,) = holding(collection, "a")
    assert (len(grown.members), grown.confidence < 1) == (4, True)


def test_what_was_joined_stays_joined_when_the_quotation_in_between_goes(collection: Collection) -> None:
    merge(collection, "d", "e")
    merge(collection, "a", "d")
    hub = holding(collection, "a")[0].members[0].article_id
    collection.remove(hub)
    add(collection, [], [])
    assert members(collection) == ["".join(sorted({*"abcde"} - {hub}))]


def test_a_fragment_goes_with_the_clause_around_it(tmp_path: Path) -> None:
    clause = quote("a", f"{CALM} and everybody knows it", kind="indirect")
    fragment = quote("a", "the storm is over", start=30, kind="mixed")
    with Collection.open(tmp_path, create=True) as collection:
        add(collection, [clause, fragment, quote("b", CALM)], [article("a"), article("b")])
        (statement,) = collection.statements()
        quotes = collection.some_quotes([m.quote_id for m in statement.members])
        decide(collection, verdicts.split(statement, [fragment.id], quotes, who="Olena", at=NOON))
        assert members(collection) == ["aa", "b"]
        alone, _ = holding(collection, "a", "b")
        with pytest.raises(InputError, match="nothing would be left"):
            verdicts.split(alone, [clause.id], quotes, who="Olena", at=NOON)


def test_verdicts_that_say_nothing_are_refused(collection: Collection) -> None:
    one, other = holding(collection, "d", "e")
    with pytest.raises(InputError, match="one member"):
        verdicts.accept(one, who="Olena", at=NOON)
    with pytest.raises(InputError, match="no member"):
        verdicts.split(one, [other.members[0].quote_id], {}, who="Olena", at=NOON)
    with pytest.raises(InputError, match="itself"):
        verdicts.merge(one, one, [], who="Olena", at=NOON)


def test_another_collection_takes_verdicts_over(collection: Collection, tmp_path: Path) -> None:
    split(collection, "c")
    merge(collection, "a", "d")
    written = tmp_path / "verdicts.jsonl"
    lines = [json.dumps(verdicts.verdict_json(v)) for v in verdicts.all_of(collection)]
    written.write_text("\n".join(lines) + "\n", "utf-8")
    found, refused = verdicts.read(written)
    assert (found, refused) == (verdicts.all_of(collection), [])
    with made_of(tmp_path / "second", SAID) as second:
        decide(second, verdicts.newer(second, found))
        assert list(second.statements()) == list(collection.statements())
        assert verdicts.newer(second, found) == []
    with made_of(tmp_path / "third", SAID[2:4], found) as third:
        assert verdicts.strangers(third, found) == len(found)
        assert members(third) == ["c", "d"]
        add(third, SAID[:2], [article("a"), article("b")])
        assert members(third) == ["abd", "c"]


def test_an_older_verdict_from_elsewhere_changes_nothing(collection: Collection) -> None:
    def verdict(at: str, *, together: bool) -> Verdict:
        return Verdict(one=SAID[1].id, other=SAID[0].id, together=together, who="Petro", at=at)

    verdicts.put(collection, [verdict(LATER, together=False)])
    assert verdicts.newer(collection, [verdict(NOON, together=True), verdict(LATER, together=True)]) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"one": None}, "one"),
        ({"other": "q-1"}, "other"),
        ({"verdict": "perhaps"}, "verdict"),
        ({"who": " "}, "who"),
        ({"at": "yesterday"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
    ],
)
def test_a_line_that_is_no_verdict_is_named(tmp_path: Path, change: dict[str, str | None], field: str) -> None:
    good = {"one": "q-1", "other": "q-2", "verdict": "apart", "who": "Olena", "at": "2026-11-26T14:00:00+02:00"}
    path = tmp_path / "v.jsonl"
    path.write_text(f"{json.dumps(good)}\n{{\n{json.dumps(good | change)}\n", "utf-8")
    (verdict,), refused = verdicts.read(path)
    assert verdict == Verdict(one="q-1", other="q-2", together=False, who="Olena", at=NOON)
    assert [(refusal.where, refusal.field) for refusal in refused] == [(f"{path}:2", None), (f"{path}:3", field)]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(3, 14))
def test_a_collection_that_grew_under_verdicts_equals_a_rebuilt_one(
    seed: int, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    quotes = [quotation(number, chance) for number in range(size)]
    clock = (f"2026-11-26T12:00:{second:02}+00:00" for second in count())
    folder = tmp_path_factory.mktemp("grown")
    with made_of(folder / "grown", quotes[::2]) as grown:
        for _ in range(4):
            chosen = chance.sample(list(grown.statements()), k=min(2, grown.count("statements")))
            several = [s for s in chosen if len(s.members) > 1]
            if several and chance.random() < 0.5:
                named = [m.article_id for m in several[0].members]
                split(grown, *chance.sample(named, k=chance.randint(1, len(named) - 1)), at=next(clock))
            elif len(chosen) == 2:
                merge(grown, *(s.members[0].article_id for s in chosen), at=next(clock))
        add(grown, quotes[1::2], [article(q.article_id, language=q.language) for q in quotes[1::2]])
        gone = chance.choice(quotes)
        grown.remove(gone.article_id)
        add(grown, [], [])
        order = [one.id for one in grown.articles()]
        said = {q.article_id: q for q in quotes}
        with made_of(folder / "rebuilt", [said[name] for name in order], verdicts.all_of(grown)) as rebuilt:
            assert list(rebuilt.statements()) == list(grown.statements())
