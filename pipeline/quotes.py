"""Finds the quotations of an article, and who said them: direct, mixed and reported speech."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from pipeline.ports import Tagger
from pipeline.records import Article, Language, Quote, QuoteKind, Span, content_id, join_pieces
from pipeline.speakers import Choose, Speakers, likeliest
from pipeline.speech import attributions, dialogue, marks, narration, nonquotes, reported, tagged
from pipeline.speech.marks import Marked
from pipeline.speech.narration import Narrated
from pipeline.speech.sources import Attribution, Source
from pipeline.tagging import Passage, Tag

SIGNATURE = "quotes:5"
"""Changes whenever the same article and tags would give other quotations."""

TOGETHER = 32  # articles whose sentences a tagger sees at once

TRAILING = " \t\n\xa0,;:—–-"
LITTLE_ELSE = 0.85  # share of a reported clause between marks from which on the clause is only the quotation once more
BESIDE = 4  # words between a quotation and the words that attribute it
CONFIDENCE = {"beside": 0.95, "inside": 0.85, "carried": 0.7, "reported": 0.7, "none": 0.5}


@dataclass(slots=True)
class _Utterance:
    """One quotation on its way to be a record: its stretches, and the attribution with the sentence it stands in."""

    stretches: list[int]
    sentence: int
    kind: QuoteKind
    attribution: Attribution | None = None
    beside: bool = False
    speaker: str | None = None
    source: Source | None = None
    carried: bool = field(default=False)


def signature(tagger: Tagger | None) -> str:
    """What the quotations of an article depend on."""
    return f"{SIGNATURE}|tag:{tagger.signature if tagger else 'none'}"


def extract(article: Article, choose: Choose = likeliest, *, tagger: Tagger | None = None) -> list[Quote]:
    """The quotations of an article in reading order; the same article always gives the same list. Never raises."""
    return extract_all([article], tagger, choose)[0]


def extract_all(
    articles: Sequence[Article], tagger: Tagger | None = None, choose: Choose = likeliest
) -> list[list[Quote]]:
    """The quotations of each article, as `extract` finds them; a tagger is quicker with many at once."""
    readings = [_Reading(article, choose) for article in articles]
    if tagger is not None:
        for reading, tags in zip(readings, tagger.tag([one.passage() for one in readings]), strict=True):
            reading.join(tags)
    return [reading.quotes() for reading in readings]


def passage(article: Article) -> Passage:
    """What a tagger reads of an article."""
    return _Reading(article, likeliest).passage()


def _distance(attribution: Attribution, pieces: tuple[Span, ...]) -> int:
    """Characters between a verb of saying and the clause that it may govern."""
    begin, end = attribution.cue
    return min(abs(pieces[0][0] - end), abs(begin - pieces[-1][1]))


class _Reading:
    """An article taken apart once: stretches, sentences, attributions, reported clauses."""

    def __init__(self, article: Article, choose: Choose) -> None:
        self.article = article
        self.choose = choose
        self.text = article.text
        self.language: Language = article.language
        found = marks.marked(self.text, self.language)
        self.stretches: list[Marked] = dialogue.spoken(self.text, found, self.language)
        self.sentences: list[Narrated] = narration.narrated(self.text, self.stretches, self.language)
        self.attributions = [attributions.find(self.text, s, self.language) for s in self.sentences]
        self.clauses = [
            reported.clauses(sentence, found, self.language)
            for sentence, found in zip(self.sentences, self.attributions, strict=True)
        ]
        self.sure: dict[tuple[Span, ...], float] = {}

    def passage(self) -> Passage:
        """What a tagger is given."""
        return tagged.passage(self.text, self.language, self.sentences, self.stretches, self.attributions, self.clauses)

    def join(self, tags: list[Tag]) -> None:
        """Go on with what a tagger has found: `pipeline.speech.tagged` weighs it against the rules."""
        joined = tagged.join(self.text, self.language, self.sentences, self.attributions, self.clauses, tags)
        self.attributions, self.clauses, self.sure = joined.attributions, joined.clauses, joined.sure

    def quotes(self) -> list[Quote]:
        """The quotations in reading order."""
        self.speakers = Speakers(self.text, self.sentences, self.language, self.choose)
        self.utterances = self._utterances()
        self._resolve()
        return sorted(self.direct() + self.indirect(), key=lambda quote: (quote.start, quote.end, quote.kind))

    def direct(self) -> list[Quote]:
        """The quotations between marks."""
        return [quote for utterance in self.utterances if (quote := self._quote(utterance)) is not None]

    def indirect(self) -> list[Quote]:
        """The reported clauses, each once: of two verbs that could govern it ("who asked … said that"), the nearer one."""
        nearest: dict[tuple[Span, ...], tuple[int, Attribution]] = {}
        for number, clauses in enumerate(self.clauses):
            for attribution, pieces in clauses:
                known = nearest.get(pieces)
                if known is None or _distance(attribution, pieces) < _distance(known[1], pieces):
                    nearest[pieces] = (number, attribution)
        return [
            self._record(
                "indirect",
                pieces,
                self.resolved.get((number, attribution.cue)),
                attribution.source,
                attribution,
                self.sure.get(pieces, CONFIDENCE["reported"]),
            )
            for pieces, (number, attribution) in nearest.items()
            if not self._only_quotation(pieces)
        ]

    def _only_quotation(self, pieces: tuple[Span, ...]) -> bool:
        """Whether a clause is quoted words and little else; otherwise it is a record of its own around them."""
        start, end = pieces[0][0], pieces[-1][1]
        begin = bisect_left(self.stretches, start, key=lambda stretch: stretch.outer[0])
        inside = list(takewhile(lambda stretch: stretch.outer[1] <= end, islice(self.stretches, begin, None)))
        covered = sum(s.outer[1] - s.outer[0] for s in inside)
        return bool(inside) and covered >= LITTLE_ELSE * sum(e - s for s, e in pieces)

    # --- from marked stretches to utterances

    def _utterances(self) -> list[_Utterance]:
        found: list[_Utterance] = []
        for number, sentence in enumerate(self.sentences):
            for at, token in enumerate(sentence.tokens):
                if token.stretch is None:
                    continue
                previous = next((u for u in reversed(found[-3:]) if not self.stretches[u.stretches[-1]].remark), None)
                if previous and self._continues(previous, token.stretch):
                    if token.stretch not in previous.stretches:
                        previous.stretches.append(token.stretch)
                        self._late_attribution(previous, number, at)
                    continue
                if previous and self._interrupted(previous, number, at):
                    previous.stretches.append(token.stretch)
                    continue
                utterance = self._utterance(number, at, previous)
                if utterance is None:
                    continue
                if previous and self._resumes(previous, utterance, at):
                    previous.stretches.append(token.stretch)
                    continue
                found.append(utterance)
        return found

    def _continues(self, previous: _Utterance, stretch: int) -> bool:
        last = previous.stretches[-1]
        if last == stretch:
            return True
        between = self.stretches[last + 1 : stretch]
        return self.stretches[last].continues and not self.stretches[stretch].remark and all(s.remark for s in between)

    def _interrupted(self, previous: _Utterance, number: int, at: int) -> bool:
        """ "A," she said, "b.": in one sentence, the words that attribute stand between two stretches."""
        if previous.sentence != number or not previous.beside or previous.attribution is None or at == 0:
            return False
        last = self.stretches[previous.stretches[-1]]
        between = last.end < previous.attribution.cue[0] < self.sentences[number].tokens[at].start
        return between and previous.kind == "direct" and self.sentences[number].tokens[at - 1].text in ",—–"

    def _late_attribution(self, utterance: _Utterance, number: int, at: int) -> None:
        """The attribution may follow a later piece of the same quotation."""
        if utterance.attribution is None:
            utterance.attribution, utterance.beside = self._attribution(number, at)
            if utterance.attribution:
                utterance.sentence = number

    def _utterance(self, number: int, at: int, previous: _Utterance | None) -> _Utterance | None:
        sentence = self.sentences[number]
        stretch = self.stretches[sentence.tokens[at].stretch or 0]
        attribution, beside = self._attribution(number, at)
        kind = self._kind(number, at, stretch, attribution, beside)
        if kind is None:
            return None
        return _Utterance([sentence.tokens[at].stretch or 0], number, kind, attribution, beside)

    def _kind(
        self, number: int, at: int, stretch: Marked, attribution: Attribution | None, beside: bool
    ) -> QuoteKind | None:
        sentence = self.sentences[number]
        inside_clause = any(start <= stretch.start < end for _, pieces in self.clauses[number] for start, end in pieces)
        source = attribution.source if attribution else None
        known = attribution is not None
        surroundings = nonquotes.Surroundings(sentence, at, stretch, known, beside, source, inside_clause)
        return nonquotes.kind(self.text, surroundings, self.language)

    def _resumes(self, previous: _Utterance, utterance: _Utterance, at: int) -> bool:
        """ "A," she said. "B.": the second stretch stands right after the words that attribute the first."""
        if (
            previous.kind != "direct"
            or utterance.kind != "direct"
            or previous.attribution is None
            or not previous.beside
        ):
            return False
        one, two = self.sentences[previous.sentence], self.sentences[utterance.sentence]
        if one.paragraph != two.paragraph:
            return False
        follows = (
            previous.attribution.source is not None
            and previous.attribution.cue[0] > self.stretches[previous.stretches[-1]].start
        )
        if utterance.sentence == previous.sentence:
            return follows and utterance.attribution is previous.attribution
        return follows and at == 0 and utterance.sentence == previous.sentence + 1 and utterance.attribution is None

    def _attribution(self, number: int, at: int) -> tuple[Attribution | None, bool]:
        """(the attribution of the stretch in its own sentence, whether it stands beside it)."""
        tokens = self.sentences[number].tokens
        governing = self._governing(number, tokens[at].start)
        if governing is not None:
            gap = self._gap(number, at, governing)
            return governing, gap is not None and gap <= BESIDE
        best: tuple[int, bool, Attribution] | None = None
        for attribution in self.attributions[number]:
            gap = self._gap(number, at, attribution)
            nameless = attribution.source is None or attribution.source.name is None
            if gap is not None and (best is None or (gap, nameless) < best[:2]):
                best = (gap, nameless, attribution)
        if best is not None:
            return best[2], best[0] <= BESIDE
        bare = attributions.bare(self.text, self.sentences[number], at, self.language)
        return (bare, True) if bare else (None, False)

    def _governing(self, number: int, start: int) -> Attribution | None:
        """The verb whose reported clause the stretch stands in; of clauses inside each other the inner one."""
        around = [
            (pieces[-1][1] - pieces[0][0], attribution)
            for attribution, pieces in self.clauses[number]
            if attribution.shape == "verb" and any(first < start < last for first, last in pieces)
        ]
        return min(around, key=lambda pair: pair[0])[1] if around else None

    def _gap(self, number: int, at: int, attribution: Attribution) -> int | None:
        """Words between a stretch and an attribution; None when another stretch stands between."""
        tokens = self.sentences[number].tokens
        between = tokens[at + 1 : attribution.first] if attribution.first > at else tokens[attribution.last + 1 : at]
        words = sum(token.is_word for token in between)
        if any(token.stretch is not None for token in between) and tokens[at - 1].text != ":":
            words += BESIDE + 1
        if any(token.text in ";" for token in between):
            words += BESIDE + 1
        if attribution.first > at and tokens[at + 1].text == ".":
            return None
        return words

    # --- speakers

    def _resolve(self) -> None:
        """Asks for the speakers in reading order, so that a pronoun finds who spoke before."""
        self.resolved: dict[tuple[int, Span], str | None] = {}
        by_sentence: dict[int, list[_Utterance]] = {}
        for utterance in self.utterances:
            by_sentence.setdefault(utterance.sentence, []).append(utterance)
        last: _Utterance | None = None
        for number, found in enumerate(self.attributions):
            for attribution in found:
                if attribution.source:
                    self.resolved[number, attribution.cue] = self.speakers.resolve(attribution.source, number)
            for utterance in by_sentence.get(number, ()):
                self._speak(utterance, number, last)
                last = utterance

    def _speak(self, utterance: _Utterance, number: int, last: _Utterance | None) -> None:
        attribution = utterance.attribution
        if attribution and attribution.source:
            key = (number, attribution.cue)
            if key not in self.resolved:
                self.resolved[key] = self.speakers.resolve(attribution.source, number)
            utterance.speaker, utterance.source = self.resolved[key], attribution.source
            return
        if utterance.kind == "mixed":
            source = self._subject(utterance, number)
            if source is not None:
                utterance.speaker, utterance.source = self.speakers.resolve(source, number), source
                return
        if attribution and utterance.beside:
            return  # "came the reply": whoever spoke before is not the one
        carried = self._carried(number, last)
        utterance.carried = carried[0] is not None
        utterance.speaker, utterance.source = carried

    def _subject(self, utterance: _Utterance, number: int) -> Source | None:
        sentence = self.sentences[number]
        at = next(i for i, token in enumerate(sentence.tokens) if token.stretch in utterance.stretches)
        return attributions.subject(self.text, sentence, at, self.language)

    def _carried(self, number: int, last: _Utterance | None) -> tuple[str | None, Source | None]:
        """The speaker of a quotation that nothing in its sentence attributes: named in the sentence before, or going on."""
        here = self.sentences[number].paragraph
        for back in range(number - 1, max(-1, number - 4), -1):
            if self.sentences[back].paragraph < here - 1:
                break
            if last and last.sentence == back and last.speaker:
                return last.speaker, last.source
            for attribution in reversed(self.attributions[back]):
                speaker = self.resolved.get((back, attribution.cue))
                if speaker:
                    return speaker, attribution.source
            lead = self.speakers.lead(back)
            if lead and self.sentences[back].paragraph == here:
                return lead
        return None, None

    # --- records

    def _quote(self, utterance: _Utterance) -> Quote | None:
        pieces = tuple(piece for n in utterance.stretches if (piece := self._piece(self.stretches[n])) is not None)
        if not pieces:
            return None
        how = (
            "beside"
            if utterance.beside
            else "inside"
            if utterance.attribution
            else "carried"
            if utterance.speaker
            else "none"
        )
        return self._record(
            utterance.kind, pieces, utterance.speaker, utterance.source, utterance.attribution, CONFIDENCE[how]
        )

    def _piece(self, stretch: Marked) -> Span | None:
        start, end = stretch.start, stretch.end
        while end > start and self.text[end - 1] in TRAILING:
            end -= 1
        return (start, end) if end > start else None

    def _record(
        self,
        kind: QuoteKind,
        pieces: tuple[Span, ...],
        speaker: str | None,
        source: Source | None,
        attribution: Attribution | None,
        confidence: float,
    ) -> Quote:
        cue = self.text[slice(*attribution.cue)] if attribution and attribution.shape != "bare" else None
        return Quote(
            id=content_id("q", self.article.id, kind, pieces),
            article_id=self.article.id,
            language=self.language,
            kind=kind,
            pieces=pieces,
            text=join_pieces(self.text, pieces),
            speaker=speaker,
            speaker_start=source.start if source else None,
            speaker_end=source.end if source else None,
            cue=cue,
            confidence=confidence if speaker else min(confidence, 0.5),
        )
