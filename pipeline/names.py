"""Whether two names, in any of the three languages and either script, may be one person's.

Names are compared by the consonants of their words in rough transliteration: vowels, endings and soft signs are where
spellings of one name differ (Zahaiska, Загайская, Загайська; Oleksii, Aleksei, Алексей).
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

LATIN = str.maketrans("абвгґдеєжзиіїйклмнопрстуфхцчшщюяыэё", "abvhhdeezziiiiklmnoprstufhccssuaiee", "ьъ")
"""Cyrillic letter -> the class of its Latin spellings; г, ґ, х and h, g, kh fall together."""

SAME_CONSONANTS = (
    (re.compile("shch|sch|sh"), "s"),
    (re.compile("zh"), "z"),
    (re.compile("kh|gh|g"), "h"),
    (re.compile("ch|ts|tz"), "c"),
    (re.compile("ph"), "f"),
    (re.compile("w"), "v"),
    (re.compile("x"), "ks"),
    (re.compile("(ck|q|c(?=[aou]))"), "k"),
)
VOWELS = re.compile("[aeiouyj’']")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")


@lru_cache(maxsize=100_000)
def skeletons(name: str) -> tuple[str, ...]:
    """Consonants of each capitalised word of a name, in order: "Vira Zahaiska" -> ("vr", "zhsk"). A role has none."""
    words = (word for word in WORD.findall(name) if word[:1].isupper())
    return tuple(found for found in map(_skeleton, words) if found)


def _skeleton(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.lower().replace("й", "и").replace("ё", "е").replace("ї", "и"))
    latin = "".join(c for c in plain if not unicodedata.combining(c)).translate(LATIN)
    latin = re.sub("^[yj](?=[aeiou])", "", latin)  # Yurkiv, Юркив; Yevhen, Евгений
    for pattern, consonant in SAME_CONSONANTS:
        latin = pattern.sub(consonant, latin)
    return latin[:1] + re.sub(r"(.)\1+", r"\1", VOWELS.sub("", latin[1:]))


def same_person(left: str | None, right: str | None) -> bool | None:
    """True when the names can be one person's, False when they cannot; None when either is unknown or only a role.

    Surnames (the last words) must be alike; first names too, where both are given.
    """
    a, b = skeletons(left or ""), skeletons(right or "")
    if not a or not b:
        return None
    if not _alike(a[-1], b[-1]):
        return False
    return len(a) == 1 or len(b) == 1 or Levenshtein.distance(a[0], b[0]) <= 1


def _alike(left: str, right: str) -> bool:
    """Equal but for a consonant of a case ending, or for one spelling in a long name."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if len(short) < 3 or len(long) - len(short) > 1:
        return False
    return long.startswith(short) or (len(short) >= 5 and Levenshtein.distance(short, long) <= 1)
