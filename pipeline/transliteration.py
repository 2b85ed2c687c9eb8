"""How a word of a name sounds, whatever alphabet and transliteration it is spelt in.

A sound is a string of `a e i o u` and consonants: h (г, ґ, h, g), x (х, kh), S Z C W (ш, ж, ч, щ), c (ц, ts), the rest as
written. Iotation, soft signs, apostrophes and doubled letters are dropped: they are where the standards differ (BGN/PCGN,
ISO 9, Ukraine 2010, passports, and the German, French and Polish press).
"""

import itertools
import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

CYRILLIC = str.maketrans(
    dict(zip("абвгґдеєжзиіїйклмнопрстуфхцчшщыэёўъь", "abvhhdeeZziiiiklmnoprstufxcCSWieev  ", strict=True))
    | {"я": "ia", "ю": "iu"}
)
HACEKS = str.maketrans({"č": "tch", "š": "sh", "ž": "zh", "ż": "zh", "ł": "l", "đ": "d", "ø": "o", "ı": "i", "ğ": "g"})

# Each table is one way to read Latin letters; longer spellings first.
Reading = tuple[tuple[str, str], ...]

DIGRAPHS: Reading = (
    ("schtsch|chtch|shch|shtch|szcz", "W"),
    ("tsch|tch|tsh|cz|cs(?=[aeiou]|$)", "C"),
    ("sch", "W"),
    ("sh|sz", "S"),
    ("zh", "Z"),
    ("kh", "x"),
    ("gh|g", "h"),
    ("ph", "f"),
    ("th", "t"),
    ("ts|tz", "Q"),
    ("qu?", "k"),
    ("w|ff?$", "v"),
    ("ou|oo", "u"),
    ("[jy]", "i"),
)
ENGLISH: Reading = (*DIGRAPHS, ("ch", "C"), ("ck|c(?![ei])", "k"))
FRENCH: Reading = (*DIGRAPHS, ("ch", "S"), ("ck|c(?![ei])", "k"))
POLISH: Reading = (("rz", "r"), *DIGRAPHS, ("ch", "x"))
GERMAN: Reading = (
    ("schtsch", "W"),
    ("tsch", "C"),
    ("(sch)+", "Z"),
    ("(?<!s)t?z(?!h)", "Q"),
    ("(^|(?<=[aeiouy]))s(?=[aeiouyj])", "z"),
    *DIGRAPHS,
    ("ch", "x"),
)
VOWELS = "aeiou"
SAME_BLOCK = str.maketrans("xSZCWcz", "hssssss", VOWELS)
"""Consonants that one name may be spelt with in another language fall together: candidates are looked up by these."""


@lru_cache(maxsize=200_000)
def readings(word: str) -> tuple[str, ...]:
    """The sounds a spelling can stand for, likeliest first: "Chmielnik" -> ("Cmelnik", "xmelnik", "Smelnik")."""
    plain = unicodedata.normalize("NFC", word.casefold()).translate(HACEKS)
    plain = re.sub("[’'ʼ`´-]", "", plain)
    if re.search("[а-яёєіїґ]", plain):
        return (_settled(_bare(plain, keep="йїё").translate(CYRILLIC)),)
    plain = _bare(plain)
    tables: list[Reading] = [ENGLISH]
    tables += [POLISH, FRENCH] if re.search("c|rz", plain) else []
    tables += [GERMAN] if re.search("sch|w|j", plain) else []
    return tuple(dict.fromkeys(_settled(_read(plain, table)) for table in tables))


def skeleton(sound: str) -> str:
    """The consonants of a sound by their blocks: "zaporizZa" -> "sprs"; a name of vowels only is its own skeleton."""
    return re.sub(r"(.)\1+", r"\1", sound.translate(SAME_BLOCK)) or sound


def _bare(word: str, keep: str = "") -> str:
    """The word without accents, but for the letters that are letters of their own."""
    return word if word.isascii() else "".join(c if c in keep else _unaccented(c) for c in word)


@lru_cache(maxsize=10_000)
def _unaccented(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))


def _read(word: str, table: Reading) -> str:
    for spelling, sound in table:
        word = re.sub(spelling, sound, word)
    return word.replace("Q", "c")  # which no rule for a written c may touch


def _settled(sound: str) -> str:
    """Without iotation and doubled letters."""
    sound = re.sub(r"(.)\1+", r"\1", sound.replace(" ", ""))
    return re.sub(r"(.)\1+", r"\1", re.sub("i(?=[aeou])", "", sound))


CONSONANT, VOWEL, LAST_VOWEL = 1.0, 0.3, 0.12
"""What a letter too many costs; a vowel at the end is mostly an ending (Мукачеве, Мукачево; Фоменко, Фоменка)."""
NEAR = {
    frozenset(pair): cost
    for cost, pairs in (
        (0.1, "WS xh ie eo"),
        (0.15, "ao io"),
        (0.2, "WC cC sS zZ ea iu ou"),
        (0.4, "lv bv fv xk dt bp zs CS SZ"),
        (0.6, "hk nm ft fp cs cz tc WZ"),
    )
    for pair in pairs.split()
}
"""Consonants and vowels that languages and spellings exchange (Вовчанськ, Волчанск; Borschahivka), and what that costs."""

FAR = 40  # per cent of letters in common, below which counting exactly is a waste


@lru_cache(maxsize=200_000)
def likeness(left: str, right: str) -> float:
    """How alike two sounds are, 0 to 1: an edit distance in which what spellings exchange is cheap."""
    if left == right:
        return 1.0
    if fuzz.ratio(left, right) < FAR:
        return 0.0
    letters = [(b, _weight(b, last=False)) for b in right[:-1]] + [(b, _weight(b, last=True)) for b in right[-1:]]
    row = [0.0, *itertools.accumulate(added for _, added in letters)]
    for i, a in enumerate(left):
        gone = _weight(a, last=i >= len(left) - 1)
        above, last = row, row[0] + gone
        row = [last]
        for j, (b, added) in enumerate(letters):
            last = min(above[j + 1] + gone, last + added, above[j] + (0.0 if a == b else _exchange(a, b)))
            row.append(last)
    return max(0.0, 1 - row[-1] / max(_length(left), _length(right)))


def _weight(letter: str, *, last: bool) -> float:
    return CONSONANT if letter not in VOWELS else LAST_VOWEL if last else VOWEL


@lru_cache(maxsize=10_000)
def _exchange(a: str, b: str) -> float:
    return NEAR.get(frozenset((a, b)), VOWEL if a in VOWELS and b in VOWELS else CONSONANT)


def _length(sound: str) -> float:
    return sum(VOWEL if c in VOWELS else CONSONANT for c in sound) or VOWEL
