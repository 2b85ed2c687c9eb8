"""Direct pairs win over pivots, and a pivot says that it is one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.engines.descriptions import Description
from pipeline.engines.routes import Pivot, route
from pipeline.records import Language


def model(*pairs: str, version: str = "1") -> Description:
    known = frozenset((pair[:2], pair[3:]) for pair in pairs)
    return Description(folder=Path(), name="toy", version=version, pairs=known, weights=Path())


class Leg:
    """Writes behind every sentence what it was made into; offers that, and the same with an exclamation mark."""

    def __init__(self, source: Language, target: Language) -> None:
        self.pair = (source, target)
        self.signature = f"toy-{source}_{target}-1"

    def supports(self, source: Language, target: Language) -> bool:
        return (source, target) == self.pair

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        assert (source, target) == self.pair
        return [f"{text}>{target}" for text in sentences]

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        return [[text, f"{text}!"] for text in self.translate(sentences, source, target)]


def test_direct_model_wins_over_pivot_and_the_first_over_later_ones() -> None:
    legs = [model("ru-en"), model("en-uk"), model("en-uk", version="2")]
    assert route(legs, "ru", "uk") == tuple(legs[:2])
    direct = model("uk-ru", "ru-uk")
    assert route([*legs, direct], "ru", "uk") == (direct,)
    assert route(legs, "uk", "ru") == ()
    assert route(legs, "ru", "en") == (legs[0],)


def test_pivot_goes_through_english_and_is_named() -> None:
    first, second = Leg("ru", "en"), Leg("en", "uk")
    pivot = Pivot(first, second)
    assert pivot.signature == "toy-ru_en-1+toy-en_uk-1"
    assert pivot.supports("ru", "uk")
    assert not pivot.supports("ru", "en")
    assert pivot.translate(["Дощ"], "ru", "uk") == ["Дощ>en>uk"]
    with pytest.raises(ValueError, match="does not translate uk into ru"):
        pivot.translate(["Дощ"], "uk", "ru")


def test_a_pivot_offers_what_both_legs_offer() -> None:
    class Choosy(Leg):
        def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
            return [["Rain"] if text == "Дощ" else [] for text in sentences]

    pivot = Pivot(Choosy("ru", "en"), Leg("en", "uk"))
    assert pivot.retry(["Дощ", "Сніг"], "ru", "uk") == [
        ["Дощ>en>uk", "Дощ>en>uk!", "Rain>uk"],
        ["Сніг>en>uk", "Сніг>en>uk!"],
    ]
