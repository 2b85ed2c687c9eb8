"""Families of editions."""

from pipeline import editions
from pipeline.records import Article, Sentence


def article(id_: str, language: str = "en", of: str | None = None, translator: str | None = None) -> Article:
    return Article(id=id_, text="x", language=language, translation_of=of, translator=translator)  # type: ignore[arg-type]


def ids(families: list[list[Article]]) -> list[list[str]]:
    return [[member.id for member in family] for family in families]


def test_originals_stand_before_their_editions() -> None:
    known = [article("u", "uk", "e"), article("x"), article("r", "ru", "e"), article("e")]
    assert ids(editions.families(known)) == [["e", "r", "u"], ["x"]]


def test_editions_of_editions_and_of_an_absent_original_belong_together() -> None:
    assert ids(editions.families([article("r", "ru", "gone"), article("u", "uk", "gone")])) == [["r", "u"]]
    assert ids(editions.families([article("e"), article("r", "ru", "e"), article("u", "uk", "r")])) == [["e", "r", "u"]]


def test_a_circle_of_editions_is_one_family() -> None:
    assert ids(editions.families([article("a", "en", "b"), article("b", "ru", "a")])) == [["a", "b"]]
    assert ids(editions.families([article("a", "en", "a")])) == [["a"]]


def test_what_is_aligned_and_what_is_lacking() -> None:
    family = [
        article("e"),
        article("r", "ru", "e"),
        article("e.uk", "uk", "e", "toy"),
        article("e.ru", "ru", "e", "toy"),
    ]
    assert [(a.id, b.id) for a, b in editions.to_align(family)] == [("e", "r"), ("e", "e.uk"), ("e", "e.ru")]
    assert editions.lacking(family, "ru", made_here={"e.uk", "e.ru"}) == []
    assert [a.id for a in editions.lacking(family, "uk", made_here={"e.uk", "e.ru"})] == ["e"]
    assert editions.lacking(family, "uk", made_here=set()) == []  # somebody gave a machine edition


def test_a_machine_edition_in_the_other_s_language_or_one_close_to_it_is_a_bridge() -> None:
    english, russian = article("e"), article("r", "ru", "e")
    ukrainian, back = article("e.uk", "uk", "e", "toy"), article("r.en", "en", "r", "toy")
    assert editions.bridge(english, russian, [ukrainian]) == ukrainian
    assert editions.bridge(english, russian, [back]) == back
    assert editions.bridge(english, russian, [article("r.uk", "uk", "r", "toy")]) is None  # English is not close to it
    assert editions.bridge(english, ukrainian, [ukrainian]) is None  # one of the two itself


def test_a_sentence_in_translation_is_what_its_segments_became() -> None:
    made = Article(id="m", text="One two. Three.", language="en", translator="toy")
    sentences = [Sentence(0, 10, "."), Sentence(11, 15, "."), Sentence(16, 20, ".")]
    segments = [((0, 5), (0, 3)), ((5, 10), (4, 8)), ((16, 20), (9, 15))]
    assert editions.in_translation(sentences, made, segments) == ["One two.", "", "Three."]
