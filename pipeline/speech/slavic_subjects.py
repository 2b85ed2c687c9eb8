"""Subjects of Russian and Ukrainian verbs: the nominative that agrees, is surest, and stands in the verb's clause."""

from pipeline.lang import listed
from pipeline.records import Language, Span
from pipeline.speech.morphology import Form, forms
from pipeline.speech.narration import Token
from pipeline.speech.slavic_clauses import Segment, around
from pipeline.speech.slavic_phrases import (
    can_head,
    is_governed,
    noun_phrase,
    skip_prepositional,
    with_modifiers,
)
from pipeline.speech.slavic_words import (
    CLOSED,
    NOMINATIVE_PRONOUNS,
    PAIRING,
    SUBORDINATING,
    agrees,
    is_relative,
    parts_of,
)

NAME, PERSON, THING, ALONE, UNSURE = 4, 3, 2, 1, 0
"""How sure a noun phrase is to be the subject: a name or pronoun, a noun for a person, a thing, an adjective that stands
for a person («дежурный»), and a thing that looks the same in the accusative."""
INSERTED = 5  # tokens of a verb and its subject that stand in another clause: «партнёры, заверила советница, обещали»
PAIR = 20  # tokens of two that speak together
WIDE = 100  # tokens of a stretch in which a subject is looked for
FAR = 10  # segments between a verb and its subject
CHAIN = 6  # verbs that share a subject
VOWELS = frozenset("аеёиіїоуыэюяєй")
OBLIQUE = frozenset("уюиыіїеєйм")  # letters that end oblique forms of names that the dictionary does not have
Candidate = tuple[int, Span]


class Clauses:
    """A sentence in segments, asked for the subject of its verbs."""

    def __init__(self, tokens: tuple[Token, ...], found: list[Segment], language: Language) -> None:
        self.tokens, self.segments, self.language = tokens, found, language
        self._known: dict[int, Span | None] = {}
        self._chain = 0

    def subject(self, at: int, verb: Form) -> Span | None:
        """The subject of the finite verb at token `at`, which may stand in an earlier clause that shares it."""
        if at not in self._known:
            self._known[at] = self._find(at, verb)
        return self._known[at]

    def _find(self, at: int, verb: Form) -> Span | None:
        number = around(self.segments, at)
        segment = self.segments[number]
        begin, previous = self._own(segment, at)
        if verb.plural:
            pair = self._pair(max(segment.begin if previous is None else begin, at - PAIR), at) or self._pair(
                at + 1, min(at + PAIR, segment.end)
            )
            if pair:
                return pair
        before = self._best(begin, at, verb, near_end=True)
        after = self._after(number, at, verb)
        inverted = segment.quoted and not any(token.is_word for token in self.tokens[begin:at])
        if before and after:
            wins = after[0] >= before[0] if inverted else after[0] > before[0]
            return after[1] if wins else before[1]
        if before or after:
            found = before or after
            shared = self._shared(number, at, verb, previous) if found and found[0] == UNSURE else None
            return shared or (found[1] if found else None)
        return self._shared(number, at, verb, previous)

    def of_gerund(self, at: int) -> Span | None:
        """The subject of the verb beside a gerund."""
        verb = self.main_verb(at)
        return self.subject(verb, _finite(self.tokens[verb], self.language)) if verb is not None else None

    def gender(self, at: int, verb: Form) -> str | None:
        """The gender that a verb shows, an infinitive by the verb that governs it."""
        if verb.finite:
            return verb.gender
        governing = self.main_verb(at)
        return _finite(self.tokens[governing], self.language).gender if governing is not None else None

    def main_verb(self, at: int) -> int | None:
        """The finite verb of the main clause that token `at` stands in: the nearest before it, else after it."""
        number = around(self.segments, at)
        left = range(number, -1, -1)
        order: list[int] = [*left, *range(number + 1, len(self.segments))]
        for k in order:
            segment = self.segments[k]
            if segment.kind == "main":
                before = [verb for verb in segment.verbs if verb < at]
                return before[-1] if before else segment.verbs[0]
        return None

    def first(self, begin: int, end: int, verb: Form | None = None) -> Span | None:
        """The likeliest subject in a stretch of tokens, of those equally likely the first."""
        best = self._best(begin, end, verb, near_end=False)
        return best[1] if best else None

    def together(self, at: int, span: Span) -> bool:
        """Whether a verb and its subject stand in one clause with no quotation between."""
        return span[0] > at or all(token.stretch is None for token in self.tokens[span[1] : at])

    def resumption(self, at: int) -> int | None:
        """Where the main clause goes on behind a subordinate clause that holds the verb `at`; None when none does."""
        number = around(self.segments, at)
        if self.segments[number].kind != "subordinate":
            return None
        for segment in self.segments[number + 1 :]:
            if segment.hard:
                return None
            if segment.kind == "main" and self.tokens[segment.begin].lower not in listed(self.language, "coordinators"):
                return segment.begin
        return None

    # --- where a subject may stand

    def _own(self, segment: Segment, at: int) -> tuple[int, int | None]:
        """(where the verb's own part of its segment begins, the verb before it that it is joined to)."""
        previous = [verb for verb in segment.verbs if verb < at]
        if not previous:
            return segment.begin, None
        joined = [
            n for n in range(previous[-1] + 1, at) if self.tokens[n].lower in listed(self.language, "coordinators")
        ]
        return (joined[-1] + 1, previous[-1]) if joined else (segment.begin, None)

    def _after(self, number: int, at: int, verb: Form) -> Candidate | None:
        """The best candidate behind the verb; over a gerund's words and adverbials between commas if need be."""
        segment = self.segments[number]
        best = self._best(at + 1, self._stop(at + 1, segment.end), verb, near_end=False)
        if best or segment.end != self._stop(at + 1, segment.end):
            return best
        for following in self.segments[number + 1 : number + 1 + FAR]:
            if following.hard or following.kind not in ("inserted", "verbless"):
                return None
            if following.kind == "verbless":
                best = self._best(following.begin, following.end, verb, near_end=False)
                if best:
                    return best if best[0] >= PERSON else None
        return None

    def _stop(self, begin: int, end: int) -> int:
        """Where a conjunction or another verb ends what may follow a verb."""
        for n in range(begin, end):
            token = self.tokens[n]
            if token.lower in SUBORDINATING or (token.lower in listed(self.language, "coordinators") and n > begin):
                return n
        return end

    def _shared(self, number: int, at: int, verb: Form, previous: int | None) -> Span | None:
        """The subject that stands before inserted clauses, or belongs to an earlier verb of the same clause."""
        if previous is not None:
            return self._of_joined(previous, verb)
        segment = self.segments[number]
        if segment.kind == "subordinate":
            return self._antecedent(number, verb)
        best: Candidate | None = None
        for k in range(number - 1, max(-1, number - 1 - FAR), -1):
            if self.segments[k + 1].hard:
                break
            candidate = self.segments[k]
            if candidate.kind == "main":
                shared = self._of_joined(candidate.verbs[-1], verb) if best is None else None
                if shared or best or candidate.end - candidate.begin > INSERTED:
                    return shared or (best[1] if best else None)
            if candidate.kind == "verbless" and not self._describes(k):
                found = self._best(candidate.begin, candidate.end, verb, near_end=True)
                best = found if found and (best is None or found[0] >= best[0]) else best
        return best[1] if best else None

    def _describes(self, number: int) -> bool:
        """«эксперт, приглашённый защитой, …»: whether a segment tells more of the noun phrase before it."""
        first = self.tokens[self.segments[number].begin]
        participle = any(form.part in ("ADJF", "PRTF") for form in forms(first.text, self.language))
        before = self.segments[number - 1] if number else None
        noun = before is not None and before.kind == "verbless" and not self.segments[number].hard
        return participle and noun and not first.is_capital

    def _of_joined(self, other: int, verb: Form) -> Span | None:
        form = _finite(self.tokens[other], self.language)
        if form.plural != verb.plural or (form.gender and verb.gender and form.gender != verb.gender):
            return None
        if self._chain == CHAIN:
            return None
        self._chain += 1
        found = self.subject(other, form)
        self._chain -= 1
        return found

    def _antecedent(self, number: int, verb: Form) -> Span | None:
        """«маркшейдер, который говорит»: the noun phrase that a relative pronoun in the nominative stands for."""
        segment = self.segments[number]
        first = self.tokens[segment.begin]
        relative = any(
            form.case == "nomn" and agrees(form.gender, form.plural, verb) for form in _readings(first, self.language)
        )
        if not number or segment.hard or not relative or not is_relative(first, self.language):
            return None
        before = self.segments[number - 1]
        best = self._best(before.begin, before.end, verb, near_end=True)
        return best[1] if best else None

    # --- candidates

    def _best(self, begin: int, end: int, verb: Form | None, *, near_end: bool) -> Candidate | None:
        best: Candidate | None = None
        begin, end = (max(begin, end - WIDE), end) if near_end else (begin, min(end, begin + WIDE))
        for candidate in self._candidates(begin, end, verb):
            if best is None or candidate[0] > best[0] or (near_end and candidate[0] == best[0] and best[0] < PERSON):
                best = candidate
        return best

    def _pair(self, begin: int, end: int) -> Span | None:
        """Two persons that a conjunction joins: «врач Анна Белова и медсестра Ольга Рудь сообщили»."""
        for at in range(begin + 1, end - 1):
            if self.tokens[at].lower in PAIRING:
                left = [c for c in self._candidates(begin, at, None) if c[0] >= PERSON and c[1][1] == at]
                right = [c for c in self._candidates(at + 1, end, None) if c[0] >= PERSON and c[1][0] == at + 1]
                if left and right:
                    return left[-1][1][0], right[0][1][1]
        return None

    def _candidates(self, begin: int, end: int, verb: Form | None) -> list[Candidate]:
        found: list[Candidate] = []
        at = begin
        while at < end:
            if parts_of(self.tokens[at], self.language) == {"PREP"}:
                at = skip_prepositional(self.tokens, at, self.language)
                continue
            if self._heads(begin, at, end, verb) and not is_governed(self.tokens, begin, at, self.language):
                span = noun_phrase(self.tokens, at, self.language)
                if span:
                    span = (span[0], min(span[1], end))
                    found.append((self._sureness(span), with_modifiers(self.tokens, begin, span, self.language)))
                    at = span[1]
                    continue
            at += 1
        return found

    def _heads(self, begin: int, at: int, end: int, verb: Form | None) -> bool:
        if at > begin and self._in_oblique(at - 1) and self.tokens[at].is_capital:
            return False  # «словами Олени Кравчук»: a surname that is not declined
        return (
            can_head(self.tokens[at], verb, self.language)
            or self._counts(at, verb)
            or self._stands_alone(at, end, verb)
            or may_be_name(self.tokens[at], self.language, opens=at == 0)
        )

    def _counts(self, at: int, verb: Form | None) -> bool:
        """Whether a word is a numeral that heads a plural subject: «двое», «четверо судей»."""
        return (
            verb is not None
            and verb.plural
            and any(form.part == "NUMR" and form.case == "nomn" for form in forms(self.tokens[at].text, self.language))
        )

    def _in_oblique(self, at: int) -> bool:
        """Whether a word is a given name that stands in another case than the nominative."""
        token = self.tokens[at]
        readings = [form for form in forms(token.text, self.language) if form.name == "Name" and not form.plural]
        return token.is_capital and bool(readings) and not any(form.case == "nomn" for form in readings)

    def _stands_alone(self, at: int, end: int, verb: Form | None) -> bool:
        """Whether an adjective or participle that agrees stands for a person: «дежурный предупредил»."""
        if verb is None or not self.tokens[at].is_word:
            return False
        readings = forms(self.tokens[at].text, self.language)
        fits = (f for f in readings if f.part in ("ADJF", "PRTF") and f.case == "nomn" and not f.pronominal)
        if readings[0].part not in ("ADJF", "PRTF") or not any(agrees(f.gender, f.plural, verb) for f in fits):
            return False
        following = self.tokens[at + 1] if at + 1 < end else None
        return following is None or not (
            following.is_capital or parts_of(following, self.language) & {"NOUN", "ADJF", "PRTF"}
        )

    def _sureness(self, span: Span) -> int:
        token = self.tokens[span[0]]
        readings = _readings(token, self.language)
        if token.lower in NOMINATIVE_PRONOUNS:
            return NAME if span[1] - span[0] == 1 else PERSON  # «оба танкиста» is no pronoun
        if token.text.isascii():
            return THING
        if any(is_name(self.tokens[at], self.language) for at in range(*span)):
            return NAME
        if token.is_capital and not any(form.case in ("nomn", None) for form in readings):
            return UNSURE  # may_be_name
        if any(
            form.part == "NUMR" or (form.part == "NOUN" and form.animate and form.case == "nomn") for form in readings
        ):
            return PERSON
        if not any(form.part == "NOUN" for form in readings):
            return ALONE
        same = any(form.case == "accs" and form.part == "NOUN" for form in readings)
        return UNSURE if same else THING


def is_name(token: Token, language: Language) -> bool:
    """Whether a capitalised word may be a person's name in the nominative."""
    if not token.is_capital or token.text.isascii():
        return False
    readings = forms(token.text, language)
    if any(form.name and form.case == "nomn" for form in readings):
        return True
    if readings[0].known or readings[0].place or (len(token.text) > 1 and token.text.isupper()):
        return False
    return token.lower[-1] not in VOWELS or any(form.case in ("nomn", None) for form in readings)


def may_be_name(token: Token, language: Language, *, opens: bool) -> bool:
    """Whether a word with a capital may be a name though the dictionary reads it otherwise: «смеётся Рек», «Шкурпела»."""
    if not token.is_capital or token.text.isascii() or token.text.isupper():
        return False
    readings = forms(token.text, language)
    if any(form.part in CLOSED or form.name or form.place for form in readings):
        return not readings[0].known and token.lower[-1] not in OBLIQUE
    if not readings[0].known:
        return token.lower[-1] not in OBLIQUE
    several = all(form.part == "NOUN" and form.plural and form.case in ("gent", "accs") for form in readings)
    return several and not opens and token.lower[-1] not in VOWELS


def _readings(token: Token, language: Language) -> list[Form]:
    """The readings of a word; a small letter is no name's."""
    return [form for form in forms(token.text, language) if token.is_capital or not form.name]


def _finite(token: Token, language: Language) -> Form:
    return next(form for form in forms(token.text, language) if form.finite)
