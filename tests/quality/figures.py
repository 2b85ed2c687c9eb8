"""Measures the pipeline on the corpora: every figure in percent, bigger is better."""

import hashlib
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import edited
import numpy as np
import reprinted
import scoring

from corpora.newsroom import reader
from corpora.sample import reader as sample
from pipeline import engines, matching, pairs, quotes, reprints, sentences
from pipeline.collection import Collection
from pipeline.ports import Embedder, Tagger, Vectors
from pipeline.progress import Silent
from pipeline.records import LANGUAGES, Article, Language, Quote
from pipeline.search import Filters, Finder

EVERY = 4
"""What needs vectors takes every fourth event: embedding is slow, and this is what the tests have time for."""

HITS = 10


@cache
def events(files: tuple[Path, ...]) -> list[reader.Event]:
    """The events of newsroom files."""
    return [event for path in files for event in reader.read(path)]


def sentence_figures(files: tuple[Path, ...]) -> Mapping[str, Any]:
    """Splitting into sentences."""
    reports = [report for event in events(files) for report in event.reports]
    split = {report.article.id: sentences.split(report.article.text, report.article.language) for report in reports}
    return {
        "all": scoring.sentences(reports, split),
        **{
            language: scoring.sentences((report for report in reports if report.article.language == language), split)
            for language in LANGUAGES
        },
    }


def quote_figures(files: tuple[Path, ...]) -> Mapping[str, Any]:
    """Quotations and their speakers, by rules alone and with the tagger."""
    sets = (("newsroom", events(files)), ("sample", [sample.read()]))
    taggers = (("", engines.find_tagger()), ("_by_rules", None))
    return {
        f"{name}{how}": scoring.quotes(chosen, _found(chosen, tagger))
        for name, chosen in sets
        for how, tagger in taggers
    }


def _found(chosen: list[reader.Event], tagger: Tagger | None) -> dict[str, list[Quote]]:
    """The quotations of every article, by its id."""
    articles = [report.article for event in chosen for report in event.reports]
    found = quotes.extract_all(articles, tagger)
    return {article.id: some for article, some in zip(articles, found, strict=True)}


def alignment_figures(files: tuple[Path, ...]) -> Mapping[str, Any]:
    """Alignment of editions that were edited in several ways: strict F1 for each pair of languages."""
    documents = {name: list(_editions(events(files)[::EVERY], name)) for name in edited.EDITINGS}
    texts = {
        text for many in documents.values() for editions in many for lines in editions.values() for text, _ in lines
    }
    vectors = {text: _vector(text) for text in texts}
    return {
        name: {
            f"{a}-{b}": scoring.alignment(
                (edited.alignment(editions[a], editions[b]), _aligned(editions[a], editions[b], vectors))
                for editions in documents[name]
            )
            for a, b in combinations(LANGUAGES, 2)
        }
        for name in documents
    }


def statement_figures(files: tuple[Path, ...]) -> Mapping[str, Any]:
    """Statements made of the quotations that the pipeline itself finds."""
    return scoring.statements(_chosen(files), _matched(files).statements())


def find_figures(files: tuple[Path, ...]) -> Mapping[str, Any]:
    """Whether the first hit in another article, or another language, is the statement that was asked for."""
    finder = Finder(_matched(files), engines.default(), Filters())
    hits = {
        name: [(hit.article_id, hit.start, hit.end) for hit in finder.find(text, HITS)]
        for name, text in scoring.queries(_chosen(files))
    }
    return scoring.find(_chosen(files), hits)


def reprint_figures(files: tuple[Path, ...]) -> Mapping[str, Any]:
    """Reprints that were made of every report, by how they were edited; reports of their own that are left alone."""
    chosen = events(files)
    reports = [report for event in chosen for report in event.reports]
    own = [report.article for report in (*reports, *sample.read().reports)]
    quoting = list(reprinted.quoting(chosen, _found(chosen, None)))
    known = quotes.extract_all(own, None)
    figures: dict[str, Any] = {
        "own_left_alone": scoring.percent(len(own) - len(_originals(own, known)), len(own)),
        "quoting_left_alone": scoring.percent(len(quoting) - len(_originals(quoting)), len(quoting)),
    }
    for name in reprinted.EDITINGS:
        made = list(reprinted.reprints(reports, name))
        gold = {copy.id: original.id for copy, original in made}
        figures[name] = scoring.reprints(_originals([*own, *(copy for copy, _ in made)], known), gold)
    return figures


def _originals(articles: Sequence[Article], known: Sequence[list[Quote]] = ()) -> dict[str, str]:
    """The original of each reprint among some articles; the quotations of the first ones may be `known`."""
    found = [*known, *quotes.extract_all(articles[len(known) :], None)]
    with tempfile.TemporaryDirectory() as folder, Collection.open(Path(folder), create=True) as collection:
        with collection.transaction():
            for article, some in zip(articles, found, strict=True):
                collection.put_article(article)
                collection.put_quotes(article.id, some)
        reprints.find(collection, "figures", Silent())
        return reprints.Reprints(collection).all()


def _chosen(files: tuple[Path, ...]) -> list[reader.Event]:
    return events(files)[::EVERY]


@cache
def _matched(files: tuple[Path, ...]) -> Collection:
    """A collection of every fourth event."""
    articles = [report.article for event in _chosen(files) for report in event.reports]
    found = quotes.extract_all(articles, engines.find_tagger())
    collection = Collection.open(Path(_folder().name) / hashlib.sha256(str(files).encode()).hexdigest(), create=True)
    with collection.transaction():
        for article, some in zip(articles, found, strict=True):
            collection.put_article(article)
            collection.put_quotes(article.id, some)
    matching.match(collection, engines.default(), Silent(), "figures")
    return collection


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


@cache
def _vector(text: str) -> Vectors:
    return _embedder().encode([text])[0]


@cache
def _embedder() -> Embedder:
    return engines.default().embedder


def _editions(chosen: list[reader.Event], name: str) -> Iterator[dict[Language, list[edited.Line]]]:
    """The editions of article A of each event, edited; the English one keeps its order."""
    foreign = chosen[-1]
    for event in chosen:
        chance = random.Random(f"{event.id} {name}")
        editing = edited.EDITINGS[name]
        yield {
            language: edited.edit(
                report.texts,
                foreign.editions[language].texts,
                edited.EDITINGS["edited"] if editing.moved and language == "en" else editing,
                chance,
            )
            for language, report in event.editions.items()
        }
        foreign = event


def _aligned(left: list[edited.Line], right: list[edited.Line], vectors: Mapping[str, Any]) -> scoring.Ladder:
    lefts, rights = [text for text, _ in left], [text for text, _ in right]
    stacked = [np.stack([vectors[text] for text in texts]) for texts in (lefts, rights)]
    return [(bead.left, bead.right) for bead in pairs.align(lefts, rights, *stacked)]


GROUPS: dict[str, Callable[[tuple[Path, ...]], Mapping[str, Any]]] = {
    "sentences": sentence_figures,
    "quotes": quote_figures,
    "alignment": alignment_figures,
    "statements": statement_figures,
    "find": find_figures,
    "reprints": reprint_figures,
}
"""Group of figures -> how it is measured on newsroom files."""


def flat(figures: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """``{"a": {"b": 1}}`` as ``{"a.b": 1}``."""
    found: dict[str, float] = {}
    for name, value in figures.items():
        found.update(flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value})
    return found


def digest(files: tuple[Path, ...]) -> str:
    """Hash of everything that is measured on: figures of another corpus do not compare."""
    whole = hashlib.sha256()
    for path in (*files, sample.HERE / "articles.jsonl", sample.HERE / "gold.json"):
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
