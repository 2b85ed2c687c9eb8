"""Glossaries: what is read, where terms stand, whether a translation has them."""

from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.glossary import Glossary, Term, read
from pipeline.records import Language

TERMS = Glossary(
    [
        Term("Verkhovna Rada", "Верховна Рада", "uk"),
        Term("Verkhovna Rada", "Верховная рада", "ru"),
        Term("Rada", "Рада", "uk"),
        Term("drone", "безпілотник", "uk"),
        Term("Naftogaz", "Нафтогаз", None),
        Term("Larkfield", "Ларкфілд", "uk"),
        Term("Pier Post", "", None),
        Term("територіальна оборона", "территориальная оборона", "ru"),
        Term("день", "день", "ru"),
    ]
)


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "terms.tsv"
    path.write_text(content, "utf-8")
    return path


def test_read(tmp_path: Path) -> None:
    glossary = read(
        written(
            tmp_path, "source\ttarget\tlanguage\r\n# a remark\n\nferry\tпором\tuk\nPier Post\n#1 seed\tперший\tUKR\n"
        )
    )
    found = glossary.terms_of("The #1 seed missed the ferry, says Pier Post.", "en", "uk")
    assert [term for term, _ in found] == [
        Term("#1 seed", "перший", "uk"),
        Term("ferry", "пором", "uk"),
        Term("Pier Post", "", None),
    ]
    assert [term.source for term, _ in glossary.terms_of("The #1 seed missed the ferry.", "en", "ru")] == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ferry\tпором\tde", "terms.tsv:2: German"),
        ("ferry\tпором\tuk\tmore", "terms.tsv:2: more than three columns"),
        ("\tпором\tuk", "terms.tsv:2: no source term"),
        ("pier\tпричал\tuk", "terms.tsv:2: 'pier' has another translation in line 1"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(written(tmp_path, f"pier\tпірс\tuk\n{line}\n"))
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "absent.tsv")


@pytest.mark.parametrize(
    ("text", "source", "target", "found"),
    [
        ("The Verkhovna Rada's drones hit a DRONE.", "en", "uk", ["Verkhovna Rada", "drone", "DRONE"]),
        ("THE VERKHOVNA RADA VOTES", "en", "uk", ["VERKHOVNA RADA"]),
        ("The Rada, a pier post, Naftogazian.", "en", "uk", ["Rada"]),
        ("Бійців територіальної оборони бракує", "uk", "ru", ["територіальної оборони"]),
        ("Три дня и ещё день", "uk", "ru", ["дня", "день"]),
    ],
)
def test_where_terms_stand(text: str, source: Language, target: Language, found: list[str]) -> None:
    assert [text[slice(*span)] for _, span in TERMS.terms_of(text, source, target)] == found


@pytest.mark.parametrize(
    ("text", "translation", "missed"),
    [
        ("Drones flew.", "Пролетіли безпілотники.", []),
        ("A drone and a drone.", "Безпілотник і дрон.", ["drone"]),
        ("They wrote to the Verkhovna Rada.", "Вони писали до Верховної Ради.", []),
        ("They wrote to the Verkhovna Rada.", "Вони писали до парламенту.", ["Verkhovna Rada"]),
        ("Naftogaz signed.", "Підписано з Нафтогазом.", []),
        ("In Larkfield.", "У Ларкфілді.", []),
        ("In Larkfield.", "У Ларкінгу.", ["Larkfield"]),
        ("Pier Post wrote.", "«Пір Пост» написав.", ["Pier Post"]),
        ("Pier Post wrote.", "Pier Post написала.", []),
    ],
)
def test_terms_in_any_form(text: str, translation: str, missed: list[str]) -> None:
    assert [term.source for term in TERMS.missed(text, translation, "en", "uk")] == missed


def test_marks_around_a_term_are_not_compared(tmp_path: Path) -> None:
    (tmp_path / "g.tsv").write_text("«Слуга народу»\tСлуга народа\tru\n", "utf-8")
    terms = read(tmp_path / "g.tsv")
    for text in ('Партія "Слуга народу" перемогла.', "Партія «Слуга народу» перемогла."):
        assert [text[slice(*span)] for _, span in terms.terms_of(text, "uk", "ru")] == ["Слуга народу"]


def test_the_signature_depends_on_the_terms_for_the_target() -> None:
    assert Glossary().signature("uk") == ""
    assert Glossary([Term("a", "б", "uk")]).signature("ru") == ""
    assert Glossary([Term("a", "б", "uk")]).signature("uk") != Glossary([Term("a", "в", "uk")]).signature("uk")


def test_large_glossaries_are_quick() -> None:
    many = Glossary(Term(f"term{n}", f"термін{n}", "uk") for n in range(20_000))
    assert [term.source for term, _ in many.terms_of("A term777 and a Term1234.", "en", "uk")] == [
        "term777",
        "term1234",
    ]
