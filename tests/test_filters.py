import pytest

from pipeline import filters
from pipeline.errors import InputError
from pipeline.records import AlignedPair, Passage


def pair(left, right, languages=("en", "uk"), similarity=0.8):
    return AlignedPair(
        left=Passage(article_id="l", start=0, end=len(left), text=left),
        right=Passage(article_id="r", start=0, end=len(right), text=right),
        left_language=languages[0],
        right_language=languages[1],
        kind="1-1",
        moved=False,
        similarity=similarity,
        origin="human",
    )


LONG_EN = "The council decided on Thursday that the old bridge would be closed until spring."
LONG_RU = "В четверг совет решил, что старый мост будет закрыт до весны."
LONG_UK = "У четвер рада вирішила, що старий міст буде зачинено до весни."
GERMAN = "Der Stadtrat hat am Donnerstag beschlossen, die alte Brücke bis zum Frühjahr zu sperren."


def reason(one, *names, **options):
    taken = []
    list(filters.kept([one], filters.chosen(names or ["all"], **options), lambda _, why: taken.append(why)))
    return taken[0] if taken else None


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (pair(LONG_EN, LONG_UK), None),
        (pair(LONG_RU, LONG_UK, ("ru", "uk")), None),
        (pair("No comment.", "Без коментарів."), None),
        (pair("Рация подумала.", "Рація подумала.", ("ru", "uk")), None),
        (pair("", LONG_UK), "omission"),
        (pair("Yes.", "Так."), "too-short"),
        (pair("12 – 14", "12 – 14"), "too-short"),
        (pair(f"{LONG_EN} {LONG_EN}", "Міст зачинено."), "length-ratio"),
        (pair(LONG_EN, LONG_RU), "wrong-language"),
        (pair(LONG_EN, LONG_EN), "wrong-language"),
        (pair(GERMAN, LONG_UK), "wrong-language"),
        (pair(LONG_UK, LONG_UK, ("ru", "uk")), "wrong-language"),
        (pair("Вона мала два трактора.", "Вона мала два трактора.", ("ru", "uk")), "copy"),
    ],
)
def test_reasons(one, expected):
    assert reason(one) == expected


def test_a_pair_is_a_duplicate_whatever_its_case_spaces_and_direction():
    seen = filters.duplicate()
    assert not seen(pair("No comment.", "Без коментарів."))
    assert seen(pair("no  comment.", "БЕЗ коментарів."))
    assert seen(pair("Без коментарів.", "No comment.", ("uk", "en")))
    assert not seen(pair("No comment!", "Без коментарів."))


def test_limits_and_order():
    one = pair("One two three.", "Раз два три чотири п’ять.")
    assert reason(one, "too-short", "length-ratio") is None
    assert reason(one, "too-short=4") == "too-short"
    assert reason(one, "length-ratio=1.2", "all") == reason(one, "all", "length-ratio=1.2") == "length-ratio"
    assert reason(pair(LONG_EN, LONG_UK, similarity=0.3), "copy", min_similarity=0.5) == "similarity"


@pytest.mark.parametrize("name", ["length", "copy=2", "length-ratio=much", "all=3", ""])
def test_a_filter_that_makes_no_sense_is_refused(name):
    with pytest.raises(InputError):
        filters.chosen([name])


def test_the_length_ratio_counts_the_right_side_for_each_on_the_left():
    assert filters.length_ratio(pair("ab", "abc")) == 1.5
    assert filters.length_ratio(pair("", "abc")) is None
