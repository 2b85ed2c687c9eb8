"""Trains the embedder's layers on pairs of texts that say the same.

    .venv/bin/python models/embedder/train.py --base FOLDER --parallel FILE --work FOLDER

`--base` is what `build.py` made; the other sources are those of `examples.py`. WORK holds the state, from which a run that
was stopped goes on, and in the end `layers.safetensors`, which `pack.py` stores small. One thread; the same command
gives the same weights on the same machine.

The loss is InfoNCE over the batch, in both directions, with the texts of both sides as wrong answers (van den Oord et
al. 2018; Li et al., *Towards General Text Embeddings with Multi-stage Contrastive Learning*, 2023): a text has to find
its partner among texts of its own language and of the other. A hinge keeps altered quotations near, but further than
the faithful ones. The word table stays as it is; the weights of the last steps are averaged.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from examples import SEED, Example, counts, examples
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertModel

STEPS = 220
RATE = 1e-4
WARMING = 20  # steps
BATCH = 96  # examples
SLICE = 64  # texts computed at once, of like length
POOL = 12 * BATCH  # examples that are sorted by length together
LONGEST = 80  # tokens; few are longer
COLDEST = 0.1  # of RATE, at the end
DECAY = 0.01
FROZEN = 6  # layers that stay as they are, the lowest: a third of the time for little
TEMPERATURE = 0.03
MARGIN = 0.04  # cosine by which an altered quotation is further than a faithful one
AVERAGED = 0.3  # of the steps, the last ones
SAVED = 20  # steps between two writes of the state
PROMPT = "query: "

Layers = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where everything lies."""

    base: Path
    parallel: Path
    work: Path


def main() -> None:
    """Train until `STEPS`, from the state that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "parallel", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    sources = Sources(**vars(parser.parse_args()))
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    sources.work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(sources.base / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    model = BertModel.from_pretrained(
        sources.base, add_pooling_layer=False, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    model.embeddings.requires_grad_(False)
    model.encoder.layer[:FROZEN].requires_grad_(False)
    save_file(train(model, tokenizer, sources), sources.work / "layers.safetensors")


def train(model: BertModel, tokenizer: Tokenizer, sources: Sources) -> Layers:
    """The weights that learn, averaged over the last steps."""
    learned = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    optimizer = torch.optim.AdamW(
        [
            {"params": [weight for weight in learned.values() if weight.ndim > 1], "weight_decay": DECAY},
            {"params": [weight for weight in learned.values() if weight.ndim == 1], "weight_decay": 0.0},
        ]
    )
    average = {name: torch.zeros_like(weight) for name, weight in learned.items()}
    state = sources.work / "state.pt"
    first = _resume(state, model, optimizer, average) if state.exists() else 0
    since, begun = int(STEPS * (1 - AVERAGED)), time.monotonic()
    made = examples(sources.parallel)
    print(f"{len(made)} examples: {counts(made)}", flush=True)
    for step, batch in zip(range(STEPS), plan(made), strict=False):
        if step < first:
            continue
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        loss = _loss(model, tokenizer, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned.values(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step >= since:
            for name, weight in learned.items():
                average[name].lerp_(weight.detach(), 1 / (step - since + 1))
        if step % 5 == 0:
            print(f"{step} loss {loss.item():.4f} {time.monotonic() - begun:.0f} s", flush=True)
        if (step + 1) % SAVED == 0:
            _save(state, step + 1, model, optimizer, average)
    return average


def rate(step: int) -> float:
    """Learning rate: warming up, then falling in a line."""
    if step < WARMING:
        return RATE * (step + 1) / WARMING
    return RATE * (1 - (1 - COLDEST) * (step - WARMING) / (STEPS - WARMING))


def _resume(path: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, average: Layers) -> int:
    """Take up the saved state; the number of steps done."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    average.update(state["average"])
    return int(state["step"])


def _save(path: Path, step: int, model: torch.nn.Module, optimizer: torch.optim.Optimizer, average: Layers) -> None:
    layers = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    unfinished = path.with_suffix(".part")
    torch.save({"step": step, "model": layers, "optimizer": optimizer.state_dict(), "average": average}, unfinished)
    unfinished.rename(path)


def plan(made: Sequence[Example]) -> Iterator[list[Example]]:
    """Batches of one pair of languages and of like length, in an order that the seed gives, without end."""
    chance = random.Random(SEED)
    while True:
        by_languages: defaultdict[tuple[str, ...], list[Example]] = defaultdict(list)
        for one in chance.sample(made, len(made)):
            by_languages[tuple(sorted(one.languages))].append(one)
        found: list[list[Example]] = []
        for group in by_languages.values():
            for start in range(0, len(group), POOL):
                pool = sorted(group[start : start + POOL], key=lambda one: len(one.left) + len(one.right))
                found += [batch for batch in _unlike(pool) if len(batch) == BATCH]
        chance.shuffle(found)
        yield from found


def _unlike(pool: Sequence[Example]) -> Iterator[list[Example]]:
    """Batches out of `pool` in its order; no text stands in a batch twice."""
    waiting = list(pool)
    while waiting:
        batch: list[Example] = []
        texts: set[str] = set()
        left = []
        for one in waiting:
            if len(batch) < BATCH and texts.isdisjoint({one.left, one.right}):
                batch.append(one)
                texts |= {one.left, one.right}
            else:
                left.append(one)
        yield batch
        waiting = left


def _loss(model: torch.nn.Module, tokenizer: Tokenizer, batch: Sequence[Example]) -> torch.Tensor:
    """InfoNCE in both directions and the hinge of the altered texts."""
    size = len(batch)
    near = [number for number, one in enumerate(batch) if one.near]
    far = [number for number, one in enumerate(batch) if one.far]
    texts = [one.left for one in batch] + [one.right for one in batch]
    texts += [batch[n].near for n in near] + [batch[n].far for n in far]
    with torch.autocast("cpu", torch.bfloat16):
        vectors = _encode(model, tokenizer, texts)
    similarities = vectors[: 2 * size] @ vectors.T
    hidden = _not_wrong(batch, near, far)
    partners = torch.arange(2 * size).roll(size)
    contrast = functional.cross_entropy(similarities.masked_fill(hidden, -1.0) / TEMPERATURE, partners)
    if not near:
        return contrast
    rows = torch.tensor(near)
    faithful = similarities[rows, rows + size]
    altered = similarities[rows, 2 * size + torch.arange(len(near))]
    hinge = functional.relu(MARGIN + altered - faithful).sum() / TEMPERATURE / size
    return contrast + hinge


def _not_wrong(batch: Sequence[Example], near: Sequence[int], far: Sequence[int]) -> torch.Tensor:
    """(texts of both sides, all texts) bool: what is no wrong answer, since it is the text itself or on its topic."""
    size = len(batch)
    alike = torch.eye(size, dtype=torch.bool)
    where: defaultdict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(batch):
        for topic in one.topics:
            where[topic].append(number)
    for numbers in where.values():
        index = torch.tensor(numbers)
        alike[index[:, None], index[None]] = True
    foreign = alike[:, list(far)] & ~torch.eye(size, dtype=torch.bool)[:, list(far)]  # its own far text is wrong
    hidden = torch.cat([alike, alike, alike[:, list(near)], foreign], dim=1).repeat(2, 1)
    hidden[torch.arange(2 * size), torch.arange(2 * size).roll(size)] = False
    return hidden


def _encode(model: torch.nn.Module, tokenizer: Tokenizer, texts: Sequence[str]) -> torch.Tensor:
    """(len(texts), width), rows of length 1."""
    read = [one.ids for one in tokenizer.encode_batch([PROMPT + text for text in texts])]
    order = sorted(range(len(texts)), key=lambda number: len(read[number]))
    parts = []
    for start in range(0, len(order), SLICE):
        some = [torch.tensor(read[number]) for number in order[start : start + SLICE]]
        ids = torch.nn.utils.rnn.pad_sequence(some, batch_first=True, padding_value=1)
        mask = (ids != 1).long()
        states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[..., None].float()
        parts.append(functional.normalize((states.float() * weight).sum(1) / weight.sum(1), dim=1))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]


if __name__ == "__main__":
    main()
