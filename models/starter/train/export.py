"""Stores tuned weights as the starter: a CTranslate2 generator of 8-bit integers with its tokenizer.

    python models/starter/train/export.py WORK/tuned FOLDER

The output weights are those of the embedding; a bias keeps the pieces that only sources have out of translations. The terms of
Gemma and `translator.toml` are copied from this project's starter, since they belong to it. Two runs write the same bytes.
"""

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from ctranslate2.specs import common_spec, transformer_spec
from ctranslate2.specs.model_spec import index_spec
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from models.starter.train import weights  # noqa: E402
from models.starter.train.decoder import FAR, NEAR, Shape  # noqa: E402
from models.starter.train.weights import FUSED, NEVER, NORMS, PRODUCTS, TOKENIZER, Weights  # noqa: E402

STARTER = ROOT / "models" / "starter"
COPIED = ("translator.toml", "NOTICE", "GEMMA_TERMS.txt")
SIGNS = ("<pad>", "<bos>", "<unk>", "<2ru>", "<2uk>", "<2en>")  # no translation has them
WINDOW = 512  # pieces that most layers of the original look back


def main() -> None:
    """Read, round, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tuned", type=Path, help="folder that train.py wrote")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    export(given.tuned, given.folder)


def export(tuned: Path, folder: Path) -> None:
    """Write the starter into `folder`."""
    order = Tokenizer.from_file(str(tuned / TOKENIZER)).get_vocab()
    spec = specification(*weights.load(tuned), signs=[order[sign] for sign in SIGNS])
    spec.register_vocabulary(sorted(order, key=order.__getitem__))
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<bos>", "<eos>", "<unk>"
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    shutil.copyfile(tuned / TOKENIZER, folder / TOKENIZER)
    for name in COPIED:
        if folder.resolve() != STARTER:
            shutil.copyfile(STARTER / name, folder / name)


def specification(shape: Shape, given: Weights, signs: list[int]) -> transformer_spec.TransformerDecoderModelSpec:
    """The model under CTranslate2's names, as its own converter of Gemma 3 would make it."""
    made = transformer_spec.TransformerDecoderModelSpec.from_config(
        shape.layers,
        shape.heads,
        activation=common_spec.Activation.GELUTanh,
        pre_norm=True,
        ffn_glu=True,
        rms_norm=True,
        rotary_dim=shape.head_width,
        rotary_interleave=False,
        rotary_base=NEAR,
        num_heads_kv=1,
        head_dim=shape.head_width,
        sliding_window=WINDOW,
        pre_post_layer_norm=True,
        qk_norm=True,
    )
    decoder = made.decoder
    decoder.scale_embeddings, decoder.start_from_zero_embedding = True, False
    decoder.embeddings.weight = decoder.projection.weight = given["embedding.weight"].numpy()
    decoder.projection.bias = np.zeros(shape.vocabulary, np.float32)
    decoder.projection.bias[[*signs, *range(shape.targets, shape.vocabulary)]] = NEVER
    put_gain(decoder.layer_norm, given["last_norm"])
    for number, layer in enumerate(decoder.layer):
        ours = f"layers.{number}"
        fused = [given[f"{ours}.{name}.weight"] for name in "qkv"]
        index_spec(layer, FUSED).weight = torch.cat(fused).numpy()
        for name, theirs in PRODUCTS.items():
            index_spec(layer, theirs).weight = given[f"{ours}.{name}.weight"].numpy()
        for name, theirs in NORMS.items():
            put_gain(index_spec(layer, theirs), given[f"{ours}.{name}"])
        if shape.sees_far(number):
            layer.self_attention.rotary_base = np.float32(FAR)
            layer.self_attention.sliding_window = np.int32(0)
    return made


def put_gain(norm: common_spec.LayerNormSpec, gain: torch.Tensor) -> None:
    """Fill in a norm whose gain is 1 + what is stored."""
    norm.gamma = gain.numpy()
    norm.layer_norm_use_residual = True


if __name__ == "__main__":
    main()
