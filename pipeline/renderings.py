"""Quotations in the languages of those who read about them: made for the report when somebody asks, remembered after that.

A quotation is translated as an article of its own is, sentence by sentence, through the same memory and the same checks.
Where an edition of its article has it in a language already, nothing is made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product

from pipeline.checks import FLAGS, Flag
from pipeline.collection import Collection
from pipeline.memory import Notebook
from pipeline.progress import Advance, Progress, ignore
from pipeline.records import LANGUAGES, Article, Language, Quote, Rendering, Statement
from pipeline.report.gathering import gathered
from pipeline.report.views import editions
from pipeline.translations import Bureau, Engine, Pair, sentences

Translated = tuple[str, str, tuple[Flag, ...]]
"""A translation, the model that made it, and what looks wrong about it."""

TOGETHER = 100
"""Quotations that are translated at once: with the starter some forty seconds, which a run that is killed can lose."""

READ = 1_000  # statements whose articles are read at once


@dataclass(frozen=True, slots=True)
class Lacking:
    """A quotation that nobody can read in a language, and the state that its translation is to be made in."""

    quote_id: str
    target: Language
    state: str


@dataclass(slots=True)
class Tally:
    """How many translations were made, and of how many quotations none can be, by the pair that no model knows."""

    made: int
    beyond: dict[Pair, int]


def offered(engine: Engine) -> list[Pair]:
    """The pairs that can be translated, in a fixed order."""
    bureau = Bureau(engine, Notebook())
    return [(source, target) for source, target in permutations(LANGUAGES, 2) if not bureau.missing(source, target)]


def translated(
    texts: Sequence[tuple[str, Language]], target: Language, bureau: Bureau, advance: Advance = ignore
) -> list[Translated]:
    """The translation of each text, which comes with its language.

    `advance` is told of sentences; ModelMissing where nothing translates a text.
    """
    articles = [_as_article(*one) for one in texts]
    bureau.translate(((text, one.language, target) for one in articles for text in sentences(one)), advance)
    return [_translated(one, target, bureau) for one in articles]


def _as_article(text: str, language: Language) -> Article:
    return Article(id="", text=text, language=language)


def _translated(article: Article, target: Language, bureau: Bureau) -> Translated:
    made, _ = bureau.edition(article, target)
    found = {flag for segment in bureau.segments(article, target) for flag in segment.flags}
    return made.text, str(made.translator), tuple(flag for flag in FLAGS if flag in found)


def make(
    collection: Collection, shown: Iterable[Statement], targets: Sequence[Language], bureau: Bureau, progress: Progress
) -> Tally:
    """Translate the quotations of statements into `targets` where nothing of them can be read there, and keep what is made.

    The first statements come first. What was made is kept whenever this is ended; the same call goes on from there.
    ModelMissing when nothing translates into one of `targets`.
    """
    bureau.check(targets)
    tally = Tally(0, {})
    todo = list(_lacking(collection, shown, targets, bureau, tally))
    if todo:
        with progress.stage("Translating quotations", None) as advance:
            for at in range(0, len(todo), TOGETHER):
                some = todo[at : at + TOGETHER]
                _make(some, len(todo) / len(some), collection, bureau, advance)
                tally.made += len(some)
    return tally


def _make(some: Sequence[Lacking], share: float, collection: Collection, bureau: Bureau, advance: Advance) -> None:
    """Translate a batch of quotations and keep them; `share` is how many such batches there are."""
    known = collection.some_quotes([one.quote_id for one in some])  # without those that a run has dropped meanwhile
    by_state: dict[tuple[Language, str], list[Quote]] = {}
    for one in some:
        if one.quote_id in known:
            by_state.setdefault((one.target, one.state), []).append(known[one.quote_id])
    articles = (_as_article(quote.text, quote.language) for quotes in by_state.values() for quote in quotes)
    advance(0, total=round(share * sum(len(sentences(article)) for article in articles)))
    for (target, state), quotes in by_state.items():
        texts = translated([(quote.text, quote.language) for quote in quotes], target, bureau, advance)
        made = [Rendering(quote.id, target, *one) for quote, one in zip(quotes, texts, strict=True)]
        with collection.transaction():
            collection.put_renderings(made, state)


def _lacking(
    collection: Collection, shown: Iterable[Statement], targets: Sequence[Language], bureau: Bureau, tally: Tally
) -> Iterator[Lacking]:
    """What is to be made, in the order of the statements; what cannot be made is counted."""
    states = {
        pair: collection.translated_in(bureau.signature(*pair))
        for pair in product(LANGUAGES, targets)
        if pair[0] != pair[1] and not bureau.missing(*pair)
    }
    stream = iter(shown)
    while some := list(islice(stream, READ)):
        records = gathered(collection, some)
        ids = [member.quote_id for one in some for member in one.members]
        ready = {(target, state): collection.rendered(ids, target, state) for (_, target), state in states.items()}
        for member in (member for one in some for member in one.members):
            readable = {member.language, *editions(member, records)}
            for target in (one for one in targets if one not in readable):
                state = states.get((member.language, target))
                if state is None:
                    pair = member.language, target
                    tally.beyond[pair] = tally.beyond.get(pair, 0) + 1
                elif member.quote_id not in ready[target, state]:
                    yield Lacking(member.quote_id, target, state)
