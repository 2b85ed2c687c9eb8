"""Collections of any size, for measuring how the matching grows: the newsroom's events, again and again in other words.

Copy c of an event is another event of the same shape. Its quotations are those that people marked; in them

- every number is another one, the same for equal numbers of the event, and in all languages;
- names of people and places are invented ones, the same for a name of the event in all languages and cases; what the
  matcher knows by itself (countries, big towns) stays, as it does between real events;
- a text that names nobody gets the name of a town at its end, so that no two copies share a text.

Its points are the real ones turned by a rotation of the copy's own, and so nothing needs to be embedded. A rotation leaves
the angles within a copy as they are, to the last rounding: members of one statement, traps, and other events are as near
as in the newsroom. Against another copy of the same text the cosine falls to the product of what the two have turned by,
give or take the chance of the axes; `TURNS` is chosen so that, in a million quotations, the nearest text of another event
is somewhat nearer than in the newsroom, as befits a bigger collection.

The text of an article is its quotations, a paragraph for each piece.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray

from corpora.newsroom.reader import Event, Mention, Report
from pipeline import names, points
from pipeline.collection import Collection
from pipeline.likeness import Matcher
from pipeline.points import number, units
from pipeline.ports import Embedder, Vectors
from pipeline.records import ELLIPSIS, LANGUAGES, Article, Language, Quote, QuoteKind, content_id
from pipeline.relations import wording
from pipeline.utterances import Utterances

TURNS = (0.5, 0.7)
"""Cosine between a text and its copy: least and most; each copy has one."""

SYLLABLES: Mapping[Language, str] = {
    "en": "ba ve do zu ki la me no pu ri sa te vo shu mi cha ne ro lu zhe",
    "ru": "ба ве до зу ки ла ме но пу ри са те во шу ми ча не ро лу же",
    "uk": "ба ве до зу кі ла ме но пу рі са те во шу мі ча не ро лу же",
}
NAMES = 20**3  # three syllables: no two copies give a name of an event the same one, up to so many copies
STEP, APART = 1009, 2741  # between the names of two copies, and of one event; both prime to NAMES
DECIMAL_MARK: Mapping[Language, str] = {"en": ".", "ru": ",", "uk": ","}
TOGETHER = 50  # copies of events that are written in one transaction

_CAPITALISED = re.compile(r"[^\W\d_a-zа-яёєіїґ][^\W\d_]+(?:['’ʼ][^\W\d_]+)*")

Template = tuple[str | int, ...]
"""Literal text, and numbers of slots whose words each copy chooses."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A quotation of an original: its statement, what its pieces and its speaker are made of, which points it has."""

    statement: str
    kind: QuoteKind
    pieces: tuple[Template, ...]
    speaker: Template
    points: slice


@dataclass(frozen=True, slots=True)
class Original:
    """An event that is multiplied: articles with their quotations, the points of these (points, dim), and the slots.

    Slot 0 is the town, then come `names` other names, then one slot for each of the `numbers`.
    """

    place: int
    id: str
    articles: tuple[tuple[Article, tuple[Saying, ...]], ...]
    rows: Vectors
    names: int
    numbers: tuple[Decimal, ...]

    def __len__(self) -> int:
        return sum(len(said) for _, said in self.articles)


def originals(events: Sequence[Event], embedder: Embedder, matcher: Matcher) -> list[Original]:
    """The events, taken apart, with the points of what they quote."""
    said = [
        (_words(report, mention), report.article.language)
        for event in events
        for report in event.reports
        for mention in report.mentions
    ]
    units = {each: points.units(*each) for each in dict.fromkeys(said)}
    texts = list(dict.fromkeys(unit for some in units.values() for unit in some))
    rows = dict(zip(texts, embedder.encode(texts), strict=True))
    known = {each: matcher.centred(np.stack([rows[unit] for unit in some]), each[1]) for each, some in units.items()}
    return [_original(place, event, known) for place, event in enumerate(events)]


def fill(collection: Collection, some: Sequence[Original], quotes: int, first: int = 0) -> int:
    """Write whole events until there are at least so many quotations, from the n-th copy of an event on.

    The number of the copy that comes next. What the points were made with has to be remembered by the caller.
    """
    copies = ((n // len(some), some[n % len(some)]) for n in count(first))
    left = quotes
    while left > 0:
        written = 0
        with collection.transaction():
            for copy, original in islice(copies, TOGETHER):
                if left <= 0:
                    break
                _write(collection, original, copy)
                left -= len(original)
                written += 1
        first += written
    return first


class Truth:
    """What is marked in the originals, and so is true of their copies: which quotations are one statement."""

    def __init__(self, some: Sequence[Original]) -> None:
        self._said = {
            article.id: [f"{original.id}.{saying.statement}" for saying in said]
            for original in some
            for article, said in original.articles
        }
        self._articles = {
            article.id: [other.id for other, _ in original.articles]
            for original in some
            for article, _ in original.articles
        }
        self._sizes = Counter(statement for said in self._said.values() for statement in said)

    def statement(self, article_id: str, number: int) -> tuple[str, str]:
        """(statement, copy) of the n-th quotation of an article."""
        original, _, copy = article_id.rpartition(".")
        return self._said[original][number], copy

    def size(self, statement: tuple[str, str]) -> int:
        """How many quotations a statement has."""
        return self._sizes[statement[0]]

    def event(self, article_id: str) -> list[str]:
        """The articles of the same copy of the event."""
        original, _, copy = article_id.rpartition(".")
        return [f"{other}.{copy}" for other in self._articles[original]]


def nearness(some: Sequence[Original], sample: int) -> tuple[float, float]:
    """Of originals: mean cosine of two texts of one statement; of a text with the nearest point of another event."""
    rows = np.concatenate([original.rows for original in some])
    events = np.repeat([original.place for original in some], [len(original.rows) for original in some])
    wholes, label, at = list[int](), list[str](), 0
    for original in some:
        for _, said in original.articles:
            wholes += [at + saying.points.start for saying in said]
            label += [f"{original.id}.{saying.statement}" for saying in said]
        at += len(original.rows)
    places, labels = np.array(wholes), np.array(label)
    chosen = np.random.default_rng(1).choice(len(places), min(sample, len(places)), replace=False)
    cosine = rows[places[chosen]] @ rows.T
    same = (labels[chosen, None] == labels) & (chosen[:, None] != np.arange(len(places)))
    other = np.where(events[places[chosen], None] == events, -1.0, cosine)
    return float(cosine[:, places][same].mean()), float(other.max(axis=1).mean())


def texts(some: Sequence[Original]) -> list[str]:
    """The texts of one copy."""
    values = {original.id: _values(original, 0) for original in some}
    return [
        ELLIPSIS.join(_filled(piece, values[original.id][article.language]) for piece in saying.pieces)
        for original in some
        for article, said in original.articles
        for saying in said
    ]


# Originals ----------------------------------------------------------------------------------------------------------


def _original(place: int, event: Event, known: Mapping[tuple[str, Language], Vectors]) -> Original:
    slots = _Slots(event)
    articles, rows, at = [], list[Vectors](), 0
    for report in event.reports:
        said = []
        for mention in report.mentions:
            found = known[_words(report, mention), report.article.language]
            said.append(slots.saying(event, report, mention, slice(at, at + len(found))))
            rows.append(found)
            at += len(found)
        if said:
            articles.append((report.article, tuple(said)))
    return Original(place, event.id, tuple(articles), np.concatenate(rows), len(slots.names), tuple(slots.numbers))


def _words(report: Report, mention: Mention) -> str:
    return ELLIPSIS.join(report.article.text[start:end] for start, end in mention.pieces)


class _Slots:
    """What is exchanged in an event: its names, each in all the forms it stands in, and its numbers."""

    def __init__(self, event: Event) -> None:
        self.names: list[set[str]] = []
        self.numbers: list[Decimal] = []
        texts = [
            (r.article.text[s:e], r.article.language) for r in event.reports for m in r.mentions for s, e in m.pieces
        ]
        words = [word for text in texts for word in wording.read(*text).words]
        named = [word.form.text for word in words if word.form.name == wording.SURE and not word.form.known]
        called = [name for spoken in event.speakers.values() for name in spoken.values()]
        for form in dict.fromkeys([*(form for name in called for form in _CAPITALISED.findall(name)), *named]):
            self._name(form)
        self.numbers = list(dict.fromkeys(word.form.value for word in words if word.form.value is not None))

    def _name(self, form: str) -> None:
        """Put a form to the name that it is one of."""
        alike = (forms for forms in self.names if any(names.same_person(form, other) for other in forms))
        same = next(alike, None)
        if same is None:
            self.names.append({form})
        else:
            same.add(form)

    def _slot(self, form: str) -> int | None:
        return next((1 + n for n, forms in enumerate(self.names) if form in forms), None)

    def saying(self, event: Event, report: Report, mention: Mention, rows: slice) -> Saying:
        """A quotation with its slots."""
        language = report.article.language
        pieces = [self._piece(report.article.text[start:end], language) for start, end in mention.pieces]
        if not any(isinstance(part, int) and part <= len(self.names) for piece in pieces for part in piece):
            *before, last = pieces[-1]
            pieces[-1] = (*before, last.rstrip(".!?…") if isinstance(last, str) else last, ", ", 0)
        speaker = self._speaker(event.speakers[mention.statement][language])
        return Saying(mention.statement, mention.kind, tuple(pieces), speaker, rows)

    def _piece(self, text: str, language: Language) -> Template:
        found: list[tuple[int, int, int]] = []
        for word in wording.read(text, language).words:
            numbered = (
                1 + len(self.names) + self.numbers.index(word.form.value) if word.form.value is not None else None
            )
            slot = numbered or (self._slot(word.form.text) if word.form.name else None)
            if slot is not None and (not found or word.start >= found[-1][1]):  # 16:40 is two numbers in one place
                found.append((word.start, word.end, slot))
        return _template(text, found)

    def _speaker(self, name: str) -> Template:
        spans = [(m.start(), m.end(), self._slot(m[0])) for m in _CAPITALISED.finditer(name)]
        return _template(name, [(start, end, slot) for start, end, slot in spans if slot is not None])


def _template(text: str, spans: Sequence[tuple[int, int, int]]) -> Template:
    parts, at = list[str | int](), 0
    for start, end, slot in spans:
        parts += [text[at:start], slot]
        at = end
    return (*parts, text[at:])


# Copies -------------------------------------------------------------------------------------------------------------


def _write(collection: Collection, original: Original, copy: int) -> None:
    values = _values(original, copy)
    rows = points.pack(turned(original.rows, copy))
    found: dict[int, NDArray[np.float16]] = {}
    for article, said in original.articles:
        quotes, made = _article(article, said, copy, values[article.language])
        collection.put_article(made)
        collection.put_quotes(made.id, quotes)
        for quote, saying in zip(quotes, said, strict=True):
            made = rows[saying.points][
                : len(units(quote.text, quote.language))
            ]  # another number may end another clause
            found.setdefault(number(quote.text, quote.language), made)
    Utterances(collection).put_points(found)


def _values(original: Original, copy: int) -> dict[Language, list[str]]:
    """What stands in each slot of a copy, by language."""
    chance = random.Random(f"{original.id}.{copy}")
    start = original.place * (STEP + 1)
    called = [(start + APART * n + copy * STEP) % NAMES for n in range(1 + original.names)]
    numbers = [_another(value, chance) for value in original.numbers]
    return {
        language: [
            *(_called(n, SYLLABLES[language].split()) for n in called),
            *(one.replace(".", DECIMAL_MARK[language]) for one in numbers),
        ]
        for language in LANGUAGES
    }


def _called(n: int, syllables: Sequence[str]) -> str:
    size = len(syllables)
    return (syllables[n // size**2] + syllables[n // size % size] + syllables[n % size]).capitalize()


def _another(value: Decimal, chance: random.Random) -> str:
    """Another number with as many digits, or two where it has one."""
    if value != int(value):
        return f"{chance.randrange(11, 100)}.{chance.randrange(1, 10)}"
    most = 10 ** max(2, len(str(int(value))))
    found = chance.randrange(most // 10 + 1, most - 1)
    return str(found + (found >= value))  # any but the value itself


def _article(article: Article, said: Sequence[Saying], copy: int, values: Sequence[str]) -> tuple[list[Quote], Article]:
    """The quotations of a copy of an article, and the copy itself."""
    name = f"{article.id}.{copy}"
    quotes, paragraphs, at = [], list[str](), 0
    for place, saying in enumerate(said):
        pieces = [_filled(piece, values) for piece in saying.pieces]
        spans = []
        for piece in pieces:
            spans.append((at, at + len(piece)))
            at += len(piece) + 2
        paragraphs += pieces
        quotes.append(
            Quote(
                id=content_id("q", name, place), article_id=name, language=article.language, kind=saying.kind,
                pieces=tuple(spans), text=ELLIPSIS.join(pieces),
                speaker=_filled(saying.speaker, values),
                speaker_start=None, speaker_end=None, cue=None, confidence=1.0,
            )
        )  # fmt: skip
    published = (date.fromisoformat(article.published or "2024-01-01") + timedelta(days=copy)).isoformat()
    edition = f"{article.translation_of}.{copy}" if article.translation_of else None
    return quotes, Article(
        id=name, text="\n\n".join(paragraphs), language=article.language, outlet=article.outlet, published=published,
        translation_of=edition,
    )  # fmt: skip


def _filled(template: Template, values: Sequence[str]) -> str:
    return "".join(values[part] if isinstance(part, int) else part for part in template)


def turned(rows: Vectors, copy: int) -> Vectors:
    """The rows (n, dim) of originals as a copy has them: all turned alike, by an angle and around axes of the copy's own.

    Each dimension is paired with another at random; every pair spans a plane, and all planes turn by one angle.
    """
    chance = np.random.default_rng(copy)
    left, right = np.split(chance.permutation(rows.shape[1]), 2)
    cosine = chance.uniform(*TURNS)
    sine = np.sqrt(1 - cosine**2)
    made = np.empty_like(rows)
    made[:, left] = cosine * rows[:, left] - sine * rows[:, right]
    made[:, right] = sine * rows[:, left] + cosine * rows[:, right]
    return made
