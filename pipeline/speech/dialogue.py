"""Speech that dashes set apart: dialogue lines («— A, — said he. — B.») and the narrator inside one pair of marks."""

import re
from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise

from pipeline.lang import listed
from pipeline.records import Language, Span
from pipeline.speech import english_words, slavic_words
from pipeline.speech.marks import PARAGRAPH, Marked, marked
from pipeline.speech.morphology import forms, is_finite, is_speech
from pipeline.speech.narration import ABBREVIATED, TERMINAL

DIALOGUE = re.compile(r"\s*[—–-]\s+(?=\S)")
TURN = re.compile(r"(?<=[,.!?…:;»”“\")])\s+[—–-]\s+")
EXCHANGE = re.compile(r"(?<=[.!?…])\s+[—–-]\s+(?=[^\W\d_a-zа-яёіїєґ])")
WORD = re.compile(r"[^\W\d_](?:[\w'’ʼ-]*\w)?")
INSERTION = re.compile(r"^([^,.!?\n]{1,40}), (?:who|whose|the|a|an) [^,.!?\n]{1,120},")  # Ann Lee, who …, replied
OPENING_WORDS = 8  # the verb of saying stands among so many first words of the narrator
TRAILING = " \t\xa0,;:—–-"


def spoken(text: str, stretches: list[Marked], language: Language) -> list[Marked]:
    """The stretches with every narrator's remark cut out, and the dialogue lines of the text added; in order."""
    lines = _dialogue(text, language)
    outside = [part for stretch in stretches if not _inside(stretch, lines) for part in _cut(text, stretch, language)]
    return sorted(outside + lines, key=lambda stretch: stretch.start)


def _between(text: str, parts: list[Marked], language: Language) -> list[Marked]:
    """The marked stretches of the remarks between the parts: «A, — сказал глава штаба „Родник“. — B»."""
    found = []
    for one, two in pairwise(parts):
        start = one.outer[1]
        for inner in marked(text[start : two.outer[0]], language):
            outer = (inner.outer[0] + start, inner.outer[1] + start)
            found.append(Marked(inner.start + start, inner.end + start, outer, inner.closed, remark=True))
    return found


def _inside(stretch: Marked, lines: list[Marked]) -> bool:
    at = bisect_right(lines, stretch.outer[0], key=lambda line: line.outer[0]) - 1
    return at >= 0 and stretch.start < lines[at].outer[1]


def _cut(text: str, stretch: Marked, language: Language) -> list[Marked]:
    pieces = turns(text, (stretch.start, stretch.end), language)
    if pieces == [_strip(text, stretch.start, stretch.end)]:
        return [stretch]  # no narrator inside
    parts = [Marked(*piece, piece, stretch.closed, continues=True) for piece in pieces]
    if not parts:
        return []
    parts[0] = replace(parts[0], outer=(stretch.outer[0], parts[0].end))
    ends = stretch.outer[1] if pieces[-1][1] == stretch.end else pieces[-1][1]
    parts[-1] = replace(parts[-1], outer=(parts[-1].outer[0], ends), continues=stretch.continues)
    return sorted(parts + _between(text, parts, language), key=lambda part: part.start)


def _dialogue(text: str, language: Language) -> list[Marked]:
    """Lines that begin with a dash, in runs where a line names a speaker or answers a question (others are lists)."""
    found: list[Marked] = []
    run: list[Marked] = []
    spoken_run = False
    for match in PARAGRAPH.finditer(text):
        dash = DIALOGUE.match(text, *match.span())
        if not dash:
            if match[0].strip():
                found += run if spoken_run else []
                run, spoken_run = [], False
            continue
        line = _strip(text, dash.end(), match.end())
        pieces = turns(text, (dash.end(), match.end()), language)
        exchanged = _exchange(text, line) if pieces == [line] else []
        asked = bool(run) and text[run[-1].end - 1] == "?"
        spoken_run = spoken_run or asked or bool(exchanged) or pieces != [line]
        for number, piece in enumerate(exchanged or pieces):
            outer = (match.start() + len(dash[0]) - len(dash[0].lstrip()) if number == 0 else piece[0], piece[1])
            run.append(Marked(*piece, outer, continues=not exchanged and number + 1 < len(pieces), turn=True))
    return found + (run if spoken_run else [])


def _exchange(text: str, line: Span) -> list[Span]:
    """The turns of question and answer that one line holds: — Will it hold? — It will. — Sure? — No."""
    start, end = line
    cuts = [match.span() for match in EXCHANGE.finditer(text, start, end)]
    starts, ends = [start, *(after for _, after in cuts)], [*(stop for stop, _ in cuts), end]
    turn_spans = list(zip(starts, ends, strict=True))
    return turn_spans if any(text[stop - 1] == "?" for _, stop in turn_spans[:-1]) else []


def turns(text: str, span: Span, language: Language) -> list[Span]:
    """The stretches of speech in `span`, without the narrator's remarks between dashes."""
    start, end = span
    pieces: list[Span] = []
    narrator = False
    at = start
    cuts = [match.span() for match in TURN.finditer(text, start, end)]
    for number, (stop, after) in enumerate(cuts):
        if narrator:
            at, narrator = after, False
            continue
        until = cuts[number + 1][0] if number + 1 < len(cuts) else end
        closed = number + 1 < len(cuts)
        interrupted = closed and text[stop - 1] in "?!" and text[after].islower() and text[until - 1] in ".,"
        if interrupted or narrates(text[after:until], language, closed):
            pieces.append((at, stop))
            narrator = True
    if not narrator:
        pieces.append((at, end))
    return [piece for piece in (_strip(text, *piece) for piece in pieces) if piece[0] < piece[1]]


def narrates(remark: str, language: Language, closed: bool) -> bool:
    """Whether a remark after a dash is the narrator's: it starts with a verb and its subject, or has a verb of saying.

    `closed` tells whether another dash ends it.
    """
    words = _opening(INSERTION.sub(r"\1", remark, count=1) if language == "en" else remark)
    if not words:
        return False
    if language == "en":
        return _narrates_english(words)
    first = words[0]
    if first[0].isupper() and not any(form.name for form in forms(first, language)[:2]):
        return False
    if first.lower() in listed(language, "copulas"):
        return (
            closed
            or any(word[0].isupper() for word in words[1:2])
            or any(word.lower() in slavic_words.NOMINATIVE_PRONOUNS for word in words[1:3])
        )
    if first.lower() in listed(language, "remark_openers"):
        return True
    if any(is_speech(word, language) for word in words):
        return True
    if not is_finite(first, language):
        return False
    return any(word[0].isupper() for word in words[1:2]) or any(_subject(word, language) for word in words[1:])


def _narrates_english(words: list[str]) -> bool:
    """Whether the first words of a remark hold a verb of saying, or tell of an answer: "came the reply"."""
    known = english_words.verbs()
    lower = [word.lower() for word in words]
    if lower[0] in english_words.ARRIVES | english_words.BE and any(
        word in listed("en", "reply_nouns") for word in lower
    ):
        return True
    return any(known.get(word, ("", "", False))[1] in ("third", "past") for word in lower)


def _opening(remark: str) -> list[str]:
    """The first words of a remark, within its first sentence."""
    words: list[str] = []
    for match in WORD.finditer(remark, 0, 200):
        words.append(match[0])
        ended = remark[match.end() : match.end() + 1] in TERMINAL and not ABBREVIATED.fullmatch(match[0] + ".")
        if ended or len(words) == OPENING_WORDS:
            break
    return words


def _subject(word: str, language: Language) -> bool:
    if word.lower() in slavic_words.NOMINATIVE_PRONOUNS:
        return True
    return any(
        form.case == "nomn" and (form.name or (form.animate and form.part == "NOUN")) for form in forms(word, language)
    )


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in TRAILING:
        start += 1
    while end > start and text[end - 1] in TRAILING:
        end -= 1
    return start, end
