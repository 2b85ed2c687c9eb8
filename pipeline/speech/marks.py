"""Finds what stands between quotation marks, whatever the marks are; says nothing about whether it is a quotation.

Marks form three families (guillemets, double, single); whether a mark opens or closes is judged by what stands beside
it, so straight and curly ones may be mixed. Every paragraph is read once with a stack, in linear time; a mark that is
never closed is cut short, so that it cannot swallow what follows.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from pipeline.lang import listed
from pipeline.records import Language, Span

GUILLEMET, DOUBLE, SINGLE = "guillemet", "double", "single"
FAMILY = dict.fromkeys("«»", GUILLEMET) | dict.fromkeys('“”„"‟〝〞', DOUBLE) | dict.fromkeys("‘’‚'‛", SINGLE)
MARK = re.compile(r"(?P<run>[«»“”„\"‟〝〞‘’‚'‛`]{6,})|''|``|[«»“”„\"‟〝〞‘’‚'‛]")  # a run of many marks is no quotation
ONLY_OPENS = frozenset("«„‚")
PREFERS_CLOSING = frozenset("»”’")
PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029]+")
OPENING = frozenset("([{<—–-/")
CLOSING = frozenset(".,;:!?)]}")
ELLIPSIS = re.compile(r"…|\.\.")
SENTENCE_END = frozenset(".!?…")
DECADE = re.compile(r"\d\d(?:-?[a-zа-яіїє]{1,3})?\b", re.IGNORECASE)  # '90s, ’68
FEET_AND_INCHES = re.compile(r"\d['’]\s?\d{1,2}$")
WRAPPED_LINES = 3  # a closing mark is looked for in so many further lines


@dataclass(frozen=True, slots=True)
class Marked:
    """Words between marks: `start`, `end` without the marks, `outer` with them.

    `closed` is false when the closing mark is missing; `continues` when the same quotation goes on in the next stretch
    of the list that is no `remark`: a stretch inside the words with which the narrator interrupts it. `turn` is true of
    what a dash gives to a speaker.
    """

    start: int
    end: int
    outer: Span
    closed: bool = True
    continues: bool = False
    remark: bool = False
    turn: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    position: int
    length: int
    family: str
    opens: bool
    closes: bool
    possessive: bool = False


@dataclass(slots=True)
class _Open:
    mark: _Mark
    inner: list[Marked] = field(default_factory=list)


def marked(text: str, language: Language) -> list[Marked]:
    """The outermost marked stretches of a text in order; what is nested belongs to the stretch around it."""
    paragraphs = [match.span() for match in PARAGRAPH.finditer(text)]
    marks = [_marks(text, span, language) for span in paragraphs]
    found: list[Marked] = []
    number = 0
    while number < len(paragraphs):
        last = number
        closed, unclosed = _match(text, marks[number])
        if unclosed and not _reopens(text, paragraphs, marks, last, unclosed[-1].mark.family):
            joined = _closing_line(marks, number, unclosed[0].mark.family)
            if joined is not None:
                last = joined
                closed, unclosed = _match(text, [mark for line in marks[number : last + 1] for mark in line])
        end = paragraphs[last][1]
        if unclosed:
            reopened = _reopens(text, paragraphs, marks, last, unclosed[-1].mark.family)
            closed = _promote(text, closed, unclosed, end, reopened)
        for stretch in closed:
            found += _by_paragraph(text, stretch)
        number = last + 1
    return [stretch for stretch in found if any(map(str.isalnum, text[stretch.start : stretch.end]))]


def _marks(text: str, span: Span, language: Language) -> list[_Mark]:
    """The quotation marks of one paragraph, apostrophes and measures left out."""
    marks = [mark for match in MARK.finditer(text, *span) if (mark := _judge(text, match, span)) is not None]
    return _without_apostrophes(text, marks, language)


def _judge(text: str, match: re.Match[str], span: Span) -> _Mark | None:
    if match["run"]:
        return None
    sign, at, after = match[0], match.start(), match.end()
    before_it = text[at - 1] if at > span[0] else " "
    after_it = text[after] if after < span[1] else " "
    family = DOUBLE if len(sign) == 2 else FAMILY[sign]
    if before_it.isalnum() and after_it.isalnum() and sign not in "«»“”":
        return None  # an apostrophe: don't, м'ята, об"єкт
    if family != GUILLEMET and before_it.isdigit() and FEET_AND_INCHES.search(text, max(span[0], at - 5), at):
        return None
    free_left = before_it.isspace() or before_it in OPENING or (before_it in FAMILY and before_it not in "»”")
    blank_right = after_it.isspace() or (after_it in CLOSING and not ELLIPSIS.match(text, after))
    opens = free_left and not blank_right
    closes = not before_it.isspace() and (not after_it.isalnum() or sign in PREFERS_CLOSING)
    if sign in ONLY_OPENS:
        opens, closes = True, False
    elif sign == "»":
        opens, closes = False, True
    elif opens and closes:
        opens, closes = (False, True) if sign in PREFERS_CLOSING else (sign in "“‘", sign not in "“‘")
        if sign in "\"'":
            opens = closes = True
    elif not opens and not closes:
        opens = closes = family == DOUBLE and before_it.isspace() and after_it.isspace()
    return _Mark(at, after - at, family, opens, closes) if opens or closes else None


def _without_apostrophes(text: str, marks: list[_Mark], language: Language) -> list[_Mark]:
    """Drops single marks that open nothing ('90s, 'em) and tells possessives (soldiers') from closing marks."""
    kept: list[_Mark] = []
    closer_follows = False
    next_single_closes = False
    for mark in reversed(marks):
        if mark.family == SINGLE:
            curly = text[mark.position] == "‘"
            if mark.opens and (_elided(text, mark, language) or not (closer_follows or curly or not kept)):
                continue
            if mark.closes and next_single_closes and _possessive(text, mark):
                continue
            closer_follows = closer_follows or mark.closes
            next_single_closes = mark.closes and not mark.opens
        kept.append(mark)
    return kept[::-1]


def _elided(text: str, mark: _Mark, language: Language) -> bool:
    after = mark.position + 1
    if DECADE.match(text, after):
        return True
    word = re.compile(r"\w+").match(text, after)
    return bool(word) and word[0].lower() in listed(language, "elisions")  # type: ignore[index]


def _possessive(text: str, mark: _Mark) -> bool:
    """soldiers' mothers: an s before, a small letter after."""
    following = text[mark.position + 1 : mark.position + 3]
    return text[mark.position - 1] in "sS" and len(following) == 2 and following[0] == " " and following[1].islower()


def _match(text: str, marks: list[_Mark]) -> tuple[list[Marked], list[_Open]]:
    """(closed stretches that nothing unclosed stands around, marks that stay open with what closed inside them)."""
    top: list[Marked] = []
    stack: list[_Open] = []
    depth: Counter[str] = Counter()
    for mark in marks:
        if mark.closes and depth[mark.family] and not (mark.opens and stack[-1].mark.family != mark.family):
            opened = stack.pop()
            while opened.mark.family != mark.family:
                depth[opened.mark.family] -= 1
                opened = stack.pop()
            depth[mark.family] -= 1
            begin = opened.mark.position
            inside = (begin + opened.mark.length, mark.position)
            stretch = Marked(*_trim(text, *inside), (begin, mark.position + mark.length))
            (stack[-1].inner if stack else top).append(stretch)
        elif mark.opens:
            stack.append(_Open(mark))
            depth[mark.family] += 1
    return top, stack


def _reopens(text: str, paragraphs: list[Span], marks: list[list[_Mark]], number: int, family: str) -> bool:
    """Whether the next paragraph starts with an opening mark of this family."""
    if number + 1 >= len(paragraphs) or not marks[number + 1]:
        return False
    first = marks[number + 1][0]
    return first.opens and first.family == family and not text[paragraphs[number + 1][0] : first.position].strip()


def _closing_line(marks: list[list[_Mark]], number: int, family: str) -> int | None:
    """The line, among the next few, whose first mark of this family closes what the line `number` left open."""
    for line in range(number + 1, min(number + 1 + WRAPPED_LINES, len(marks))):
        for mark in marks[line]:
            if mark.family == family:
                return line if mark.closes and not mark.opens else None
    return None


def _promote(text: str, closed: list[Marked], unclosed: list[_Open], end: int, reopened: bool) -> list[Marked]:
    """Makes stretches of marks that stay open, each up to the next that begins a sentence, or to the paragraph's end.

    «A: «B» with one closing mark for two is closed by it: the inner one does not begin a sentence.
    """
    found = list(closed)
    for number, opened in enumerate(unclosed):
        begin = opened.mark.position
        limit = unclosed[number + 1].mark.position if number + 1 < len(unclosed) else end
        separate = [inner for inner in opened.inner if _begins_sentence(text, inner.outer[0])]
        nested = [inner for inner in opened.inner if not separate or inner.start < separate[0].start]
        stop = min(limit, separate[0].outer[0]) if separate else limit
        last = number + 1 == len(unclosed)
        shared = bool(nested) and not (last and reopened) and not separate
        nested_end = nested[-1].outer[1] if shared else None
        stop = nested_end or stop
        inside = _trim(text, begin + opened.mark.length, stop - 1 if stop == nested_end else stop)
        continues = last and reopened and not separate
        found.append(Marked(*inside, (begin, max(stop, inside[1])), shared, continues))
        found += [inner for inner in opened.inner if inner.start >= stop]
    return sorted((stretch for stretch in found if stretch.start < stretch.end), key=lambda stretch: stretch.start)


def _begins_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - 4) : at].rstrip()
    return bool(before) and (before[-1] in SENTENCE_END or before[-1] in "—–")


def _by_paragraph(text: str, stretch: Marked) -> list[Marked]:
    """One stretch per paragraph; a line that ends in the middle of a sentence is no paragraph."""
    cuts = [
        match.span()
        for match in re.compile(r"\s*[\n\r\u2028\u2029]\s*").finditer(text, stretch.start, stretch.end)
        if text[match.start() - 1] in SENTENCE_END or "\n\n" in match[0]
    ]
    if not cuts:
        return [stretch]
    starts = [stretch.start, *(after for _, after in cuts)]
    ends = [*(before for before, _ in cuts), stretch.end]
    parts = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        first, last = number == 0, number == len(cuts)
        outer = (stretch.outer[0] if first else start, stretch.outer[1] if last else end)
        parts.append(Marked(start, end, outer, stretch.closed, stretch.continues if last else True))
    return parts


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
