"""What can be seen to be wrong with a translation without knowing what it means: the flags of a segment."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, get_args

from pipeline.engines.blemishes import CYRILLIC, FOREIGN, LATIN_WORD, MIXED_WORD, blemishes, is_known
from pipeline.engines.repetition import loops
from pipeline.glossary import Glossary
from pipeline.protection import added_numbers, lost_addresses, lost_numbers
from pipeline.records import Language
from pipeline.typography import is_cut_off

Flag = Literal[
    "loop", "truncated", "wrong-language", "lost-number", "lost-url", "untranslated", "length-ratio", "glossary"
]
FLAGS: tuple[Flag, ...] = get_args(Flag)
"""In the order in which they are given."""

GRAVE = frozenset({"loop", "truncated", "wrong-language", "untranslated"})
"""Nothing of such a translation can be used."""

WORD = re.compile(r"(?<![\w@/.])[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*(?![\w@/])")
CYRILLIC_LETTER = re.compile(f"[{CYRILLIC}]", re.IGNORECASE)
STOP = re.compile(r"[.!?…][»”“\"’')\]]*\s*$")
SHORTEST, LONGER = 20, 80  # characters of a source
RATIOS = {SHORTEST: (0.45, 2.5), LONGER: (0.5, 1.9)}
"""From so many characters on, least and most characters a translation has for one of its source. Measured on 1,200 lines
that people translated: .49 to 2.35, and .51 to 1.63."""
CLEARLY_SHORT, CLEARLY_LONG = 0.6, 1.8
LONGEST_SHORT = 3.5  # a source below 20 characters may grow so much, and by 10 characters
MOST = 0.5
LEFT = 3  # words in small letters that were left as they are, from which a sentence counts as not translated
SHORTEST_WORD = 3
STRANGE: dict[Language, int] = {"uk": 1, "ru": 2}
"""Words that only the dictionary of the neighbour has, from which a text is in another language. People's 600 Ukrainian lines
have none; of their 600 Russian ones six have one, which is new (таймлайне) or missing (контрпродуктивно)."""


def flags(source: str, translation: str, languages: tuple[Language, Language], glossary: Glossary) -> tuple[Flag, ...]:
    """What is wrong with the translation of a segment; `languages` are those of source and translation."""
    wrong = set(_visible(source, translation, languages))
    if glossary.missed(source, translation, *languages):
        wrong.add("glossary")
    return tuple(flag for flag in FLAGS if flag in wrong)


def badness(
    source: str, translation: str, languages: tuple[Language, Language], glossary: Glossary
) -> tuple[int, int, int]:
    """To compare translations of one segment by, smaller is better: grave flags, flags, blemishes."""
    found = flags(source, translation, languages, glossary)
    lost_stop = bool(STOP.search(source)) and not STOP.search(translation)
    added = len(added_numbers(source, translation, languages))
    return len(GRAVE.intersection(found)), len(found), blemishes(translation, source, languages[1]) + added + lost_stop


@lru_cache(maxsize=20_000)
def _visible(source: str, translation: str, languages: tuple[Language, Language]) -> tuple[Flag, ...]:
    """The flags that need no glossary."""
    target = languages[1]
    found = {
        "loop": loops(translation, source),
        "truncated": _is_truncated(source, translation, target),
        "wrong-language": _is_foreign(source, translation, languages),
        "lost-number": bool(lost_numbers(source, translation, languages)),
        "lost-url": bool(lost_addresses(source, translation)),
        "untranslated": _is_untranslated(source, translation, languages),
        "length-ratio": _is_out_of_proportion(source, translation),
    }
    return tuple(flag for flag in FLAGS if found.get(flag))


def _is_truncated(source: str, translation: str, target: Language) -> bool:
    """Broken off: at a word that ends no sentence, or without a stop where the length is wrong, too."""
    if not STOP.search(source) or STOP.search(translation):
        return False
    ratio = len(translation) / len(source)
    out_of_length = len(source) >= SHORTEST and not CLEARLY_SHORT <= ratio <= CLEARLY_LONG
    return out_of_length or is_cut_off(translation, target)


def _is_out_of_proportion(source: str, translation: str) -> bool:
    length = len(source)
    if length < SHORTEST:
        return len(translation) > LONGEST_SHORT * length + 10 or not translation.strip()
    least, most = RATIOS[LONGER if length >= LONGER else SHORTEST]
    return not least * length <= len(translation) <= most * length


def _is_untranslated(source: str, translation: str, languages: tuple[Language, Language]) -> bool:
    """Left as it was, or words in small letters left; names stay in their letters."""
    common = [word for word in WORD.findall(source) if word.islower() and len(word) >= SHORTEST_WORD]
    if not common:
        return False
    if languages[0] != "en" and languages[1] != "en":
        return _folded(source) == _folded(translation) and not _all_known(common, languages[1])
    if languages[1] == "en":
        kept = set(WORD.findall(translation))
        left = [word for word in common if word in kept]
    else:
        given = set(common)
        left = [word for word in LATIN_WORD.findall(translation) if word in given]
    return len(left) >= min(LEFT, len(common)) or _folded(source) == _folded(translation)


def _is_foreign(source: str, translation: str, languages: tuple[Language, Language]) -> bool:
    """Letters that the target does not have, two alphabets in a word, another alphabet, or the words of its neighbour."""
    given, target = languages
    ours = set(WORD.findall(source)) if given == "en" else set()  # a foreign word that the source has, too
    words = [word for word in WORD.findall(translation) if word not in ours]
    if any(FOREIGN[target].search(word) or MIXED_WORD.fullmatch(word) for word in words):
        return True
    small = [word for word in words if word.islower() and len(word) >= SHORTEST_WORD]
    if target == "en" or not small:
        return False
    if len(small) >= SHORTEST_WORD and sum(not CYRILLIC_LETTER.match(word) for word in small) > MOST * len(small):
        return True
    other: Language = "ru" if target == "uk" else "uk"
    return sum(not is_known(word, target) and is_known(word, other) for word in small) >= STRANGE[target]


def _all_known(words: Sequence[str], language: Language) -> bool:
    return all(is_known(word, language) for word in words)


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
