"""What an engine gets of a sentence, and how the sentence is put together again: structure stays, words are translated.

Bullets, list numbers, heading signs and emoji around the words are kept from the engine. Long sentences are cut at the
ends of sentences inside their quotations, then where clauses begin. Headlines in capitals are translated as a sentence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.lang import entries
from pipeline.languages import CYRILLIC, ONLY_RUSSIAN, ONLY_UKRAINIAN
from pipeline.records import Language, Span
from pipeline.sentences import split_long
from pipeline.typography import as_part

LONG = 25
"""Words; a sentence with more is cut where sentences end inside it: the starter loses clauses of longer segments."""
LONG_CLAUSE = 35
"""Words; a segment with more is also cut where a clause begins."""
LONG_LIST = 50  # words; what has more is cut at any comma, if need be between the members of a list
SHORTEST_CUT = 6  # words that either side of a cut has at least
ENDLESS = 100  # words; what has no clauses is cut between words

LEAD = re.compile(
    r"(?:[^\w\s\"'«»“”„‘’`(\[{@#$€£₴№&¿¡.…<%+−–—-]+\s*|#{1,6}\s+|[–—*+-]\s+|\d{1,3}[.)]\s+(?=\S)|\w[)]\s+(?=\S))+"
)
TRAIL = re.compile(r"\s*[^\w\s!-~«»“”„‘’…–—€£₴№°´`]+\s*")
"""What stands before and behind the words of a sentence, as it is: bullets, list numbers, heading signs, emoji. What is
behind is read backwards: forwards it would be begun at every blank."""
WORD = re.compile(r"\S+")
STRONG_BREAK = re.compile(r"[;:]\s+|\s+[—–-]\s+")
COMMA = re.compile(r",[»”\"]?\s+(?P<next>[^\W\d_]+)?")
LATIN = re.compile(r"[a-z]", re.I)
ABBREVIATION = 4  # letters of one at most
SHORTEST_STRAY = 3  # words from which a sentence can be said to be in another language than its article


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sentence: `text` is translated, what stands `before` it is kept."""

    before: str
    text: str


def parts(sentence: str, language: Language) -> list[Part]:
    """The parts of one sentence; joined they are the sentence. A part without letters has no `text`."""
    lead, trail = _around(sentence)
    core = sentence[lead:trail]
    spans = [
        (part.start + start, part.start + end)
        for part in split_long(core, language, words=LONG)
        for start, end in _clauses(part.text, language)
    ]
    found, done = list[Part](), 0
    for start, end in spans:
        start, end = lead + start, lead + end
        found.append(_part(sentence[done:start], sentence[start:end]))
        done = end
    return [*found, Part(sentence[done:], "")] if done < len(sentence) else found


def joined(sentence_parts: Sequence[Part], translations: Mapping[str, str], target: Language) -> str:
    """The sentence again, with its translation in the place of every part's text; KeyError where there is none."""
    alone = sum(bool(part.text) for part in sentence_parts) == 1
    pieces = []
    for part in sentence_parts:
        found = translations[part.text] or part.text if part.text else ""
        pieces += [part.before, found if alone or not found else as_part(found, target, source=part.text)]
    return "".join(pieces)


def spoken(sentence: str, language: Language) -> Language:
    """The language of a sentence in an article in `language`: another one only where its letters leave no doubt."""
    words = [word for word in re.findall(r"[^\W\d_]+", sentence) if len(word) > 1]
    if len(words) < SHORTEST_STRAY:
        return language
    cyrillic = sum(bool(CYRILLIC.match(word)) for word in words)
    if language == "en":
        if cyrillic * 2 <= len(words):
            return "en"
    elif sum(bool(LATIN.match(word)) and word.islower() for word in words) * 2 > len(words):
        return "en"
    russian, ukrainian = (sum(bool(sign.search(word)) for word in words) for sign in (ONLY_RUSSIAN, ONLY_UKRAINIAN))
    if ukrainian and not russian and (language == "en" or ukrainian > 1):
        return "uk"
    if russian and not ukrainian and (language == "en" or russian > 1):
        return "ru"
    return language if language != "en" else "ru"


def is_shouted(text: str) -> bool:
    """Whether a text is written in capitals, as headlines are: at least two words of which one is no abbreviation."""
    words = re.findall(r"[^\W\d_]+", text)
    return len(words) > 1 and text.upper() == text and any(len(word) > ABBREVIATION for word in words)


def has_words(text: str) -> bool:
    """Whether there is anything to translate."""
    return any(map(str.isalpha, text))


def _around(sentence: str) -> Span:
    """Where the words of a sentence begin and end."""
    lead = LEAD.match(sentence)
    start = lead.end() if lead else 0
    trail = TRAIL.match(sentence[start:][::-1])
    return start, len(sentence) - trail.end() if trail else len(sentence)


def _part(before: str, text: str) -> Part:
    return Part(before, text) if has_words(text) else Part(before + text, "")


def _clauses(text: str, language: Language) -> list[Span]:
    """The stretches of a segment of bearable length, cut where clauses begin, each cut as near the middle as can be."""
    words = [match.span() for match in WORD.finditer(text)]
    if len(words) <= LONG_CLAUSE:
        return [(0, len(text))]
    cut = _cut(text, words, language)
    if cut is None:
        return [(0, len(text))]
    end, begin = cut
    before = _clauses(text[:end], language)
    return [*before, *((begin + a, begin + b) for a, b in _clauses(text[begin:], language))]


def _cut(text: str, words: list[Span], language: Language) -> Span | None:
    """(end of the first stretch, start of the second): at a strong break, else before a clause, else at any comma."""
    first, last = words[SHORTEST_CUT - 1][1], words[-SHORTEST_CUT][0]
    middle = len(text) / 2
    commas = [match for match in COMMA.finditer(text) if match["next"]]
    clauses = [match for match in commas if match["next"].lower() in _openers(language)]
    for breaks in ([*STRONG_BREAK.finditer(text), *clauses], commas if len(words) > LONG_LIST else []):
        cuts = [_edges(found) for found in breaks]
        fitting = [cut for cut in cuts if first <= cut[0] and cut[1] <= last]
        if fitting:
            return min(fitting, key=lambda cut: abs(cut[0] - middle))
    if len(words) > ENDLESS:
        at = len(words) // 2
        return words[at - 1][1], words[at][0]
    return None


def _edges(found: re.Match[str]) -> Span:
    """The blank and punctuation of a break: a closing mark and a dash stay out of both stretches' words."""
    begin = found.start("next") if "next" in found.groupdict() and found["next"] else found.end()
    return found.start(), begin


@cache
def _openers(language: Language) -> frozenset[str]:
    return frozenset(entries(language, "clause_openers"))
