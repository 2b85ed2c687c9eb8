"""What a translation has to carry over as it is: addresses, handles, hashtags, emoji; and numbers.

Addresses are exchanged for stand-ins ("X1") before the engine sees them, because engines take them apart: on the starter
and on models with SentencePiece such a stand-in comes back as it went in. Numbers are left to the engine, which has to
write them into its sentence, and looked at afterwards.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.lang import listed
from pipeline.memory import LINE_BREAK
from pipeline.numbers import LONGEST
from pipeline.records import Language, Span
from pipeline.relations import facts
from pipeline.relations.wording import Wording, read
from pipeline.speech.morphology import is_preposition

# Lengths are those that a mail or host name may have: without them a text of dots would be read again from each of its letters.
ADDRESS = re.compile(
    r"""
      (?:https?|ftp)://[^\s<>«»“”"]+
    | \bwww\.[^\s<>«»“”"]+
    | (?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+
    | (?<![\w@#&/.])[@#](?=\w*[^\W\d])\w+
    | \b(?:[a-z0-9-]{1,63}\.){1,9}(?:com|org|net|info|gov|edu|ua|ru|uk|eu|io|me|media|news|example)(?:/[^\s<>«»“”"]*)?(?![\w@-])
    """,
    re.VERBOSE | re.IGNORECASE,
)
AFTER_ADDRESS = ".,;:!?…)]}'’*"
"""What ends a sentence, not an address, when it is the last of it."""
EMOJI = re.compile(
    "[\U0001f1e6-\U0001faff\u2600-\u27bf\u2b50\u2b55][\ufe0f\u200d\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001faff]*"
)
GLUED = re.compile(r"(?<=[а-яёіїєґ]{2})(?=[A-Z][a-z]{2})")  # створюєViewport
INNER_CAPITAL = re.compile(r"\b[A-Za-z]*[a-z][A-Z]\w*")  # iPhone, YouTube
STAND_IN = "X"
ANY_STAND_IN = re.compile(r"\bX\d+\b")
MARKED_STAND_IN = re.compile(r"([#@]?)\b(X\d+)\b")  # the engine may guess what it stands for: "the hashtag #X1"
CYRILLIC_STAND_IN = re.compile(r"\bХ(?=\d+\b)")
DIGITS = re.compile(r"\d+(?:[ \u00a0\u202f.,'’]\d{3}(?!\d))*(?:[.,]\d+)?")
THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f.,'’](?=\d{3}(?!\d))")
LARGE = 10_000  # numbers from here on are written in groups of three digits


@dataclass(frozen=True, slots=True)
class Guarded:
    """A text with stand-ins: `text` is what the engine gets, `held` what each stand-in stands for."""

    text: str
    held: Mapping[str, str]

    def restored(self, translation: str) -> str | None:
        """The translation with everything in its place again; None when a stand-in was lost or doubled."""
        if not self.held:
            return translation
        latin = CYRILLIC_STAND_IN.sub(STAND_IN, translation)
        found, wanted = (Counter(ANY_STAND_IN.findall(text)) for text in (latin, self.text))
        if any(found[name] != wanted[name] for name in self.held):
            return None
        return MARKED_STAND_IN.sub(self._original, latin)

    def _original(self, match: re.Match[str]) -> str:
        """What a stand-in stands for; a mark before it is the engine's guess, unless it got one."""
        mark, name = match.groups()
        if name not in self.held:
            return match[0]
        return (mark if f"{mark}{name}" in self.text else "") + self.held[name]


def addresses(text: str) -> list[str]:
    """The URLs, e-mail addresses, handles and hashtags of a text, in order."""
    return [text[start:end] for start, end in address_spans(text)]


def address_spans(text: str) -> list[Span]:
    """Where they stand."""
    found = ((match.start(), match[0].rstrip(AFTER_ADDRESS)) for match in ADDRESS.finditer(text))
    return [(start, start + len(address)) for start, address in found]


def guard(text: str, keep: tuple[str, ...] = ()) -> Guarded:
    """`text` with stand-ins for its addresses, and for the words `keep`, wherever they stand."""
    wanted = [*dict.fromkeys((*addresses(text), *keep))]
    if not wanted:
        return Guarded(text, {})
    free = (f"{STAND_IN}{number}" for number in range(1, 1000) if not re.search(rf"\b{STAND_IN}{number}\b", text))
    held = dict(zip(free, wanted, strict=False))
    names = {original: name for name, original in held.items()}
    longest_first = sorted(names, key=lambda original: (-len(original), original))
    pattern = "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest_first)
    return Guarded(re.sub(pattern, lambda match: names[match[0]], text), held)


def lost_addresses(source: str, translation: str) -> list[str]:
    """Addresses of the source that the translation has not, or not as often, letter for letter."""
    found = Counter(addresses(translation))
    return sorted((Counter(addresses(source)) - found).elements())


def lost_numbers(source: str, translation: str, languages: tuple[Language, Language]) -> tuple[str, ...]:
    """Numbers that only the source names, and those that stand beside another unit or currency in the translation."""
    ours, theirs = _wordings(source, translation, languages)
    units = (unit for unit in facts.units(ours, theirs).left if _is_beside(unit, languages[0]))
    return (*facts.numbers(ours, theirs).left, *units)


def added_numbers(source: str, translation: str, languages: tuple[Language, Language]) -> tuple[str, ...]:
    """Numbers that only the translation names."""
    return facts.numbers(*_wordings(source, translation, languages)).right


def mended(source: str, translation: str, languages: tuple[Language, Language]) -> str:
    """`translation` with what can be put right without the engine, in one line.

    That is one number in the place of another, names that were torn at a capital or glued to a word, and lost emoji.
    """
    translation = LINE_BREAK.sub(" ", translation)
    ours, theirs = _wordings(source, translation, languages)
    apart = facts.numbers(ours, theirs)
    if len(apart.left) == len(apart.right) == 1:
        (lost,), (new,) = apart.left, apart.right
        if DIGITS.fullmatch(lost) and DIGITS.fullmatch(new) and translation.count(new) == 1:
            translation = translation.replace(new, localized(lost, *languages))
    translation = GLUED.sub(" ", translation)
    for name in INNER_CAPITAL.findall(source):
        if name not in translation:
            translation = re.sub(r"\s?".join(map(re.escape, name)), name, translation, count=1, flags=re.IGNORECASE)
    lost_emoji = Counter(EMOJI.findall(source)) - Counter(EMOJI.findall(translation))
    return " ".join([translation, *lost_emoji.elements()])


def localized(number: str, source: Language, target: Language) -> str:
    """A number in digits as the other language writes it: 12,400.5 in English is 12 400,5 in Russian and Ukrainian."""
    if (source == "en") == (target == "en"):
        return number
    point = "." if source == "en" else ","
    plain = THOUSANDS.sub(lambda found: found[0] if found[0] == point else "", number)  # 3.125 is three and an eighth
    whole, point, rest = plain.partition(point)
    counts = whole.isdecimal() and len(whole) <= LONGEST
    grouped = f"{int(whole):,}" if counts and int(whole) >= LARGE and len(number) > len(plain) else whole
    separator, mark = (",", ".") if target == "en" else ("\u00a0", ",")
    return grouped.replace(",", separator) + (mark + rest if point else "")


def _is_beside(unit: str, language: Language) -> bool:
    """Whether a number and its unit belong together: no "of the" between them, as in "day 51 of the year"."""
    between = unit.lower().split()[1:-1]
    if language == "en":
        return not any(word in listed("en", name) for word in between for name in ("prepositions", "determiners"))
    return not any(is_preposition(word, language) for word in between)


def _wordings(source: str, translation: str, languages: tuple[Language, Language]) -> tuple[Wording, Wording]:
    return read(_unaddressed(source), languages[0]), read(_unaddressed(translation), languages[1])


def _unaddressed(text: str) -> str:
    """The text without its addresses: their digits are no numbers."""
    return ADDRESS.sub(lambda match: re.sub(r"\w", "_", match[0]), text)
