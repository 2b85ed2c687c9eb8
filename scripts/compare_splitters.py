"""Compares sentence splitters on news with known sentences, and on the golden files: the table in docs/decisions.md.

    pip install sentencex razdel pysbd
    PYTHONPATH=tests python scripts/compare_splitters.py ARTICLES.jsonl GOLD.jsonl

ARTICLES and GOLD are the two files that the newsroom corpus is built into. For each splitter and language: the share of
sentence ends that a space follows which were found, the share of quotations with an end inside, golden cases that are
right, and articles a second.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

import goldens
import pysbd
import razdel
import sentencex

from pipeline.records import LANGUAGES, Language, Span
from pipeline.sentences import split

Splitter = Callable[[str, Language], list[Span]]
PUNCTUATION = " \n\t“”\"„«»‘’',.…—–-;:!?"  # whether a mark belongs to the sentence before it is not compared


def spans(text: str, parts: Iterable[str]) -> list[Span]:
    """Where the parts of a text stand in it."""
    found, at = [], 0
    for part in filter(None, map(str.strip, parts)):
        start = text.index(part, at)
        at = start + len(part)
        found.append((start, at))
    return found


def by_line(parts: Callable[[str, Language], Iterable[str]]) -> Splitter:
    """The libraries see one line at a time: some of them carry an unclosed quotation over to the next."""
    return lambda text, language: spans(text, chain.from_iterable(parts(line, language) for line in text.splitlines()))


SEGMENTERS = {language: pysbd.Segmenter("en" if language == "en" else "ru", clean=False) for language in LANGUAGES}
SPLITTERS: dict[str, Splitter] = {
    "ours": lambda text, language: [(sentence.start, sentence.end) for sentence in split(text, language)],
    "sentencex": by_line(lambda line, language: sentencex.segment(language, line)),
    "razdel": by_line(lambda line, _: (part.text for part in razdel.sentenize(line))),
    "pysbd": by_line(lambda line, language: SEGMENTERS[language].segment(line)),
}


def last(text: str, end: int) -> int:
    """End of the last word before `end`."""
    while end and text[end - 1] in PUNCTUATION:
        end -= 1
    return end


def row(
    splitter: Splitter, articles: list[dict[str, str]], gold: dict[str, dict[str, list]], language: Language
) -> str:
    """One line of the table."""
    begun = time.perf_counter()
    answers = [splitter(article["text"], language) for article in articles]
    seconds = time.perf_counter() - begun
    found, torn = [], []
    for article, answer in zip(articles, answers, strict=True):
        text, expected = article["text"], gold[article["id"]]
        ends = {last(text, end) for _, end in answer}
        found += [last(text, end) in ends for _, end in expected["sentences"] if text[end : end + 1] == " "]
        direct = chain.from_iterable(
            mention["pieces"] for mention in expected["mentions"] if mention["kind"] == "direct"
        )
        torn += [any(start < x < last(text, end) for x in ends) for start, end in direct]
    cases = goldens.read(goldens.FOLDER / f"sentences.{language}.txt")
    right = sum([given[a:b] for a, b in splitter(given, language)] == expected for _, given, expected in cases)
    return (
        f"{100 * sum(found) / len(found):.1f} % | {100 * sum(torn) / len(torn):.1f} % | "
        f"{right}/{len(cases)} | {len(articles) / seconds:.0f}"
    )


def tables(articles_path: Path, gold_path: Path) -> Iterator[str]:
    """The table, line by line."""
    articles = [json.loads(line) for line in articles_path.read_text(encoding="utf-8").splitlines()]
    gold: dict[str, dict[str, list]] = {}
    for line in gold_path.read_text(encoding="utf-8").splitlines():
        gold |= json.loads(line)["articles"]
    yield "| splitter | language | ends found | quotations torn | golden cases | articles/s |\n|---|---|---|---|---|---|"
    for name, splitter in SPLITTERS.items():
        for language in LANGUAGES:
            chosen = [article for article in articles if article["language"] == language]
            yield f"| {name} | {language} | {row(splitter, chosen, gold, language)} |"


if __name__ == "__main__":
    for printed in tables(Path(sys.argv[1]), Path(sys.argv[2])):
        print(printed)
