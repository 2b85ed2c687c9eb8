from hypothesis import given
from hypothesis import strategies as st

from pipeline.antecedents import Anaphor, Candidate, Spot, best, features, weights

SHE = Anaphor(Spot(4, 2, 400, leads=True), pronoun=True, gender="femn", plural=False)


def person(name: str, gender: str | None, sentence: int, **more: object) -> Candidate:
    spot = Spot(sentence, sentence // 2, 100 * sentence, leads=True)
    return Candidate("person", name, (spot,), gender=gender, **more)  # type: ignore[arg-type]


def test_a_pronoun_means_the_nearest_person_of_its_gender() -> None:
    assert best(SHE, [person("Ann", "femn", 1), person("Bea", "femn", 3), person("Carl", "masc", 3)]) == 1


def test_a_person_is_likelier_than_a_place() -> None:
    assert best(SHE, [person("Ann", "femn", 3), person("Kharkiv", None, 3, human=False)]) == 0


def test_a_role_means_the_person_whom_the_article_calls_so() -> None:
    words = frozenset({"judge"})
    judge = Anaphor(
        Spot(4, 2, 400, leads=True), pronoun=False, gender=None, plural=False, head="judge", telling=words, anew=False
    )
    people = [person("Ann", "femn", 2, roles=words, around=words, same_role=True), person("Bea", "femn", 3)]
    assert best(judge, [*people, Candidate("itself")]) == 0


def test_an_indefinite_role_that_stands_for_the_first_time_is_somebody_new() -> None:
    farmer = Anaphor(
        Spot(4, 2, 400, leads=True), pronoun=False, gender=None, plural=False, head="farmer", indefinite=True
    )
    assert best(farmer, [person("Ann", "femn", 1), Candidate("itself")]) == 1


@given(st.lists(st.sampled_from([None, "masc", "femn"]), min_size=1, max_size=6))
def test_every_candidate_has_features_and_every_weight_is_one_of_them(genders: list[str | None]) -> None:
    candidates = [person(str(n), gender, n) for n, gender in enumerate(genders)]
    rows = features(SHE, [*candidates, Candidate("itself")])
    assert len(rows) == len(genders) + 1
    assert all(row and row.keys() <= weights().keys() for row in rows)
