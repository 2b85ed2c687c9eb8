"""A BERT folder of `transformers`, its weights packed by `compressed-tensors`, as an int8 encoder of CTranslate2.

CTranslate2's own converter goes by way of torch, unpacked weights and a second copy of the model on disk. The layout
is simple enough to be written into memory straight from the packed weights: half a second, and no torch.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ctranslate2

BINARY_VERSION = 6  # of CTranslate2's model.bin
REVISION = 1  # of its TransformerEncoderSpec
TYPES = {np.dtype(name): number for number, name in enumerate(("float32", "int8", "int16"))}
STORED = {"F32": "<f4", "F16": "<f2", "I32": "<i4", "I64": "<i8"}
GELU, ADDED = 3, 1  # of CTranslate2's enumerations `Activation` and `EmbeddingsMerge`
TOKENS = {"unk_token": "0", "bos_token": "0", "eos_token": "0"}  # unused: texts come as numbers
LARGEST = 127
ROWS = 4096  # of the word table at a time: what it unpacks to stays in the processor's cache

Tensors = Mapping[str, NDArray[Any]]
Variable = NDArray[Any]


def encoder(folder: Path, threads: int) -> "ctranslate2.Encoder":
    """The encoder, with as many independent workers as `threads`.

    OSError, ValueError or KeyError when the folder holds no such model, RuntimeError when CTranslate2 does not take it.
    """
    import ctranslate2

    configuration = json.loads((folder / "config.json").read_text("utf-8"))
    if (configuration["model_type"], configuration["hidden_act"]) != ("bert", "gelu"):
        raise ValueError(f"{folder} holds no BERT with GELU")
    tensors = stored(folder / "model.safetensors")
    files = {
        "model.bin": serialized(dict(variables(tensors, configuration))),
        "config.json": json.dumps({**TOKENS, "layer_norm_epsilon": configuration["layer_norm_eps"]}).encode(),
        "vocabulary.json": json.dumps([str(number) for number in range(configuration["vocab_size"])]).encode(),
    }
    return ctranslate2.Encoder(
        str(folder), device="cpu", compute_type="int8", inter_threads=threads, intra_threads=1, files=files
    )


def stored(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a `.safetensors` file by name; numbers that numpy has no type for (E4M3) become float32.

    ValueError when the file is cut short or no such file.
    """
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    entries = json.loads(content[8:start]) if start < len(content) else {}
    if len(content) != start + max(
        (entry["data_offsets"][1] for entry in entries.values() if "dtype" in entry), default=0
    ):
        raise ValueError(f"{path} is damaged")
    found = {}
    for name, entry in entries.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            octets = np.frombuffer(content, np.uint8, last - first, start + first)
            values = E4M3[octets] if entry["dtype"] == "F8_E4M3" else octets.view(STORED[entry["dtype"]])
            found[name] = values.reshape(entry["shape"])
    return found


def _e4m3() -> NDArray[np.float32]:
    """The number that each octet stands for: a sign, four bits of exponent, three of mantissa, and no infinity."""
    octets = np.arange(256)
    exponents, mantissas = octets >> 3 & 15, octets & 7
    sizes = np.where(exponents > 0, (8 + mantissas) * 2.0 ** (exponents - 10), mantissas * 2.0**-9)
    sizes[(octets & 127) == 127] = np.nan
    return np.where(octets & 128, -sizes, sizes).astype(np.float32)


E4M3 = _e4m3()


def serialized(variables: Mapping[str, Variable]) -> bytes:
    """CTranslate2's `model.bin`: a header, then name, shape, type and content of each variable."""
    parts = [
        struct.pack("<I", BINARY_VERSION),
        _name("TransformerEncoderSpec"),
        struct.pack("<II", REVISION, len(variables)),
    ]
    for name, variable in sorted(variables.items()):
        shape = variable.shape
        parts += [
            _name(name),
            struct.pack(f"<B{len(shape)}IBI", len(shape), *shape, TYPES[variable.dtype], variable.nbytes),
            variable.tobytes(),
        ]
    return b"".join([*parts, struct.pack("<I", 0)])  # no variable is another one's alias


def _name(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def variables(tensors: Tensors, configuration: Mapping[str, Any]) -> Iterator[tuple[str, Variable]]:
    """Everything the encoder consists of, under the names of CTranslate2."""
    weight, scale = quantized(tensors, "embeddings.word_embeddings")
    yield "encoder/embeddings_0/weight", weight
    yield "encoder/embeddings_0/weight_scale", scale
    # No text has a second part, so that the first row of the type table belongs to every position.
    types = tensors["embeddings.token_type_embeddings.weight"][0]
    yield "encoder/position_encodings/encodings", tensors["embeddings.position_embeddings.weight"] + types
    yield from layers(tensors, configuration["num_attention_heads"], configuration["num_hidden_layers"])


def layers(tensors: Tensors, heads: int, count: int) -> Iterator[tuple[str, Variable]]:
    """What stands above the embeddings: their norm, `count` layers, and how these are to be computed."""
    small = {
        "activation": GELU,
        "embeddings_merge": ADDED,
        "multi_query_attention": 0,
        "pre_norm": 0,
        "scale_embeddings": 0,
    }
    for name, value in small.items():
        yield f"encoder/{name}", np.array(value, np.int8)
    yield "encoder/num_heads", np.array(heads, np.int16)
    yield from _norm(tensors, "layernorm_embedding", "embeddings.LayerNorm")
    for number in range(count):
        ours, theirs = f"layer_{number}", f"encoder.layer.{number}"
        attended = [f"{theirs}.attention.self.{part}" for part in ("query", "key", "value")]
        yield from _linear(tensors, f"{ours}/self_attention/linear_0", *attended)
        yield from _linear(tensors, f"{ours}/self_attention/linear_1", f"{theirs}.attention.output.dense")
        yield from _norm(tensors, f"{ours}/self_attention/layer_norm", f"{theirs}.attention.output.LayerNorm")
        yield from _linear(tensors, f"{ours}/ffn/linear_0", f"{theirs}.intermediate.dense")
        yield from _linear(tensors, f"{ours}/ffn/linear_1", f"{theirs}.output.dense")
        yield from _norm(tensors, f"{ours}/ffn/layer_norm", f"{theirs}.output.LayerNorm")


def _norm(tensors: Tensors, ours: str, theirs: str) -> Iterator[tuple[str, Variable]]:
    yield f"encoder/{ours}/gamma", tensors[f"{theirs}.weight"]
    yield f"encoder/{ours}/beta", tensors[f"{theirs}.bias"]


def _linear(tensors: Tensors, ours: str, *theirs: str) -> Iterator[tuple[str, Variable]]:
    """One matrix of those that are given, below each other."""
    weights, scales = zip(*(quantized(tensors, name) for name in theirs), strict=True)
    yield f"encoder/{ours}/weight", np.concatenate(weights)
    yield f"encoder/{ours}/weight_scale", np.concatenate(scales)
    yield f"encoder/{ours}/bias", np.concatenate([tensors[f"{name}.bias"] for name in theirs])


def quantized(tensors: Tensors, name: str) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(rows, columns) int8 and (rows,) float32: a matrix with one scale a row; the integers are scale times weights.

    The largest weight of a row becomes `LARGEST`, the others are rounded.
    """
    dense = tensors.get(f"{name}.weight")
    packed, scales = tensors.get(f"{name}.weight_packed", dense), tensors.get(f"{name}.weight_scale")
    if packed is None:
        raise KeyError(name)
    rows, columns = (int(size) for size in tensors[f"{name}.weight_shape"]) if dense is None else dense.shape
    integers = np.empty((rows, columns), np.int8)
    row_scales = np.empty(rows, np.float32)
    for start in range(0, rows, ROWS):
        some = slice(start, start + ROWS)
        weights = packed[some] if scales is None else _unpacked(packed[some], scales[some])
        largest = np.abs(weights).max(axis=1)
        row_scales[some] = LARGEST / np.where(largest > 0, largest, 1)
        integers[some] = np.rint(weights * row_scales[some, None])
    return integers, row_scales


def _unpacked(packed: NDArray[np.int32], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """(rows, columns) from 4-bit integers of the `pack-quantized` format, unsigned, the first one in the lowest bits."""
    octets = packed.view(np.uint8)
    integers = np.empty((len(octets), 2 * octets.shape[1]), np.int8)
    integers[:, 0::2] = octets & 15
    integers[:, 1::2] = octets >> 4
    integers -= 8
    grouped: NDArray[np.float32] = integers.reshape(*scales.shape, -1) * scales[..., None]
    return grouped.reshape(integers.shape)
