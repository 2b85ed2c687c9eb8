"""The pipeline on Ray, top to bottom. This process hands out work and remembers which shards there are, and nothing else.

    read -> settle -> translate -> quotes -> align -> embed
         -> reprints
         -> gather -> look up -> compare -> components -> sort -> group
         -> write

Every arrow is a folder of shards. What is there already is not made again.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pipeline import articles, engines, files, outputs, removal, renderings
from pipeline import run as one_machine
from pipeline.collection import FILE, MANIFEST, SHARDS, Collection, sole_writer, stays_in_shards
from pipeline.distributed import batches, blocks, components, large, lots, reading, reprinted, shards, writing
from pipeline.distributed.blocks import SPAN, Block, Span
from pipeline.distributed.crews import MEMORY, Crew, Desk, RayCrew, Sizes, Work, chunks, unheard
from pipeline.distributed.earlier import LEFT, NOTHING, Earlier, is_current, note_end
from pipeline.distributed.lots import Decisions, Lots
from pipeline.distributed.opened import manifest
from pipeline.distributed.reading import Batch
from pipeline.distributed.shards import Made
from pipeline.distributed.writing import Everything
from pipeline.engines import Engines
from pipeline.errors import CollectionError, InputError
from pipeline.memory import Notebook
from pipeline.progress import Progress, Silent
from pipeline.records import LANGUAGES, Language, Refusal, refusal_json
from pipeline.run import Outcome
from pipeline.translations import Bureau

BANDS = 1_000_000  # that one worker looks through
FULL = MEMORY // 2  # bytes; after a stage in which a worker took more, all are let go
EVERY = 5.0  # seconds between two accounts of a run that is under way
RUNNING, BROKEN_OFF, DONE = "running", "broken off", "done"
"""What run.json says of a run. That of one that was killed says "running", and `at` when that was written."""


@dataclass
class Ledger:
    """What has been made and what it cost, by stage: run.json tells it while the run is under way and when it is over."""

    path: Path
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    needed: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    fresh: int = 0
    _told: float = 0.0

    def begin(self, stage: str, count: int) -> None:
        """A stage has so many pieces of work."""
        self._tell_now_and_then(self.fresh)
        nothing = {"of": 0, "done": 0, "made": 0, "cpu_seconds": 0.0, "wall_seconds": 0.0, "peak_mb": 0, "deaths": 0}
        self.stages.setdefault(stage, nothing)["of"] += count

    def add(self, stage: str, made: Made) -> None:
        """A shard is there."""
        line = self.stages[stage]
        line["done"] += 1
        line["made"] += made.fresh
        line["cpu_seconds"] = round(line["cpu_seconds"] + made.seconds, 3)
        line["peak_mb"] = max(line["peak_mb"], made.peak)
        self.needed.append(made.path)
        self.fresh += made.fresh
        self._tell_now_and_then(made.fresh)

    def end(self, stage: str, made: Sequence[Made], seconds: float, deaths: int) -> None:
        """All pieces are there."""
        line = self.stages[stage]
        line["wall_seconds"] = round(line["wall_seconds"] + seconds, 2)
        line["deaths"] += deaths
        self.refused += [aside.refusal for one in made for aside in one.aside]

    def break_off(self) -> None:
        """Say that the run has ended before its time, where it was said that it is under way."""
        if self._told and self.is_open:
            self._tell(BROKEN_OFF)

    @property
    def is_open(self) -> bool:
        """Whether run.json tells of a run that has not come to its end."""
        try:
            told = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return True
        return not isinstance(told, dict) or told.get("state") in (RUNNING, BROKEN_OFF)

    def _tell_now_and_then(self, due: int) -> None:
        if due and time.monotonic() - self._told > EVERY:
            self._tell(RUNNING)

    def _tell(self, state: str) -> None:
        self._told = time.monotonic()
        at, refused = datetime.now(UTC).isoformat(timespec="seconds"), list(map(refusal_json, self.refused))
        with files.atomic(self.path) as file:
            json.dump({"state": state, "at": at, "stages": self.stages, "refusals": refused}, file, indent=2)
            file.write("\n")


def run(
    paths: Sequence[str],
    into: Path,
    address: str,
    *,
    targets: Sequence[Language] = (),
    make_engines: Callable[[], Engines] = engines.default,
    progress: Progress | None = None,
    sizes: Sizes | None = None,
    tell: Callable[[str], object] = unheard,
) -> Outcome:
    """As `pipeline.run.run`, by the processes of the Ray cluster at `address`; "auto": this machine's cluster, or this machine.

    The collection holds what `paths` hold, and all of them are named again when there are more. All machines must see the
    files and the folder `into` under the same names. `tell` gets a line for people when the cluster has no room. InputError
    when Ray is missing or cannot be reached, for standard input, and when the collection in `into` was not made by such a
    run or holds articles that are in none of the paths. CollectionError when another process is writing to it.
    """
    desk = Desk((into / SHARDS).absolute(), make_engines, sizes or Sizes())
    found = _inputs(paths)
    _before(into)  # what cannot be gone on with is told before there are workers
    Bureau(desk.engines.translator, Notebook()).check(targets)
    with RayCrew(address, desk, tell=tell) as crew:
        return Run(crew, desk, into, progress or Silent()).make(found, targets)


def _inputs(paths: Sequence[str]) -> articles.Inputs:
    if "-" in paths:
        raise InputError("standard input cannot be read by many machines", "write it into a file, and name that")
    return articles.inputs([str(Path(path).absolute()) for path in paths])


def _before(into: Path) -> tuple[Decisions, Earlier]:
    """What people have decided about the collection that is there, and that collection."""
    if stays_in_shards(into):
        return Decisions.read(manifest(into)["decided"]), Earlier.beside_shards(into)
    if not (into / FILE).is_file():
        return Decisions(), NOTHING
    with Collection.open(into, read_only=True) as collection:
        return Decisions.of(collection), Earlier.of(into, collection)


class Run:
    """One run: who works, where, and what has come of it so far."""

    def __init__(self, crew: Crew, desk: Desk, into: Path, progress: Progress) -> None:
        self._crew = crew
        self._desk = desk
        self._into = into
        self._progress = progress
        self._outcome = Outcome()
        self._input, self._earlier = articles.Inputs((), 0, (), ()), NOTHING
        self._counts = Counter[str]()
        into.mkdir(parents=True, exist_ok=True)
        desk.shards.mkdir(exist_ok=True)
        self.ledger = Ledger(into / "run.json")

    def make(self, found: articles.Inputs, targets: Sequence[Language] = ()) -> Outcome:
        """Bring a collection about. Nobody can decide anything about the one that is there until that is done: it would be lost."""
        with sole_writer(self._into):
            decided, self._earlier = _before(self._into)
            self._input = found
            try:
                return self._make(found, targets, decided)
            except BaseException:
                self.ledger.break_off()
                raise

    def _make(self, found: articles.Inputs, targets: Sequence[Language], decided: Decisions) -> Outcome:
        self._outcome.passed_over = found.passed_over
        self.ledger.refused += found.refused
        some = self._batches(found.files, targets)
        for path in (path for one in some for path in one.made):
            self._counts.update(shards.read(Path(path)).counts)
        roster = blocks.roster(self._desk, some)
        self.ledger.needed.append(roster.path)
        links, reprints = self._reprints(some, roster)
        parts, pairs = self._pairs(some, roster)
        statements = self._statements(some, roster, parts, pairs, reprints, decided)
        self._outcome.refused = self.ledger.refused
        if self._counts["quotes"] > self._desk.sizes.in_one_file:
            return self._stay_in_shards(some, parts, statements, decided)
        everything = Everything(
            roster.path, tuple(parts), tuple(statements), tuple(links), reprints, decided, self._earlier
        )
        return self._finish(everything, targets)

    def stage(self, name: str, told: str, what: Work, items: Sequence[Any]) -> list[Made]:
        """What comes of each item, in their order."""
        self.ledger.begin(name, len(items))
        found: list[Made | None] = [None] * len(items)
        began, deaths = time.perf_counter(), self._crew.deaths
        with self._progress.stage(told, len(items)) as advance:
            for number, made in self._crew.work(partial(_numbered, what), list(enumerate(items))):
                found[number] = made
                self.ledger.add(name, made)
                advance(1)
        there = [made for made in found if made is not None]
        self.ledger.end(name, there, time.perf_counter() - began, self._crew.deaths - deaths)
        if any(made.fresh and made.peak << 20 > FULL for made in there):
            self._crew.rest()
        return there

    # Articles

    def _batches(self, names: Sequence[str], targets: Sequence[Language]) -> list[Batch]:
        """What is made of articles by themselves."""
        parts = self.stage("read", "Reading", reading.read, list(reading.together(names)))
        for made in parts:
            self._outcome.articles += made.counts.get("articles", 0)
            self._note_beside(made)
        if not self._outcome.articles:
            self._note_nothing_else()
            reasons = "\n".join(map(str, self.ledger.refused))
            raise InputError(reasons or "there is no article in the input", "nothing was done")
        settle = partial(reading.settle, earlier=self._earlier)
        (plan,) = self.stage("settle", "Settling", settle, [tuple(made.path for made in parts)])
        self._note_beside(plan)
        self._outcome.articles = plan.counts["plan"]
        some = reading.batches(plan)
        others = [language for language in LANGUAGES if language not in targets]
        others = others if self._earlier.has_editions_in(others) else []
        if targets or others:
            translate = partial(batches.translate, tuple(targets), others, self._earlier)
            some = self._next("translate", "Translating", translate, some)
            self._crew.rest()
        some = self._next("quotes", "Finding quotations", batches.find_quotes, some)
        some = self._next("align", "Aligning editions", batches.align, some)
        some = self._next("embed", "Embedding", batches.embed, some)
        self._crew.rest()
        return some

    def _next(self, name: str, told: str, what: Work, some: Sequence[Batch]) -> list[Batch]:
        made = self.stage(name, told, what, some)
        return [batch.after(one) for batch, one in zip(some, made, strict=True)]

    def _note_nothing_else(self) -> None:
        """Note in a collection, where there is one already, that everything was refused."""
        if self._earlier.folder is not None:
            # Where that cannot be done, it is still the input that is told of.
            with suppress(CollectionError), Collection.open(self._into) as collection:
                self._note_refusals(collection)
                outputs.renew(collection)

    def _note_refusals(self, collection: Collection) -> None:
        with collection.transaction():
            collection.put_refusals(self.ledger.refused, self._input.covering())
            if self.ledger.is_open:
                collection.remember("outputs", "")  # run.json is to be written, whatever else is as it was

    def _note_beside(self, made: Made) -> None:
        for kind, count in made.counts.items():
            if kind.startswith("beside: "):
                self._outcome.beside[kind.removeprefix("beside: ")] += count

    def _reprints(self, some: Sequence[Batch], roster: Made) -> tuple[list[str], str]:
        """The shards with links, and the one that says which articles are reprints."""
        ranges = 1 + self._counts["bands"] // BANDS
        tasks = [(roster.path, number) for number in range(ranges)]
        links = [
            made.path for made in self.stage("links", "Looking for reprints", partial(reprinted.link, ranges), tasks)
        ]
        (chosen,) = self.stage("reprints", "Choosing originals", partial(reprinted.choose, roster.path), [tuple(links)])
        return links, chosen.path

    # Texts

    def _pairs(self, some: Sequence[Batch], roster: Made) -> tuple[list[Block], list[str]]:
        """The blocks with their neighbours, and the shards with their pairs."""
        parts = blocks.blocks(roster, self._counts["points"], self._desk.sizes.texts)
        gathered = self.stage("gather", "Gathering texts", blocks.gather, parts)
        parts = [replace(part, said=made.path) for part, made in zip(parts, gathered, strict=True)]
        spans = [Span(tuple(some)) for some in chunks(parts, SPAN)]
        if sum(made.counts.get("points", 0) for made in gathered) > self._desk.sizes.exact:
            spans = self._inverted(spans)
        tasks = [(part, span) for part in parts for span in spans]
        looked = self.stage("look-up", "Looking for neighbours", blocks.look_up, tasks)
        rows = [tuple(made.path for made in row) for row in chunks(looked, len(spans))]
        merged = self.stage("nearest", "Joining neighbours", blocks.merge, rows)
        parts = [replace(part, nearest=made.path) for part, made in zip(parts, merged, strict=True)]
        both = [(one, tuple(others)) for n, one in enumerate(parts) for others in chunks(parts[n:], SPAN)]
        compared = self.stage("compare", "Comparing", blocks.compare, both)
        return parts, [made.path for made in compared]

    def _inverted(self, spans: Sequence[Span]) -> list[Span]:
        """Spans with inverted files."""
        tasks = [(span, language) for span in spans for language in LANGUAGES]
        made = self.stage("invert", "Making inverted files", blocks.invert, tasks)
        files = chunks([one.path for one in made], len(LANGUAGES))
        return [replace(span, inverted=tuple(some)) for span, some in zip(spans, files, strict=True)]

    # Statements

    def _statements(
        self,
        some: Sequence[Batch],
        roster: Made,
        parts: Sequence[Block],
        pairs: Sequence[str],
        reprints: str,
        decided: Decisions,
    ) -> list[str]:
        """The shards with the statements."""
        (bound,) = self.stage("bind", "Joining editions", partial(lots.bind, decided), [roster.path])
        forest = self._forest([*pairs, bound.path])
        count = 1 + self._counts["utterances"] // self._desk.sizes.utterances
        into = Lots(forest.path, reprints, count)
        told = "Sorting into lots"
        sorted_ = [
            *self.stage("sort", told, partial(lots.sort_batch, into), some),
            *self.stage("sort", told, partial(lots.sort_block, into), parts),
            *self.stage("sort", told, partial(lots.sort_pairs, into), pairs),
        ]
        listing = lots.listing(self._desk, [made.path for made in sorted_])
        self.ledger.needed.append(listing.path)
        grouped = self.stage("group", "Matching statements", partial(lots.group, decided, listing.path), range(count))
        return [made.path for made in grouped]

    def _forest(self, paths: Sequence[str]) -> Made:
        told = "Finding what hangs together"
        some = self.stage("components", told, components.of_pairs, paths)
        while len(some) > 1:
            tasks = [tuple(made.path for made in part) for part in chunks(some, components.JOINED)]
            some = self.stage("components", told, components.joined, tasks)
        return some[0]

    # The collection

    def _finish(self, everything: Everything, targets: Sequence[Language]) -> Outcome:
        """Write the collection from its shards, unless it was written from them before."""
        outcome, made_with = self._outcome, self._desk.engines
        (self._into / MANIFEST).unlink(missing_ok=True)
        if not is_current(self._into, everything.key):
            task = self._into.absolute(), everything
            (written,) = self.stage("write", "Writing the collection", writing.write, [task])
            outcome.added, outcome.updated = written.counts["added"], written.counts["updated"]
            outcome.changed = True
        outcome.seconds = {name: line["wall_seconds"] for name, line in self.ledger.stages.items()}
        with Collection.open(self._into) as collection:
            self._note_refusals(collection)
            one_machine.derive(collection, made_with, self._progress, outcome)
            outcome.counts = {table: collection.count(table) for table in outputs.COUNTED}

            def account() -> dict[str, Any]:
                told = one_machine.account(collection, made_with, outcome, targets)
                return told | {"state": DONE, "stages": self.ledger.stages}

            outputs.write(
                collection, one_machine.signature(made_with), account, renderings.offered(made_with.translator)
            )
            with collection.transaction():
                note_end(collection, everything.key)
            (self._into / LEFT).unlink(missing_ok=True)  # it is in the collection now
            if removal.unfinished(collection):
                removal.scrub(collection)
                return outcome
        shards.sweep(self._desk.shards, set(self.ledger.needed))
        return outcome

    def _stay_in_shards(
        self, some: Sequence[Batch], parts: Sequence[Block], statements: Sequence[str], decided: Decisions
    ) -> Outcome:
        """Make the shards into a collection as they are."""
        published = self.stage("publish", "Writing the collection", large.publish, some)
        (trained,) = self.stage("train", "Making the inverted files", large.train, [tuple(parts)])
        filled = self.stage("index", "Making the inverted files", partial(large.index, trained.path), parts)
        paths = tuple(made.path for made in filled)
        (joined,) = self.stage("join", "Making the inverted files", partial(large.join, trained.path), [paths])
        texts = self.stage("texts", "Making the inverted files", large.index_texts, parts)
        self._earlier.leave_beside(self._into)
        outcome = self._outcome
        outcome.changed = outcome.changed or bool(self.ledger.fresh)
        outcome.seconds = {name: line["wall_seconds"] for name, line in self.ledger.stages.items()}
        outcome.counts = {
            table: sum(made.counts.get(table, 0) for made in published) for table in ("articles", "quotes", "pairs")
        } | {"statements": sum(shards.read(Path(path)).counts.get("statements", 0) for path in statements)}
        if outcome.changed or self.ledger.is_open or not stays_in_shards(self._into):
            account: dict[str, Any] = {"state": DONE, "counts": outcome.counts, "stages": self.ledger.stages}
            account["refusals"] = [refusal_json(refusal) for refusal in outcome.refused]
            large.write(self._into, self._desk, trained, joined, texts, parts, decided, account)
        (self._into / FILE).unlink(missing_ok=True)  # what people decided about it is kept with the shards
        shards.sweep(self._desk.shards, set(self.ledger.needed))
        return outcome


def _numbered(what: Work, desk: Desk, item: tuple[int, Any]) -> tuple[int, Any]:
    return item[0], what(desk, item[1])
