"""Which quotations become one statement, and what a statement says of its members."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path

import pytest
from conftest import FakeEmbedder, FakeTranslator, fake_matcher
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import matching, statements
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.progress import Silent
from pipeline.records import Article, Quote, QuoteKind, Statement

CALM = "Nobody leaves the quay before the storm is over"
CALM_RU = "Nobody_ru leaves_ru the_ru quay_ru before_ru the_ru storm_ru is_ru over_ru"
FISH = "My cat has eaten nothing but smoked herring since March"


def article(id_: str, **fields: object) -> Article:
    return Article(**({"id": id_, "text": "x" * 500, "language": "en", "outlet": f"Outlet {id_}"} | fields))  # type: ignore[arg-type]


def quote(
    article_id: str,
    text: str,
    *,
    start: int = 0,
    kind: QuoteKind = "direct",
    speaker: str | None = None,
    language: str = "en",
) -> Quote:
    return Quote(
        id=f"q-{article_id}-{start}-{kind}",
        article_id=article_id,
        language=language,  # type: ignore[arg-type]
        kind=kind,
        pieces=((start, start + len(text)),),
        text=text,
        speaker=speaker,
        speaker_start=None,
        speaker_end=None,
        cue=None,
        confidence=0.9,
    )


def match(quotes: Sequence[Quote], *articles: Article) -> list[Statement]:
    known = {a.id: a for a in articles} or {q.article_id: article(q.article_id, language=q.language) for q in quotes}
    with tempfile.TemporaryDirectory() as folder, Collection.open(Path(folder), create=True) as collection:
        add(collection, quotes, known.values())
        return list(collection.statements())


def add(collection: Collection, quotes: Iterable[Quote], articles: Iterable[Article]) -> None:
    """Put articles with their quotations in, and match."""
    some = list(quotes)
    with collection.transaction():
        for each in articles:
            collection.put_article(each)
            collection.put_quotes(each.id, [q for q in some if q.article_id == each.id])
    matching.match(collection, worked_with(), Silent(), "1")


def worked_with() -> Engines:
    translator = FakeTranslator()
    return Engines(embedder=FakeEmbedder(), translator=lambda *_: translator, matcher=fake_matcher())


def texts(statement: Statement) -> list[str]:
    return [member.text for member in statement.members]


def test_the_same_words_in_two_languages_are_one_statement() -> None:
    made = match(
        [quote("a", CALM, speaker="Vira"), quote("b", CALM_RU, language="ru", speaker="Вера"), quote("c", FISH)]
    )
    assert sorted(len(statement.members) for statement in made) == [1, 2]
    together = made[0]
    assert together.languages == ("en", "ru")
    assert together.speaker == {"en": "Vira", "ru": "Вера", "uk": None}


def test_different_speakers_stay_apart() -> None:
    made = match([quote("a", CALM, speaker="Vira Zahaiska"), quote("b", CALM, speaker="Orest Lanovyi")])
    assert [len(statement.members) for statement in made] == [1, 1]


def test_a_part_of_a_quotation_belongs_to_it() -> None:
    long = f"{FISH}. {CALM}."
    (statement,) = match([quote("a", CALM), quote("b", long)])
    assert texts(statement) == [long, CALM]
    assert statement.members[1].relation == "contained"


def test_the_fullest_direct_quotation_stands_first() -> None:
    reported = f"{CALM} and the gulls agree"
    (statement,) = match([quote("a", reported, kind="indirect"), quote("b", CALM), quote("c", CALM)])
    assert [(m.article_id, m.relation) for m in statement.members] == [("b", "same"), ("a", "indirect"), ("c", "same")]


def test_of_equally_full_members_the_earliest_stands_first_then_the_original() -> None:
    articles = [
        article("late", published="2024-03-12T10:00:00+02:00"),
        article("early", published="2024-03-12T09:30:00+02:00"),
        article("edition", published="2024-03-12T07:30:00Z", translation_of="early"),
        article("undated"),
    ]
    (statement,) = match([quote(a.id, CALM) for a in articles], *articles)
    assert [member.article_id for member in statement.members] == ["early", "edition", "late", "undated"]
    assert statement.first.article_id == "early"


def test_an_article_without_outlet_counts_as_one_of_its_own() -> None:
    articles = [
        article("a", outlet=None),
        article("b", outlet=None),
        article("c", outlet="Post"),
        article("d", outlet="Post"),
    ]
    (statement,) = match([quote(a.id, CALM) for a in articles], *articles)
    assert statement.outlets == 3


def test_a_fragment_and_the_clause_around_it_are_one_utterance() -> None:
    clause = f"{CALM} and everybody knows it"
    (statement,) = match([quote("a", clause, kind="indirect"), quote("a", "the storm is over", start=30, kind="mixed")])
    assert len(statement.members) == 2


def test_one_wrong_pair_does_not_chain_two_statements() -> None:
    """A bridge that is half one statement and half the other joins one of them at the most."""
    groups = [quote(f"a{n}", CALM) for n in range(3)] + [quote(f"b{n}", FISH) for n in range(3)]
    bridge = quote("x", f"{CALM} {FISH}")
    made = match([*groups, bridge])
    for statement in made:
        assert not {CALM, FISH} <= set(texts(statement))


@pytest.mark.parametrize("outlets", [2, 3, 12])
def test_a_wire_that_many_outlets_carry_is_one_statement(outlets: int) -> None:
    some = [quote(f"a{n}", CALM) for n in range(outlets)] + [quote(f"b{n}", FISH) for n in range(outlets)]
    assert [len(statement.members) for statement in match(some)] == [outlets, outlets]


def test_no_quotations_make_no_statements() -> None:
    assert match([]) == []


WORDS = st.sampled_from(["storm", "quay", "cat", "herring", "gulls", "wheat", "train", "lamp"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=3, max_size=6).map(" ".join), min_size=1, max_size=8), st.randoms())
def test_every_quotation_is_in_one_statement_whatever_the_order(some: list[str], chance: object) -> None:
    quotes = [quote(f"a{number}", text) for number, text in enumerate(some)]
    articles = [article(q.article_id) for q in quotes]
    made = match(quotes, *articles)
    members = [member.quote_id for statement in made for member in statement.members]
    assert sorted(members) == sorted(q.id for q in quotes)
    assert len({statement.id for statement in made}) == len(made)
    shuffled = list(quotes)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert match(shuffled, *articles) == made


@pytest.mark.parametrize(
    ("published", "wanted"),
    [
        ("2024-03-12", "2024-03-12T23:59:59+00:00"),
        ("2024-03-12T10:00:00+02:00", "2024-03-12T08:00:00+00:00"),
        ("2024-03-12T10:00:00Z", "2024-03-12T10:00:00+00:00"),
    ],
)
def test_times_are_ordered_across_zones(published: str, wanted: str) -> None:
    moment = statements.published(published)
    assert moment.astimezone(UTC).replace(microsecond=0).isoformat() == wanted
