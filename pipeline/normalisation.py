"""One spelling for what looks the same: line ends, composed letters, invisible characters, letters of the wrong alphabet.

The text that an article keeps is the normalised one, and all offsets count in it. What was changed is told by name, so
that whoever holds the original can do the same: ``normalise(original).text`` is the text that was kept.
"""

import re
import unicodedata
from dataclasses import dataclass

VERSION = 1
"""Raised when the same input would give another text."""

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""What stands for the second block of control characters in text that was read as ISO 8859-1: quotation marks, dashes."""

CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufff9-\ufffc\ufffe\uffff]")
SOFT_HYPHENS = re.compile("\u00ad")
DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ZERO_WIDTH = re.compile(
    "[\u034f\u180e\u200b\u200c\u2060-\u2064\ufeff\U000e0000-\U000e007f]"
    "|\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])"  # a joiner inside an emoji stays
)
STRESS_MARKS = re.compile("(?<=[аеєиіїоуыэюяё\u0308])[\u0300\u0301]", re.I)
"""An accent on a Cyrillic vowel: shows readers the stress, and hides the word from dictionaries."""

LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
CYRILLIC = re.compile("[\u0400-\u052f]")
MIXED = re.compile(f"{LATIN.pattern}{CYRILLIC.pattern}|{CYRILLIC.pattern}{LATIN.pattern}")
WORD = re.compile(r"[^\W\d_]+")
ADDRESS = re.compile(r"//|www\.|@", re.I)
"""What a URL, e-mail address or handle has in it: its letters are what they are."""

TO_CYRILLIC = str.maketrans(
    "aceikopxyABCEHIKMOPTXYëïËÏáéíóýÁÉÍÓÝ",
    "асеікорхуАВСЕНІКМОРТХУёїЁЇаеіоуАЕІОУ",
)
TO_LATIN = str.maketrans("асеіорхуѕјԁԛԝһАВСЕНІКМОРТХУЅЈ", "aceiopxysjdqwhABCEHIKMOPTXYSJ")
ONE_LETTER = re.compile(f"(?<={CYRILLIC.pattern} )[aciouy](?= {CYRILLIC.pattern})")
"""A Latin letter between Cyrillic words that is a word there: «він i вона». Capitals may be numerals: «Пётр I»."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text, and the names of what was changed in it, in the order in which it was done; none for a text as it was."""

    text: str
    changes: tuple[str, ...] = ()

    @property
    def signature(self) -> str:
        """The changes with the version of these rules, e.g. ``norm:1 line-ends,nfc``."""
        return f"norm:{VERSION} {','.join(self.changes)}"


def normalise(text: str) -> Normalised:
    """`text` in the one spelling that the stages work on; doing it again changes nothing.

    Lines stay lines, each normalised by itself.
    """
    changes = []
    for name, change in STEPS:
        changed = change(text)
        if changed != text:
            changes.append(name)
            text = changed
    return Normalised(text, tuple(changes))


def _nfc(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _one_alphabet(text: str) -> str:
    """Words with letters of two alphabets in one of them, where look-alikes allow that; addresses stay."""
    if MIXED.search(text):
        parts = re.split(r"(\S+)", text)
        text = _nfc("".join(part if ADDRESS.search(part) else WORD.sub(_unmixed, part) for part in parts))
    return ONE_LETTER.sub(lambda letter: letter[0].translate(TO_CYRILLIC), text)


def _unmixed(word: re.Match[str]) -> str:
    """A word in the alphabet of its unmistakable letters; where there are none, of most of its letters.

    A word with unmistakable letters of both stays («IP-адрес» has a hyphen, «iPhoneом» has not), and so does a Latin
    one with Cyrillic letters at its end, which may be an ending.
    """
    found = word[0]
    latin, cyrillic = LATIN.findall(found), CYRILLIC.findall(found)
    if not latin or not cyrillic:
        return found
    may_be_cyrillic = all(ord(letter) in TO_CYRILLIC for letter in latin)
    may_be_latin = all(ord(letter) in TO_LATIN for letter in cyrillic) and LATIN.match(found[-1]) is not None
    if may_be_cyrillic and may_be_latin:
        may_be_cyrillic, may_be_latin = len(cyrillic) > len(latin), len(latin) > len(cyrillic)
    if may_be_cyrillic:
        return found.translate(TO_CYRILLIC)
    return found.translate(TO_LATIN) if may_be_latin else found


STEPS = (
    ("line-ends", lambda text: LINE_ENDS.sub("\n", text)),
    ("control-characters", lambda text: CONTROLS.sub(lambda one: C1.get(ord(one[0]), ""), text)),
    ("soft-hyphens", lambda text: SOFT_HYPHENS.sub("", text)),
    ("zero-width", lambda text: ZERO_WIDTH.sub("", text)),
    ("direction-marks", lambda text: DIRECTION_MARKS.sub("", text)),
    ("stress-marks", lambda text: STRESS_MARKS.sub("", text)),
    ("nfc", _nfc),
    ("look-alikes", _one_alphabet),
)
