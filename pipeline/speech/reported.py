"""Reported speech: the clause that an attribution governs, without its conjunction («said that …», «по словам X, …»)."""

from functools import cache

from pipeline.lang import entries, listed
from pipeline.records import Language, Span
from pipeline.speech.english_words import (
    BE,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SUBJECT_PRONOUNS,
    plural_numbers,
    verbs,
)
from pipeline.speech.morphology import forms, is_finite
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.slavic_words import is_relative
from pipeline.speech.sources import Attribution

MARKS = frozenset(",;:—–-()")
TERMINAL = frozenset(".!?…")
GAP = 16  # tokens between a verb of saying and its conjunction
SUBORDINATORS = frozenset(
    ["when", "while", "although", "though", "if", "because", "since", "as", "unless", "once", "whereas"]
)
AFTER_BEFORE = frozenset(["after", "before"])
EARLY = 4  # tokens before an attribution of which a conjunction at the head of the sentence may be the last
COUNTING = frozenset(["about", "around", "over", "under", "between"])  # said about 20 had come
AT_LEAST = frozenset([("at", "least"), ("at", "most"), ("up", "to"), ("as", "many")])
FINITE = frozenset(["has", "have", "had", "will", "would", "can", "could", "may", "might", "must", "do", "does", "did"])
COLON = 5  # words between a verb of saying and the colon before what is said
ASKED = 5  # words between a verb and the question word of what is asked: who is asked
DECLARING = frozenset(
    ["что", "чтобы", "будто", "якобы", "що", "щоб", "ніби", "нібито", "буцімто", "мовляв", "чи", "ли"]
)
QUESTION = 3  # words before the particle «ли»
SHORTEST = 3  # words of a clause that has no conjunction
JOINED = 2  # words from a conjunction to the verb that it joins
SHORTEST_NOUN = 3  # words after a preposition that still say too little: spoke of the old bridge
LISTENER = 8  # tokens within which a listener is named: told the two of them to leave
LEAD = 5  # words between a quotation and the verb that attributes it


def clauses(
    sentence: Narrated, attributions: list[Attribution], language: Language
) -> list[tuple[Attribution, tuple[Span, ...]]]:
    """(attribution, the pieces of what it reports) for every attribution of the sentence that reports a clause."""
    found = []
    for number, attribution in enumerate(attributions):
        if attribution.source is None and not _is_declared(sentence, attribution, language):
            continue
        if not (attribution.reports or _takes_complement(sentence.tokens, attribution, language)):
            continue
        ranges = _content(sentence, attribution, language)
        following = attributions[number + 1 :]
        ranges = [_cut(sentence, span, attribution, following, language) for span in ranges]
        pieces = tuple(_characters(sentence, span) for span in ranges if _says_something(sentence, span))
        if pieces:
            found.append((attribution, pieces))
    return [clause for clause in found if language != "en" or not _thought_within(clause[0], found)]


def _thought_within(attribution: Attribution, found: list[tuple[Attribution, tuple[Span, ...]]]) -> bool:
    """Whether a verb of thinking opens what its own subject says: in "she said she hoped …" the hope is what she said."""
    if attribution.lemma not in listed("en", "thought_verbs") or attribution.source is None:
        return False
    start = attribution.source.start
    if attribution.source.pronoun is None:
        return False
    return any(pieces[0][0] == start for other, pieces in found if other is not attribution)


def _is_declared(sentence: Narrated, attribution: Attribution, language: Language) -> bool:
    """«предупредили, что»: whether a verb without subject has a conjunction behind it."""
    tokens = sentence.tokens
    at = attribution.cue_last + 1
    return language != "en" and any(
        token.lower in DECLARING and tokens[i - 1].text == "," for i, token in enumerate(tokens[at : at + 4], at)
    )


def _content(sentence: Narrated, attribution: Attribution, language: Language) -> list[Span]:
    """Token ranges of the reported clause."""
    tokens = sentence.tokens
    end = _end(tokens)
    after = attribution.last + 1
    if attribution.shape == "phrase" and language != "en" and _follows_quotation(tokens, attribution, language):
        return []
    if attribution.shape == "phrase" or _introduced_by_as(tokens, attribution, language):
        return _around(tokens, attribution, end, language)
    begin = _conjunction(tokens, attribution, end, language)
    infinitive = _infinitive(tokens, attribution, end, language) if language != "en" else None
    if (
        infinitive is not None
        and (begin is None or infinitive < begin)
        and not _follows_quotation(tokens, attribution, language)
    ):
        return [(infinitive, _predicate_end(tokens, infinitive, end, language))]
    if begin is not None:
        return [(begin, end)]
    if _follows_quotation(tokens, attribution, language):
        return []
    if attribution.reports and _bracketed(tokens, attribution, end, language):
        return _around(tokens, attribution, end, language)
    if after < end and tokens[after].text == ":":
        return [(after + 1, end)] if _narrates(tokens, after + 1, end) else []
    begin = _bare_english(tokens, attribution, end) if language == "en" else _after_colon(tokens, attribution, end)
    return [(begin, end)] if begin is not None else []


def _predicate_end(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> int:
    """Where the narrator goes on after an infinitive: «призвал не включать бойлеры | и поблагодарил тех, кто …»."""
    for at in range(begin + 1, end - 1):
        if tokens[at].text == ",":
            return end
        joins = tokens[at].lower in listed(language, "coordinators")
        if joins and tokens[at + 1].is_word and is_finite(tokens[at + 1].text, language):
            return at
    return end


def _narrates(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    """Whether the narrator's words stand behind a colon, and no quotation."""
    return begin < end and tokens[begin].stretch is None


def _after_colon(tokens: tuple[Token, ...], attribution: Attribution, end: int) -> int | None:
    """«предприятие твердит своё: зарплаты подросли»: a colon within a few words of the verb."""
    begin = max(attribution.last, attribution.cue_last) + 1
    for at in range(begin, min(end, begin + COLON)):
        if tokens[at].text == ":":
            return at + 1 if _narrates(tokens, at + 1, end) else None
        if not tokens[at].is_word:
            return None
    return None


def _follows_quotation(tokens: tuple[Token, ...], attribution: Attribution, language: Language) -> bool:
    """Whether the attribution belongs to the quotation before it: "…," he said; «…», — вечером сказал он, уходя."""
    at = attribution.first - 1
    while at >= 0 and tokens[at].is_word and attribution.first - at <= LEAD:
        at -= 1
    before = at
    while before >= 0 and tokens[before].stretch is None and tokens[before].text in ",—–-":
        before -= 1
    if before < 0 or tokens[before].stretch is None:
        return False
    if language != "en" and before and tokens[before - 1].is_word:
        return False  # a name or a few words of a clause: «судить будет „газета“, и пообещал»
    return before < at or (at == attribution.first - 1 and tokens[before].text[-2] in ",.?!…")


def _end(tokens: tuple[Token, ...]) -> int:
    end = len(tokens)
    while end and tokens[end - 1].stretch is None and tokens[end - 1].text in ".!?…":
        end -= 1
    return end


def _introduced_by_as(tokens: tuple[Token, ...], attribution: Attribution, language: Language) -> bool:
    first = attribution.first
    if attribution.lemma == "call":
        return False  # the “pause”, as the sign still calls it, …
    return any(
        tokens[at].lower in listed(language, "as_words") and (language != "en" or at == 0 or not tokens[at - 1].is_word)
        for at in (first - 1, first)
        if at >= 0
    )


def _around(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> list[Span]:
    """What stands before and after an attribution that is set off by commas."""
    first, last = attribution.first, attribution.last
    if first and tokens[first - 1].lower in listed(language, "as_words"):
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
    if language != "en" or attribution.shape == "phrase":
        following = (_behind_relative(tokens, *following, language), following[1])
    if language != "en" and tokens[begin].lower in listed(language, "as_words") and following[0] < end:
        return [following]  # «как стало известно, по данным полиции, …»
    slight = before_end - begin <= 1
    if language == "en" and (_trails(tokens, attribution, before, following) or _adjoins(tokens, before, following)):
        return [before]
    if slight or (following[1] - following[0] >= SHORTEST and not _is_clause(tokens, *before, language)):
        return [following] if slight or _adverbial(tokens[begin:], language) else [before, following]
    if following[1] - following[0] < SHORTEST or (
        attribution.shape == "verb" and _adverbial(tokens[following[0] :], language)
    ):
        return [before]
    return [before, following]


def _behind_relative(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> int:
    """Where what is reported begins behind a clause about the source: «по словам врача, который вышел последним, |»."""
    if not any(_tells_of_source(tokens[at], language) for at in range(begin, min(end, begin + 2))):
        return begin
    comma = next((at for at in range(begin, end) if tokens[at].text == ","), None)
    return begin if comma is None or end - comma < SHORTEST else comma + 1


def _tells_of_source(token: Token, language: Language) -> bool:
    """Whether a word begins a relative clause or a participle in the genitive: «майора, командовавшего батальоном»."""
    if not token.is_word or token.is_capital:
        return False
    if language == "en":
        return token.lower in ("who", "whose", "whom")
    participles = [form for form in forms(token.text, language) if form.part == "PRTF" and not form.plural]
    return is_relative(token, language) or any(form.case == "gent" for form in participles)


def _trails(tokens: tuple[Token, ...], attribution: Attribution, before: Span, following: Span) -> bool:
    """Whether what follows belongs to the source: "…, said Ann Lee, the head of the depot"; "…, according to Lee, who"."""
    named_last = attribution.last > attribution.cue_last
    if not named_last or not _is_clause(tokens, *before, "en") or following[0] >= following[1]:
        return False
    return tokens[following[0]].lower not in listed("en", "coordinators") and not _adverbial(
        tokens[following[0] :], "en"
    )


def _adjoins(tokens: tuple[Token, ...], before: Span, following: Span) -> bool:
    """Whether what follows tells how it was said: "The bridge was closed, police said, citing the wind"."""
    begin, end = following
    participle = begin < end and tokens[begin].lower.endswith("ing") and not tokens[begin].lower.endswith("thing")
    return participle and not tokens[begin].is_capital and _is_clause(tokens, *before, "en")


def _divides(token: Token) -> bool:
    """Whether a mark parts two independent clauses."""
    return token.stretch is None and token.text in ";:"


def _adverbial(tokens: tuple[Token, ...], language: Language) -> bool:
    """Whether a stretch starts like an adverbial («In a statement, …»)."""
    if not tokens:
        return True
    if language == "en":
        return tokens[0].lower in PREPOSITIONS | SUBORDINATORS or tokens[0].lower in listed("en", "calendar")
    return bool(
        tokens[0].is_word and {form.part for form in forms(tokens[0].text, language)[:1]} <= {"PREP", "GRND", "ADVB"}
    )


def _is_clause(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> bool:
    """Whether a stretch holds a finite verb and starts no subordinate clause."""
    if begin >= end or (language == "en" and tokens[begin].lower in SUBORDINATORS):
        return False
    return language != "en" or any(_is_finite(tokens, at) for at in range(begin + 1, end))


def _is_finite(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether an English word looks like a finite verb; "a cut", "to hit" are none."""
    word = tokens[at]
    if word.is_capital:
        return False
    if word.lower in BE | FINITE or word.lower in verbs() or word.lower.endswith("ed"):
        return True
    before = tokens[at - 1].lower
    return word.lower in listed("en", "finite_forms") and before not in DETERMINERS and before not in PREPOSITIONS


def _conjunction(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> int | None:
    """The token after the conjunction that the verb governs."""
    words = listed(language, "conjunctions")
    at = max(attribution.cue_last, attribution.last if attribution.first == attribution.cue_first else 0) + 1
    for i in range(at, min(end, at + GAP)):
        token = tokens[i]
        if token.text in ";:" or token.stretch is not None:
            return None
        asks = language == "ru" and tokens[i - 1].text == "," and _asks(tokens, i, end)
        if asks or (token.lower in words and (language == "en" or i == at or tokens[i - 1].text == ",")):
            if language == "en" and not _governed(tokens, attribution, at, i):
                return None
            if language != "en" and not _completes(tokens, at, i, language):
                return None
            return i + 1 if token.lower in ("that", "что", "що") else i
    return None


def _completes(tokens: tuple[Token, ...], at: int, conjunction: int, language: Language) -> bool:
    """Whether a conjunction begins what is said, and not a clause that hangs on a noun: «место, где», «тех, кто»."""
    if tokens[conjunction].lower in DECLARING:
        return True
    before = tokens[conjunction - 2] if conjunction > at + 1 else None
    if before is not None and before.lower in listed(language, "correlatives"):
        return False
    words = conjunction - at - 1
    marks = any(not token.is_word for token in tokens[at : conjunction - 1])
    return not marks and words <= (1 if tokens[conjunction].lower in ("когда", "коли", "как", "як") else ASKED)


def _asks(tokens: tuple[Token, ...], at: int, end: int) -> bool:
    """«спросила, холодно ли там»: the particle stands behind the first word or two of a question."""
    return any(tokens[i].lower == "ли" for i in range(at + 1, min(end, at + 1 + QUESTION)))


def _governed(tokens: tuple[Token, ...], attribution: Attribution, at: int, conjunction: int) -> bool:
    """Whether the verb governs the conjunction: "said on Friday that", "told her that", not "believed polls that"."""
    if conjunction == at:
        return True
    if attribution.first == attribution.cue_first and attribution.last > attribution.cue_last:
        return False
    if verbs().get(tokens[conjunction - 1].lower, ("", "", False))[1] == "ing":
        return False  # the bridge was closed, police said, adding that
    if attribution.lemma in listed("en", "listener_verbs"):
        return True
    first = tokens[at]
    if first.lower == "to" and attribution.lemma in listed("en", "infinitive_verbs"):
        return False
    adverbial = (
        first.lower in PREPOSITIONS
        or first.lower.endswith("ly")
        or first.lower in listed("en", "calendar")
        or first.text == ","
    )
    return adverbial or first.lower in (
        "today",
        "yesterday",
        "later",
        "earlier",
        "last",
        "this",
        "out",
        "back",
        "too",
        "aloud",
    )


def _bracketed(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> bool:
    """Whether the attribution follows what it reports: "…, the mayor said."."""
    first = attribution.first
    if first < 2 or tokens[first - 1].stretch is not None or tokens[first - 1].text not in ",—–":
        return False
    if language == "en" and _brings_quotation(tokens, attribution):
        return False
    last = _past_listener(tokens, attribution, end) if language == "en" else attribution.last
    closes = last + 1 >= end or tokens[last + 1].text in ",;—–"
    closes = closes or (tokens[last + 1].lower != "to" and _adverbial(tokens[last + 1 :], language))
    reach = LISTENER if language == "en" else 1  # …, she said on her way to the lift, …
    comma = any(tokens[n].text == "," for n in range(last + 1, min(end, last + 1 + reach)))
    return closes and (comma or _is_clause(tokens, 0, first - 1, language))


def _past_listener(tokens: tuple[Token, ...], attribution: Attribution, end: int) -> int:
    """The last token of an insertion that names the listener: "the sheep, its owner told us, is not for sale"."""
    last = attribution.last
    if attribution.lemma not in listed("en", "listener_verbs"):
        return last
    close = next((n for n in range(last + 1, min(end, last + LISTENER)) if not tokens[n].is_word), end)
    return close - 1 if close - last < LISTENER else last


def _bare_english(tokens: tuple[Token, ...], attribution: Attribution, end: int) -> int | None:
    """The clause after a verb without conjunction: "said the bridge was closed", "vowed to return"."""
    after = attribution.cue_last + 1
    if attribution.first == attribution.cue_first and attribution.last > attribution.cue_last:
        return None
    lemma = attribution.lemma
    while after < end and (
        tokens[after].lower.endswith("ly") or tokens[after].lower in ("also", "then", "later", "only")
    ):
        after += 1
    begin = _complement(tokens, lemma, after, end)
    if begin is None and lemma in listed("en", "infinitive_verbs"):
        begin = _promise(tokens, lemma, after, end)
    if begin is None and lemma in listed("en", "bare_clause_verbs"):
        begin = _clause_start(tokens, after, end)
    if begin is None and lemma in listed("en", "listener_verbs"):
        begin = _after_listener(tokens, after, end)
    return begin


def _takes_complement(tokens: tuple[Token, ...], attribution: Attribution, language: Language) -> bool:
    """Whether a verb that seldom reports does so: spoke of a bill, offered to pay, shouted that it was late."""
    if language != "en":
        return False
    after = attribution.cue_last + 1
    if after < len(tokens) and tokens[after].lower == "that":
        return True
    return attribution.lemma in _complements() or attribution.lemma in listed("en", "infinitive_verbs")


@cache
def _complements() -> dict[str, frozenset[str]]:
    """Verb → the prepositions after which it tells what is said: call for, accuse (somebody) of."""
    table: dict[str, set[str]] = {}
    for line in entries("en", "complement_verbs"):
        verb, preposition = line.split()
        table.setdefault(verb, set()).add(preposition)
    return {verb: frozenset(prepositions) for verb, prepositions in table.items()}


def _complement(tokens: tuple[Token, ...], lemma: str, after: int, end: int) -> int | None:
    """What follows the preposition of a verb ("called for a vote", "accused him of lying"), a gerund, a question word."""
    if after + 1 >= end:
        return None
    prepositions = _complements().get(lemma, frozenset())
    if tokens[after].lower in prepositions:
        return after + 1 if end - after - 1 > SHORTEST_NOUN else None
    if lemma in listed("en", "object_verbs"):
        limit = min(end, after + LISTENER)
        at = next((n for n in range(after, limit) if not tokens[n].is_word or tokens[n].lower in prepositions), limit)
        return at + 1 if at < limit and at + 1 < end and tokens[at].is_word else None
    if lemma in listed("en", "gerund_verbs") and tokens[after].lower.endswith("ing"):
        return after
    if lemma in listed("en", "asking_verbs"):
        reach = LISTENER if lemma in listed("en", "listener_verbs") else 1
        return _question(tokens, after, min(end, after + reach), end)
    return None


def _question(tokens: tuple[Token, ...], after: int, limit: int, end: int) -> int | None:
    """Where an indirect question begins: asked what he had done, asked the clerk when it would open."""
    for at in range(after, limit):
        if tokens[at].lower in listed("en", "question_words"):
            return at if end - at >= SHORTEST else None
        if not tokens[at].is_word or tokens[at].lower in PREPOSITIONS or tokens[at].lower in verbs():
            return None
    return None


def _promise(tokens: tuple[Token, ...], lemma: str, after: int, end: int) -> int | None:
    """Where an infinitive begins: vowed to wait, promised on Monday to wait; "urged the council to wait" has its subject."""
    if lemma in listed("en", "object_infinitive_verbs"):
        return after if _infinitive_follows(tokens, after, min(end, after + LISTENER)) else None
    adverbial = after < end and tokens[after].lower in (PREPOSITIONS - {"to"}) | set(listed("en", "calendar"))
    reach = LISTENER if adverbial else JOINED
    if not _infinitive_follows(tokens, after, min(end, after + reach)):
        return None
    to = next(n for n in range(after, end) if tokens[n].lower == "to")
    return to - (to > after and tokens[to - 1].lower in ("not", "never"))


def _may_be_infinitive(token: Token) -> bool:
    """Whether "to" before this word begins an infinitive: to wait, and not to the town, to 55."""
    nominal = token.lower in DETERMINERS or token.lower in PRONOUNS or token.lower in plural_numbers()
    return token.is_word and not token.is_capital and not nominal


def _infinitive_follows(tokens: tuple[Token, ...], after: int, end: int) -> bool:
    """Whether an infinitive follows, whoever is to do it standing between: "urged the council to wait"."""
    for at in range(after, end):
        if tokens[at].lower == "to":
            return at + 1 < end and _may_be_infinitive(tokens[at + 1])
        if tokens[at].text in MARKS or tokens[at].stretch is not None:
            return False
    return False


def _clause_start(tokens: tuple[Token, ...], after: int, end: int) -> int | None:
    if end - after < SHORTEST or tokens[after].text in MARKS:
        return None
    lower = tokens[after].lower
    number = tokens[after + 1]
    if lower in COUNTING and (number.text[0].isdigit() or number.lower in plural_numbers()):
        return after
    if (lower, number.lower) in AT_LEAST:
        return after
    if lower in listed("en", "calendar") and _to_comma(tokens, after, end):
        return None
    if lower in PREPOSITIONS or lower in ("so", "no", "yes", "nothing", "something", "as", "goodbye"):
        return after if lower in ("under", "no") else None
    return after


def _to_comma(tokens: tuple[Token, ...], at: int, end: int) -> bool:
    """Whether only a time of day stands between a day and a comma: said Friday afternoon, as they left."""
    return any(tokens[n].text == "," for n in range(at + 1, min(end, at + 3)))


def _after_listener(tokens: tuple[Token, ...], after: int, end: int) -> int | None:
    """told REPORTERS the bridge was closed"""
    if _infinitive_follows(tokens, after, min(end, after + LISTENER)):
        to = next(n for n in range(after, end) if tokens[n].lower == "to")
        return to - (tokens[to - 1].lower in ("not", "never"))
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
    opens = PRONOUNS.keys() | DETERMINERS | {"there"}
    if at < end and at > after and tokens[at].lower in opens:
        return at
    return None


def _infinitive(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> int | None:
    """«призвал прокуратуру выяснить»: an infinitive, its object may precede it."""
    if attribution.lemma not in listed(language, "infinitive_verbs"):
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


def _governs(tokens: tuple[Token, ...], attribution: Attribution, end: int, language: Language) -> bool:
    """Whether a verb has a reported clause of its own behind it."""
    if _conjunction(tokens, attribution, end, language) is not None:
        return True
    if _infinitive(tokens, attribution, end, language) is not None:
        return True
    return any(
        token.text == ":" for token in tokens[attribution.cue_last + 1 : min(end, attribution.cue_last + 1 + COLON)]
    )


def _joined(
    tokens: tuple[Token, ...], span: Span, first: Attribution, other: Attribution, language: Language
) -> int | None:
    """Where a conjunction joins a verb with the same subject and a clause of its own: "claimed …, but denied that"."""
    begin, end = span
    if first.source is None or other.source is None:
        return None
    if language == "en" and _contrasted(tokens, begin, other):
        return other.first - 1
    if other.source.start != first.source.start:
        return None
    if other.shape != "verb" or (language != "en" and not _governs(tokens, other, end, language)):
        return None
    for at in range(other.cue_first - 1, max(begin, other.cue_first - 1 - JOINED), -1):
        if tokens[at].lower in listed(language, "coordinators"):
            return at if language == "en" or tokens[at - 1].text == "," else None
        if not tokens[at].is_word:
            return None
    return None


def _main_clause(tokens: tuple[Token, ...], span: Span, attribution: Attribution) -> int | None:
    """Where the main clause begins after a subordinate one that reports: "when Lee said that …, | the hall laughed"."""
    begin, end = span
    if tokens[0].lower not in SUBORDINATORS | AFTER_BEFORE or attribution.first > EARLY:
        return None
    for at in range(begin + SHORTEST, end - 1):
        following = tokens[at + 1]
        opens = following.is_capital or following.lower in DETERMINERS or following.lower in SUBJECT_PRONOUNS
        if tokens[at].text == "," and opens:
            return at
    return None


def _contrasted(tokens: tuple[Token, ...], begin: int, other: Attribution) -> bool:
    """Whether somebody and a verb of saying follow a comma and a conjunction: "…, though she acknowledged"."""
    at = other.first - 1
    return (
        other.first < other.cue_first
        and at - 1 > begin
        and tokens[at].lower in listed("en", "coordinators")
        and tokens[at - 1].text == ","
    )


def _cut(
    sentence: Narrated, span: Span, attribution: Attribution, following: list[Attribution], language: Language
) -> Span:
    """Ends the clause at a semicolon, before another attribution that comes after a comma or closes the sentence."""
    tokens = sentence.tokens
    begin, end = span
    end = next((at for at in range(begin, end) if tokens[at].text == ";"), end)
    if language == "en":
        end = _main_clause(tokens, (begin, end), attribution) or end
    joined = (
        _joined(tokens, (begin, end), attribution, other, language) for other in following if other.cue_first < end
    )
    end = next((at for at in joined if at is not None), end)
    if tokens[begin - 1].text == ":" and any(begin <= other.first <= begin + 1 for other in following):
        end = begin  # «упрёк отверг: по его словам, …»: that one reports it
    if attribution.resumes is not None and begin < attribution.resumes < end:
        end = attribution.resumes
    for other in following:
        stop = _other_begins(tokens, (begin, end), attribution, other, language)
        if stop is not None:
            end = min(end, stop)
    while end > begin and tokens[end - 1].stretch is None and tokens[end - 1].text in ",;:—–-":
        end -= 1
    while begin < end and tokens[begin].stretch is None and tokens[begin].text in ",;:—–-":
        begin += 1
    return begin, end


def _other_begins(
    tokens: tuple[Token, ...], span: Span, first: Attribution, other: Attribution, language: Language
) -> int | None:
    """Where another attribution ends the clause: it closes the sentence, goes on as ", adding", or brings a quotation."""
    begin, end = span
    participle = tokens[other.cue_first - 1].text == "," and tokens[other.cue_first].lower.endswith("ing")
    if participle and begin < other.cue_first < end and language == "en":
        return other.cue_first - 1
    if not (begin < other.first < end and tokens[other.first - 1].text in ",—–―"):
        return None
    if other.last >= end - 1 or participle or (language == "en" and _brings_quotation(tokens, other)):
        return other.first - 1
    return None


def _brings_quotation(tokens: tuple[Token, ...], other: Attribution) -> bool:
    """Whether a quotation of its own follows an attribution: "when she noted that …, he boasted, “…”"."""
    if other.first == other.cue_first:
        return False
    at = other.last + 1
    while at < len(tokens) and at - other.last <= LEAD and tokens[at].is_word:
        at += 1
    return at + 1 < len(tokens) and tokens[at].text in ",:" and tokens[at + 1].stretch is not None


def _says_something(sentence: Narrated, span: Span) -> bool:
    inside = sentence.tokens[span[0] : span[1]]
    return sum(2 if token.stretch is not None else token.text[0].isalnum() for token in inside) >= 2


def _characters(sentence: Narrated, span: Span) -> Span:
    return sentence.tokens[span[0]].start, sentence.tokens[span[1] - 1].end
