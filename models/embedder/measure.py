"""Measures the embedder: does a quotation find its translation, and does a clause find the whole that it stands in?

    .venv/bin/python models/embedder/measure.py FOLDER... [--quotes FILE...]

Containment is measured on the newsroom files that `examples.HELD_OUT` keeps from training: runs of two and three
sentences of article A are the wholes, a clause or sentence of each is the query, and it has to come first among the
wholes of a language. `--quotes` adds files of translated quotations (JSON lines with `quotes` or the languages
themselves as keys); their clauses are queries too. Numbers are shares of queries whose first answer is right, by cosine
and by margin (ratio, four neighbours; Artetxe and Schwenk 2019).
"""

import argparse
import json
import random
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from examples import HELD_OUT, SEED, part_of
from numpy.typing import NDArray

from corpora.newsroom import reader
from pipeline.engines.sbert import SentenceEmbedder
from pipeline.records import LANGUAGES, Language

NEIGHBOURS = 4

Row = dict[Language, str]
Matrix = NDArray[np.float32]


def main() -> None:
    """Print one JSON object a measure and pair of languages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--quotes", nargs="*", type=Path, default=[])
    given = parser.parse_args()
    wholes, quotes = held_out(), translated(given.quotes)
    for folder in given.folders:
        embedder = SentenceEmbedder(folder)
        for name, rows in (("sentences", singles()), ("newsroom", wholes), ("quotes", quotes)):
            if rows:
                report(f"{folder}", f"{name} translated", embedder, rows, parts=False)
        for name, rows in (("newsroom", wholes), ("quotes", quotes)):
            if rows:
                report(f"{folder}", f"{name} contained", embedder, rows, parts=True)


def report(folder: str, what: str, embedder: SentenceEmbedder, rows: Sequence[Row], *, parts: bool) -> None:
    """Print the figures of each pair of languages and their mean."""
    means = []
    for left, right in product(LANGUAGES, LANGUAGES):
        both = [row for row in rows if row.get(left) and row.get(right)]
        if len(both) < 20 or (left == right and not parts):
            continue
        chance = random.Random(SEED)
        queries = [part_of(row[left], chance) if parts else row[left] for row in both]
        asked = [number for number, query in enumerate(queries) if query]
        similarities = embedder.encode([queries[n] for n in asked]) @ embedder.encode([row[right] for row in both]).T
        cosine, margin = first_right(similarities, asked)
        means.append((cosine, margin))
        line = {"model": folder, "what": what, "pair": f"{left}-{right}", "queries": len(asked), "pool": len(both)}
        print(json.dumps({**line, "cosine": round(cosine, 3), "margin": round(margin, 3)}), flush=True)
    mean = np.array(means).mean(0)
    print(json.dumps({"model": folder, "what": what, "cosine": round(mean[0], 4), "margin": round(mean[1], 4)}))


def first_right(similarities: Matrix, right: Sequence[int]) -> tuple[float, float]:
    """Shares of rows whose biggest entry stands in the right column: of the cosines, and of their margins."""
    neighbours = min(NEIGHBOURS, *similarities.shape)
    rows = np.sort(similarities, axis=1)[:, -neighbours:].mean(1)
    columns = np.sort(similarities, axis=0)[-neighbours:].mean(0)
    margins = similarities / ((rows[:, None] + columns) / 2)
    return float((similarities.argmax(1) == right).mean()), float((margins.argmax(1) == right).mean())


def _editions() -> list[list[Row]]:
    """The sentences of each held-out article A in all its languages."""
    events = [event for name in HELD_OUT for event in reader.read(reader.SOURCE / name)]
    found = []
    for event in events:
        texts = {language: edition.texts for language, edition in event.editions.items()}
        found.append([{lang: said[n] for lang, said in texts.items()} for n in range(len(texts["en"]))])
    return found


def singles() -> list[Row]:
    """The held-out sentences."""
    return [row for rows in _editions() for row in rows]


def held_out() -> list[Row]:
    """Runs of two and of three held-out sentences, in turn; no sentence is in two of them."""
    wholes: list[Row] = []
    for rows in _editions():
        start = 0
        while start + 2 <= len(rows):
            some = rows[start : start + 2 + len(wholes) % 2]
            wholes.append({language: " ".join(row[language] for row in some) for language in LANGUAGES})
            start += len(some)
    return wholes


def translated(files: Sequence[Path]) -> list[Row]:
    """Quotations of two words or more in two or three languages."""
    found = []
    for path in files:
        for line in path.read_text("utf-8").splitlines():
            item = json.loads(line)
            if item.get("kind", "strict") == "strict":
                said = item.get("quotes") or item
                found.append({lang: said[lang] for lang in LANGUAGES if len((said.get(lang) or "").split()) >= 2})
    return found


if __name__ == "__main__":
    main()
