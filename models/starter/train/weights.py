"""Weights to begin from: a folder with `tokenizer.json` beside what `base.py` or `train.py` wrote, or a starter.

A starter's `model.bin` has 8-bit rows and their scales; what rounding lost is lost, and a tuning soon makes good for it.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file

from models.starter.train.decoder import Shape

WEIGHTS, TOKENIZER = "weights.safetensors", "tokenizer.json"
NEVER = -1e4  # the bias of pieces that must not be produced
TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16, np.uint16)  # as CTranslate2 numbers them
ATTENTION, FORWARD = "self_attention", "ffn"
NORMS = {
    "before_attention": "input_layer_norm",
    "after_attention": "post_attention_layer_norm",
    "before_mlp": "pre_feedforward_layer_norm",
    "after_mlp": "post_feedforward_layer_norm",
    "q_norm": f"{ATTENTION}/q_norm",
    "k_norm": f"{ATTENTION}/k_norm",
}
PRODUCTS = {
    "o": f"{ATTENTION}/linear_1",
    "gate": f"{FORWARD}/linear_0",
    "up": f"{FORWARD}/linear_0_noact",
    "down": f"{FORWARD}/linear_1",
}
FUSED = f"{ATTENTION}/linear_0"  # the rows of q, k and v

Weights = dict[str, torch.Tensor]
Variables = dict[str, NDArray[Any]]


def save(folder: Path, shape: Shape, state: Mapping[str, torch.Tensor], tokenizer: str) -> None:
    """Write a folder to begin from, or to export; the weights become bfloat16. `tokenizer`: what `tokenizer.json` says."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = {name: weight.to(torch.bfloat16).contiguous() for name, weight in state.items()}
    save_file(stored, folder / WEIGHTS, metadata={"shape": json.dumps(asdict(shape))})
    (folder / WEIGHTS).chmod(0o644)
    (folder / TOKENIZER).write_text(tokenizer, "utf-8")


def shape(folder: Path) -> Shape:
    """The sizes of the decoder in a folder."""
    if (folder / WEIGHTS).exists():
        with safe_open(folder / WEIGHTS, "pt") as stored:
            return Shape(**json.loads(stored.metadata()["shape"]))
    return _shape(variables(folder / "model.bin"))


def load(folder: Path) -> tuple[Shape, Weights]:
    """The sizes and the float32 weights of the decoder in a folder, by the names of `decoder.Decoder`."""
    if (folder / WEIGHTS).exists():
        with safe_open(folder / WEIGHTS, "pt") as stored:
            return shape(folder), {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118
    given = variables(folder / "model.bin")
    return _shape(given), _weights(given)


def variables(path: Path) -> Variables:
    """Every variable of a CTranslate2 `model.bin` (layout 6), by name; they stay on disk until they are used."""
    content = np.memmap(path, np.uint8, "r")
    at = 0

    def take(form: str) -> int:
        nonlocal at
        (value,) = struct.unpack("<" + form, bytes(content[at : at + struct.calcsize("<" + form)]))
        at += struct.calcsize("<" + form)
        return int(value)

    def text() -> str:
        nonlocal at
        size = take("H")
        at += size
        return bytes(content[at - size : at - 1]).decode()

    if take("I") != 6:
        raise SystemExit(f"{path} is no model.bin of layout 6")
    text(), take("I")
    found: Variables = {}
    for _ in range(take("I")):
        name = text()
        sizes = [take("I") for _ in range(take("B"))]
        kind, octets = np.dtype(TYPES[take("B")]), take("I")
        found[name] = content[at : at + octets].view(kind).reshape(sizes)
        at += octets
    return found


def _shape(given: Variables) -> Shape:
    vocabulary, width = given["decoder/embeddings/weight"].shape
    first = "decoder/layer_0"
    head_width = len(given[f"{first}/{NORMS['q_norm']}/gamma"])
    layers = {name.split("/")[1] for name in given if name.startswith("decoder/layer_") and f"/{ATTENTION}/" in name}
    bases = [float(given[f"decoder/layer_{n}/{ATTENTION}/rotary_base"]) for n in range(len(layers))]
    return Shape(
        vocabulary=vocabulary,
        targets=int(np.flatnonzero(given["decoder/projection/bias"] == 0)[-1]) + 1,
        width=width,
        heads=given[f"{first}/{PRODUCTS['o']}/weight"].shape[1] // head_width,
        head_width=head_width,
        inner=given[f"{first}/{PRODUCTS['gate']}/weight"].shape[0],
        layers=len(layers),
        far=bases.index(max(bases)) + 1,
    )


def _weights(given: Variables) -> Weights:
    sizes = _shape(given)

    def product(name: str) -> torch.Tensor:
        weight, scale = given[f"{name}/weight"].astype(np.float32), given.get(f"{name}/weight_scale")
        return torch.from_numpy(weight if scale is None else weight / scale[:, None])

    def gain(name: str) -> torch.Tensor:
        return torch.from_numpy(given[f"{name}/gamma"].astype(np.float32))

    made = {"embedding.weight": product("decoder/embeddings"), "last_norm": gain("decoder/layer_norm")}
    for number in range(sizes.layers):
        ours, theirs = f"layers.{number}", f"decoder/layer_{number}"
        parts = [sizes.heads * sizes.head_width, sizes.head_width, sizes.head_width]
        for name, weight in zip("qkv", torch.split(product(f"{theirs}/{FUSED}"), parts), strict=True):
            made[f"{ours}.{name}.weight"] = weight
        made |= {f"{ours}.{name}.weight": product(f"{theirs}/{other}") for name, other in PRODUCTS.items()}
        made |= {f"{ours}.{name}": gain(f"{theirs}/{other}") for name, other in NORMS.items()}
    return made
