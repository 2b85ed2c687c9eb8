"""The subjects of English verbs of saying: beside the verb, before an insertion, or of the main clause."""

from pipeline.lang import listed
from pipeline.records import Span
from pipeline.speech.english_names import name_runs, proper_name
from pipeline.speech.english_words import (
    AUXILIARIES,
    BE,
    CLOSERS,
    CONJUNCTIONS,
    DETERMINERS,
    LONGEST_NAME,
    LONGEST_SUBJECT,
    NAME_PARTICLES,
    OF,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVE,
    SUBJECT_PRONOUNS,
    is_adverb,
    verb_chains,
    verbs,
)
from pipeline.speech.narration import Token
from pipeline.speech.sources import words_from

PERSON_ENDINGS = ("er", "or", "ist", "ian", "man", "woman")


def phrase_end(tokens: tuple[Token, ...], begin: int) -> int:
    """Where the noun phrase from `begin` on ends: at a mark, a verb or a relative."""
    at = begin
    while at < len(tokens) and at < begin + LONGEST_SUBJECT:
        token = tokens[at]
        if token.stretch is not None or (
            not token.is_word and token.text not in "'’-&$%()/" and not token.text[0].isdigit()
        ):
            break
        if at > begin and token.lower in RELATIVE:
            break
        at += 1
    return at


def chain_start(tokens: tuple[Token, ...], at: int) -> int:
    """Where the words begin that stand between a subject and its verb: "managed to say", "was heard saying"."""
    begin = at
    while begin > 0 and is_adverb(tokens[begin - 1]):
        begin -= 1
    for chain in verb_chains().get(tokens[begin - 1].lower if begin else "", ()):
        first = begin - len(chain)
        if first >= 0 and words_from(tokens, first, chain):
            return first
    return at


def with_apposition(tokens: tuple[Token, ...], span: Span) -> Span:
    """The span with the name that follows its role between commas: the museum's curator, Sofiia Radzykhovska."""
    begin, end = span
    if end < len(tokens) and tokens[end].lower in ("who", "whose", "which") and proper_name(tokens, begin, end) is None:
        end = next(
            (at for at in range(end, len(tokens)) if tokens[at].text == "," or tokens[at].stretch is not None), end
        )
    if proper_name(tokens, begin, end) is not None or end + 1 >= len(tokens) or tokens[end].text not in ",—–":
        return span
    stop = end + 1
    while stop < len(tokens) and (tokens[stop].is_capital or tokens[stop].lower in NAME_PARTICLES):
        stop += 1
    if stop == end + 1 or stop - end > 7:
        return span
    follows = tokens[stop] if stop < len(tokens) else None
    closed = follows is None or follows.stretch is not None or follows.text in ",.;:—–(" or follows.lower in verbs()
    return (begin, stop) if closed else span


def subject_before(tokens: tuple[Token, ...], at: int, tense: str) -> Span | None:
    """The subject before the verb; when none stands beside it, that of the clause the verb goes on with."""
    end = at
    while end > 0 and (tokens[end - 1].lower in AUXILIARIES or is_adverb(tokens[end - 1])):
        end -= 1
    if end == 0:
        return None
    before = tokens[end - 1]
    if before.lower in SUBJECT_PRONOUNS:
        return end - 1, end
    if before.text in CLOSERS or before.lower in CONJUNCTIONS or before.stretch is not None:
        return _carried(tokens, end)
    begin = _left_edge(tokens, end)
    if begin < end and tokens[begin].lower in ("who", "which"):
        return antecedent(tokens, begin) or _carried(tokens, begin)
    if begin < end and tokens[begin].lower in OF:
        begin = next((at for at in range(begin + 2, end) if tokens[at].lower in DETERMINERS), begin)
    if begin < end and tokens[begin].lower in PREPOSITIONS:
        return _carried(tokens, begin)
    if begin >= end or tokens[begin].lower in RELATIVE or not _nominal(tokens, begin, end):
        return _carried(tokens, begin) or (_carried(tokens, end) if begin == 0 else None)
    return begin, end


def antecedent(tokens: tuple[Token, ...], relative: int) -> Span | None:
    """The noun phrase before "who" or "which", and that word; of a name and the apposition after it, the name on."""
    end = relative
    while end > 0 and tokens[end - 1].text == ",":
        end -= 1
    begin = _left_edge(tokens, end)
    if begin >= end:
        return None
    runs = name_runs(tokens, begin, end)
    if runs and runs[-1][1] == end:
        return runs[-1][0], relative + 1
    if begin > 1 and tokens[begin - 1].text == ",":  # Ann Lee, now the deputy head, who said
        earlier = name_runs(tokens, max(0, begin - 1 - LONGEST_NAME), begin - 1)
        if earlier and earlier[-1][1] == begin - 1 and end < relative:
            return earlier[-1][0], relative + 1
    heads = [n for n in range(begin, end) if tokens[n].lower in DETERMINERS and tokens[n - 1].lower not in OF]
    return (heads[-1], relative + 1) if heads else None


def _left_edge(tokens: tuple[Token, ...], end: int) -> int:
    """Where the noun phrase that ends at `end` begins: after a mark, a conjunction or a relative."""
    begin = end
    while begin > 0 and end - begin < LONGEST_SUBJECT:
        token = tokens[begin - 1]
        if (
            token.stretch is not None
            and begin > 1
            and tokens[begin - 2].is_word
            and begin < end
            and token.text[-2] not in ",.?!"
        ):
            begin -= 1  # the "Clean Sheet" bloc
            continue
        if token.stretch is not None or token.text in ',;:—–()“”"':
            if token.text == ")" and begin < end + 1:
                opening = next((i for i in range(begin - 2, max(-1, begin - 8), -1) if tokens[i].text == "("), None)
                if opening:
                    begin = opening
                    continue
            break
        joins_names = token.lower == "and" and begin > 1 and tokens[begin - 2].is_capital and tokens[begin].is_capital
        if token.lower in CONJUNCTIONS and not joins_names:
            break
        if token.lower in RELATIVE:
            governed = begin > 1 and tokens[begin - 2].lower in OF  # to which her mother replied
            return begin - 1 if token.lower in ("who", "which") and not governed else begin
        begin -= 1
    return begin


def _nominal(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    """Whether the tokens look like a noun phrase and hold no verb of their own."""
    words = [token for token in tokens[begin:end] if token.is_word]
    if not words:
        return False
    first = words[0]
    if len(words) == 1 and first.lower in PRONOUNS:
        return True
    if any(word.lower in BE or word.lower in ("had", "has", "have") for word in words):
        return False
    if first.lower in PRONOUNS and first.lower not in DETERMINERS:
        return False
    named = any(word.is_capital for word in words)
    return named or first.lower in DETERMINERS or words[-1].lower.endswith("s") or len(words) <= 3


def _carried(tokens: tuple[Token, ...], end: int) -> Span | None:
    """The subject of a verb that has none beside it: before an insertion between commas, or that of the main clause."""
    last_stretch = max((at + 1 for at in range(end) if tokens[at].stretch is not None), default=0)
    for begin in dict.fromkeys((last_stretch, 0)):
        span = _nearest(tokens, begin, end)
        if span:
            return span
    return None


def _nearest(tokens: tuple[Token, ...], begin: int, end: int) -> Span | None:
    """The noun phrase, among the chunks between commas, that the verb at `end` belongs to."""
    chunks = _chunks(tokens, begin, end)
    if chunks and _pure_name(tokens, *chunks[-1]) and chunks[-1][1] < end:
        return _with_role(tokens, chunks)
    best: Span | None = None
    for number, (start, stop) in reversed(list(enumerate(chunks))):
        first = next((at for at in range(start, stop) if tokens[at].lower not in ("and", "but", "so", "yet")), stop)
        span = _leading_noun_phrase(tokens, first, stop) if first < stop and _may_lead(tokens[first]) else None
        if span is None:
            continue
        if tokens[first].lower in ("a", "an", "the") and number and _pure_name(tokens, *chunks[number - 1]):
            return chunks[number - 1]
        if _clausal(tokens, *span, stop):
            return best if best and proper_name(tokens, *best) else span
        nominal = tokens[first].lower in DETERMINERS or tokens[first].lower in PRONOUNS
        if nominal or any(token.is_capital for token in tokens[first:stop]):
            best = span
    return best


def _with_role(tokens: tuple[Token, ...], chunks: list[Span]) -> Span:
    """A name between commas, with the role before it: "The home minister, Ann Lee, said"."""
    begin, end = chunks[-1]
    if len(chunks) < 2 or tokens[begin - 1].text != "," or chunks[-2][1] != begin - 1:
        return begin, end
    role = chunks[-2]
    span = _leading_noun_phrase(tokens, *role)
    whole = span is not None and (span[1] == role[1] or tokens[span[1]].lower in OF)
    apposed = tokens[role[0]].lower in DETERMINERS and proper_name(tokens, *role) is None
    return (role[0], end) if apposed and whole else (begin, end)


def _chunks(tokens: tuple[Token, ...], begin: int, end: int) -> list[Span]:
    """The stretches between commas, dashes and quotations."""
    cuts = [at for at in range(begin, end) if tokens[at].text in ",—–;:()" or tokens[at].stretch is not None]
    bounds = zip([begin, *(cut + 1 for cut in cuts)], [*cuts, end], strict=True)
    return [(start, stop) for start, stop in bounds if start < stop]


def _may_lead(token: Token) -> bool:
    """Whether a chunk that starts so may be a subject: no prepositional phrase, no subordinate clause, no participle."""
    if not token.is_word or token.lower in OF or token.lower in RELATIVE or token.lower in CONJUNCTIONS:
        return False
    return token.is_capital or not token.lower.endswith(("ing", "ed"))


def _pure_name(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    return (
        all(token.is_capital or token.lower in NAME_PARTICLES for token in tokens[begin:end])
        and proper_name(tokens, begin, end) is not None
    )


def _clausal(tokens: tuple[Token, ...], begin: int, end: int, stop: int) -> bool:
    """Whether a verb follows the noun phrase that a chunk starts with."""
    if end >= stop or tokens[end].lower in OF or tokens[end].lower in RELATIVE:
        return False
    relative = next((at for at in range(end, stop) if tokens[at].lower in RELATIVE), stop)
    return any(
        token.lower in BE
        or token.lower in ("has", "had", "have", "would", "will", "did")
        or token.lower in verbs()
        or (token.lower.endswith(("ed", "s")) and not token.is_capital)
        for token in tokens[end:relative]
    )


def subject_of(tokens: tuple[Token, ...], begin: int, end: int) -> Span | None:
    """The noun phrase that a clause starts with, with the name that follows it between commas."""
    for start in range(begin, end):
        if start > begin and tokens[start - 1].text != ",":
            continue
        first = _past_opening(tokens, start, end)
        lead = tokens[first].lower
        if lead in PREPOSITIONS or lead in CONJUNCTIONS or lead in RELATIVE or lead.endswith("ing"):
            continue
        span = _leading_noun_phrase(tokens, first, end)
        if span:
            return with_apposition(tokens, _to_mark(tokens, span))
    return None


def _past_opening(tokens: tuple[Token, ...], start: int, end: int) -> int:
    """Where the subject may begin: past a conjunction, "here is", and an adverbial without comma ("In Lviv the mayor")."""
    at = start
    while at + 1 < end and tokens[at].lower in ("and", "but", "so", "yet"):
        at += 1
    if at + 2 < end and tokens[at].lower in ("here", "this", "that", "there") and tokens[at + 1].lower in BE:
        return at + 2
    if tokens[at].lower in OF and at + 2 < end and tokens[at + 1].is_word and tokens[at + 1].lower not in DETERMINERS:
        stop = next((n for n in range(at + 1, end) if not tokens[n].is_word), end)
        return next((n for n in range(at + 2, stop) if tokens[n].lower in ("the", "a", "an")), at)
    return at


def _to_mark(tokens: tuple[Token, ...], span: Span) -> Span:
    begin, end = span
    stop = next((at for at in range(begin, end) if tokens[at].text in ",;—–("), end)
    return begin, stop


def _leading_noun_phrase(tokens: tuple[Token, ...], begin: int, end: int) -> Span | None:
    """The noun phrase that a clause starts with, up to its verb."""
    while begin < end and (
        is_adverb(tokens[begin]) or tokens[begin].lower in ("then", "later", "still", "now", "yet", "also")
    ):
        begin += 1
    if begin >= end or not tokens[begin].is_word:
        return None
    if tokens[begin].lower in PRONOUNS and tokens[begin].lower not in DETERMINERS:
        return begin, begin + 1
    at = begin
    while at < end:
        lower = tokens[at].lower
        participle = lower.endswith("ed") and at > begin and tokens[at - 1].lower not in DETERMINERS
        verbal = _is_verb_within(tokens, begin, at) or lower in AUXILIARIES or participle
        if verbal or lower in RELATIVE or (lower in CONJUNCTIONS and lower != "and"):
            break
        after_name = at > begin + 1 and tokens[at - 1].is_capital and not tokens[at].is_capital
        determined = tokens[at - 2].lower in DETERMINERS if at > begin + 1 else False  # the British ambassador
        determined = determined or (tokens[begin].lower in DETERMINERS and tells_of_person(lower))
        if after_name and not determined and lower not in OF and lower != "and" and lower not in NAME_PARTICLES:
            break
        at += 1
    while at > begin + 1 and (tokens[at - 1].lower in CONJUNCTIONS or tokens[at - 1].lower in OF):
        at -= 1
    return (begin, at) if at > begin else None


def tells_of_person(lower: str) -> bool:
    """Whether a noun names somebody by what he or she is or does: officer, chairwoman."""
    return lower in listed("en", "person_nouns") or lower.endswith(PERSON_ENDINGS)


def _is_verb_within(tokens: tuple[Token, ...], begin: int, at: int) -> bool:
    """Whether a verb of saying ends the noun phrase from `begin` on; "the reply" and "Volunteer Lee" are nouns."""
    known = verbs().get(tokens[at].lower)
    if known is None:
        return False
    if at == begin:
        return not tokens[at].is_capital or known[1] != "base"
    return not tokens[at].is_capital and not (at == begin + 1 and tokens[begin].lower in DETERMINERS)
