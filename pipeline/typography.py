"""Quotation marks and dashes as the readers of a language expect them, in a sentence that a machine translated."""

import re
from dataclasses import dataclass

from pipeline.records import Language

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
    Nothing else changes.
    """
    if language == "en":
        return _marked(text, language, source)
    dashed = SPACED_HYPHEN.sub("—", RANGE_HYPHEN.sub("–", text))
    return STOP_INSIDE.sub(_stop_outside, _marked(dashed, language, source))


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
