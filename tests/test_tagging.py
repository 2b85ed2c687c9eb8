"""What the rules and a tagger make of an article together."""

from collections.abc import Sequence

import pytest
from conftest import FakeTagger
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.quotes import extract, extract_all, signature
from pipeline.records import LANGUAGES, Article, Language, Quote, join_pieces
from pipeline.tagging import Passage, Tag, TagKind

KINDS: tuple[TagKind, ...] = ("reported", "attribution", "speaker", "cue", "hinted")


def article(text: str, language: Language = "en") -> Article:
    return Article(id="a1", text=text, language=language)


def reported(found: list[Quote]) -> list[tuple[str | None, str | None, str]]:
    return [(quote.speaker, quote.cue, quote.text) for quote in found if quote.kind == "indirect"]


def test_a_clause_that_the_rules_do_not_see_gets_its_attribution_from_the_tagged_words():
    text = "Olha Stets, who runs the archive, was of the opinion that day: the roof had leaked for years."
    tagger = FakeTagger(
        ("attribution", "Olha Stets, who runs the archive, was of the opinion"),
        ("speaker", "Olha Stets"),
        ("cue", "was of the opinion"),
        ("reported", "the roof had leaked for years"),
    )
    assert reported(extract(article(text), tagger=tagger)) == [
        ("Olha Stets", "was of the opinion", "the roof had leaked for years")
    ]


def test_a_tagged_clause_takes_the_attribution_that_the_rules_have_found():
    text = "Mayor Ann Lee said on Friday that the bridge was closed."
    tagger = FakeTagger(("reported", "that the bridge was closed"))
    assert reported(extract(article(text), tagger=tagger)) == [("Ann Lee", "said", "the bridge was closed")]


def test_a_clause_of_the_rules_that_the_tagger_does_not_take_for_reported_is_left_out():
    text = "Ann Lee said that the bridge was closed."
    assert reported(extract(article(text)))
    assert not reported(extract(article(text), tagger=FakeTagger()))


def test_a_clause_of_the_rules_stays_unless_the_tagger_finds_it_unlikely():
    text = "Ann Lee said that the bridge was closed."
    tagger = FakeTagger(("hinted", "the bridge was closed"), sure=0.4)
    assert reported(extract(article(text), tagger=tagger)) == [("Ann Lee", "said", "the bridge was closed")]
    assert not reported(extract(article(text), tagger=FakeTagger(("hinted", "the bridge was closed"), sure=0.05)))


@pytest.mark.parametrize(
    ("text", "language", "clauses"),
    [
        ("The bridge fell at noon, rescuers said.", "en", ["The bridge fell at noon"]),
        ("Two trains ran late, rescuers said, citing the wind.", "en", ["Two trains ran late"]),
        ("The crew went home, the dispatcher said, adding that the line was cut.", "en", ["The crew went home"]),
        ("Мост закрыли, — сообщили спасатели.", "ru", ["Мост закрыли"]),
        ("Міст закрили, повідомили рятувальники.", "uk", ["Міст закрили"]),
        # what nobody says, and what a pronoun says on its way to a quotation
        ("Где стоит мост, ведомство не уточняет.", "ru", []),
        ("The bridge was closed, she said.", "en", []),
    ],
)
def test_a_clause_that_words_of_saying_close_stays_whatever_the_tagger_thinks(
    text: str, language: Language, clauses: list[str]
):
    assert [words for _, _, words in reported(extract(article(text, language), tagger=FakeTagger()))] == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The bridge fell at noon, police said.", ["The bridge fell at noon"]),  # neither -ed nor an auxiliary
        ("After the cut, police said.", []),
        ("The bridge was closed, police said, citing the wind.", ["The bridge was closed"]),
        (
            "The bridge was closed, Ann Lee said, adding that trains were late.",
            ["The bridge was closed", "trains were late"],
        ),
        ("Ann Lee, a spokeswoman for the port, said the crane fell.", ["the crane fell"]),
        ("Ann Lee told reporters there were no trains.", ["there were no trains"]),
        ("The report says at least 12 trains ran late.", ["at least 12 trains ran late"]),
        ("According to Ann Lee, who led them, 31 of her 94 men came back.", ["31 of her 94 men came back"]),
    ],
)
def test_where_a_reported_clause_begins_and_ends_by_rules(text: str, clauses: list[str]):
    assert [words for _, _, words in reported(extract(article(text)))] == clauses


def test_a_tagger_that_is_not_certain_leaves_the_ends_of_a_clause_to_the_rules():
    text = "Ann Lee said that the bridge was closed."
    for sure, clause in ((0.7, "the bridge was closed"), (0.95, "the bridge")):
        tagger = FakeTagger(("reported", "the bridge"), sure=sure)
        assert [words for _, _, words in reported(extract(article(text), tagger=tagger))] == [clause]


def test_one_attribution_between_two_spans_makes_them_one_clause():
    text = "The bridge, Ann Lee said, would stay closed."
    tagger = FakeTagger(("reported", "The bridge"), ("reported", "would stay closed"), ("attribution", "Ann Lee said"))
    (quote,) = [quote for quote in extract(article(text), tagger=tagger) if quote.kind == "indirect"]
    assert [text[a:b] for a, b in quote.pieces] == ["The bridge", "would stay closed"]
    assert quote.speaker == "Ann Lee"


@pytest.mark.parametrize(
    ("language", "text", "clause"),
    [
        ("en", "Ann Lee said that the bridge was closed.", "the bridge was closed"),
        ("ru", "Анна Ли сообщила, что мост закрыт.", "мост закрыт"),
        ("uk", "Анна Лі повідомила, що міст закрито.", "міст закрито"),
    ],
)
def test_conjunction_and_marks_stay_outside_a_clause(language: Language, text: str, clause: str):
    tagger = FakeTagger(
        ("reported", text[text.index(", что") :] if ", что" in text else text[text.rindex(clause) - 5 :])
    )
    assert [words for _, _, words in reported(extract(article(text, language), tagger=tagger))] == [clause]


def test_confidence_of_a_reported_clause_is_the_taggers():
    text = "Ann Lee said that the bridge was closed."
    (quote,) = extract(article(text), tagger=FakeTagger(("reported", "the bridge was closed"), sure=0.83))
    assert quote.confidence == 0.83


def test_words_beside_which_nobody_is_named_have_no_speaker():
    text = "Rain fell. The bridge, it turned out, was closed."
    (quote,) = extract(article(text), tagger=FakeTagger(("reported", "was closed")))
    assert (quote.speaker, quote.cue) == (None, None)
    assert quote.confidence <= 0.5


def test_articles_do_not_mix():
    texts = ["Ann Lee said that the bridge was closed.", "Bo Ray said that the road was open."]
    tagger = FakeTagger(("reported", "the bridge was closed"), ("reported", "the road was open"))
    articles = [Article(id=str(n), text=text, language="en") for n, text in enumerate(texts)]
    assert extract_all(articles, tagger) == [extract(one, tagger=tagger) for one in articles]


def test_hints_of_the_rules_point_at_the_words():
    text = "“It is late,” said Ann Lee. Bo Ray said that the bridge was closed."
    tagger = FakeTagger()
    extract(article(text), tagger=tagger)
    hints = {(hint.kind, text[hint.start : hint.end]) for hint in tagger.asked[0].hints}
    assert hints >= {
        ("stretch", "“It is late,”"),
        ("source", "Ann Lee"),
        ("cue", "said"),
        ("clause", "the bridge was closed"),
    }


def test_quotations_found_by_another_tagger_are_others():
    assert signature(None) != signature(FakeTagger())


STORY = """“It is late,” said Ann Lee — and, as she put it, “very” late… Bo Ray said that the bridge, he was told, was closed.

— Мы не уйдём, — сказал он. По словам мэра, мост закрыт; «закрыт», — добавила она."""
SPANS = st.tuples(st.sampled_from(KINDS), st.integers(0, len(STORY)), st.integers(1, 60), st.floats(0, 1))


@settings(max_examples=100, deadline=None)
@given(st.lists(SPANS, max_size=12), st.sampled_from(LANGUAGES))
def test_whatever_is_tagged_every_span_points_at_its_words(
    spans: list[tuple[TagKind, int, int, float]], language: Language
):
    class Anything(FakeTagger):
        def tag(self, passages: Sequence[Passage]) -> list[list[Tag]]:
            return [
                [
                    Tag(kind, number, max(first, start), min(first + size, end), sure)
                    for number, (start, end) in enumerate(passage.sentences)
                    for kind, first, size, sure in spans
                    if max(first, start) < min(first + size, end)
                ]
                for passage in passages
            ]

    for quote in extract(article(STORY, language), tagger=Anything()):
        assert all(STORY[start:end].strip() for start, end in quote.pieces)
        assert quote.text == join_pieces(STORY, quote.pieces)
        assert 0 <= quote.confidence <= 1
