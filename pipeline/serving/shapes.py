"""The shapes of the API's answers, for its description: what pipeline/report/views.py makes, field by field."""

from pydantic import BaseModel, ConfigDict, Field

from pipeline.checks import Flag
from pipeline.records import Change, Language, QuoteKind, Relation


class Shape(BaseModel):
    """An answer that may have more fields than are told."""

    model_config = ConfigDict(extra="allow")


class Spelling(Shape):
    """A name of the speaker, as articles in a language spell it."""

    text: str
    language: Language


class First(Shape):
    """Where a statement appeared first."""

    article_id: str
    outlet: str | None
    published: str | None
    at: int | None = Field(description="seconds since 1970; a date without a time counts as the end of its day")


class Member(Shape):
    """A quotation inside a statement."""

    quote_id: str
    article_id: str
    outlet: str | None
    language: Language
    published: str | None
    start: int = Field(description="characters into the article's text")
    end: int
    text: str
    relation: Relation = Field(description="to the fullest member, which stands first")
    altered: list[Change]
    retracted: bool = Field(description="whether somebody noted that the outlet retracted the article")


class Rendering(Shape):
    """A quotation in another language: the sentences that another edition has there, or a translation of its words."""

    language: Language
    text: str
    translator: str | None = Field(description="the model, where a machine translated it")
    flags: list[Flag] = Field(description="what is wrong with a machine's translation")


class FullMember(Member):
    """A member with what stands around it, and why it is one."""

    at: int | None
    kind: QuoteKind
    speaker: str | None
    title: str | None
    link: str | None = Field(description="http or https only")
    diff: list[list[object]] | None = Field(description="[kind, words, [[start, end, change] …]]; kind is =, - or +")
    excerpt: list[list[str]] = Field(description="[narration, quote or speaker; words]")
    sure: float | None = Field(description="the probability that it says the same as the fullest member")
    why: list[list[object]] = Field(description="[feature, value]")
    renderings: list[Rendering]


class Heading(Shape):
    """A statement in a list, with its fullest member only."""

    id: str
    speaker: dict[Language, str | None]
    spellings: list[Spelling]
    first: First
    outlets: int
    independent_outlets: int
    languages: list[Language]
    confidence: float
    altered: list[Change]
    sure: float | None
    members: list[Member]


class Statement(Heading):
    """A statement with all its members."""

    members: list[FullMember]  # type: ignore[assignment]


class Statements(Shape):
    """Statements that fit."""

    total: int
    items: list[Heading]


class ArticleLine(Shape):
    """An article in a list."""

    id: str
    outlet: str | None
    language: Language
    title: str | None
    published: str | None
    translator: str | None
    quotes: int


class Articles(Shape):
    """Articles that fit."""

    total: int
    items: list[ArticleLine]


class Quotation(Shape):
    """A quotation in an article."""

    id: str
    pieces: list[tuple[int, int]]
    kind: QuoteKind
    speaker: str | None
    statement: str | None


class Edition(ArticleLine):
    """Another edition of an article."""

    rows: list[tuple[int, int, int, int, bool]] = Field(
        description="sentences side by side: start and end here, start and end there, whether they were moved"
    )


class Article(ArticleLine):
    """An article with its quotations and editions."""

    retracted: bool = Field(description="whether somebody noted that the outlet retracted it")
    text: str
    link: str | None
    quotations: list[Quotation]
    editions: list[Edition]


class Hit(Shape):
    """A quotation that says the same as the text that was asked for."""

    quote_id: str
    article_id: str
    start: int
    end: int
    text: str
    language: Language
    outlet: str | None
    published: str | None
    speaker: str | None
    similarity: float = Field(description="cosine of centred vectors")
    margin: float
    relation: Relation
    confidence: float
    why: dict[str, float]
    retracted: bool
    statement: str | None


class Hits(Shape):
    """Quotations, best first."""

    total: int
    items: list[Hit]


class Overview(Shape):
    """Counts over all statements, and what the filters may choose."""

    title: str
    signature: str
    coverage: list[str] | None
    figures: dict[str, int]
    languages: dict[Language, int]
    outlets: list[dict[str, object]]
    shared: dict[str, object]
    repeated: list[dict[str, object]]
    altered: list[dict[str, object]]
    thresholds: list[int]
    translates: list[str] = Field(description="pairs of languages that can be translated here: uk-ru")


class Problem(BaseModel):
    """Why there is no answer."""

    detail: str
    hint: str | None = None
