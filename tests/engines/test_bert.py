"""A BERT folder as an encoder of CTranslate2."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertModel

from pipeline.engines import bert

FOLDER = Path(__file__).parents[2] / "models" / "embedder"
TEXTS = [[0, 5, 9, 44, 2], [0, 7, 7, 8, 2]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BertModel]:
    """A model of two layers with random weights, in its folder."""
    torch.manual_seed(1)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    configuration = BertConfig(vocab_size=50, max_position_embeddings=16, layer_norm_eps=1e-12, **sizes)
    model = BertModel(configuration, add_pooling_layer=False).eval()
    folder = tmp_path_factory.mktemp("small")
    (folder / "config.json").write_text(configuration.to_json_string(use_diff=False))
    save_file(model.state_dict(), folder / "model.safetensors")
    return folder, model


def test_the_encoder_computes_what_the_model_does(small: tuple[Path, BertModel]):
    folder, model = small
    with torch.inference_mode():
        expected = model(torch.tensor(TEXTS)).last_hidden_state.numpy()
    found = np.asarray(bert.encoder(folder, 1).forward_batch(TEXTS).last_hidden_state)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 0.1  # values are around 1
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999


@pytest.mark.parametrize(
    "kind",
    [torch.float32, torch.float16, torch.float8_e4m3fn, torch.int32, torch.int64],
    ids=lambda kind: str(kind)[6:],
)
def test_tensors_are_read_as_torch_reads_them(kind: torch.dtype, tmp_path: Path):
    values = (torch.arange(-60, 60).reshape(4, 30) * 1.7).to(kind)
    save_file({"first": values, "second": torch.ones(3)}, tmp_path / "some.safetensors")
    found = bert.stored(tmp_path / "some.safetensors")
    assert np.array_equal(found["first"], values.float().numpy() if kind.itemsize == 1 else values.numpy())
    assert np.array_equal(found["second"], np.ones(3, np.float32))


def test_every_number_of_eight_bits_is_the_one_of_torch():
    theirs = torch.arange(256, dtype=torch.uint8).view(torch.float8_e4m3fn).float().numpy()
    assert np.array_equal(bert.E4M3, theirs, equal_nan=True)


def test_packed_weights_are_those_that_transformers_unpacks():
    """One scale to 32 of the file becomes one to a row: what is lost is at most half a step."""
    rows = slice(5000, 5050)
    tensors = load_file(FOLDER / "model.safetensors")
    name = "embeddings.word_embeddings"
    some = {f"{name}.weight_{part}": tensors[f"{name}.weight_{part}"][rows].numpy() for part in ("packed", "scale")}
    some[f"{name}.weight_shape"] = np.array([50, 384])
    integers, scales = bert.quantized(some, name)
    theirs = BertModel.from_pretrained(FOLDER, add_pooling_layer=False).embeddings.word_embeddings.weight[rows]
    assert np.abs(integers).max(axis=1).tolist() == [127] * 50
    assert (np.abs(integers / scales[:, None] - theirs.detach().numpy()) <= 0.501 / scales[:, None]).all()


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path):
    (tmp_path / "some.safetensors").write_bytes((FOLDER / "model.safetensors").read_bytes()[:100_000])
    with pytest.raises(ValueError, match="some"):
        bert.stored(tmp_path / "some.safetensors")


def test_another_architecture_is_refused(small: tuple[Path, BertModel], tmp_path: Path):
    configuration = json.loads((small[0] / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**configuration, "hidden_act": "relu"}))
    with pytest.raises(ValueError, match="GELU"):
        bert.encoder(tmp_path, 1)
