"""The bundled embedder, as the pipeline uses it and as `sentence_transformers` alone reads it."""

import socket
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

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
    assert made.signature == "e5-small-q4-1"
    assert made.dimension == 384
    assert made.encode([]).shape == (0, 384)
    assert "_model" not in vars(made)


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
    """Texts of one length share a computation, so this is where companions and slots could show."""
    numbers = np.random.default_rng(words).integers(1, 10, size=(9, words))
    texts = [" ".join(map(str, row)) for row in numbers]
    together = EMBEDDER.encode(texts)
    assert np.array_equal(together[::-1], EMBEDDER.encode(texts[::-1]))
    for size in (1, 2, 3, 6):
        assert np.array_equal(together[:size], EMBEDDER.encode(texts[:size]))


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


def test_sentence_transformers_alone_gives_the_same_vectors():
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(FOLDER), device="cpu")
    assert plain.max_seq_length == 512
    assert np.allclose(plain.encode(SAID[2]), EMBEDDER.encode(SAID[2:])[0], atol=1e-6)


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


def test_damaged_weights_are_refused(tmp_path: Path):
    for path in FOLDER.rglob("*.json"):
        copy = tmp_path / path.relative_to(FOLDER)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / "model.safetensors").write_bytes((FOLDER / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(ModelMissing):
        SentenceEmbedder(tmp_path).encode(["text"])
