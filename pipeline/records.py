"""The nouns of the project: what each stage takes and makes. Read this first.

An article holds text; sentences and quotations are spans of it; a translation is made sentence by sentence; quotations
that say the same thing form a statement; two editions of an article form aligned pairs. Every record is immutable,
points back by id, and is complete when it is made.

Offsets are Unicode characters into `Article.text`: ``text[start:end]`` is always the words that a span speaks of.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Language = Literal["en", "ru", "uk"]
LANGUAGES: tuple[Language, ...] = ("en", "ru", "uk")

Span = tuple[int, int]
"""(start, end) in characters, end exclusive."""

QuoteKind = Literal["direct", "mixed", "indirect"]
Relation = Literal["same", "reworded", "translation", "contained", "indirect", "altered", "different"]
Change = Literal["number", "negation", "name"]
Origin = Literal["human", "machine"]

Diff = tuple[tuple[str, str], ...]
"""What became of one wording in another: ("=", words), ("-", words that are gone), ("+", words that are new)."""

ELLIPSIS = " … "
"""What joins the pieces of an interrupted quotation in its `text`."""

_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON Lines hold as ``\\u…`` only: it would command a terminal, end a line for some readers, or fit no encoding."""


def content_id(prefix: str, *parts: object) -> str:
    """Id that depends on the parts alone, e.g. ``q-3f9a0c12be44d6``: the same input always gets the same id."""
    digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
    return f"{prefix}-{digest[:14]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One edition of one news article. `translator` names the model when a machine made this edition."""

    id: str
    text: str
    language: Language
    outlet: str | None = None
    title: str | None = None
    published: str | None = None  # ISO 8601 date, or date and time, as the outlet gave it
    url: str | None = None
    translation_of: str | None = None  # id of the article that this is an edition of
    translator: str | None = None

    @property
    def digest(self) -> str:
        """Hash of every field: an article with the same id and another digest has changed."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The bytes that an article was read from, and where they stood then.

    `sha256` is that of the whole file; in JSON Lines of the line without its end (in UTF-8 where the file has wider
    characters); in a web archive of the page as a browser sees it, after its packing for the way was undone. `where`
    names file, and line or record, as a refusal does.
    """

    sha256: str
    where: str
    path: str | None  # absolute; None for standard input
    inside: str | None = None  # the WARC file within a WACZ file
    offset: int | None = None  # of the first byte of the record in a WARC file, as it is packed
    record_id: str | None = None  # what a WARC file calls the record
    read_at: str  # UTC, ISO 8601


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article comes from; `position` counts the articles in order of input.

    `original` is the id of the article that it is a reprint of, if it is one, and `original_outlet` the outlet of that.
    """

    article_id: str
    position: int
    outlet: str | None = None
    published: str | None = None
    translation_of: str | None = None
    original: str | None = None
    original_outlet: str | None = None
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text; `text` is exactly what stands between the offsets."""

    start: int
    end: int
    text: str


NOT_ATTRIBUTED = "no words near it say who speaks"
NOT_NAMED = "the words that attribute it refer to nobody whom the article names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words that an article attributes to somebody.

    `pieces` are the quoted words without their marks, one span per stretch that the narrator interrupts. `speaker` is
    the fullest name or role by which the article names who said it, in its base form; `speaker_start`, `speaker_end`
    are the words beside the quotation that attribute it; `cue` is the verb or phrase of saying. `confidence` in [0, 1].
    """

    id: str
    article_id: str
    language: Language
    kind: QuoteKind
    pieces: tuple[Span, ...]
    text: str
    speaker: str | None
    speaker_start: int | None
    speaker_end: int | None
    cue: str | None
    confidence: float

    @property
    def start(self) -> int:
        """Start of the first piece."""
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        """End of the last piece."""
        return self.pieces[-1][1]

    @property
    def reason(self) -> str | None:
        """Why there is no speaker; None when there is one."""
        if self.speaker is not None:
            return None
        return NOT_ATTRIBUTED if self.speaker_start is None else NOT_NAMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A quotation inside a statement, with its `relation` to the statement's fullest member.

    `diff` is the difference from that member: word by word in its language; in another one only the numbers and names
    that differ. None where there is nothing to compare: for the fullest itself, for a reported member, for a translation with
    the same facts.
    """

    quote_id: str
    article_id: str
    outlet: str | None
    language: Language
    published: str | None
    start: int
    end: int
    text: str
    relation: Relation
    altered: tuple[Change, ...] = ()
    diff: Diff | None = None
    retracted: bool = False  # by its outlet, as somebody noted: see `retractions`


@dataclass(frozen=True, slots=True)
class Join:
    """Why a quotation is a member: the probability that it says the same as the fullest one, and the features of that."""

    probability: float
    why: dict[str, float]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A quotation in another language, as the model that `translator` names translated its words.

    `flags` tell what looks wrong about it: see `checks`.
    """

    quote_id: str
    language: Language
    text: str
    translator: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Where a statement appeared first."""

    article_id: str
    outlet: str | None
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The same thing said by the same person, wherever and in whatever language it was quoted; fullest member first.

    `independent_outlets` counts those that reprint another one's text together with that one.
    """

    id: str
    speaker: dict[Language, str | None]
    first: First
    outlets: int
    languages: tuple[Language, ...]
    confidence: float
    members: tuple[Member, ...]
    independent_outlets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of an article: one side of an aligned pair. Empty (`start == end`) when the other side has no counterpart."""

    article_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedPair:
    """Sentences of two editions that say the same. `kind` counts the sentences left and right: ``1-1``, ``1-2``, ``0-1`` …

    `similarity` is a cosine in [-1, 1]; None when one side is empty.
    """

    left: Passage
    right: Passage
    left_language: Language
    right_language: Language
    kind: str
    moved: bool
    similarity: float | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An input that could not be used: `where` names the file, and the line or record within it.

    `source` is the absolute path of the file, "-" for standard input; None where it is not about a file that was read.
    """

    where: str
    reason: str
    field: str | None = None
    source: str | None = None

    def __str__(self) -> str:
        """One line, whatever names and values are in it: they come from outside, and a terminal obeys some characters."""
        field = f"{self.field}: " if self.field else ""
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in f"{self.where}: {field}{self.reason}")


def quote_json(quote: Quote) -> dict[str, Any]:
    """A quotation as the public interface writes it; where there is no speaker, with the reason."""
    record = {
        "id": quote.id,
        "article_id": quote.article_id,
        "language": quote.language,
        "kind": quote.kind,
        "pieces": [list(piece) for piece in quote.pieces],
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "speaker": quote.speaker,
        "speaker_start": quote.speaker_start,
        "speaker_end": quote.speaker_end,
        "cue": quote.cue,
        "confidence": quote.confidence,
    }
    return record if quote.reason is None else record | {"reason": quote.reason}


def pair_json(pair: AlignedPair) -> dict[str, Any]:
    """An aligned pair as the public interface writes it; the languages are those of the two articles."""
    record = asdict(pair)
    del record["left_language"], record["right_language"]
    return record


def statement_json(statement: Statement) -> dict[str, Any]:
    """A statement as the public interface writes it; only a member that was retracted says whether it was."""
    record = asdict(statement)
    for member in record["members"]:
        if not member["retracted"]:
            del member["retracted"]
    return record


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the public interface writes it."""
    return {"where": refusal.where, "field": refusal.field, "reason": refusal.reason}


def json_line(record: dict[str, Any]) -> str:
    """One line of JSON Lines, with Cyrillic as it is; what is escaped instead is read back equal."""
    return _ESCAPED.sub(lambda one: f"\\u{ord(one[0]):04x}", json.dumps(record, ensure_ascii=False)) + "\n"


def join_pieces(text: str, pieces: Iterable[Span]) -> str:
    """The quoted words of all pieces, as `Quote.text` gives them."""
    return ELLIPSIS.join(text[start:end] for start, end in pieces)


def whole(text: str) -> str:
    """The text of a quotation as one run of words."""
    return " ".join(text.replace(ELLIPSIS, " ").split())


def counted(count: int, what: str) -> str:
    """A number with its noun: "1 article", "2,000 articles"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
