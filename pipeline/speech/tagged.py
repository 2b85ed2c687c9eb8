"""Joins what a tagger has found in an article with what the rules have: the one place where the two meet.

The tagger knows better what is reported speech, the rules where a clause ends and how names, verbs and speakers are built.
A tagged clause takes the attribution that the rules found for it, and one made of the tagged words where they found none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.lang import listed
from pipeline.records import Language, Span
from pipeline.speech import english_names, slavic_names
from pipeline.speech.attributions import whose_words
from pipeline.speech.marks import Marked
from pipeline.speech.morphology import is_finite
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.sources import Attribution, Source
from pipeline.tagging import Hint, Passage, Tag, TagKind

Clause = tuple[Attribution, tuple[Span, ...]]

AGREES = 0.5  # overlap from which on two clauses are one
CERTAIN, LIKELY = 0.9, 0.3  # confidence in a clause from which on the tagger decides, and the rules are believed
SURE = 0.7  # confidence in a speaker from which on the tagger is believed against the rules
AROUND = frozenset(".…,;:—–-―")  # marks at the ends of a clause that are not its own
CONJUNCTIONS = ("that", "что", "що")  # stand before a clause and belong to none


@dataclass(slots=True)
class Joined:
    """Attributions and reported clauses, sentence by sentence; `sure` is the confidence of the tagger in a clause."""

    attributions: list[list[Attribution]] = field(default_factory=list)
    clauses: list[list[Clause]] = field(default_factory=list)
    sure: dict[tuple[Span, ...], float] = field(default_factory=dict)


def passage(
    text: str,
    language: Language,
    sentences: Sequence[Narrated],
    stretches: Sequence[Marked],
    attributions: Sequence[Sequence[Attribution]],
    clauses: Sequence[Sequence[Clause]],
) -> Passage:
    """What a tagger reads: the sentences, and what the rules take their words for."""
    hints = [Hint("stretch", *stretch.outer) for stretch in stretches]
    for found in attributions:
        hints += [Hint("cue", *one.cue) for one in found]
        hints += [Hint("source", one.source.start, one.source.end) for one in found if one.source]
    hints += [Hint("clause", *piece) for found in clauses for _, pieces in found for piece in pieces]
    return Passage(
        text=text,
        language=language,
        sentences=tuple((sentence.start, sentence.end) for sentence in sentences),
        paragraphs=tuple(sentence.paragraph for sentence in sentences),
        hints=tuple(hints),
    )


def join(
    text: str,
    language: Language,
    sentences: Sequence[Narrated],
    attributions: Sequence[list[Attribution]],
    clauses: Sequence[list[Clause]],
    tags: Sequence[Tag],
) -> Joined:
    """The attributions of both, and the clauses of the tagger with the attributions that fit them."""
    by_sentence: list[list[Tag]] = [[] for _ in sentences]
    for tag in tags:
        by_sentence[tag.sentence].append(tag)
    joined = Joined()
    for sentence, known, ruled, found in zip(sentences, attributions, clauses, by_sentence, strict=True):
        one = _Tagged(text, language, sentence, found)
        both = one.attributions(known)
        joined.attributions.append(both)
        reported = one.clauses(both, ruled)
        joined.clauses.append([clause for clause, _ in reported])
        joined.sure |= {pieces: sure for (_, pieces), sure in reported}
    return joined


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A sentence with its tags."""

    text: str
    language: Language
    sentence: Narrated
    tags: list[Tag]

    def attributions(self, known: list[Attribution]) -> list[Attribution]:
        """Those of the rules, and one for each tagged attribution in which the rules see none."""
        ruled = [self._whole(one) for one in known]
        new = [
            made
            for tag in self._of("attribution")
            if not any(_meet(_span(tag), span) for span in ruled) and (made := self._attribution(tag))
        ]
        return sorted([*map(self._corrected, known), *new], key=lambda one: (one.first, one.last))

    def _corrected(self, known: Attribution) -> Attribution:
        """An attribution of the rules, with the tagged speaker where the tagger is sure and the rules see other words."""
        whole = self._whole(known)
        around = next((tag for tag in self._of("attribution") if _meet(_span(tag), whole)), None)
        speaker = self._surest("speaker", around) if around and known.shape != "bare" else None
        if (
            speaker is None
            or speaker.confidence < SURE
            or (known.source and _meet(_span(speaker), _span(known.source)))
        ):
            return known
        words = self._tokens(_span(speaker))
        source = self._source(words, nominative=known.source is None or known.source.nominative) if words else None
        if words is None or source is None:
            return known
        return replace(known, source=source, first=min(known.first, words[0]), last=max(known.last, words[1] - 1))

    def clauses(self, known: list[Attribution], ruled: list[Clause]) -> list[tuple[Clause, float]]:
        """The clauses in order, each with the confidence of the tagger.

        Where the tagger is certain it decides. Where it is not, the rules know better where a clause ends; and of the
        clauses that only they see, those stay that it does not find unlikely, and those that words of saying close.
        """
        found: list[tuple[Clause, float]] = []
        met: set[int] = set()
        for tag in self._of("reported"):
            meeting = [n for n, (_, pieces) in enumerate(ruled) if any(_meet(_span(tag), piece) for piece in pieces)]
            if tag.confidence >= CERTAIN or not meeting:
                self._add(tag, known, ruled, found)
            else:
                found += [(ruled[n], tag.confidence) for n in meeting if n not in met]
            met.update(meeting)
        for n, clause in enumerate(ruled):
            chance = self._chance(clause)
            if n not in met and (chance >= LIKELY or self._is_closed(clause)):
                found.append((clause, max(chance, LIKELY)))
        return sorted(found, key=lambda pair: pair[0][1])

    def _add(self, tag: Tag, known: list[Attribution], ruled: list[Clause], found: list[tuple[Clause, float]]) -> None:
        """Add a tagged clause, or go on with the last one after the words that attribute both."""
        span = self._trimmed(tag.start, tag.end)
        if span[0] >= span[1]:
            return
        attribution = self._governing(span, known, ruled)
        if found and _interposed(found[-1][0], attribution, span):
            (_, pieces), sure = found.pop()
            found.append(((attribution, (*pieces, span)), min(sure, tag.confidence)))
        else:
            found.append(((attribution, (span,)), tag.confidence))

    def _chance(self, clause: Clause) -> float:
        """The chance that the tagger gives to a clause of the rules."""
        chances = [tag.confidence for tag in self._of("hinted") if _span(tag) in clause[1]]
        return max(chances, default=0.0)

    def _is_closed(self, clause: Clause) -> bool:
        """Whether a verb of saying and its subject close a clause: "The bridge fell, police said", "…, police said, adding …"."""
        attribution, pieces = clause
        tokens = self.sentence.tokens
        if attribution.shape != "verb" or attribution.source is None or attribution.source.pronoun:
            return False
        if pieces[-1][1] > attribution.cue[0]:
            return False
        if tokens[attribution.cue_first - 1].lower in listed(self.language, "negations"):
            return False
        rest = [token.lower for token in tokens[attribution.last + 1 :] if token.is_word]
        return not rest or (self.language == "en" and rest[0].endswith("ing"))

    def _of(self, kind: TagKind) -> list[Tag]:
        return [tag for tag in self.tags if tag.kind == kind]

    def _whole(self, attribution: Attribution) -> Span:
        tokens = self.sentence.tokens
        return tokens[attribution.first].start, tokens[attribution.last].end

    def _trimmed(self, start: int, end: int) -> Span:
        """A clause without its conjunction and the marks around it."""
        start = self._past_marks(start, end)
        word = self.text[start:end].split(maxsplit=1)[:1]
        if word and word[0].lower().rstrip(",") in CONJUNCTIONS:
            start = self._past_marks(start + len(word[0]), end)
        while end > start and (_is_around(self.text[end - 1]) or self._opens_stretch(end - 1)):
            end -= 1
        return start, end

    def _opens_stretch(self, at: int) -> bool:
        """Whether a quotation mark, which closes nothing in front of it, stands there."""
        return any(token.stretch is not None and token.start == at for token in self.sentence.tokens)

    def _past_marks(self, start: int, end: int) -> int:
        while start < end and _is_around(self.text[start]):
            start += 1
        return start

    def _governing(self, span: Span, known: list[Attribution], ruled: list[Clause]) -> Attribution:
        """The attribution that the rules give to the same clause, else the nearest, tagged words before others."""
        outside = [one for one in known if not (span[0] <= one.cue[0] and one.cue[1] <= span[1])]
        same = [
            (_overlap(span, piece), -number)
            for number, (attribution, pieces) in enumerate(ruled)
            for piece in pieces
            if _overlap(span, piece) >= AGREES and any(attribution is one for one in outside)
        ]
        if same:
            return ruled[-max(same)[1]][0]
        tagged = self._of("attribution")
        among = [one for one in outside if any(_meet(_span(tag), self._whole(one)) for tag in tagged)]
        nearest = min(among or outside, key=lambda one: _gap(one.cue, span), default=None)
        return nearest or self._nobody(span)

    def _nobody(self, span: Span) -> Attribution:
        """What stands for the attribution of a clause beside which nothing says whose it is."""
        at = next(n for n, token in enumerate(self.sentence.tokens) if token.end > span[0])
        return Attribution((span[0], span[0]), "", "bare", at, at, at, at, None, reports=False)

    def _attribution(self, tag: Tag) -> Attribution | None:
        """An attribution out of tagged words; None when they name nobody."""
        tokens = self.sentence.tokens
        whole, speaker, cue = self._tokens(_span(tag)), self._surest("speaker", tag), self._surest("cue", tag)
        words = self._tokens(_span(speaker)) if speaker else None
        if whole is None or words is None:
            return None
        verb = self.language == "en" or any(is_finite(tokens[n].text, self.language) for n in range(*whole))
        source = self._source(words, nominative=verb)
        if self.language != "en":
            source = whose_words(tokens, *whole, self.language) or source
        if source is None:
            return None
        said = self._tokens(_span(cue)) if cue else None
        first, stop = said or words
        return Attribution(
            cue=(tokens[first].start, tokens[stop - 1].end),
            lemma=tokens[first].lower,
            shape="bare" if said is None else "verb" if verb else "phrase",
            first=min(first, words[0]),
            last=max(stop, words[1]) - 1,
            cue_first=first,
            cue_last=stop - 1,
            source=source,
        )

    def _source(self, words: Span, *, nominative: bool) -> Source | None:
        tokens = self.sentence.tokens
        if self.language == "en":
            return english_names.source_of(self.text, tokens, *words)
        return slavic_names.source_of(tokens, *words, self.language, nominative=nominative)

    def _surest(self, kind: TagKind, within: Tag) -> Tag | None:
        """The tag of a kind within another one of which the tagger is surest; the longer one of two, the first of two such."""
        inside = [tag for tag in self._of(kind) if within.start <= tag.start and tag.end <= within.end]
        return max(inside, key=lambda tag: (tag.confidence, tag.end - tag.start, -tag.start), default=None)

    def _tokens(self, span: Span) -> Span | None:
        """The narrator's tokens that begin within a span, as a range."""
        inside = [
            n for n, token in enumerate(self.sentence.tokens) if _narrates(token) and span[0] <= token.start < span[1]
        ]
        return (inside[0], inside[-1] + 1) if inside else None


def _span(found: Tag | Source) -> Span:
    return found.start, found.end


def _is_around(character: str) -> bool:
    return character in AROUND or character.isspace()


def _narrates(token: Token) -> bool:
    return token.stretch is None


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _overlap(one: Span, other: Span) -> float:
    """Characters that two spans share, of those that both together cover."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


def _gap(one: Span, other: Span) -> int:
    return max(other[0] - one[1], one[0] - other[1])


def _interposed(last: Clause, attribution: Attribution, span: Span) -> bool:
    """Whether an attribution stands between two pieces of one clause: "the bridge, she said, would stay closed"."""
    return attribution is last[0] and last[1][-1][1] <= attribution.cue[0] and attribution.cue[1] <= span[0]
