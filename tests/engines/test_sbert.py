"""The bundled embedder, as the pipeline uses it and as `sentence_transformers` alone reads it."""

import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from pipeline.engines import sbert
from pipeline.engines.sbert import SentenceEmbedder
from pipeline.errors import ModelMissing
from pipeline.ports import Vectors

FOLDER = Path(__file__).parents[2] / "models" / "embedder"

SAID = [
    "We will rebuild the bridge before the first snow falls.",
    "Мы восстановим мост до первого снега.",
    "Ми відбудуємо міст до першого снігу.",
]
OTHERS = [
    "No.",
    "Ні, дякую.",
    "The price of bread rose by 4.5% in March, and the council has yet to explain why.",
    "Цена на хлеб выросла в марте на 4,5 %, и совет до сих пор не объяснил почему.",
    "Ціна хліба зросла в березні на 4,5 %, і рада досі не пояснила чому.",
    "Nobody asked the people who live on this street, who have paid for these lamps twice over and still walk home in "
    "the dark, whether they would rather have benches, and I do not think that anybody is going to ask them now.",
    "«Мы ждали ответа одиннадцать недель — и получили открытку», — сказала она, а потом рассмеялась и добавила, что "
    "открытку всё-таки повесила на стену, потому что другой бумаги из министерства в этом доме никогда не видели.",
]


EMBEDDER = SentenceEmbedder(FOLDER)


@pytest.fixture(scope="module")
def alone() -> dict[str, Vectors]:
    """The vector of each text, computed without companions."""
    return {text: EMBEDDER.encode([text])[0] for text in SAID + OTHERS}


def test_name_and_dimension_are_known_before_the_model_is_read():
    made = SentenceEmbedder(FOLDER)
    assert made.signature == "e5-small-news-1"
    assert made.dimension == 384
    assert made.encode([]).shape == (0, 384)
    assert "_encoder" not in vars(made)


def test_rows_are_float32_of_length_one_in_the_order_of_the_texts(alone: dict[str, Vectors]):
    texts = [*OTHERS, *SAID, OTHERS[0]]
    vectors = EMBEDDER.encode(texts)
    assert vectors.shape == (len(texts), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for text, vector in zip(texts, vectors, strict=True):
        assert np.array_equal(vector, alone[text])


def test_the_same_statement_is_closer_in_another_language_than_another_statement():
    said, others = EMBEDDER.encode(SAID), EMBEDDER.encode(OTHERS)
    assert (said @ said.T).min() > (said @ others.T).max()


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_vector_does_not_depend_on_its_companions(alone: dict[str, Vectors], data: st.DataObject):
    texts = data.draw(st.lists(st.sampled_from(sorted(alone)), min_size=1, max_size=12))
    for text, vector in zip(texts, EMBEDDER.encode(texts), strict=True):
        assert np.array_equal(vector, alone[text])


@pytest.mark.parametrize("words", [1, 2, 7, 30])
def test_texts_of_one_length_do_not_show_in_each_other(words: int):
    """Texts of one length share a computation, so this is where companions could show."""
    numbers = np.random.default_rng(words).integers(1, 10, size=(90, words))
    texts = [" ".join(map(str, row)) for row in numbers]
    together = EMBEDDER.encode(texts)
    assert np.array_equal(together[::-1], EMBEDDER.encode(texts[::-1]))
    for size in (1, 2, 3, 6, 17, 64):
        assert np.array_equal(together[:size], EMBEDDER.encode(texts[:size]))


@pytest.mark.parametrize("room", [1, 64, 4096])
def test_the_size_of_batches_shows_in_no_vector(alone: dict[str, Vectors], room: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sbert, "ROOM", room)
    texts = sorted(alone) * 2
    assert np.array_equal(EMBEDDER.encode(texts), np.stack([alone[text] for text in texts]))


@pytest.mark.parametrize("threads", ["1", "3"])
def test_the_number_of_threads_shows_in_no_vector(
    alone: dict[str, Vectors], threads: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CROSSQUOTE_THREADS", threads)
    assert np.array_equal(SentenceEmbedder(FOLDER).encode(sorted(alone)), np.stack([alone[t] for t in sorted(alone)]))


def test_a_clause_is_closest_to_the_whole_that_it_stands_in():
    clauses = ["not one of us was asked", "никого из нас не спросили", "нікого з нас не спитали"]
    whole = "The council sold the field in August, and although we live next to it, not one of us was asked."
    beside = [
        "The council sold the field in August, and the school was told so by letter before the first bell.",
        *OTHERS,
    ]
    vectors = EMBEDDER.encode(clauses)
    assert ((vectors @ EMBEDDER.encode([whole]).T).min(1) > (vectors @ EMBEDDER.encode(beside).T).max(1)).all()


def test_torch_is_not_loaded():
    code = (
        "import sys; from pathlib import Path; from pipeline.engines.sbert import SentenceEmbedder; "
        "SentenceEmbedder(Path(sys.argv[1])).encode(['No.']); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(FOLDER)], check=False).returncode == 0


def test_only_what_the_model_reads_of_a_long_text_counts():
    long = "слово за словом " * 300
    first, second = EMBEDDER.encode([long, long + "и ещё одно"])
    assert np.array_equal(first, second)


def test_space_around_a_text_means_nothing():
    assert np.array_equal(EMBEDDER.encode([f" \n{SAID[1]} \t"]), EMBEDDER.encode([SAID[1]]))


def test_loading_is_silent_and_stays_off_the_network(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    calls: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        calls.append(arguments)
        raise OSError("no network")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    SentenceEmbedder(FOLDER).encode(SAID)
    assert calls == []
    assert capfd.readouterr() == ("", "")


def test_sentence_transformers_alone_gives_vectors_that_differ_by_rounding():
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(FOLDER), device="cpu")
    assert plain.max_seq_length == 512
    texts = SAID + OTHERS
    theirs, ours = plain.encode(texts, show_progress_bar=False), EMBEDDER.encode(texts)
    assert (theirs * ours).sum(axis=1).min() > 0.985


def test_no_letter_or_mark_of_the_three_languages_is_unknown():
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    cyrillic = "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя"
    latin = "abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëíîïñóôöøúüýćčđęěğłńňőřśşšůźżžı"
    text = " ".join(
        cyrillic + cyrillic.upper() + latin + latin.upper() + "0123456789.,:;!?…—–-«»„“”‘’'\"()[]/%№€$£&@#+=*"
    )
    assert "<unk>" not in tokenizer.encode(text).tokens


def test_a_folder_without_a_model_is_refused(tmp_path: Path):
    with pytest.raises(ModelMissing) as problem:
        SentenceEmbedder(tmp_path)
    assert str(tmp_path) in problem.value.message
    assert problem.value.hint


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "sentence_bert_config.json"])
def test_a_damaged_folder_is_refused(tmp_path: Path, name: str):
    for path in [path for path in FOLDER.rglob("*.json") if path.name != name]:
        copy = tmp_path / path.relative_to(FOLDER)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    if name != "model.safetensors":
        (tmp_path / "model.safetensors").symlink_to(FOLDER / "model.safetensors")
    content = (FOLDER / name).read_bytes()
    (tmp_path / name).write_bytes(content[: min(1000, len(content) // 2)])
    with pytest.raises(ModelMissing):
        SentenceEmbedder(tmp_path).encode(["text"])
