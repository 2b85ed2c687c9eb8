"""Reprints as outlets make them, out of reports of the newsroom; and reports of their own that quote what another quotes.

No report of the newsroom is another one's reprint, so that what is made here is all there is to be found.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpora.newsroom.reader import Event, Report
from pipeline.records import Article, Quote

DAY = "2033-01-01"
"""Later than all reports of the newsroom: they are the originals."""

WORDS = 15  # of a sentence that an outlet adds


@dataclass(frozen=True, slots=True)
class Editing:
    """What becomes of a text: the share that is kept from its beginning; how often a sentence is left out, and a word
    exchanged; whether its first sentence makes way for another, and a paragraph of two sentences is added.
    """

    kept: float = 1.0
    dropped: float = 0.0
    exchanged: float = 0.0
    lead: bool = False
    paragraph: bool = False


EDITINGS = {
    "whole": Editing(),
    "shortened": Editing(kept=0.6),
    "added": Editing(lead=True, paragraph=True),
    "edited": Editing(dropped=0.2, exchanged=0.05, lead=True),
    "all": Editing(kept=0.6, dropped=0.1, exchanged=0.05, lead=True, paragraph=True),
}


def reprints(reports: Sequence[Report], name: str) -> Iterator[tuple[Article, Article]]:
    """A reprint of every report, with its original; what is new in it has the words of other reports."""
    others: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        others[report.article.language] += [word for word in report.article.text.split() if word.isalpha()]
    for report in reports:
        chance = random.Random(f"{report.article.id} {name}")
        text = _edited(report.texts, others[report.article.language], EDITINGS[name], chance)
        yield _of_another_outlet(report.article, name, text), report.article


def quoting(events: Iterable[Event], said: Mapping[str, Sequence[Quote]]) -> Iterator[Article]:
    """Articles A, and other reports of the event in their language with all direct quotations of A added.

    `said` has the quotations of each article by its id.
    """
    for event in events:
        yield from (report.article for report in event.editions.values())
        for report in event.reports:
            edition = event.editions.get(report.article.language)
            if report.letter != "A" and edition:
                added = [
                    f"“{quote.text},” {quote.cue} {quote.speaker}."
                    for quote in said[edition.article.id]
                    if quote.kind == "direct" and quote.cue and quote.speaker
                ]
                yield _of_another_outlet(report.article, "quoting", "\n\n".join([report.article.text, *added]))


def _edited(sentences: Sequence[str], others: Sequence[str], editing: Editing, chance: random.Random) -> str:
    kept = sentences[editing.lead : max(2, round(editing.kept * len(sentences)))]
    kept = [sentence for sentence in kept if chance.random() >= editing.dropped]
    lead = [_new(others, chance)] if editing.lead else []
    paragraph = [f"{_new(others, chance)} {_new(others, chance)}"] if editing.paragraph else []
    body = [_exchanged(sentence, others, editing.exchanged, chance) for sentence in kept]
    return "\n\n".join([*lead, " ".join(body), *paragraph])


def _new(others: Sequence[str], chance: random.Random) -> str:
    """A sentence that nobody else has."""
    return " ".join(chance.choices(others, k=WORDS)).capitalize() + "."


def _exchanged(sentence: str, others: Sequence[str], share: float, chance: random.Random) -> str:
    """A sentence with some words exchanged, but no marks."""
    return " ".join(
        chance.choice(others) if word.isalpha() and chance.random() < share else word for word in sentence.split()
    )


def _of_another_outlet(article: Article, name: str, text: str) -> Article:
    return replace(
        article, id=f"{article.id} {name}", outlet=f"Outlet {name}", published=DAY, text=text, translation_of=None
    )
