"""TMX in and out: what other tools write is read, what could harm is refused, and nothing gets lost on the way."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.collection import Collection
from pipeline.errors import InputError
from pipeline.exchange import Imported, export, import_
from pipeline.memory import HUMAN, Notebook, Remembered

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'
OTHER_TOOL = f"""{HEAD}<tmx version="1.4"><header creationtool="OmegaT" srclang="EN-US" segtype="sentence">
<note>ours</note><prop type="x-signature">s</prop></header><body>
<tu><note>seen</note>
  <tuv lang="EN-US"><seg>The <bpt i="1">&lt;b&gt;</bpt>ferry<ept i="1">&lt;/b&gt;</ept> &amp; the pier.</seg></tuv>
  <tuv xml:lang="uk-UA" changedate="20240101T000000Z"><seg>Пором і <hi>пірс</hi>.</seg></tuv>
  <tuv xml:lang="de"><seg>Die Fähre.</seg></tuv>
</tu>
<tu><tuv xml:lang="de"><seg>Nur deutsch.</seg></tuv><tuv xml:lang="pl"><seg>Tylko.</seg></tuv></tu>
<tu srclang="*all*"><tuv xml:lang="ru"><seg>Да.</seg></tuv><tuv xml:lang="uk"><seg>Так.</seg></tuv></tu>
<tu><prop type="x-origin">machine</prop><tuv xml:lang="en"><seg>Yes.</seg></tuv><tuv xml:lang="uk"><seg>Їс.</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg> </seg></tuv><tuv xml:lang="uk"><seg>Нічого.</seg></tuv></tu>
</body></tmx>"""


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "memory.tmx"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_what_another_tool_wrote(tmp_path: Path) -> None:
    memory = Notebook()
    assert import_(memory, written(tmp_path, OTHER_TOOL)) == Imported(human=3, machine=0, passed_over=3)
    assert memory.known_translations(["The ferry & the pier."], "en", "uk", HUMAN) == {
        "The ferry & the pier.": "Пором і пірс."
    }
    assert memory.known_translations(["Пором і пірс."], "uk", "en", HUMAN) == {}, "the header names the source"
    assert memory.known_translations(["Да."], "ru", "uk", HUMAN) == {"Да.": "Так."}
    assert memory.known_translations(["Так."], "uk", "ru", HUMAN) == {"Так.": "Да."}


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1251"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    content = OTHER_TOOL.replace("UTF-8", encoding).replace("ä", "a").encode(encoding)
    assert import_(Notebook(), written(tmp_path, content)).human == 3


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f'<!DOCTYPE tmx [<!ENTITY e0 "ha">{BOMB}]><tmx><body><tu><tuv xml:lang="en"><seg>&e9;</seg></tuv></tu></body></tmx>', "entities"),
        ('<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]><tmx><body><tu><tuv xml:lang="en"><seg>&x;</seg></tuv></tu></body></tmx>', "entities"),
        ('<!DOCTYPE tmx [<!ENTITY % x SYSTEM "http://a.example/x.dtd"> %x;]><tmx/>', "entities"),
        ("<html><body/></html>", "begins with <tmx>"),
        ("no xml at all", ":1: "),
        (OTHER_TOOL[:-30], "no element found|unclosed"),
        ("", "no element found"),
        ('<tmx><body><tu><tuv xml:lang="en"><seg>' + "a" * ((1 << 20) + 1) + "</seg></tuv></tu></body></tmx>", "longer than"),
    ],
)  # fmt: skip
def test_what_could_harm_or_is_no_tmx_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        import_(Notebook(), written(tmp_path, content))
    with pytest.raises(InputError, match="cannot be read"):
        import_(Notebook(), tmp_path / "absent.tmx")


TEXT = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, st.sampled_from(["m-1/beam4", HUMAN])), max_size=6))
def test_what_is_exported_is_imported_equal(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    storable = [row for row in rows if all(char.isprintable() or char == " " for text in row[:2] for char in text)]
    ours, theirs = Notebook(), Notebook()
    for source, target, model in storable:
        ours.keep_translations({source: target}, "en", "uk", model)
    assert export(ours, tmp_path / "x.tmx") == len({(source, model) for source, _, model in storable})
    import_(theirs, tmp_path / "x.tmx")
    assert theirs == ours


def test_a_collection_is_exported_in_order_and_what_people_translated_counts_as_a_change(tmp_path: Path) -> None:
    with Collection.open(tmp_path / "c", create=True) as memory:
        memory.keep_translations({"b": "б", "a": "а"}, "en", "uk", "m-1")
        assert memory.meta("by people") is None
        memory.keep_translations({"a": "абетка"}, "en", "uk", HUMAN)
        assert memory.meta("by people") == "1"
        assert list(memory.remembered()) == [
            Remembered("a", "абетка", "en", "uk", HUMAN),
            Remembered("a", "а", "en", "uk", "m-1"),
            Remembered("b", "б", "en", "uk", "m-1"),
        ]
