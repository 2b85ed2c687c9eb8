"""The whole pipeline, top to bottom: from articles to a collection. Read this second, after `records`.

    read -> translate -> find quotations -> align editions -> find reprints -> embed -> match into statements -> write

Each stage asks the collection what it has not seen yet, and remembers what it makes: a second run on the same input
does nothing, an added article costs only its own work, and a run that was killed goes on where it stopped.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline import (
    __version__,
    articles,
    batch,
    editions,
    matching,
    outputs,
    pairs,
    quotes,
    removal,
    renderings,
    reprints,
    sentences,
    translations,
    vectors,
)
from pipeline.articles import Found, Inputs
from pipeline.collection import FILE, Collection
from pipeline.engines import Engines
from pipeline.errors import CollectionError, InputError
from pipeline.memory import Notebook
from pipeline.ports import Embedder, Tagger
from pipeline.progress import Advance, Progress, Silent, ignore
from pipeline.records import AlignedPair, Article, Language, Refusal, refusal_json
from pipeline.translations import Bureau


@dataclass(slots=True)
class Outcome:
    """What a run did, and what the collection then holds."""

    articles: int = 0
    added: int = 0
    updated: int = 0
    passed_over: int = 0
    beside: Counter[str] = field(default_factory=Counter)  # what inputs hold beside articles, by kind
    refused: list[Refusal] = field(default_factory=list)
    changed: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the seconds of a stage."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - began, 2)


def run(
    paths: Sequence[str],
    into: Path,
    engines: Engines,
    *,
    targets: Sequence[Language] = (),
    progress: Progress | None = None,
) -> Outcome:
    """Bring the articles of `paths` into the collection in `into`, and everything that follows from them.

    `targets` are the languages that articles without a human edition in them are translated into. InputError when no
    article can be read, ModelMissing when nothing translates into a target; then no collection is made. CollectionError
    when the collection cannot be used.
    """
    progress = progress or Silent()
    Bureau(engines.translator, Notebook()).check(targets)
    found = articles.inputs(paths)
    outcome = Outcome(passed_over=found.passed_over, refused=list(found.refused))
    try:
        stream = _first_article(articles.find(found.files, outcome.beside), outcome)
    except InputError:
        _note_nothing_else(into, outcome, found)
        raise
    with Collection.open(into, create=True, alone=True) as collection:
        before = collection.revision
        with outcome.timed("read"):
            read(stream, collection, outcome, progress)
            _note_refusals(collection, outcome, found)
        with outcome.timed("translate"):
            translate(collection, Bureau(engines.translator, collection), targets, outcome, progress)
            _note_refusals(collection, outcome, found)
        derive(collection, engines, progress, outcome)
        outcome.changed = collection.revision != before
        outcome.counts = {table: collection.count(table) for table in outputs.COUNTED}
        outputs.write(
            collection,
            signature(engines),
            lambda: account(collection, engines, outcome, targets),
            renderings.offered(engines.translator),
        )
        if removal.unfinished(collection):
            removal.scrub(collection)
    return outcome


def derive(collection: Collection, engines: Engines, progress: Progress, outcome: Outcome) -> None:
    """Make everything that follows from the articles and has not been made yet."""
    state = quotes_state(engines)
    with outcome.timed("quotes"):
        find_quotes(collection, engines.tagger, state, progress)
    with outcome.timed("align"):
        align(collection, engines.embedder, progress)
    with outcome.timed("reprints"):
        reprints.find(collection, reprints.signature(state), progress)
    with outcome.timed("match"):
        matching.match(collection, engines, progress, state)


def resume(collection: Collection, engines: Engines, progress: Progress) -> None:
    """Do what a collection lacks without reading anything: editions that are called for, and all that follows.

    ModelMissing when nothing translates an edition; the rest is done then.
    """
    bureau = Bureau(engines.translator, collection)
    wanted = [(collection.article(article_id), target) for article_id, target in collection.editions_called_for()]
    there = [(article, target) for article, target in wanted if article]
    missing = [bureau.missing(article.language, target) for article, target in there]
    todo = [
        (article, target, collection.translated_in(bureau.signature(article.language, target)))
        for (article, target), error in zip(there, missing, strict=True)
        if error is None
    ]
    for at in range(0, len(todo), batch.CHUNK):
        _make_editions(todo, at, collection, bureau, ignore)
    derive(collection, engines, progress, Outcome())
    for error in filter(None, missing):
        raise error


def account(collection: Collection, engines: Engines, outcome: Outcome, targets: Sequence[Language]) -> dict[str, Any]:
    """What run.json says."""
    return {
        "version": __version__,
        "signature": signature(engines),
        "models": {
            "embedder": engines.embedder.signature,
            "tagger": engines.tagger.signature if engines.tagger else None,
            "translators": sorted(
                {article.translator for article in collection.articles(machine=True) if article.translator}
            ),
        },
        "settings": {"to": list(targets)},
        "counts": {**outcome.counts, "refused": collection.count("refusals"), "passed_over": outcome.passed_over},
        "beside": dict(sorted(outcome.beside.items())),
        "refusals": list(map(refusal_json, collection.refusals())),
        "seconds": outcome.seconds,
        "changed": collection.meta("changed"),
    }


def signature(engines: Engines) -> str:
    """Everything that a collection's content depends on beside its articles and translators."""
    parts = (
        quotes.signature(engines.tagger),
        pairs.SIGNATURE,
        reprints.SIGNATURE,
        matching.signature(engines),
    )
    return "|".join((*parts, f"v:{__version__}"))


def _first_article(stream: Iterator[tuple[str, Found | Refusal]], outcome: Outcome) -> Iterator[Found | Refusal]:
    """The stream from its first article on, so that input without any leaves no collection behind."""
    for _, item in stream:
        if isinstance(item, Found):
            return chain([item], (item for _, item in stream))
        outcome.refused.append(item)
    raise InputError("\n".join(map(str, outcome.refused)) or "there is no article in the input", "nothing was done")


def _note_refusals(collection: Collection, outcome: Outcome, found: Inputs) -> None:
    with collection.transaction():
        collection.put_refusals(outcome.refused, found.covering())


def _note_nothing_else(into: Path, outcome: Outcome, found: Inputs) -> None:
    """Note in a collection, where there is one already, that everything was refused."""
    if (into / FILE).is_file():
        # Where that cannot be done, it is still the input that is told of.
        with suppress(CollectionError), Collection.open(into, alone=True) as collection:
            _note_refusals(collection, outcome, found)
            outputs.renew(collection)


def read(stream: Iterator[Found | Refusal], collection: Collection, outcome: Outcome, progress: Progress) -> None:
    """Put the articles into the collection."""
    with progress.stage("Reading", None) as advance, collection.transaction():
        for item in stream:
            if isinstance(item, Refusal):
                outcome.refused.append(item)
                continue
            known = collection.article(item.article.id) is not None
            changed = collection.put_article(item.article)
            if collection.put_provenance(item.article.id, item.provenance):
                collection.mark_done(item.article.id, "normalise", item.normalised.signature)
            outcome.articles += 1
            outcome.added += changed and not known
            outcome.updated += changed and known
            advance(1)


def translate(
    collection: Collection, bureau: Bureau, targets: Sequence[Language], outcome: Outcome, progress: Progress
) -> None:
    """Make the machine editions that are lacking: the sentences of many articles in one stream, then their editions."""
    made_here = collection.made_here()
    families = editions.families(collection.articles())
    with collection.transaction():
        for old in (article for family in families for article in editions.superseded(family, made_here=made_here)):
            collection.remove(old.id)
    lacking = (
        (article, target)
        for target in targets
        for family in families
        for article in editions.lacking(family, target, made_here=made_here)
    )
    todo = list[tuple[Article, Language, str]]()
    for article, target in lacking:
        if missing := bureau.missing(article.language, target):
            outcome.refused.append(Refusal(where=article.id, field="language", reason=missing.message))
            continue
        state = collection.translated_in(bureau.signature(article.language, target))
        if not collection.is_done(article.id, f"translate {target}", state):
            todo.append((article, target, state))
    if todo:
        with progress.stage("Translating", None) as advance:
            for at in range(0, len(todo), batch.CHUNK):
                _make_editions(todo, at, collection, bureau, advance)


def _make_editions(
    todo: Sequence[tuple[Article, Language, str]], at: int, collection: Collection, bureau: Bureau, advance: Advance
) -> None:
    """Translate a chunk of articles, and put their editions into the collection."""
    chunk = todo[at : at + batch.CHUNK]
    jobs = [
        (text, article.language, target) for article, target, _ in chunk for text in translations.sentences(article)
    ]
    advance(0, total=round(len(jobs) * len(todo) / len(chunk)))
    bureau.translate(jobs, advance)
    made_here = collection.made_here()
    for article, target, state in chunk:
        made, segments = bureau.edition(article, target)
        if made.id not in made_here and collection.article(made.id):
            made = replace(made, id=f"{made.id}.machine")  # somebody's own article is called so already
        with collection.transaction():
            collection.put_article(made, segments)
            collection.mark_done(article.id, f"translate {target}", state)


def quotes_state(engines: Engines) -> str:
    """In what state of the program quotations are found."""
    return f"{quotes.signature(engines.tagger)}|v:{__version__}"


def find_quotes(collection: Collection, tagger: Tagger | None, state: str, progress: Progress) -> None:
    """Extract the quotations of the articles that people wrote."""
    todo = collection.undone("quotes", state)
    if not todo:
        return
    with progress.stage("Finding quotations", len(todo)) as advance:
        for start in range(0, len(todo), quotes.TOGETHER):
            ids = todo[start : start + quotes.TOGETHER]
            found = [article for name in ids if (article := collection.article(name)) and article.translator is None]
            with collection.transaction():
                for article, extracted in zip(found, quotes.extract_all(found, tagger), strict=True):
                    collection.put_quotes(article.id, extracted)
                for name in ids:
                    collection.mark_done(name, "quotes", state)
            advance(len(ids))


def align(collection: Collection, embedder: Embedder, progress: Progress) -> None:
    """Align the editions of each article with one another."""
    made_here = collection.made_here()
    todo, stale = [], {*collection.aligned()}
    for family in editions.families(collection.articles()):
        made = [article for article in family if article.id in made_here]
        for left, right in editions.to_align(family):
            stale.discard((left.id, right.id))
            bridge = editions.bridge(left, right, made)
            state = f"{pairs.SIGNATURE}|emb:{embedder.signature}|{left.digest}"
            state += f"|by way of:{bridge.digest}" if bridge else ""
            if not collection.is_done(right.id, f"align {left.id}", state):
                todo.append((left, right, bridge, state))
    if stale:
        with collection.transaction():
            collection.drop_pairs(sorted(stale))
    if not todo:
        return
    with progress.stage("Aligning editions", len(todo)) as advance:
        for left, right, bridge, state in todo:
            aligned = _aligned(left, right, bridge, collection, embedder)
            with collection.transaction():
                collection.put_pairs(left.id, right.id, aligned)
                collection.mark_done(right.id, f"align {left.id}", state)
            advance(1)


def _aligned(
    left: Article, right: Article, bridge: Article | None, collection: Collection, embedder: Embedder
) -> list[AlignedPair]:
    segments = collection.segments(right.id)
    if segments:
        ours = [left.text[a:b] for (a, b), _ in segments]
        theirs = [right.text[a:b] for _, (a, b) in segments]
        cosines = editions.similarities(*(vectors.embed(texts, embedder, collection) for texts in (ours, theirs)))
        return editions.machine_pairs(left, right, segments, cosines)
    sides = [sentences.split(article.text, article.language) for article in (left, right)]
    rows = [vectors.embed([sentence.text for sentence in side], embedder, collection) for side in sides]
    wordings = None
    if bridge:
        known = collection.segments(bridge.id)
        one, other = (
            editions.in_translation(side, bridge, known)
            if bridge.translation_of == article.id
            else [sentence.text for sentence in side]
            for article, side in zip((left, right), sides, strict=True)
        )
        wordings = one, other
    return pairs.between(left, right, sides[0], sides[1], rows[0], rows[1], wordings)
