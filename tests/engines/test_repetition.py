import pytest

from pipeline.engines.repetition import loops


@pytest.mark.parametrize(
    "text",
    [
        "Потяг зупинився (оплески) (оплески) (оплески) (оплески) (оплески)",
        "Он сказал, что мост закрыт, что мост закрыт, что мост закрыт",
        "the same long phrase again and the same long phrase again and",
        "да да да да",
    ],
)
def test_a_phrase_again_and_again_is_a_loop(text: str) -> None:
    assert loops(text)


@pytest.mark.parametrize(
    "text",
    ["", "Да, да, да!", "День за днём, шаг за шагом.", "Мост закрыт. Мост закрыли вчера.", "в том, что в том доме"],
)
def test_ordinary_repetition_is_none(text: str) -> None:
    assert not loops(text)


def test_what_the_source_repeats_may_be_repeated() -> None:
    assert not loops("ха ха ха ха ха", "ha ha ha ha ha")
