"""What the embedder learns from: pairs of texts that belong together, and texts that must stay apart from them.

    examples(parallel=FILE) -> list of Example

Sources, each in its own format: the newsroom, the quotation pairs and the triples of `corpora/`; a `.tsv.xz` file of
translations (language, English, target, source). The files for measuring (`*_b.txt`, `p07`, `p08`) are not opened, and
of the newsroom only what `LEARNED` names.
"""

import csv
import lzma
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from corpora.newsroom import reader  # noqa: E402
from pipeline.records import LANGUAGES, Language  # noqa: E402

SEED = 7
LEARNED = (
    *("w1_a.txt", "w2_a.txt", "w3_a.txt", "w4_a.txt", "w5_a.txt", "w6_a.txt"),
    *("w6_c.txt", "w7_a.txt", "w7_c.txt", "w8_a.txt", "w8_c.txt"),
)
"""Files of the newsroom that are learned from. Listed, so that what is added to the corpus changes no model."""

TRIPLES = ROOT / "corpora" / "triples" / "general.tsv"  # the only file of this corpus that is learned from

HELD_OUT = ("w9_a.txt", "w9_c.txt")  # `measure.py` makes its containment pools from them

TAKEN = {  # pairs taken at most of each source and language: news and speech first, prose and talk for variety
    "wmt_newstest_old": 6000,
    "resistinua": 3000,
    "museum_of_war": 1400,
    "propaganda_debunk": 1600,
    "tico19": 1000,
    "xquad": 1200,
    "heros_book": 310,
    "fakecontrol_news": 377,
    "opensource_guide": 600,
    "wmt_testsuite_systems": 1200,
    "bilinguator_books": 1200,
    "sy_subtitles": 1200,
    "captions_3b1b": 600,
    "tatoeba_challenge": 1500,
}

WORD = re.compile(r"\w+")
NUMBER = re.compile(r"\d+")
CLAUSE_END = re.compile(r"(?<=[,;:])\s+|\s+[—–]\s+|(?<=[.!?…])[\"”»]?\s+")
QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{6,300})[”\"»“]")
SHORTEST_PART = 4  # words of a clause that still says something of its own
LONGEST_PART = 0.7  # of the words of its whole
TRIM = " ,.;:—–-"


@dataclass(frozen=True, slots=True)
class Example:
    """`left` and `right` say the same, or one says a part of the other.

    `topics` are shared by examples that must not count as each other's wrong answers. `near` is `right` with something
    altered: it lies close, but not as close. `far` is another statement with the same words.
    """

    left: str
    right: str
    languages: tuple[str, str]
    topics: frozenset[str]
    near: str = ""
    far: str = ""


def examples(parallel: Path) -> list[Example]:
    """All of them, the same ones in the same order each time."""
    chance = random.Random(SEED)
    rows = [dict(zip(LANGUAGES, row, strict=True)) for row in _table(TRIPLES)]
    made = [
        *_from_triples(rows, chance),
        *_from_newsroom(chance),
        *_from_pairs(),
        *_from_parallel(parallel, chance),
    ]
    return [one for one in made if one.left and one.right and one.left.casefold() != one.right.casefold()]


def _table(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


# Sentences in three languages


def _from_triples(rows: list[dict[Language, str]], chance: random.Random) -> Iterator[Example]:
    for number, row in enumerate(rows):
        topics = frozenset({f"t{number}"})
        for pair in combinations(LANGUAGES, 2):
            left, right = chance.sample(pair, 2)
            yield Example(row[left], row[right], (left, right), topics, near=_other_number(row[right], chance))
        yield from _quoted_inside(row, topics, chance)
        yield from _parts(row, topics, chance, times=1)
    order = list(range(len(rows)))
    chance.shuffle(order)
    while len(order) > 3:
        some = [order.pop() for _ in range(chance.choice((2, 2, 3)))]
        whole: dict[Language, str] = {language: " ".join(rows[n][language] for n in some) for language in LANGUAGES}
        yield from _parts(whole, frozenset(f"t{n}" for n in some), chance, times=2)


def _quoted_inside(row: dict[Language, str], topics: frozenset[str], chance: random.Random) -> Iterator[Example]:
    """The words in quotation marks, where every edition has exactly one such stretch of two words or more."""
    found = {language: QUOTED.findall(text) for language, text in row.items()}
    if all(len(spans) == 1 and len(spans[0].split()) >= 2 for spans in found.values()):
        for pair in combinations(found, 2):
            left, right = chance.sample(pair, 2)
            yield Example(found[left][0].strip(TRIM), found[right][0].strip(TRIM), (left, right), topics)


def _parts(
    whole: dict[Language, str], topics: frozenset[str], chance: random.Random, *, times: int
) -> Iterator[Example]:
    """Clauses of a text, each with the whole of it in any of its languages."""
    for left, right in chance.sample(list(product(whole, whole)), times):
        if part := part_of(whole[left], chance):
            yield Example(part, whole[right], (left, right), topics)


def part_of(text: str, chance: random.Random) -> str:
    """One to three clauses in a row that make up at most `LONGEST_PART` of `text`; empty when it has none."""
    clauses = CLAUSE_END.split(text)
    runs = [" ".join(clauses[start:end]) for start, end in combinations(range(len(clauses) + 1), 2) if end - start < 4]
    words = len(WORD.findall(text))
    fitting = [run for run in runs if SHORTEST_PART <= len(WORD.findall(run)) <= LONGEST_PART * words]
    return chance.choice(fitting).strip(TRIM + '"“”«»„') if fitting else ""


def _other_number(text: str, chance: random.Random) -> str:
    """`text` with one of its numbers replaced by another of as many digits; empty when it has none."""
    found = list(NUMBER.finditer(text))
    if not found:
        return ""
    number = chance.choice(found)
    length = len(number[0])
    other = str(chance.randrange(10 ** (length - 1) if length > 1 else 0, 10**length))
    return text[: number.start()] + other + text[number.end() :] if other != number[0] else ""


# The newsroom


def _from_newsroom(chance: random.Random) -> Iterator[Example]:
    for name in LEARNED:
        for event in reader.read(reader.SOURCE / name):
            yield from _editions(event, chance)
            yield from _statements(event, chance)


def _editions(event: reader.Event, chance: random.Random) -> Iterator[Example]:
    """Sentences of article A in three languages, and runs of two or three of them with their parts."""
    rows, topics = _rows(event)
    for row, about in zip(rows, topics, strict=True):
        for pair in combinations(LANGUAGES, 2):
            left, right = chance.sample(pair, 2)
            yield Example(row[left], row[right], (left, right), about, near=_other_number(row[right], chance))
    for length in (1, 2, 3):
        for start in range(0, len(rows) - length + 1, length):
            whole: dict[Language, str] = {
                language: " ".join(row[language] for row in rows[start : start + length]) for language in LANGUAGES
            }
            yield from _parts(whole, frozenset().union(*topics[start : start + length]), chance, times=2)


def _rows(event: reader.Event) -> tuple[list[dict[Language, str]], list[frozenset[str]]]:
    """The sentences of article A in all languages, and what each is about."""
    rows: list[dict[Language, str]] = []
    topics: list[frozenset[str]] = []
    for number, spans in enumerate(zip(*(event.editions[language].sentences for language in LANGUAGES), strict=True)):
        texts = [event.editions[language].article.text for language in LANGUAGES]
        rows.append({language: text[s:e] for language, text, (s, e) in zip(LANGUAGES, texts, spans, strict=True)})
        english = event.editions["en"]
        start, end = english.sentences[number]
        said = {f"{event.id}.{m.statement}" for m in english.mentions for s, e in m.pieces if s < end and e > start}
        topics.append(frozenset({f"{event.id}.{number}", *said}))
    return rows, topics


def _statements(event: reader.Event, chance: random.Random) -> Iterator[Example]:
    """What different articles have of one statement, at most eight pairs of it, and clauses of its quotations."""
    said: defaultdict[str, list[tuple[Language, str]]] = defaultdict(list)
    for report in event.reports:
        for mention in report.mentions:
            words = " ".join(report.article.text[s:e] for s, e in mention.pieces)
            if len(WORD.findall(words)) >= 2:
                said[mention.statement].append((report.article.language, words))
    for statement, mentions in said.items():
        topics = frozenset({f"{event.id}.{statement}"})
        pairs = list(combinations(mentions, 2))
        for (left, first), (right, second) in chance.sample(pairs, min(8, len(pairs))):
            yield Example(first, second, (left, right), topics)
        editions = dict(reversed(mentions))
        yield from _parts(editions, topics, chance, times=min(3, len(editions) ** 2))


# Pairs of quotations


def pair_files() -> list[Path]:
    """The files of quotation pairs that are learned from."""
    return [ROOT / "corpora" / "quotepairs" / f"p{number:02}.tsv" for number in range(1, 7)]


def _from_pairs() -> Iterator[Example]:
    """Faithful pairs; altered ones as near, different ones as far from a faithful pair with the same quotation in it."""
    for path in pair_files():
        rows = list(_table(path))
        faithful: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for label, first, left, second, right, _ in rows:
            if label in ("same", "translation", "reworded"):
                faithful[left].append((second, right))
                faithful[right].append((first, left))
        for label, first, left, second, right, _ in rows:
            topics = frozenset({left, right})
            if label in ("same", "translation", "reworded"):
                yield Example(left, right, (first, second), topics)
            elif label == "contained":
                yield Example(right, left, (second, first), topics)
            else:
                kind = "far" if label == "different" else "near"
                for text, language, wrong in ((left, first, right), (right, second, left)):
                    for other, same in faithful[text][:2]:
                        yield Example(text, same, (language, other), topics, **{kind: wrong})


# Translations


def _from_parallel(path: Path, chance: random.Random) -> Iterator[Example]:
    """Translations of the sources in `TAKEN`, the words in quotation marks of all of these, and parts of joined lines."""
    by_source = _by_source(path)
    for (source, language), pairs in sorted(by_source.items()):
        chance.shuffle(pairs)
        for english, target in pairs:
            row: dict[Language, str] = {"en": english, language: target}
            yield from _quoted_inside(row, frozenset({english}), chance)
        for english, target in pairs[: TAKEN[source]]:
            left, right = chance.sample([("en", english), (language, target)], 2)
            yield Example(left[1], right[1], (left[0], right[0]), frozenset({english}))
        joined = pairs[: TAKEN[source] // 6]
        for start in range(0, len(joined) - 2, 3):
            some = joined[start : start + chance.choice((1, 2, 3))]
            row = {"en": " ".join(e for e, _ in some), language: " ".join(t for _, t in some)}
            yield from _parts(row, frozenset(e for e, _ in some), chance, times=1)
    yield from _through_english(by_source, chance)


def _by_source(path: Path) -> dict[tuple[str, Language], list[tuple[str, str]]]:
    found: defaultdict[tuple[str, Language], list[tuple[str, str]]] = defaultdict(list)
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            language, english, target, source = line.rstrip("\n").split("\t")
            if source in TAKEN and is_prose(english) and is_prose(target):
                found[source, "uk" if language == "uk" else "ru"].append((english, target))
    return found


def is_prose(text: str) -> bool:
    """Two words or more, mostly of letters, and nothing that belongs to a program or a page."""
    letters = sum(character.isalpha() or character.isspace() for character in text)
    return len(WORD.findall(text)) >= 2 and letters > 0.8 * len(text) and not re.search(r"[<>{}|\\@#*_]|://", text)


def _through_english(
    by_source: dict[tuple[str, Language], list[tuple[str, str]]], chance: random.Random
) -> Iterator[Example]:
    """Russian and Ukrainian translations of one English text."""
    russian: dict[str, str] = {}
    ukrainian: dict[str, str] = {}
    for (_, language), pairs in by_source.items():
        (ukrainian if language == "uk" else russian).update(pairs)
    both = sorted(russian.keys() & ukrainian.keys())
    for english in chance.sample(both, min(2000, len(both))):
        yield Example(russian[english], ukrainian[english], ("ru", "uk"), frozenset({english}))


def counts(made: Iterable[Example]) -> dict[str, int]:
    """How many examples of each pair of languages."""
    found: defaultdict[str, int] = defaultdict(int)
    for one in made:
        found["-".join(sorted(one.languages))] += 1
    return dict(found)
