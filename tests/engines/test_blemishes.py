import pytest

from pipeline.engines.blemishes import blemishes
from pipeline.records import Language


@pytest.mark.parametrize(
    ("translation", "target", "count"),
    [
        ("Мост закрыт.", "ru", 0),
        ("Російские солдаты пришли.", "ru", 1),
        ("Это учёнья, сказал мэр.", "uk", 4),
        ("Він сказав, що берещачий продав хліб.", "uk", 1),
        ("Він сказав, що Берещачий продав хліб і по-новому.", "uk", 0),
        ("Сказав Корostylin.", "uk", 1),
        ("Это exercise на три дня.", "ru", 1),
        ("Газета Pier Post і сайт pier.example.", "uk", 0),
        ("The bridge is мост.", "en", 1),
    ],
)
def test_words_that_do_not_belong(translation: str, target: Language, count: int) -> None:
    assert blemishes(translation, "", target) == count


def test_lost_quotation_marks() -> None:
    assert blemishes("Мост закрыт, сказала она.", "“The bridge is closed,” she said.", "ru") == 1
    assert blemishes("«Мост закрыт», — сказала она.", "“The bridge is closed,” she said.", "ru") == 0
    assert blemishes("Мост закрыт.", "The bridge is closed.", "ru") == 0
