"""Training rows out of pairs of sentences, weighted by how close their source is to news (`sources.toml`).

    python models/starter/train/rows.py --start WORK/base WORK/rows.npz --parallel FILE...
    python models/starter/train/rows.py --start WORK/base WORK/last.npz --parallel FILE... --mix last

The corpora of this project are read without being named; their measuring files never. `--parallel`: `.tsv` or `.tsv.xz` files of
translations (language, English, translation, name of the source). `--start`: a folder with the tokenizer, and with the weights that
say which pieces may be produced. `--mix last` is for the last part of training. The same files give the same rows.
"""

import argparse
import csv
import lzma
import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self, TextIO

import numpy as np
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CORPORA = ROOT / "corpora"
sys.path.insert(0, str(ROOT))

from corpora.newsroom import reader  # noqa: E402
from models.starter.train import weights  # noqa: E402
from models.starter.train.packing import Pairs  # noqa: E402
from pipeline.records import LANGUAGES  # noqa: E402

SEED = 11
BOS, EOS = "<bos>", "<eos>"
TARGETS = ("ru", "uk")
AT_ONCE = 20000  # pairs that the tokenizer is given together


class Pair(NamedTuple):
    """A text in one language, its translation into another, and which source they are from."""

    origin: str
    target: str
    left: str
    right: str
    source: str


@dataclass(frozen=True, slots=True)
class Sources:
    """`sources.toml`."""

    mixes: dict[str, dict[str, float]]
    three_languages: dict[str, Any]
    cleaning: dict[str, Any]

    @classmethod
    def read(cls, path: Path = HERE / "sources.toml") -> Self:
        """The file."""
        return cls(**tomllib.loads(path.read_text("utf-8")))

    def weight(self, source: str, mix: str) -> float:
        """How often a pair of a source stands among the rows."""
        weights = self.mixes[mix]
        return weights.get(source, weights["other"])

    def takes(self, pair: Pair) -> bool:
        """Whether a pair is fit to learn from, by its letters and lengths."""
        least, most = self.cleaning["ratio"]
        return (
            pair.target in TARGETS
            and least < len(pair.right) / max(1, len(pair.left)) < most
            and bool(re.search(self.cleaning["needed"], pair.right, re.IGNORECASE))
            and not re.search(self.cleaning["foreign"][pair.target], pair.right, re.IGNORECASE)
            and not any(
                re.search(pattern, text) for pattern in self.cleaning["refused"] for text in (pair.left, pair.right)
            )
        )


def arguments(description: str) -> argparse.ArgumentParser:
    """A command line that names texts."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parallel", type=Path, nargs="*", default=[])
    return parser


def pairs(parallel: Iterable[Path], sources: Sources) -> Iterator[Pair]:
    """All pairs that are fit to learn from, once each, in an order that does not change."""
    chance = random.Random(SEED)
    every = (
        *(_three(row, "triples", chance, sources) for row in _triples(sources)),
        *(_three(row, "newsroom", chance, sources) for row in _newsroom(sources)),
        _quotepairs(sources),
        *map(_parallel, parallel),
    )
    for some in every:
        yield from filter(sources.takes, some)


def _three(row: Sequence[str], source: str, chance: random.Random, sources: Sources) -> list[Pair]:
    """What a sentence in three languages teaches."""
    english, russian, ukrainian = row
    made = [Pair("en", "ru", english, russian, source), Pair("en", "uk", english, ukrainian, source)]
    if chance.random() < sources.three_languages["between"]:
        made.append(Pair("ru", "uk", russian, ukrainian, source))
    if chance.random() < sources.three_languages["between"]:
        made.append(Pair("uk", "ru", ukrainian, russian, source))
    return made


def _triples(sources: Sources) -> Iterator[list[str]]:
    for name in sources.three_languages["triples"]:
        yield from _table(CORPORA / "triples" / name, 3)


def _newsroom(sources: Sources) -> Iterator[tuple[str, ...]]:
    """Titles and sentences of article A, in three languages."""
    for name in sources.three_languages["newsroom"]:
        for event in reader.read(reader.SOURCE / name):
            editions = [event.editions[language] for language in LANGUAGES]
            yield tuple(edition.article.title or "" for edition in editions)
            yield from zip(*(edition.texts for edition in editions), strict=True)


def _quotepairs(sources: Sources) -> Iterator[Pair]:
    """Quotations and their translations; either may be the translation."""
    for name in sources.three_languages["quotepairs"]:
        for label, first, left, second, right, _ in _table(CORPORA / "quotepairs" / name, 6):
            if label == "translation":
                yield Pair(first, second, left, right, "quotepairs")
                yield Pair(second, first, right, left, "quotepairs")


def _parallel(path: Path) -> Iterator[Pair]:
    for target, english, right, source in _table(path, 4):
        yield Pair("en", target, english, right, source)


def _table(path: Path, columns: int) -> Iterator[list[str]]:
    """The rows of a `.tsv` or `.tsv.xz` file."""
    with _text(path) as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if len(row) != columns:
                raise SystemExit(f"{path}:{number}: {len(row)} columns instead of {columns}")
            yield row


def _text(path: Path) -> TextIO:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def weighted(found: Iterable[Pair], sources: Sources, mix: str) -> list[Pair]:
    """Each pair as often as its source weighs, in a random order that is always the same."""
    chance = random.Random(SEED)
    chosen: list[Pair] = []
    for pair in found:
        weight = sources.weight(pair.source, mix)
        chosen += [pair] * (int(weight) + (chance.random() < weight % 1))
    chance.shuffle(chosen)
    return chosen


def encoded(chosen: Sequence[Pair], tokenizer: Tokenizer, targets: int, longest: Sequence[int]) -> Pairs:
    """The pairs in pieces, without those that are too long or whose translation has a piece that may not be produced."""
    signs = tokenizer.get_vocab()
    tag = {target: signs[f"<2{target}>"] for target in TARGETS}
    rows: list[list[int]] = []
    learned: list[int] = []
    for first in range(0, len(chosen), AT_ONCE):
        some = chosen[first : first + AT_ONCE]
        lefts, rights = (
            tokenizer.encode_batch([*texts], add_special_tokens=False)
            for texts in zip(*((pair.left, pair.right) for pair in some), strict=True)
        )
        for pair, left, right in zip(some, lefts, rights, strict=True):
            short = 0 < len(left.ids) <= longest[0] and 0 < len(right.ids) <= longest[1]
            if short and max(right.ids) < targets:
                rows.append([signs[BOS], *left.ids, tag[pair.target], *right.ids, signs[EOS]])
                learned.append(len(right.ids) + 1)
    flat = np.fromiter((piece for row in rows for piece in row), np.int32)
    offset = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return Pairs(flat, offset, np.array(learned, np.int64))


def main() -> None:
    """Read, weigh, encode."""
    sources = Sources.read()
    parser = arguments(__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--mix", choices=sources.mixes, default="whole")
    options = parser.parse_args()
    chosen = weighted(pairs(options.parallel, sources), sources, options.mix)
    tokenizer = Tokenizer.from_file(str(options.start / weights.TOKENIZER))
    made = encoded(chosen, tokenizer, weights.shape(options.start).targets, sources.cleaning["longest"])
    made.write(options.rows)
    print(f"{len(made)} rows, {len(made.flat)} pieces")
    for source, count in Counter(pair.source for pair in chosen).most_common():
        print(f"{count:8} {source}")


if __name__ == "__main__":
    main()
