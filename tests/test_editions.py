"""Families of editions."""

from pipeline import editions
from pipeline.records import Article


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
