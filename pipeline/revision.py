"""Has segments translated, looks through what comes, and has what is flagged done again: kept is what has fewest faults.

guard -> engine -> restore -> check -> (other candidates, numbers in digits, the plain text,
    cut around what must stay) -> mend
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline import numbers
from pipeline.checks import badness, flags
from pipeline.glossary import Glossary
from pipeline.ports import Translator
from pipeline.protection import Guarded, addresses, guard, mended
from pipeline.records import Language
from pipeline.segments import has_words, is_shouted

SIGNATURE = "rules:1"
"""Raise it when a change here, or in the modules above, changes translations: cached ones are made anew."""

SMALL = 10  # numbers that are written in words
MULTIPLIERS = frozenset({100, 1000, 10**6, 10**9})  # alone they may mean many: сотни, тысячи
DIGIT = re.compile(r"\d")


def translate(
    texts: Sequence[str], translator: Translator, source: Language, target: Language, glossary: Glossary
) -> list[str]:
    """One translation a segment, in order; it depends on its text, the engine and the terms alone.

    The wanted words of a glossary's terms are put into the source: engines carry them over, and inflect them.
    """
    desk = _Desk(translator, source, target, glossary)
    prepared = [desk.prepared(text) for text in texts]
    found = [[one] for one in desk.made(prepared)]
    bad = list(range(len(texts)))
    for again in (desk.candidates, desk.in_digits, desk.plain, desk.around):
        bad = [number for number in bad if desk.is_flagged(texts[number], found[number])]
        for number, more in zip(bad, again([texts[number] for number in bad]), strict=True):
            found[number] += more
    return [desk.best(text, candidates) for text, candidates in zip(texts, found, strict=True)]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is the same for all segments of a batch."""

    translator: Translator
    source: Language
    target: Language
    glossary: Glossary

    def prepared(self, text: str) -> Guarded:
        """The text as the engine gets it: with stand-ins, with the glossary's words, and not in capitals."""
        keep, put = [], text
        for term, (start, end) in reversed(self.glossary.terms_of(text, self.source, self.target)):
            put = f"{put[:start]}{term.wanted}{put[end:]}"
            if not term.target or term.wanted.isascii():
                keep.append(term.wanted)  # the engine would transliterate it
        guarded = guard(put, tuple(keep))
        return Guarded(_spoken_softly(guarded.text), guarded.held) if is_shouted(text) else guarded

    def made(self, prepared: Sequence[Guarded]) -> list[str]:
        """First translations; one that lost a stand-in shows it."""
        translations = self.translator.translate([one.text for one in prepared], self.source, self.target)
        return [one.restored(made) or made for one, made in zip(prepared, translations, strict=True)]

    def candidates(self, texts: Sequence[str]) -> list[list[str]]:
        """What the engine offers instead, with other settings."""
        prepared = [self.prepared(text) for text in texts]
        offered = self.translator.retry([one.text for one in prepared], self.source, self.target) if texts else []
        return [
            [restored for made in some if (restored := one.restored(made)) is not None]
            for one, some in zip(prepared, offered, strict=True)
        ]

    def in_digits(self, texts: Sequence[str]) -> list[list[str]]:
        """The text with large numbers in digits, which engines carry over: "Fifty-eight" came back as seventy-sixteen."""
        prepared = {text: self.prepared(_in_digits(text, self.source)) for text in texts}
        differing = [text for text in texts if prepared[text].text != self.prepared(text).text]
        made = dict(zip(differing, self.made([prepared[text] for text in differing]), strict=True)) if differing else {}
        return [[made[text]] if text in made else [] for text in texts]

    def plain(self, texts: Sequence[str]) -> list[list[str]]:
        """The text as it is, without stand-ins and the glossary's words, where that makes a difference."""
        differing = [text for text in texts if self.prepared(text).text != text]
        made = self.translator.translate(differing, self.source, self.target) if differing else []
        found = dict(zip(differing, made, strict=True))
        return [[found[text]] if text in found else [] for text in texts]

    def around(self, texts: Sequence[str]) -> list[list[str]]:
        """The stretches between addresses, one by one, the addresses between them as they are."""
        cut = [_stretches(text) for text in texts]
        words = list(
            dict.fromkeys(one for stretches in cut if len(stretches) > 1 for one in stretches[::2] if has_words(one))
        )
        stripped = [one.strip() for one in words]
        made = self.translator.translate(stripped, self.source, self.target) if words else []
        known = {one: one.replace(short, text) for one, short, text in zip(words, stripped, made, strict=True)}
        return [["".join(known.get(one, one) for one in stretches)] if len(stretches) > 1 else [] for stretches in cut]

    def is_flagged(self, text: str, candidates: Sequence[str]) -> bool:
        """Whether none of the candidates is without a flag."""
        languages = (self.source, self.target)
        return all(flags(text, one, languages, self.glossary) for one in candidates)

    def best(self, text: str, candidates: Sequence[str]) -> str:
        """The first unless another has fewer faults, with what can be mended."""
        languages = (self.source, self.target)
        ready = [mended(text, one, languages) for one in candidates]
        chosen = min(ready, key=lambda one: badness(text, one, languages, self.glossary))
        return chosen.upper() if is_shouted(text) and not addresses(text) else chosen


def _in_digits(text: str, language: Language) -> str:
    """The text with numbers above ten in digits; "thousands" is no number."""
    for number in reversed(numbers.found(text, language)):
        words = text[number.start : number.end]
        vague = words.isalpha() and (number.value in MULTIPLIERS or (language == "en" and words.endswith("s")))
        if number.value > SMALL and number.value == int(number.value) and not (vague or DIGIT.search(words)):
            text = f"{text[: number.start]}{int(number.value)}{text[number.end :]}"
    return text


def _spoken_softly(text: str) -> str:
    """A headline in capitals as a sentence: engines know few words in capitals."""
    lowered = " ".join(word if any(map(str.isdigit, word)) else word.lower() for word in text.split(" "))
    return re.sub(r"[^\W\d_]", lambda first: first[0].upper(), lowered, count=1)


def _stretches(text: str) -> list[str]:
    """The text in pieces, every second one an address."""
    found, done = [], 0
    for address in addresses(text):
        start = text.index(address, done)
        found += [text[done:start], address]
        done = start + len(address)
    return [*found, text[done:]]
