"""Quotations carried through the alignment."""

from pathlib import Path

from pipeline import counterparts
from pipeline.collection import Collection
from pipeline.counterparts import Counterpart
from pipeline.records import AlignedPair, Article, Passage, Quote

ENGLISH = ["Nobody argued.", "“Ships sail at noon,” Bondar said, “and bread gets dearer.”", "Then it rained."]
UKRAINIAN = ["Ніхто не сперечався.", "Бондар сказав: «Кораблі йдуть опівдні, а хліб дорожчає».", "Потім пішов дощ."]


def article(language: str, sentences: list[str], **fields: str) -> Article:
    return Article(**{"id": language, "text": " ".join(sentences), "language": language, **fields})  # type: ignore[arg-type]


def passage(edition: Article, words: str) -> Passage:
    start = edition.text.index(words)
    return Passage(article_id=edition.id, start=start, end=start + len(words), text=words)


def quote(edition: Article, *pieces: str) -> Quote:
    spans = [(edition.text.index(piece), edition.text.index(piece) + len(piece)) for piece in pieces]
    return Quote(
        id=f"{edition.id}:{pieces[0]}", article_id=edition.id, language=edition.language, kind="direct",
        pieces=tuple(spans), text=" … ".join(pieces), speaker=None, speaker_start=None, speaker_end=None, cue=None,
        confidence=1.0,
    )  # fmt: skip


def paired(left: Article, right: Article, *sentences: tuple[str, str]) -> list[AlignedPair]:
    return [
        AlignedPair(
            left=passage(left, ours) if ours else Passage(article_id=left.id, start=0, end=0, text=""),
            right=passage(right, theirs) if theirs else Passage(article_id=right.id, start=0, end=0, text=""),
            left_language=left.language, right_language=right.language, kind="1-1", moved=False,
            similarity=0.8 if ours and theirs else None, origin="machine" if right.translator else "human",
        )
        for ours, theirs in sentences
    ]  # fmt: skip


LEFT, RIGHT = article("en", ENGLISH), article("uk", UKRAINIAN)
PAIRS = paired(LEFT, RIGHT, *zip(ENGLISH, UKRAINIAN, strict=True))
OURS = quote(LEFT, "Ships sail at noon", "and bread gets dearer")
THEIRS = quote(RIGHT, "Кораблі йдуть опівдні, а хліб дорожчає")


def links(found: list[Counterpart]) -> set[tuple[str, str | None]]:
    return {(one.of, one.quote_id) for one in found}


def test_quotations_that_fill_paired_sentences_correspond() -> None:
    found = counterparts.between(LEFT, RIGHT, PAIRS, [OURS], [THEIRS])
    assert links(found) == {(OURS.id, THEIRS.id), (THEIRS.id, OURS.id)}
    there, back = found
    assert (there.article_id, there.text, there.similarity) == ("uk", THEIRS.text, 0.8)
    assert (back.article_id, back.start, back.end) == ("en", OURS.start, OURS.end)
    assert there.fit == back.fit > 0.7


def test_of_two_quotations_in_a_sentence_each_finds_its_own() -> None:
    left = article("en", ["“Ships sail at noon, whatever the weather,” said Bondar; “no,” said Rudenko."])
    right = article("uk", ["«Кораблі йдуть опівдні за будь-якої погоди», — сказав Бондар; «ні», — сказав Руденко."])
    ours = [quote(left, "Ships sail at noon, whatever the weather"), quote(left, "no,")]
    theirs = [quote(right, "Кораблі йдуть опівдні за будь-якої погоди"), quote(right, "ні»")]
    found = counterparts.between(left, right, paired(left, right, (left.text, right.text)), ours, theirs)
    assert links(found) >= {(one.id, other.id) for one, other in zip(ours, theirs, strict=True)}


def test_without_a_quotation_there_the_words_are_where_they_would_be() -> None:
    whole = quote(LEFT, "Then it rained")
    (found,) = counterparts.between(LEFT, RIGHT, PAIRS, [whole], [])
    assert (found.text, found.quote_id) == ("Потім пішов дощ", None)
    (half,) = counterparts.between(LEFT, RIGHT, PAIRS, [OURS], [])
    assert half.text in UKRAINIAN[1]
    assert half.fit < found.fit <= 1


def test_a_quotation_that_fills_little_of_what_another_fills_does_not_correspond() -> None:
    short = quote(LEFT, "noon")
    assert links(counterparts.between(LEFT, RIGHT, PAIRS, [short], [THEIRS])) == {(short.id, None), (THEIRS.id, None)}


def test_what_the_other_edition_leaves_out_has_no_counterpart() -> None:
    without = paired(LEFT, RIGHT, (ENGLISH[0], UKRAINIAN[0]), (ENGLISH[1], ""), ("", UKRAINIAN[1]))
    assert counterparts.between(LEFT, RIGHT, without, [OURS], [THEIRS]) == []


def test_a_quotation_over_two_sentences_meets_one_that_merges_them() -> None:
    left = article("en", ["“Ships sail.", "Bread gets dearer,” she said."])
    right = article("uk", ["«Кораблі йдуть, а хліб дорожчає», — сказала вона."])
    ours, theirs = quote(left, "Ships sail. Bread gets dearer"), quote(right, "Кораблі йдуть, а хліб дорожчає")
    found = counterparts.between(left, right, paired(left, right, (left.text, right.text)), [ours], [theirs])
    assert links(found) == {(ours.id, theirs.id), (theirs.id, ours.id)}


def test_quotations_of_a_machine_edition_give_spans_and_no_ids() -> None:
    made = article("uk", UKRAINIAN, translator="toy")
    found = counterparts.between(
        LEFT, made, paired(LEFT, made, *zip(ENGLISH, UKRAINIAN, strict=True)), [OURS], [THEIRS]
    )
    assert [(one.of, one.quote_id, one.text, one.origin) for one in found] == [(OURS.id, None, THEIRS.text, "machine")]


def test_correspondences_of_a_collection_stand_between_editions_by_people(tmp_path: Path) -> None:
    made = article("uk", UKRAINIAN, id="made", translator="toy", translation_of="en")
    with Collection.open(tmp_path, create=True) as collection:
        with collection.transaction():
            for edition in (LEFT, RIGHT, made):
                collection.put_article(edition)
            collection.put_quotes("en", [OURS])
            collection.put_quotes("uk", [THEIRS])
            collection.put_pairs("en", "uk", PAIRS)
            collection.put_pairs("en", "made", paired(LEFT, made, *zip(ENGLISH, UKRAINIAN, strict=True)))
        ((one, other, fit),) = counterparts.correspondences(collection)
        assert {one, other} == {OURS.id, THEIRS.id}
        assert fit > counterparts.FITS
        assert list(counterparts.correspondences(collection, {"made"})) == []
        found = list(counterparts.of_collection(collection, {"made"}))
    assert [(at.of, at.article_id, at.quote_id, at.text) for at in found] == [(OURS.id, "made", None, THEIRS.text)]
