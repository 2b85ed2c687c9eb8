"""What an evidence file says of what is in it."""

import platform
from dataclasses import dataclass
from typing import Any

from pipeline import __version__, diagnosis
from pipeline.records import Article, Language, Member, Quote, Statement

FORMAT = 1
"""Raised when what reads this version would misread a file."""

MANIFEST, MEMBERS, PAGE, SUMS = "manifest.json", "members.jsonl", "evidence.html", "SHA256SUMS"

READERS = ("charset-normalizer", "fastwarc", "lxml", "py3langid", "pyyaml", "trafilatura")
"""Libraries that have a say in what is read from an input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What an article was read from: see `records.Provenance`.

    `file` is that in the zip, `payload` the page in it where that is packed in a record; `missing` says why there is none.
    `differing` names the fields of the article that were read otherwise from `file` when it was exported.
    """

    sha256: str
    where: str
    record_id: str | None
    read_at: str
    file: str | None = None
    payload: str | None = None
    missing: str | None = None
    differing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An article: `file` holds its text, of which `sha256` is the hash.

    `normalised` says how the text was normalised, see `normalisation`; `reprint_of` is the id of the article that it repeats.
    """

    file: str
    sha256: str
    id: str
    language: Language
    outlet: str | None
    title: str | None
    published: str | None
    url: str | None
    translation_of: str | None
    translator: str | None
    normalised: str | None
    reprint_of: str | None
    original: Original | None

    def article(self, text: str) -> Article:
        """The article with this text."""
        return Article(
            id=self.id, text=text, language=self.language, outlet=self.outlet, title=self.title,
            published=self.published, url=self.url, translation_of=self.translation_of, translator=self.translator,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """A member of the statement: its quotation, the stretch of the article around it, and why it was joined to the others.

    `context` stands at `start` in the text of the exhibit `file`. `probability` and `why` as in `records.Join`.
    """

    file: str
    member: Member
    quote: Quote
    start: int
    context: str
    probability: float | None
    why: dict[str, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`versions` are those of the program that exported, `collection` says what made the collection, `limits` how large an
    input might be. With `redacted` names are replaced, and inputs left out.
    """

    format: int
    versions: dict[str, str]
    collection: dict[str, Any]
    limits: dict[str, int]
    redacted: bool
    statement: Statement
    exhibits: tuple[Exhibit, ...]


def versions() -> dict[str, str]:
    """Of Crossquote, Python, and the libraries that have a say in results."""
    return {"crossquote": __version__, "python": platform.python_version(), **_libraries()}


def others(manifest: Manifest) -> list[str]:
    """What reads inputs and was of another version when evidence was exported, with that version."""
    here, names = versions(), ("crossquote", *READERS)
    return [f"{name} {manifest.versions.get(name)}" for name in names if manifest.versions.get(name) != here.get(name)]


def encoded(text: str) -> bytes:
    """What is written of a text: UTF-8; what names of files have that is no character is escaped, as in JSON."""
    return text.encode("utf-8", "backslashreplace")


def _libraries() -> dict[str, str]:
    names = sorted({*diagnosis.LIBRARIES, *READERS})
    return {name: found for name in names if (found := diagnosis.installed(name))}  # what cannot be imported had no say
