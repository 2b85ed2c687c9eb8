"""Reported speech: the clause that an attribution governs, without its conjunction («said that …», «по словам X, …»)."""

from functools import cache

from pipeline.lang import entries
from pipeline.records import Language, Span
from pipeline.speech.english_words import BE, DETERMINERS, OF, PRONOUNS, verbs
from pipeline.speech.morphology import forms
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.sources import Attribution

MARKS = frozenset(",;:—–-()")
TERMINAL = frozenset(".!?…")
GAP = 16  # tokens between a verb of saying and its conjunction
SUBORDINATORS = frozenset(
    ["when", "while", "although", "though", "if", "because", "since", "as", "unless", "once", "whereas"]
)
FINITE = frozenset(["has", "have", "had", "will", "would", "can", "could", "may", "might", "must", "do", "does", "did"])
SHORTEST = 3  # words of a clause that has no conjunction
JOINED = 2  # words from a conjunction to the verb that it joins
LEAD = 5  # words between a quotation and the verb that attributes it


@cache
def _list(language: Language, name: str) -> frozenset[str]:
    return frozenset(entries(language, name))


def clauses(
    sentence: Narrated, attributions: list[Attribution], language: Language
) -> list[tuple[Attribution, tuple[Span, ...]]]:
    """(attribution, the pieces of what it reports) for every attribution of the sentence that reports a clause."""
    found = []
    for number, attribution in enumerate(attributions):
        if not attribution.reports or attribution.source is None:
            continue
        ranges = _content(sentence, attribution, language)
        following = attributions[number + 1 :]
        ranges = [_cut(sentence, span, attribution, following, language) for span in ranges]
        pieces = tuple(_characters(sentence, span) for span in ranges if _says_something(sentence, span))
        if pieces:
            found.append((attribution, pieces))
    return found


def _content(sentence: Narrated, attribution: Attribution, language: Language) -> list[Span]:
    """Token ranges of the reported clause."""
    tokens = sentence.tokens
    end = _end(tokens)
    after = attribution.last + 1
    if attribution.shape == "phrase" or _introduced_by_as(tokens, attribution, language):
        return _around(tokens, attribution, end, language)
    begin = _conjunction(tokens, attribution, end, language)
    if begin is not None:
        return [(begin, end)]
    if _follows_quotation(tokens, attribution):
        return []
    if _bracketed(tokens, attribution, end, language):
        return _around(tokens, attribution, end, language)
    if after < end and tokens[after].text == ":":
        return [(after + 1, end)]
    begin = (
        _bare_english(tokens, attribution, end) if language == "en" else _infinitive(tokens, attribution, end, language)
    )
    return [(begin, end)] if begin is not None else []


def _follows_quotation(tokens: tuple[Token, ...], attribution: Attribution) -> bool:
    """Whether the attribution belongs to the quotation before it: "…," he said; «…», — вечером сказал он, уходя."""
    at = attribution.first - 1
    while at >= 0 and tokens[at].is_word and attribution.first - at <= LEAD:
        at -= 1
    before = at
    while before >= 0 and tokens[before].stretch is None and tokens[before].text in ",—–-":
        before -= 1
    if before < 0 or tokens[before].stretch is None:
        return False
    return before < at or (at == attribution.first - 1 and tokens[before].text[-2] in ",.?!…")


def _end(tokens: tuple[Token, ...]) -> int:
    end = len(tokens)
    while end and tokens[end - 1].stretch is None and tokens[end - 1].text in ".!?…":
        end -= 1
    return end


def _introduced_by_as(tokens: tuple[Token, ...], attribution: Attribution, language: Language) -> bool:
    first = attribution.first
    return any(tokens[at].lower in _list(language, "as_words") for at in (first - 1, first) if at >= 0)


def _around(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> list[Span]:
    """What stands before and after an attribution that is set off by commas."""
    first, last = attribution.first, attribution.last
    if first and tokens[first - 1].lower in _list(language, "as_words"):
        first -= 1
    begin = next((at for at in range(first, 0, -1) if _divides(tokens[at - 1])), 0)
    before_end = first
    while before_end > begin and tokens[before_end - 1].text in ",—–-":
        before_end -= 1
    before = (begin, before_end)
    after = last + 1
    while after < end and tokens[after].text != ",":
        if tokens[after].stretch is not None or tokens[after].text in ":;":
            break
        after += 1
    following = (min(after + 1, end), end) if after < end else (end, end)
    slight = before_end - begin <= 1
    if slight or (following[1] - following[0] >= SHORTEST and not _is_clause(tokens, *before, language)):
        return [following] if slight or _adverbial(tokens[begin:], language) else [before, following]
    if following[1] - following[0] < SHORTEST or (
        attribution.shape == "verb" and _adverbial(tokens[following[0] :], language)
    ):
        return [before]
    return [before, following]


def _divides(token: Token) -> bool:
    """Whether a mark parts two independent clauses."""
    return token.stretch is None and token.text in ";:"


def _adverbial(tokens: tuple[Token, ...], language: Language) -> bool:
    """Whether a stretch starts like an adverbial («In a statement, …»)."""
    if not tokens:
        return True
    if language == "en":
        return tokens[0].lower in OF | SUBORDINATORS
    return bool(
        tokens[0].is_word and {form.part for form in forms(tokens[0].text, language)[:1]} <= {"PREP", "GRND", "ADVB"}
    )


def _is_clause(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> bool:
    """Whether a stretch holds a finite verb and starts no subordinate clause."""
    if begin >= end or (language == "en" and tokens[begin].lower in SUBORDINATORS):
        return False
    words = tokens[begin:end]
    if language != "en":
        return True
    return any(
        word.lower in BE | FINITE or word.lower in verbs() or (word.lower.endswith("ed") and not word.is_capital)
        for word in words[1:]
    )


def _conjunction(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> int | None:
    """The token after the conjunction that the verb governs."""
    words = _list(language, "conjunctions")
    at = max(attribution.cue_last, attribution.last if attribution.first == attribution.cue_first else 0) + 1
    for i in range(at, min(end, at + GAP)):
        token = tokens[i]
        if token.text in ";:" or token.stretch is not None:
            return None
        if token.lower in words and (language == "en" or i == at or tokens[i - 1].text == ","):
            if language == "en" and not _governed(tokens, attribution, at, i):
                return None
            return i + 1 if token.lower in ("that", "что", "що") else i
    return None


def _governed(tokens: tuple[Token, ...], attribution: Attribution, at: int, conjunction: int) -> bool:
    """Whether the verb governs the conjunction: "said on Friday that", "told her that", not "believed polls that"."""
    if conjunction == at:
        return True
    if attribution.first == attribution.cue_first and attribution.last > attribution.cue_last:
        return False
    if attribution.lemma in _list("en", "listener_verbs"):
        return True
    first = tokens[at]
    adverbial = (
        first.lower in OF or first.lower.endswith("ly") or first.lower in _list("en", "calendar") or first.text == ","
    )
    return adverbial or first.lower in ("today", "yesterday", "later", "earlier", "last", "this", "out", "too")


def _bracketed(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> bool:
    """Whether the attribution follows what it reports: "…, the mayor said."."""
    first = attribution.first
    if first < 2 or tokens[first - 1].stretch is not None or tokens[first - 1].text not in ",—–":
        return False
    closes = (
        attribution.last + 1 >= end
        or tokens[attribution.last + 1].text in ",;—–"
        or _adverbial(tokens[attribution.last + 1 :], language)
    )
    return closes and (
        _is_clause(tokens, 0, first - 1, language)
        or (attribution.last + 1 < end and tokens[attribution.last + 1].text == ",")
    )


def _bare_english(tokens: tuple[Token, ...], attribution: Attribution, end: int) -> int | None:
    """The clause after a verb without conjunction: "said the bridge was closed", "vowed to return"."""
    after = attribution.cue_last + 1
    if attribution.first == attribution.cue_first and attribution.last > attribution.cue_last:
        return None
    lemma = attribution.lemma
    if lemma in _list("en", "bare_clause_verbs"):
        while after < end and (
            tokens[after].lower.endswith("ly") or tokens[after].lower in ("also", "then", "later", "only")
        ):
            after += 1
        return _clause_start(tokens, after, end)
    if lemma in _list("en", "listener_verbs"):
        return _after_listener(tokens, after, end)
    if lemma in _list("en", "infinitive_verbs"):
        to = next((i for i in range(after, min(end, after + 8)) if tokens[i].lower == "to"), None)
        return after if to is not None and tokens[after].text not in MARKS else None
    return None


def _clause_start(tokens: tuple[Token, ...], after: int, end: int) -> int | None:
    if end - after < SHORTEST or tokens[after].text in MARKS:
        return None
    lower = tokens[after].lower
    if lower in OF or lower in ("so", "no", "yes", "nothing", "something", "as", "goodbye"):
        return after if lower in ("under", "no") else None
    return after


def _after_listener(tokens: tuple[Token, ...], after: int, end: int) -> int | None:
    """told REPORTERS the bridge was closed"""
    at = after
    if at < end and tokens[at].lower in PRONOUNS:
        at += 1
    else:
        while at < end and (
            tokens[at].is_capital
            or tokens[at].lower in DETERMINERS
            or tokens[at].lower in ("reporters", "journalists", "lawmakers")
        ):
            at += 1
            if tokens[at - 1].lower in ("reporters", "journalists", "lawmakers"):
                break
    if at < end and tokens[at].lower == "to" and at > after:
        return at
    if at < end and at > after and (tokens[at].lower in PRONOUNS or tokens[at].lower in DETERMINERS):
        return at
    return None


def _infinitive(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> int | None:
    """«отказался комментировать», «призвал прокуратуру выяснить»: an infinitive, its object may precede it."""
    if attribution.lemma not in _list(language, "infinitive_verbs"):
        return None
    after = attribution.cue_last + 1
    if attribution.first == attribution.cue_first:
        after = attribution.last + 1
    for at in range(after, min(end, after + 8)):
        if tokens[at].stretch is not None or tokens[at].text in MARKS:
            return None
        if tokens[at].is_word and any(form.part == "INFN" for form in forms(tokens[at].text, language)):
            return after
    return None


def _joined(
    tokens: tuple[Token, ...], span: Span, first: Attribution, other: Attribution, language: Language
) -> int | None:
    """Where a conjunction joins a verb with the same subject and a clause of its own: "claimed …, but denied that"."""
    begin, end = span
    if first.source is None or other.source is None or other.source.start != first.source.start:
        return None
    if other.shape != "verb" or _conjunction(tokens, other, end, language) is None:
        return None
    for at in range(other.cue_first - 1, max(begin, other.cue_first - 1 - JOINED), -1):
        if tokens[at].lower in _list(language, "coordinators"):
            return at
        if not tokens[at].is_word:
            return None
    return None


def _cut(
    sentence: Narrated, span: Span, attribution: Attribution, following: list[Attribution], language: Language
) -> Span:
    """Ends the clause at a semicolon, before another attribution that comes after a comma or closes the sentence."""
    tokens = sentence.tokens
    begin, end = span
    end = next((at for at in range(begin, end) if tokens[at].text == ";"), end)
    joined = (
        _joined(tokens, (begin, end), attribution, other, language) for other in following if other.cue_first < end
    )
    end = next((at for at in joined if at is not None), end)
    for other in following:
        if (
            begin < other.first < end
            and tokens[other.first - 1].text in ",—–"
            and (
                other.last >= end - 1
                or (tokens[other.cue_first - 1].text == "," and tokens[other.cue_first].lower.endswith("ing"))
            )
        ):
            end = other.first - 1
    while end > begin and tokens[end - 1].stretch is None and tokens[end - 1].text in ",;:—–-":
        end -= 1
    while begin < end and tokens[begin].stretch is None and tokens[begin].text in ",;:—–-":
        begin += 1
    return begin, end


def _says_something(sentence: Narrated, span: Span) -> bool:
    inside = sentence.tokens[span[0] : span[1]]
    return sum(2 if token.stretch is not None else token.text[0].isalnum() for token in inside) >= 2


def _characters(sentence: Narrated, span: Span) -> Span:
    return sentence.tokens[span[0]].start, sentence.tokens[span[1] - 1].end
