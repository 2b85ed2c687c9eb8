"""One spelling for what looks the same, and a record of what was changed."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.normalisation import normalise


@pytest.mark.parametrize(
    ("text", "wanted", "changes"),
    [
        ("«Їдьмо», — сказав капітан. It’s “done”, he said; 5 °C, 20 °C.", None, ()),
        ("one\r\ntwo\rthree\u2028four\n", "one\ntwo\nthree\nfour\n", ("line-ends",)),
        ("\x93No,\x94 he said\x85 and\x00 left\x0f.", "“No,” he said… and left.", ("control-characters",)),
        ("icon\ue001 font\ufffc", "icon font", ("control-characters",)),
        ("пере\u00adправа", "переправа", ("soft-hyphens",)),
        ("\ufeffпа\u200bром\u2060 ски\u200cф", "паром скиф", ("zero-width",)),
        ("a family: 👨\u200d👩\u200d👧", None, ()),
        ("\u200f«Ні\u200e», — \u202bсказав\u202c він", "«Ні», — сказав він", ("direction-marks",)),
        ("за\u0301мок и ї\u0301жа", "замок и їжа", ("stress-marks",)),
        (unicodedata.normalize("NFD", "Зеленський її й ёлка, café"), "Зеленський її й ёлка, café", ("nfc",)),
        ("Kиїв і Oдеcа", "Київ і Одеса", ("look-alikes",)),
        ("Укpaїнa, мáма и Bopoнеж", "Украïна, мама и Воронеж".replace("ï", "ї"), ("look-alikes",)),
        ("Сrimea and Zеlensky", "Crimea and Zelensky", ("look-alikes",)),
        ("він i вона, он c ней", "він і вона, он с ней", ("look-alikes",)),
        ("СВO", "СВО", ("look-alikes",)),
        ("Пётр I и план B, IP-адрес, iPhoneом, VIPа, вітамін C", None, ()),
        ("https://cайт.example/Kиїв і @Kиївпост", None, ()),
    ],
)
def test_normalised(text: str, wanted: str | None, changes: tuple[str, ...]) -> None:
    found = normalise(text)
    assert found.text == (text if wanted is None else wanted)
    assert found.changes == changes


def test_the_signature_tells_what_was_changed() -> None:
    assert normalise("па\u00adром\r\n").signature == "norm:1 line-ends,soft-hyphens"


ANYTHING = st.text(
    st.one_of(st.characters(), st.sampled_from("aоeіyxр \r\n\x85\u0301\u0308\u0306\u00ad\u200d\u2028@/"))
)


@given(ANYTHING)
def test_doing_it_again_changes_nothing(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).changes == ()


@given(ANYTHING, ANYTHING)
def test_lines_are_normalised_by_themselves(one: str, other: str) -> None:
    assume(not one.endswith("\r"))  # with the line feed that follows it is one line end
    assert normalise(f"{one}\n{other}").text == f"{normalise(one).text}\n{normalise(other).text}"


def test_an_address_keeps_its_letters_whatever_stands_in_it() -> None:
    for address in ("https://a.example/паролiвка", "(www.мiсто.example)", "мiсто@a.example", "@мiсто"):
        assert normalise(f"мiсто {address} мiсто").text == f"місто {address} місто"
