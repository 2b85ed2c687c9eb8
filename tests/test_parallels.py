"""All editions of an article in one table."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline import parallels
from pipeline.collection import Collection
from pipeline.records import LANGUAGES, AlignedPair, Article, Passage

LETTERS = "abcdefghij"


def article(language: str, count: int, **fields: str) -> Article:
    """An edition whose sentences are ``en0``, ``en1`` …; `fields` are those of the record."""
    text = " ".join(f"{language}{number}" for number in range(count))
    return Article(**{"id": language, "text": text, "language": language, **fields})  # type: ignore[arg-type]


def passage(edition: Article, run: Sequence[int]) -> Passage:
    start, end = (4 * run[0], 4 * run[-1] + 3) if run else (0, 0)
    return Passage(article_id=edition.id, start=start, end=end, text=edition.text[start:end])


def pair(
    left: Article, ours: Sequence[int], right: Article, theirs: Sequence[int], sure: float = 0.8, *, moved: bool = False
) -> AlignedPair:
    return AlignedPair(
        left=passage(left, ours), right=passage(right, theirs),
        left_language=left.language, right_language=right.language,
        kind=f"{len(ours)}-{len(theirs)}", moved=moved, similarity=sure if ours and theirs else None,
        origin="machine" if right.translator else "human",
    )  # fmt: skip


EN, RU, UK = (article(language, 3) for language in LANGUAGES)


def texts(rows: list[parallels.Row]) -> list[str]:
    return ["|".join(row.passages[lang].text if lang in row.passages else "" for lang in LANGUAGES) for row in rows]


def straight(left: Article, right: Article, count: int = 3, sure: float = 0.8) -> list[AlignedPair]:
    return [pair(left, [n], right, [n], sure) for n in range(count)]


def test_pairs_that_agree_give_a_row_for_each_sentence() -> None:
    found = parallels.rows([EN, RU, UK], [*straight(EN, RU), *straight(EN, UK, sure=0.5), *straight(RU, UK)])
    assert texts(found) == ["en0|ru0|uk0", "en1|ru1|uk1", "en2|ru2|uk2"]
    assert {row.similarity for row in found} == {0.5}


def test_a_sentence_that_two_pairs_lead_to_is_in_the_row_of_the_surer_one() -> None:
    odd = [pair(RU, [0], UK, [1], 0.4), pair(RU, [1], UK, [2], 0.4)]
    found = parallels.rows([EN, RU, UK], [*straight(EN, RU), *straight(EN, UK), *odd])
    assert texts(found) == ["en0|ru0|uk0", "en1|ru1|uk1", "en2|ru2|uk2"]


def test_a_merged_sentence_keeps_its_counterparts_in_one_row() -> None:
    pairs = [pair(EN, [0, 1], RU, [0]), pair(EN, [2], RU, [1]), *straight(EN, UK, sure=0.9)]
    found = parallels.rows([EN, article("ru", 2), UK], [*pairs, pair(RU, [0], UK, [0, 1], 0.7)])
    assert texts(found) == ["en0 en1|ru0|uk0 uk1", "en2|ru1|uk2"]


def test_a_third_edition_is_reached_by_way_of_the_second() -> None:
    found = parallels.rows(
        [EN, RU, UK], [*straight(EN, RU), *straight(RU, UK), *(pair(EN, [n], UK, []) for n in range(3))]
    )
    assert texts(found) == ["en0|ru0|uk0", "en1|ru1|uk1", "en2|ru2|uk2"]


def test_what_the_first_edition_leaves_out_stands_where_the_others_have_it() -> None:
    en, ru, uk = article("en", 2), article("ru", 4), article("uk", 3)
    known = [pair(en, [], ru, [0]), pair(en, [0], ru, [1]), pair(en, [], ru, [2]), pair(en, [1], ru, [3])]
    known += [pair(ru, [0], uk, []), pair(ru, [1], uk, [0]), pair(ru, [2], uk, [1]), pair(ru, [3], uk, [])]
    known += [pair(en, [0], uk, [0]), pair(en, [1], uk, []), pair(en, [], uk, [1]), pair(en, [], uk, [2])]
    assert texts(parallels.rows([en, ru, uk], known)) == ["|ru0|", "en0|ru1|uk0", "|ru2|uk1", "||uk2", "en1|ru3|"]


def test_rows_never_tear_an_edition() -> None:
    """Joining the English sentences would make a row of the first and the third Ukrainian one."""
    known = [pair(EN, [0], UK, [0], 0.9), pair(EN, [1], UK, [2], 0.9), pair(EN, [0, 1], RU, [0], 0.8)]
    known.append(pair(EN, [], UK, [1]))
    found = parallels.rows([EN, RU, UK], known)
    assert texts(found) == ["|ru0|", "en0||uk0", "||uk1", "en1||uk2"]


def test_moved_and_machine_made_rows_say_so() -> None:
    machine = article("uk", 3, translator="toy")
    known = [
        *straight(EN, machine, 2),
        pair(EN, [0], RU, [0]),
        pair(EN, [1], RU, [2], moved=True),
        pair(EN, [2], RU, [1]),
    ]
    found = parallels.rows([EN, RU, machine], known)
    assert texts(found) == ["en0|ru0|uk0", "en1|ru2|uk1", "en2|ru1|"]
    assert [row.moved for row in found] == [False, True, False]
    assert [row.origin for row in found] == ["machine", "machine", "human"]


def test_a_language_is_shown_in_the_edition_that_people_made() -> None:
    made = article("uk", 3, id="en.uk", translator="toy")
    assert parallels.editions([EN, made, RU, UK]) == [EN, RU, UK]
    assert parallels.editions([EN, made]) == [EN, made]


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    with Collection.open(tmp_path, create=True) as opened, opened.transaction():
        for language in LANGUAGES:
            opened.put_article(article(language, 3, **({} if language == "en" else {"translation_of": "en"})))
        opened.put_pairs("en", "ru", straight(EN, RU))
        opened.put_pairs("en", "uk", straight(EN, UK))
    return Collection.open(tmp_path)


def test_rows_of_a_collection_as_json_and_as_a_table(collection: Collection) -> None:
    with collection:
        found = list(parallels.of_collection(collection))
    record = json.loads(json.dumps(parallels.row_json(found[1])))
    assert record == {
        "en": {"article_id": "en", "start": 4, "end": 7, "text": "en1"},
        "ru": {"article_id": "ru", "start": 4, "end": 7, "text": "ru1"},
        "uk": {"article_id": "uk", "start": 4, "end": 7, "text": "uk1"},
        "similarity": 0.8,
        "moved": False,
        "origin": "human",
    }
    table = parallels.table(found)
    assert [dict(zip(table.columns, row, strict=True))["uk"] for row in table.rows] == ["uk0", "uk1", "uk2"]
