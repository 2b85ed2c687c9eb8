"""A collection as it may be published: the same records, with the names on a list replaced by pseudonyms.

Records are changed here, where they leave the collection, and nowhere later. Everything stays consistent: offsets are those
of the changed texts, an identifier that names somebody is another one in every record, and an address that does is gone.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import repeat

from pipeline import redaction
from pipeline.collection import Collection
from pipeline.records import (
    ELLIPSIS,
    AlignedPair,
    Article,
    Member,
    Passage,
    Provenance,
    Quote,
    Rendering,
    Span,
    Statement,
)
from pipeline.redaction import Edit, Redactor
from pipeline.relations import differences


class Published(Collection):
    """Reads a collection through a `Redactor`, which learns from it how names are spelt, and counts the `places` that it changed in what was read."""

    def __init__(self, collection: Collection, redactor: Redactor) -> None:
        super().__init__(collection.database, collection.folder)
        for names in collection.spellings():
            redactor.learn(names)
        self._kept = collection
        self._redactor = redactor
        self._edits: dict[str, tuple[Edit, ...]] = {}
        self._original: dict[str, str] = {}
        self._text = lru_cache(maxsize=100_000)(redactor.redacted)
        self._id = lru_cache(maxsize=None)(self._id_of)
        self._places: set[tuple[str, str | int]] = set()
        self.linked: set[str] = set()
        """Addresses that are still there, of articles whose text names somebody on the list."""

    @property
    def places(self) -> int:
        """Places of the collection that were changed in what was read so far, each counted once."""
        return len(self._places)

    @property
    def title(self) -> str:
        """See `Collection.title`."""
        return self._field("title", "", super().title) or ""

    def meta(self, key: str) -> str | None:
        """See `Collection.meta`. What models and settings made the collection tells that it was changed since."""
        value = super().meta(key)
        return f"{value}|redacted" if key == "signature" else value

    def articles(self, *, machine: bool | None = None) -> Iterator[Article]:
        """See `Collection.articles`."""
        yield from map(self._article, self._kept.articles(machine=machine))

    def article(self, article_id: str) -> Article | None:
        """See `Collection.article`."""
        found = self._kept.article(self._original.get(article_id, article_id))
        return None if found is None else self._article(found)

    def quotes(self) -> Iterator[Quote]:
        """See `Collection.quotes`."""
        yield from map(self._quote, self._kept.quotes())

    def some_quotes(self, ids: Sequence[str]) -> dict[str, Quote]:
        """See `Collection.some_quotes`."""
        return {id_: self._quote(quote) for id_, quote in self._kept.some_quotes(ids).items()}

    def quotes_of(self, article_ids: Sequence[str]) -> Iterator[Quote]:
        """See `Collection.quotes_of`."""
        yield from map(self._quote, self._kept.quotes_of([self._original.get(id_, id_) for id_ in article_ids]))

    def statements(self) -> Iterator[Statement]:
        """See `Collection.statements`."""
        yield from map(self._statement, self._kept.statements())

    def statement(self, id_: str) -> Statement | None:
        """See `Collection.statement`."""
        found = self._kept.statement(id_)
        return None if found is None else self._statement(found)

    def provenance(self, article_id: str) -> Provenance | None:
        """None: whoever guesses a name can try it with the hash of an input, and paths hold names too."""
        return None

    def normalised(self, article_id: str) -> str | None:
        """See `Collection.normalised`."""
        return self._kept.normalised(self._original.get(article_id, article_id))

    def retracted(self) -> set[str]:
        """See `Collection.retracted`."""
        return set(map(self._id, self._kept.retracted()))

    def renderings(self, quote_ids: Sequence[str]) -> dict[str, list[Rendering]]:
        """See `Collection.renderings`. A translation in which a name cannot be found that the quotation has is left out."""
        quotes = self._kept.some_quotes(quote_ids)
        found: dict[str, list[Rendering]] = {}
        for id_, made in self._kept.renderings(quote_ids).items():
            named = self._named(quotes[id_])
            kept = [one for one in made if named <= Counter(_who(self._redactor.edits(one.text)))]
            if kept:
                found[id_] = [self._rendering(one) for one in kept]
        return found

    def pairs(self, *, between: tuple[str, str] | None = None) -> Iterator[AlignedPair]:
        """See `Collection.pairs`."""
        if between is not None:
            left, right = (self._original.get(id_, id_) for id_ in between)
            between = (left, right)
        for pair in self._kept.pairs(between=between):
            yield replace(pair, left=self._passage(pair.left), right=self._passage(pair.right))

    # Records

    def _article(self, one: Article) -> Article:
        edits = self._of(one.id, one.text)
        self._places.update((one.id, edit.start) for edit in edits)
        hidden = one.url is not None and self._redactor.inside(one.url) is not None
        if hidden:
            self._places.add((one.id, "url"))
        elif one.url and edits:
            self.linked.add(one.url)
        return replace(
            one,
            id=self._id(one.id),
            text=redaction.applied(one.text, edits),
            outlet=self._field(one.id, "outlet", one.outlet),
            title=self._field(one.id, "title", one.title),
            url=None if hidden else one.url,
            translation_of=self._id(one.translation_of) if one.translation_of else None,
        )

    def _quote(self, one: Quote) -> Quote:
        edits = self._of(one.article_id)
        speaker: Span | None = None
        if one.speaker_start is not None and one.speaker_end is not None:
            speaker = redaction.moved((one.speaker_start, one.speaker_end), edits)
        return replace(
            one,
            article_id=self._id(one.article_id),
            pieces=tuple(redaction.moved(piece, edits) for piece in one.pieces),
            text=self._wording(one.article_id, one.pieces, one.text),
            speaker=self._field(one.id, "speaker", one.speaker),
            speaker_start=speaker[0] if speaker else None,
            speaker_end=speaker[1] if speaker else None,
            cue=self._field(one.id, "cue", one.cue),
        )

    def _rendering(self, one: Rendering) -> Rendering:
        text = self._field(one.quote_id, f"in {one.language}", one.text)
        return replace(one, text=text or "")

    def _named(self, one: Quote) -> Counter[str]:
        """Who is named how often in the words of a quotation."""
        edits = self._of(one.article_id)
        return Counter(_who(edit for piece in one.pieces for edit in redaction.touching(piece, edits)))

    def _statement(self, one: Statement) -> Statement:
        known = self._kept.some_quotes([member.quote_id for member in one.members])
        first = replace(
            one.first,
            article_id=self._id(one.first.article_id),
            outlet=self._field(one.first.article_id, "outlet", one.first.outlet),
        )
        members = [self._member(member, known[member.quote_id]) for member in one.members]
        return replace(
            one,
            speaker={language: self._field(one.id, language, name) for language, name in one.speaker.items()},
            first=first,
            members=tuple(map(_compared, members, one.members, repeat((members[0], one.members[0])))),
        )

    def _member(self, one: Member, quote: Quote) -> Member:
        start, end = redaction.moved((one.start, one.end), self._of(one.article_id))
        return replace(
            one,
            article_id=self._id(one.article_id),
            outlet=self._field(one.article_id, "outlet", one.outlet),
            start=start,
            end=end,
            text=self._wording(one.article_id, quote.pieces, one.text),
        )

    def _passage(self, one: Passage) -> Passage:
        start, end = redaction.moved((one.start, one.end), self._of(one.article_id))
        text = self._wording(one.article_id, [(one.start, one.end)], one.text)
        return Passage(article_id=self._id(one.article_id), start=start, end=end, text=text)

    # What they are made of

    def _of(self, article_id: str, text: str | None = None) -> tuple[Edit, ...]:
        """What is changed in the text of an article."""
        if article_id not in self._edits:
            if text is None:
                found = self._kept.article(article_id)
                text = found.text if found else ""
            self._edits[article_id] = self._redactor.edits(text)
        return self._edits[article_id]

    def _wording(self, article_id: str, pieces: Sequence[Span], text: str) -> str:
        """The words of some spans of an article, which are `text`."""
        inside = [redaction.touching(piece, self._of(article_id)) for piece in pieces]
        if not any(inside):
            return text
        self._places.update((article_id, edit.start) for some in inside for edit in some)
        article = self._kept.article(article_id)
        whole = redaction.applied(article.text, self._of(article_id)) if article else ""
        return ELLIPSIS.join(whole[slice(*redaction.moved(piece, self._of(article_id)))] for piece in pieces)

    def _field(self, owner: str, name: str, value: str | None) -> str | None:
        """A field that is a text of its own."""
        if value is None:
            return None
        changed = self._text(value)
        if changed != value:
            self._places.add((owner, name))
        return changed

    def _id_of(self, article_id: str) -> str:
        """The identifier of an article; where it names somebody, one that only tells the article's place in the input."""
        if self._redactor.inside(article_id) is None:
            return article_id
        self._places.add((article_id, "id"))
        number = self._kept.sources([article_id])
        known = f"article-{number[article_id].position}" if number else f"absent-{len(self._original)}"
        while self._kept.article(known) is not None:
            known += "-x"
        self._original[known] = article_id
        return known


def _compared(one: Member, original: Member, fullest: tuple[Member, Member]) -> Member:
    """A changed member with its difference from the fullest, itself and as it was: made anew, for one that is cut into
    words has lost the neighbours by which a name is known."""
    if one.diff is None or (one.text, fullest[0].text) == (original.text, fullest[1].text):
        return one
    return replace(one, diff=differences.difference(fullest[0].text, fullest[0].language, one.text, one.language))


def _who(edits: Iterable[Edit]) -> Iterator[str]:
    """The numbers of the people whom pseudonyms stand for, which are the same in every alphabet."""
    return (number[0] for edit in edits for number in re.finditer(r"\d+", edit.text))
