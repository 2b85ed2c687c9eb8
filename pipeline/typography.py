"""Quotation marks and dashes as the readers of a language expect them, in a sentence that a machine translated."""

import re
from dataclasses import dataclass

from pipeline.records import Language
from pipeline.speech.morphology import forms

MARKS: dict[Language, tuple[str, str]] = {"en": ("“”", "‘’"), "ru": ("«»", "„“"), "uk": ("«»", "„“")}
"""Opening and closing mark of a quotation, and of a quotation inside it."""

MARK = re.compile(r"''|``|[«»“”„\"‟〝〞]|(?<!\w)['‘’‚‛](?=\w)|(?<![\s(\[{])['‘’‛](?!\w)")
SINGLE = frozenset("'‘’‚‛")
ALWAYS_CLOSES = "»"
STARTS_WITH_MARK = re.compile(r"\s*(?:''|``|[«“„\"'‘‚])")
OPENS_AFTER = frozenset(" \t\u00a0\u202f([{<—–-/«„“\"‘‚'")
ATTRIBUTION = re.compile(r",?(?<=[,!?…])\s+[—–]\s")  # «Words, — she said
RESUMPTION = re.compile(r"[.,]\s+[—–]\s")  # … — she said. — More words».
RANGE_HYPHEN = re.compile(r"(?<=\d\s)-(?=\s\d)")
SPACED_HYPHEN = re.compile(r"(?<=\s)-(?=\s)")
LAST_STOP = re.compile(r"[.,;:]?\s*$")
FINAL_STOP = re.compile(r"[.!?…]+(?=[»”“\"’')\]]*\s*$)")
FULL_STOP = re.compile(r"(?<=[^\W\d_]{4})\.$")  # shorter words may be abbreviations
TAIL = re.compile(r"[\s.,;:!?…]+$")
CLOSERS_AT_END = re.compile(r"[»”“\"]+$")
OPENERS_AT_START = re.compile(r"^[«“„\"]+")
CAPITAL = re.compile(r"\b(?!I\b)[^\W\d_a-zа-яёіїєґ]")
SHORT = 3  # letters of a conjunction or preposition that ends no sentence, whatever else the word may be
MIXED_CASE = re.compile(r"[^\W\d_]*[^\W\d_][^\W\d_a-zа-яёіїєґ]|\S*[@/_.]\w")  # iPhone, an address
FIRST_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
STOP_INSIDE = re.compile(r"(?P<comma>,)(?P<marks>[»“]+),?|(?<!\.)\.(?P<last>[»“]+)\.?(?=\s*$)")


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    opens: bool


def typeset(text: str, language: Language, *, source: str) -> str:
    """`text`, a translation of the sentence `source`, with the quotation marks and dashes of `language`.

    Straight marks and those of other languages are replaced, those inside a quotation by the inner ones. A mark that
    stays open is closed; one that closes nothing is opened at the start if `source` opens there, else dropped.
    Outside English the comma and the full stop go behind the closing mark, and a hyphen between spaces becomes a dash.
    A sentence begins with a capital and ends in a stop if `source` does. Nothing else changes.
    """
    text = _begun(_ended(text, language, source), source)
    if language == "en":
        return _marked(text, language, source)
    dashed = SPACED_HYPHEN.sub("—", RANGE_HYPHEN.sub("–", text))
    return STOP_INSIDE.sub(_stop_outside, _marked(dashed, language, source))


def as_part(text: str, language: Language, *, source: str) -> str:
    """`text`, a translation of a part of a sentence, as the middle of one: no stop, capital or mark that `source` lacks."""
    if not FINAL_STOP.search(source) and not source.endswith((",", ":", ";")):
        text = TAIL.sub("", text)
    ours = _marks(source)
    if not any(not mark.opens for mark in ours):
        text = CLOSERS_AT_END.sub("", text)
    if not any(mark.opens for mark in ours):
        text = OPENERS_AT_START.sub("", text)
    word = FIRST_WORD.match(text)
    if source[0].islower() and word and _is_common(word[0], language, names=bool(CAPITAL.search(source))):
        text = text[0].lower() + text[1:]
    return text


def is_cut_off(text: str, language: Language) -> bool:
    """Whether a sentence ends where none can: in a comma, an opening mark, a conjunction or a preposition."""
    text = text.rstrip()
    if text.endswith((",", ";", "(", "«", "„", " —", " –", " -")):
        return True
    last = re.search(r"([^\W\d_]+)$", text)
    if not last or language == "en":
        return False
    joins = [form.part in ("CONJ", "PREP") for form in forms(last[1], language)]
    return all(joins) or (joins[0] and len(last[1]) <= SHORT)


def _ended(text: str, language: Language, source: str) -> str:
    """With a stop at the end if `source` has one; without a full stop that it lacks."""
    stop = FINAL_STOP.search(source)
    if not stop and source[-1:].isalnum():
        return FULL_STOP.sub("", text)
    if stop and text and not FINAL_STOP.search(text) and not is_cut_off(text, language):
        return text + stop[0] if text[-1].isalnum() or text[-1] in '»”“"%)' else text
    return text


def _begun(text: str, source: str) -> str:
    """With a capital at the start if `source` begins with one."""
    first, ours = (next((n for n, sign in enumerate(words) if sign.isalnum()), None) for words in (text, source))
    if first is None or ours is None or not source[ours].isupper():
        return text
    if MIXED_CASE.match(text, first) or text[:first].endswith(("@", "#")):
        return text
    return text[:first] + text[first].upper() + text[first + 1 :]


def _is_common(word: str, language: Language, *, names: bool) -> bool:
    """Whether a word that begins a sentence would be written small elsewhere; with `names` around, a noun may be one."""
    if word[1:] != word[1:].lower() or language == "en":
        return False
    if not names:
        return True
    readings = [form for form in forms(word, language) if form.known]
    return bool(readings) and all(form.part != "NOUN" for form in readings)


def _marked(text: str, language: Language, source: str) -> str:
    text = _closed(text)
    pieces: list[str] = []
    done = depth = 0
    for number, mark in enumerate(_marks(text)):
        pieces.append(text[done : mark.start])
        done = mark.end
        if mark.opens:
            pieces.append(_sign(language, depth, 0))
            depth += 1
        elif depth:
            depth -= 1
            pieces.append(_sign(language, depth, 1))
        elif number == 0 and STARTS_WITH_MARK.match(source):
            pieces = [_sign(language, 0, 0), *pieces, _sign(language, 0, 1)]
    return "".join(pieces) + text[done:]


def _sign(language: Language, depth: int, side: int) -> str:
    return MARKS[language][min(depth, 1)][side]


def _marks(text: str) -> list[_Mark]:
    """The quotation marks of a sentence; apostrophes are none, and single marks count only in pairs."""
    marks = []
    single_open = 0
    for match in MARK.finditer(text):
        sign = match[0]
        opens = sign in "«„‚" or (
            sign != ALWAYS_CLOSES and (match.start() == 0 or text[match.start() - 1] in OPENS_AFTER)
        )
        if sign in SINGLE:
            if opens and not re.search(r"['’‘‛](?!\w)", text[match.end() :]):
                continue  # ’90s
            if not opens and not single_open:
                continue  # soldiers’
            single_open += 1 if opens else -1
        marks.append(_Mark(match.start(), match.end(), opens))
    return marks


def _closed(text: str) -> str:
    """`text` with closing marks for those that stay open: before an attribution at its end, else before the last stop."""
    depth = 0
    first = None
    for mark in _marks(text):
        first = mark if mark.opens and first is None else first
        depth = depth + 1 if mark.opens else max(0, depth - 1)
    if first is None or depth == 0:
        return text
    attribution = ATTRIBUTION.search(text, first.end)
    if attribution and not RESUMPTION.search(text, attribution.end()):
        at = attribution.start()
    else:
        at = len(text) - len(LAST_STOP.search(text)[0])  # type: ignore[index]  # it always matches
    return text[:at] + ALWAYS_CLOSES * depth + text[at:]


def _stop_outside(found: re.Match[str]) -> str:
    return f"{found['marks']}," if found["comma"] else f"{found['last']}."
