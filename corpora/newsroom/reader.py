"""Reads the newsroom: events as several outlets report them, with quotations, speakers and sentences marked (FORMAT.md).

    python corpora/newsroom/reader.py FILE... > articles.jsonl

prints the articles of the files as the pipeline takes them.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast

from pipeline.records import LANGUAGES, Article, Language, QuoteKind, Span, json_line

SOURCE = Path(__file__).resolve().parent / "source"

_ARTICLE = re.compile(r"@ ([A-D]) (en|ru|uk) ([^|]+)\|(.+)")
_SENTENCE = re.compile(r"(\d+) (.+)")
_MARK = re.compile(r"\[(?:(?P<indirect>i:)?(?P<statement>q\d+)|s)\|(?P<words>[^\[\]]*)\]")


class Marked(NamedTuple):
    """A marked stretch of a sentence; `statement` is None for words that name the speaker."""

    statement: str | None
    kind: Literal["direct", "indirect"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """What an article says of a statement: `pieces` are the quoted or reported words, `speakers` the words that attribute them."""

    statement: str
    kind: QuoteKind
    pieces: tuple[Span, ...]
    speakers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One article with its marks. `letter` is that of FORMAT.md; the editions of article A agree sentence by sentence."""

    letter: str
    article: Article
    sentences: tuple[Span, ...]
    mentions: tuple[Mention, ...]

    @property
    def texts(self) -> list[str]:
        """What each sentence says."""
        return [self.article.text[start:end] for start, end in self.sentences]


@dataclass(frozen=True, slots=True)
class Event:
    """One event as several outlets report it.

    `speakers` gives for each statement the name in the three languages; `traps` names the statements that only look
    like another one.
    """

    id: str
    reports: tuple[Report, ...]
    speakers: dict[str, dict[Language, str]]
    traps: tuple[str, ...]

    @property
    def editions(self) -> dict[Language, Report]:
        """Article A in its languages."""
        return {report.article.language: report for report in self.reports if report.letter == "A"}


def development_files() -> list[Path]:
    """The files that rules and training may be made from."""
    return sorted(set(SOURCE.glob("*.txt")) - set(measuring_files()))


def measuring_files() -> list[Path]:
    """The files that only measure: nobody reads them for rules, nothing is trained on them."""
    return sorted(SOURCE.glob("*_b.txt"))


def read(path: Path) -> list[Event]:
    """The events of a newsroom file, in order. A line that FORMAT.md does not know is a `ValueError` naming it."""
    return [_event(lines) for lines in _blocks(path)]


def _blocks(path: Path) -> Iterator[list[tuple[str, str]]]:
    """The lines of each event, blank ones left out, each with where it stands."""
    block: list[tuple[str, str]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("# ") and block:
            yield block
            block = []
        if line.strip():
            block.append((f"{path.name}:{number}", line))
    if block:
        yield block


def _event(lines: list[tuple[str, str]]) -> Event:
    """An event from its lines, the first of which is its header."""
    where, header = lines[0]
    if header.count("|") != 3:
        raise ValueError(f"{where}: an event has four fields: {header}")
    event, _, date, _ = (field.strip() for field in header.removeprefix("# ").split("|"))
    reports: dict[str, Report] = {}
    speakers: dict[str, dict[Language, str]] = {}
    traps: list[str] = []
    heading, sentences = "", list[str]()

    def finish() -> None:
        if heading:
            report = _report(event, date, heading, sentences, reports)
            reports[report.article.id] = report

    for where, line in lines[1:]:
        numbered = _SENTENCE.fullmatch(line)
        if _ARTICLE.fullmatch(line):
            finish()
            heading, sentences = line, []
        elif line.startswith("= "):
            statement, names, *_ = (field.strip() for field in line.removeprefix("= ").split("|"))
            speakers[statement] = dict(zip(LANGUAGES, names.split(" / "), strict=True))
        elif line.startswith("! "):
            traps.append(line.split()[1])
        elif numbered and heading and int(numbered[1]) == len(sentences) + 1:
            sentences.append(numbered[2])
        else:
            raise ValueError(f"{where}: unknown line, or a sentence out of order: {line[:60]}")
    finish()
    return Event(event, tuple(reports.values()), speakers, tuple(traps))


def _report(event: str, date: str, heading: str, marked_sentences: list[str], earlier: dict[str, Report]) -> Report:
    """An article from its heading and its marked sentences; a second article of the same letter gets an id of its own."""
    match = _ARTICLE.fullmatch(heading)
    assert match
    letter, language, outlet, title = (field.strip() for field in match.groups())
    text, sentences, mentions = _text(marked_sentences)
    identifier = f"{event}.{letter}.{language}"
    while identifier in earlier:
        identifier += "2"
    article = Article(
        id=identifier,
        text=text,
        language=cast(Language, language),
        outlet=outlet,
        title=title,
        published=date,
        translation_of=f"{event}.A.en" if letter == "A" and language != "en" else None,
    )
    return Report(letter, article, tuple(sentences), tuple(mentions))


def _text(marked_sentences: list[str]) -> tuple[str, list[Span], list[Mention]]:
    """Plain text with its sentences and mentions; a paragraph begins at every direct quotation, else at every other sentence."""
    text = ""
    sentences: list[Span] = []
    mentions: dict[tuple[str, str], Mention] = {}
    for number, marked in enumerate(marked_sentences):
        plain, marks = unmark(marked)
        quoted = any(mark.statement and mark.kind == "direct" for mark in marks)
        if number:
            text += "\n\n" if quoted or number % 2 == 0 else " "
        base = len(text)
        text += plain
        sentences.append((base, len(text)))
        speakers = [(base + mark.start, base + mark.end) for mark in marks if mark.statement is None]
        for mark in marks:
            if mark.statement is None:
                continue
            old = mentions.get((mark.statement, mark.kind), Mention(mark.statement, mark.kind, (), ()))
            new_speakers = tuple(span for span in speakers if span not in old.speakers)
            piece = (base + mark.start, base + mark.end)
            mentions[mark.statement, mark.kind] = Mention(
                mark.statement, mark.kind, (*old.pieces, piece), old.speakers + new_speakers
            )
    return text, sentences, list(mentions.values())


def unmark(marked: str) -> tuple[str, list[Marked]]:
    """A sentence without its marks, and what was marked in it, in order. A bracket left over is a `ValueError`."""
    plain, marks, at = "", list[Marked](), 0
    for match in _MARK.finditer(marked):
        plain += marked[at : match.start()]
        start = len(plain)
        plain += match["words"]
        marks.append(Marked(match["statement"], "indirect" if match["indirect"] else "direct", start, len(plain)))
        at = match.end()
    plain += marked[at:]
    if "[" in plain or "]" in plain:
        raise ValueError(f"brackets that do not belong together: {marked[:80]}")
    return plain, marks


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for event in read(Path(name)):
            sys.stdout.writelines(json_line(asdict(report.article)) for report in event.reports)
