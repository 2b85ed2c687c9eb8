"""Trains the tagger on the development files of the newsroom, and stores it in this folder.

    python models/tagger/train.py                            # all development files; writes the model
    python models/tagger/train.py --hold-out w5 w9           # without these files; prints figures on them, writes nothing
    python models/tagger/train.py --hold-out w5 w9 --to DIR  # the same, and writes the model into DIR

The encoder starts from the lower layers of `models/embedder`, whose word table stays as it is and is not stored again.
After every epoch the state goes into the folder `--work`; the same command goes on from there when it was interrupted.
The measuring files of the newsroom are never read.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertModel

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from corpora.newsroom import reader  # noqa: E402
from pipeline import quotes  # noqa: E402
from pipeline.engines import bert, labels, windows  # noqa: E402
from pipeline.engines.labels import CUE, LABELS, SPEAKER  # noqa: E402
from pipeline.engines.tagger import fingerprint, word_table  # noqa: E402
from pipeline.engines.windows import Pieces, Window  # noqa: E402
from pipeline.records import LANGUAGES, Span  # noqa: E402
from pipeline.tagging import HintKind, Passage, Tag  # noqa: E402

SIGNATURE = "tagger-1"  # raise the number whenever a tag changes: what was found with another one is found anew
BASE = ROOT / "models" / "embedder"
CONJUNCTION = re.compile(r"(that|что|що)\b[ ,]*", re.IGNORECASE)  # is no part of a reported clause
AROUND = " \t\n\xa0“”\"„«»‘’',.…—–-;:!?"
UNKNOWN = -100  # no label: the loss passes over it

LAYERS = 6
EPOCHS = 8
PIECES = 2048  # of a batch, with what fills it up
RATE, HEAD_RATE, DECAY = 1.5e-4, 1e-3, 0.9  # each layer learns DECAY times as fast as the one above it
WARMUP = 0.1  # share of the steps
SMOOTHING = 0.05
AVERAGED = 0.995  # share of the average of all steps that a step leaves
HINTLESS = 0.25  # share of windows that are shown without what the rules have found
HIDDEN = 0.08  # share of words that are shown as <mask>
AGREES = 0.5  # overlap from which on a clause counts as found


@dataclass(frozen=True, slots=True)
class Example:
    """An article in pieces; `marks` has for each sentence (words, 3): the label, who speaks, the words of saying."""

    file: str
    passage: Passage
    sentences: list[Pieces]
    marks: list[NDArray[np.int64]]
    reported: list[Span]


Shown = tuple[Window, Example]


def examples(tokenizer: Tokenizer) -> list[Example]:
    """All articles of the development files."""
    return [
        example(path.name, event, report, tokenizer)
        for path in reader.development_files()
        for event in reader.read(path)
        for report in event.reports
    ]


def example(file: str, event: reader.Event, report: reader.Report, tokenizer: Tokenizer) -> Example:
    """An article with the labels of its words."""
    passage = quotes.passage(report.article)
    sentences = windows.pieces(passage, tokenizer)
    reported = [clause(passage.text, p) for m in report.mentions if m.kind == "indirect" for p in m.pieces]
    direct = [piece for m in report.mentions if m.kind == "direct" for piece in m.pieces]
    speakers: dict[Span, set[str]] = {}
    for mention in report.mentions:
        name = event.speakers.get(mention.statement, {}).get(passage.language, "")
        for span in mention.speakers:
            speakers.setdefault(span, set()).update(stem(word) for word in name.split() if len(word) > 2)
    marks = []
    for one in sentences:
        rows = np.zeros((len(one.words), 3), dtype=np.int64)
        mark(rows[:, 0], one.words, direct, labels.QUOTED, labels.QUOTED)
        mark(rows[:, 0], one.words, list(speakers), labels.ATTRIBUTION_BEGINS, labels.ATTRIBUTION)
        mark(rows[:, 0], one.words, reported, labels.REPORTED_BEGINS, labels.REPORTED)
        for span, name in speakers.items():
            mark_parts(rows, one.words, passage, span, name)
        marks.append(rows)
    return Example(file, passage, sentences, marks, reported)


def clause(text: str, span: Span) -> Span:
    """A reported clause without its conjunction and the marks at its ends."""
    start, end = trimmed(text, *span)
    found = CONJUNCTION.match(text, start, end)
    return trimmed(text, found.end(), end) if found else (start, end)


def trimmed(text: str, start: int, end: int) -> Span:
    """A span without the marks at its ends."""
    while start < end and text[start] in AROUND:
        start += 1
    while end > start and text[end - 1] in AROUND:
        end -= 1
    return start, end


def stem(word: str) -> str:
    """The beginning of a word that is the same in every case: «шкурпел» of «Шкурпела» and «Шкурпелы»."""
    return word.strip("«»“”").lower()[: max(3, len(word) - 2)]


def mark(row: NDArray[np.int64], words: list[Span], spans: Sequence[Span], begins: int, inside: int) -> None:
    """Label the words whose middle lies in one of the spans."""
    for start, end in spans:
        here = [n for n, word in enumerate(words) if start <= sum(word) / 2 < end]
        row[here] = inside
        row[here[:1]] = begins


def mark_parts(rows: NDArray[np.int64], words: list[Span], passage: Passage, span: Span, name: set[str]) -> None:
    """Label who speaks, and the words of saying, in the attribution `span`.

    The corpus marks an attribution as a whole. The parts are those that the rules see in it, provided that the name of
    the speaker, where it stands there, is among the words that they take for the speaker; else only the name is known.
    """
    here = [word for word in words if span[0] <= sum(word) / 2 < span[1]]
    named = [word for word in here if stem(passage.text[slice(*word)]) in name]
    sources, cues = hinted(passage, "source", span), hinted(passage, "cue", span)
    right = [s for s in sources if not named or any(s[0] <= word[0] < s[1] for word in named)]
    if right and cues and (named or len(sources) == 1):
        source = right[0]
        mark(rows[:, 1], words, [source], 1, 1)
        mark(rows[:, 2], words, [min(cues, key=lambda cue: max(source[0] - cue[1], cue[0] - source[1]))], 1, 1)
        return
    mark(rows[:, 1], words, [span], UNKNOWN, UNKNOWN)
    mark(rows[:, 2], words, [span], UNKNOWN, UNKNOWN)
    if named:
        mark(rows[:, 1], words, [(named[0][0], named[-1][1])], 1, 1)


def hinted(passage: Passage, kind: HintKind, within: Span) -> list[Span]:
    """The hints of a kind that lie within a span."""
    return [
        (hint.start, hint.end)
        for hint in passage.hints
        if hint.kind == kind and within[0] <= hint.start and hint.end <= within[1]
    ]


class Tagger(nn.Module):
    """The lower layers of the embedder with a linear head over its pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = BertModel.from_pretrained(BASE, add_pooling_layer=False, attn_implementation="sdpa")
        self.encoder.encoder.layer = self.encoder.encoder.layer[:LAYERS]
        embeddings = self.encoder.embeddings
        narrator = embeddings.token_type_embeddings.weight.data[:1]
        embeddings.token_type_embeddings = nn.Embedding.from_pretrained(narrator.repeat(windows.TYPES, 1), freeze=False)
        embeddings.word_embeddings.weight.requires_grad_(False)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(self.encoder.config.hidden_size, labels.COLUMNS)

    def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (windows, pieces, COLUMNS)."""
        hidden = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        return self.head(self.dropout(hidden))

    def learning(self) -> dict[str, nn.Parameter]:
        """What is trained, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def groups(self) -> list[dict[str, Any]]:
        """What is trained, with the rate of each part."""
        layers, embeddings = self.encoder.encoder.layer, self.encoder.embeddings
        rest = [embeddings.position_embeddings.weight, *embeddings.LayerNorm.parameters()]
        return [
            {"params": [*self.head.parameters(), embeddings.token_type_embeddings.weight], "lr": HEAD_RATE},
            *(
                {"params": layer.parameters(), "lr": RATE * DECAY**depth}
                for depth, layer in enumerate(reversed(layers))
            ),
            {"params": rest, "lr": RATE * DECAY ** len(layers)},
        ]


def shown(given: list[Example], chance: random.Random) -> list[Shown]:
    """All articles once, cut into windows that begin elsewhere in every epoch."""
    made = []
    for one in given:
        first = 0
        while first < len(one.sentences):
            limit = chance.randint(windows.LIMIT // 2, windows.LIMIT) if first == 0 else windows.LIMIT
            stop = windows.last(one.sentences, first, limit)
            made.append((windows.window(one.passage, one.sentences, first, stop), one))
            first = stop
    return made


def batches(made: list[Shown], chance: random.Random) -> list[list[Shown]]:
    """Windows of like length together."""
    found: list[list[Shown]] = [[]]
    for one in sorted(made, key=lambda pair: len(pair[0].ids) + 16 * chance.random()):
        longest = max(len(window.ids) for window, _ in [*found[-1], one])
        if found[-1] and (len(found[-1]) + 1) * longest > PIECES:
            found.append([])
        found[-1].append(one)
    chance.shuffle(found)
    return found


def tensors(batch: list[Shown], chance: random.Random, hidden: int) -> tuple[torch.Tensor, ...]:
    """Ids, types and mask (windows, pieces), marks (windows, pieces, 3) of a batch; `hidden` is the piece of a hidden word."""
    shape = len(batch), max(len(window.ids) for window, _ in batch)
    ids, types, mask = torch.ones(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long), torch.zeros(shape)
    marks = torch.full((*shape, 3), UNKNOWN)
    for row, (window, one) in enumerate(batch):
        size = len(window.ids)
        ids[row, :size] = torch.tensor(with_hidden(window, chance, hidden))
        types[row, :size] = torch.tensor(window.types if chance.random() >= HINTLESS else without_hints(window.types))
        mask[row, :size] = 1
        for number, heads in enumerate(window.heads, window.first):
            marks[row, heads] = torch.from_numpy(one.marks[number][: len(heads)])
    return ids, types, mask, marks


def with_hidden(window: Window, chance: random.Random, hidden: int) -> list[int]:
    """The ids of a window, some words hidden."""
    ids = list(window.ids)
    heads = [head for heads in window.heads for head in heads]
    for head, following in zip(heads, [*heads[1:], len(ids)], strict=True):
        if chance.random() < HIDDEN:
            ids[head:following] = [hidden] * (following - head)
    return ids


def without_hints(types: list[int]) -> list[int]:
    """Types that tell only what stands between marks."""
    return [windows.QUOTED if kind in windows.QUOTES else windows.NARRATOR for kind in types]


def loss_of(scores: torch.Tensor, marks: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the labels, and of the two parts where they are known."""
    loss = functional.cross_entropy(
        scores[..., :LABELS].flatten(0, 1), marks[..., 0].flatten(), ignore_index=UNKNOWN, label_smoothing=SMOOTHING
    )
    for column, place in ((SPEAKER, 1), (CUE, 2)):
        known = marks[..., place] != UNKNOWN
        loss += functional.binary_cross_entropy_with_logits(
            scores[..., column][known], marks[..., place][known].float()
        )
    return loss


class Training:
    """A training with its state, which is saved after every epoch."""

    def __init__(self, given: list[Example], hidden: int, work: Path, epochs: int) -> None:
        self.given, self.hidden, self.epochs = given, hidden, epochs
        self.state = work / "state.pt"
        torch.manual_seed(1)
        self.model = Tagger()
        self.optimizer = torch.optim.AdamW(self.model.groups(), weight_decay=0.01)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.average = {name: value.detach().clone() for name, value in self.model.learning().items()}
        self.epoch = self.step = 0
        self.steps = epochs * len(self._batches(random.Random(0)))
        if self.state.exists():
            saved = torch.load(self.state, weights_only=True)
            self.model.load_state_dict(saved["model"], strict=False)
            self.optimizer.load_state_dict(saved["optimizer"])
            self.average, self.epoch, self.step = saved["average"], saved["epoch"], saved["step"]

    def _batches(self, chance: random.Random) -> list[list[Shown]]:
        return batches(shown(self.given, chance), chance)

    def run(self) -> Iterator[int]:
        """Train on; yields the number of each epoch when it is done and saved."""
        while self.epoch < self.epochs:
            began, losses = time.monotonic(), []
            chance = random.Random(self.epoch)
            torch.manual_seed(self.epoch)
            self.model.train()
            for batch in self._batches(chance):
                losses.append(self._learn(batch, chance))
            self.epoch += 1
            self._save()
            print(f"epoch {self.epoch}: loss {np.mean(losses):.4f}, {time.monotonic() - began:.0f} s", flush=True)
            yield self.epoch

    def _learn(self, batch: list[Shown], chance: random.Random) -> float:
        done = self.step / self.steps
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * min(done / WARMUP, (1 - done) / (1 - WARMUP))
        ids, types, mask, marks = tensors(batch, chance, self.hidden)
        with torch.autocast("cpu", torch.bfloat16):
            scores = self.model(ids, types, mask)
        loss = loss_of(scores.float(), marks)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        kept = min(AVERAGED, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.model.learning().items():
                self.average[name].lerp_(value, 1 - kept)
        return float(loss.detach())

    def _save(self) -> None:
        weights = {name: value.detach() for name, value in self.model.learning().items()}
        state = {"model": weights, "optimizer": self.optimizer.state_dict(), "average": self.average}
        scratch = self.state.with_suffix(".new")
        torch.save({**state, "epoch": self.epoch, "step": self.step}, scratch)
        scratch.replace(self.state)

    def averaged(self) -> Tagger:
        """The model with the average of the weights of all steps."""
        made = Tagger()
        made.load_state_dict(self.average, strict=False)
        return made.eval()


@torch.inference_mode()
def tags(model: Tagger, one: Example) -> list[Tag]:
    """What a model that is not stored yet finds in an article."""
    found = []
    for first, stop, begin, end in windows.ranges(one.sentences):
        window = windows.window(one.passage, one.sentences, first, stop)
        scores = model(torch.tensor([window.ids]), torch.tensor([window.types]))[0].numpy()
        for k in range(begin - first, end - first):
            found += labels.tags(scores[window.heads[k]], window.words[k], first + k)
    return found


def figures(model: Tagger, held: list[Example]) -> str:
    """F1 of the reported clauses, together and by language."""
    right, said = dict.fromkeys(LANGUAGES, 0), dict.fromkeys(LANGUAGES, 0)
    for one in held:
        found = [clause(one.passage.text, (t.start, t.end)) for t in tags(model, one) if t.kind == "reported"]
        right[one.passage.language] += matched(one.reported, found)
        said[one.passage.language] += len(found) + len(one.reported)
    rows = [("all", sum(right.values()), sum(said.values())), *((name, right[name], said[name]) for name in LANGUAGES)]
    return "   reported clauses, F1: " + ", ".join(f"{name} {200 * hits / max(1, n):.1f}" for name, hits, n in rows)


def matched(one: list[Span], other: list[Span]) -> int:
    """How many spans of two lists can be paired at an overlap of `AGREES`, the closest first."""
    pairs = sorted(((overlap(a, b), a, b) for a in one for b in other), reverse=True)
    left, right = set[Span](), set[Span]()
    for share, a, b in pairs:
        if share >= AGREES and a not in left and b not in right:
            left.add(a)
            right.add(b)
    return len(left)


def overlap(one: Span, other: Span) -> float:
    """Characters that two spans share, of those that both together cover."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0])) / (max(one[1], other[1]) - min(one[0], other[0]))


def store(model: Tagger, folder: Path) -> None:
    """Write the model as `pipeline.engines.tagger` reads it: what CTranslate2 is made of, without the word table."""
    given = {name: value.detach().numpy().astype(np.float32) for name, value in model.learning().items()}
    described = {
        "signature": SIGNATURE,
        "epsilon": model.encoder.config.layer_norm_eps,
        "words": fingerprint(word_table(BASE)),
    }
    made = {"head/weight": given["head.weight"], "head/bias": given["head.bias"]}
    made |= dict(variables(given, model.encoder.config.num_attention_heads))
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.copy() for name, value in made.items()}, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)
    (folder / "config.json").write_text(json.dumps(described, indent=2) + "\n")


def variables(given: dict[str, NDArray[np.float32]], heads: int) -> Iterator[tuple[str, NDArray[Any]]]:
    """The encoder under CTranslate2's names, without the word table; linear weights become 8-bit rows with a scale each."""
    tensors = {name.removeprefix("encoder."): value for name, value in given.items()}
    yield "encoder/embeddings_1/weight", tensors["embeddings.token_type_embeddings.weight"]
    yield "encoder/position_encodings/encodings", tensors["embeddings.position_embeddings.weight"]
    yield from bert.layers(tensors, heads, LAYERS)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold-out", nargs="*", default=[], metavar="wN", help="files to measure on instead")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "crossquote-tagger",
        help="folder of the state of the training",
    )
    parser.add_argument("--to", type=Path, help="folder for the model; without it and with --hold-out none is written")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(BASE / "tokenizer.json"))
    every = examples(tokenizer)
    held = [one for one in every if one.file.split("_")[0] in options.hold_out]
    learnt = [one for one in every if one.file.split("_")[0] not in options.hold_out]
    print(f"{len(learnt)} articles to learn from, {len(held)} held out", flush=True)
    training = Training(learnt, tokenizer.token_to_id("<mask>"), options.work, options.epochs)
    for epoch in training.run():
        if held and (epoch % 3 == 0 or epoch == options.epochs):
            print(figures(training.averaged(), held), flush=True)
    folder = options.to or (None if held else HERE)
    if folder:
        store(training.averaged(), folder)


if __name__ == "__main__":
    main()
