"""Which encoding text is in, and its characters: UTF-8, UTF-16, UTF-32, Windows-1251, KOI8-U, KOI8-R and what pages name."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError

SAMPLE = 1 << 20
"""Bytes that are looked at: more would not change the answer."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ORDINARY = re.compile(r"[\n\r\t -~\u00a0-\u024f\u0400-\u052f\u2010-\u2122]")
"""Characters that news in the three languages is made of."""

CYRILLIC = ("cp1251", "koi8_u")
"""KOI8-U has KOI8-R's letters, and Ukrainian ones where that draws frames."""

BY_FREQUENCY = "оеаинтсрвлкмдупяыіьзгбчйхжшюцщєїфґэъё"
"""Letters of Russian and Ukrainian news, the most frequent first."""

MARKS = "«»—–…„“”‘’№°§\xa0"
CYRILLIC_WORD = re.compile("[\u0400-\u04ff]+")
LIKELY = 0.5
"""Likeness to Russian or Ukrainian from which one of their encodings is taken: in the right one, 20 letters have .6."""

DAMAGED = 20
"""A text with this many good characters beyond ASCII for each faulty byte is UTF-8 that was damaged, not an 8-bit code."""

DECLARED = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})|<\?xml[^>]{0,100}encoding=["']([\w-]{2,20})""", re.I
)
CLAIMS = {
    "utf-8": "utf-8",
    "cp1251": "cp1251",
    "koi8-u": "koi8_u",
    "koi8-r": "koi8_u",
    "iso8859-5": "iso8859_5",
    "cp866": "cp866",
    "mac-cyrillic": "mac_cyrillic",
}
"""What a page may claim to be in, by Python's name, and what reads it. Claims to be Latin are made by servers that do
not know: there the bytes decide. Python has more codecs, some of which are no encodings of text."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a text; `damaged` when some bytes were none and U+FFFD stands for them."""

    text: str
    damaged: bool


def decode(data: bytes, claims: Iterable[str | None] = ()) -> Decoded | None:
    """The characters of `data`, None when it is not text.

    A byte order mark outranks everything, UTF-8 that is one outranks the `claims` (see `declared`, `claimed`), the first
    claim without a fault outranks a guess.
    """
    marked = any(data.startswith(mark) for mark, _ in BOMS)
    for codec in () if marked or b"\0" in data or is_utf8(data[:SAMPLE]) else filter(None, claims):
        try:
            return Decoded(data.decode(codec), damaged=False)
        except UnicodeDecodeError:
            continue
    found = detect(data)
    if found is None:
        return None
    try:
        return Decoded(data.decode(found), damaged=False)
    except UnicodeDecodeError:
        return Decoded(data.decode(found, errors="replace"), damaged=True)


def read(path: Path, hint: str) -> str:
    """The text of a file that a user named; InputError, with this hint, when it cannot be read or is not text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}", hint) from error
    decoded = decode(data)
    if decoded is None:
        raise InputError(f"{path} is not text", hint)
    return decoded.text


def detect(data: bytes) -> str | None:
    """Name of the codec that reads `data`, the beginning of a file or all of it; None when it is not text."""
    data = data[:SAMPLE]
    for mark, name in BOMS:
        if data.startswith(mark):
            return name
    if b"\0" in data:  # before UTF-8: every byte of Russian in UTF-16 is an ASCII byte
        even = data[: len(data) // 2 * 2]
        return next((name for name in ("utf-16-le", "utf-16-be") if _ordinary(even, name) > 0.95), None)
    if is_utf8(data) or _is_damaged_utf8(data):
        return "utf-8"
    return _eight_bit(data)


def is_utf8(data: bytes) -> bool:
    """Whether `data` is UTF-8, give or take a character cut off at the end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def declared(page: bytes) -> str | None:
    """The codec for what an HTML or XML page claims to be in; None for no claim, and for one that is not to be believed."""
    found = DECLARED.search(page[:4096])
    return claimed((found[1] or found[2]).decode("ascii", "ignore")) if found else None


def claimed(name: str | None) -> str | None:
    """The codec for the name of an encoding; None for one that is unknown or not to be believed."""
    try:
        return CLAIMS.get(codecs.lookup(name).name) if name else None
    except (LookupError, ValueError):
        return None


def _is_damaged_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", errors="replace")
    faults = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - faults >= faults * DAMAGED


def _ordinary(data: bytes, codec: str) -> float:
    """Share of ordinary characters in `data` when read as `codec`."""
    text = data.decode(codec, errors="replace")
    return len(ORDINARY.findall(text)) / max(1, len(text))


def _eight_bit(data: bytes) -> str | None:
    """Windows-1251, KOI8-U or Windows-1252; where neither of the first two looks like text, charset-normalizer decides."""
    likenesses = {codec: _likeness(data.decode(codec, errors="replace")) for codec in CYRILLIC}
    best = max(CYRILLIC, key=likenesses.__getitem__)
    if likenesses[best] >= LIKELY:
        return best
    from charset_normalizer import from_bytes

    found = from_bytes(data, cp_isolation=[*CYRILLIC, "cp1252"]).best()
    return found.encoding if found else None


def _likeness(text: str) -> float:
    """How much what is not ASCII in `text` looks like Russian or Ukrainian, in [0, 1]: frequent letters, in words of one case.

    The two encodings have small letters where the other has capitals, in another order. So what is read with the wrong one
    has words like «рСЙЧЕР».
    """
    letters = sum(character > "\x7f" and character not in MARKS for character in text)
    known = 0.0
    for word in re.findall(r"[^\W\d_]+", text):
        if CYRILLIC_WORD.fullmatch(word) and word in (word.lower(), word.upper(), word.capitalize()):
            ranks = (BY_FREQUENCY.find(letter) for letter in word.lower())
            known += sum(1 - rank / len(BY_FREQUENCY) for rank in ranks if rank >= 0)
    return known / max(1, letters)
