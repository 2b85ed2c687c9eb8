"""What two wordings state differently: numbers with their units, names, denials and opposites."""

import itertools
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipeline import aliases
from pipeline.records import Language
from pipeline.relations.wording import PERHAPS, SHORT, SURE, Measure, Word, Wording, known_spellings
from pipeline.transliteration import likeness, readings

BEHIND = 3  # words behind a number among which its unit is sought: 412 square kilometres, 5 more days
DENYING_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "не", "без", "бес", "анти", "anti")
ONES = frozenset({"one", "один"})
NOON = 12
NO_UNITS = frozenset({"square", "order", "part", "turn", "edge", "sign", "bound"})
"""Kinds that do not measure a number beside them."""
TIMES = frozenset({"time", "month", "weekday", "season"})
CENTURIES = (1900, 2100)
BASIC = frozenset({"length", "mass", "power", "area", "time"})
"""Kinds whose values are multiples of one unit."""

ALIKE = 0.74  # sounds less alike are two names
COGNATE = 4  # letters from which words of two languages that sound alike are one
BEGINNING = 6  # sounds that are compared: endings differ
KNOWN_ALIKE = 0.95  # as alike as two names of one place
DERIVED = (
    "ский",
    "ський",
    "цкий",
    "цький",
    "ской",
    "зький",
    "щина",
    "чина",
    "щини",
    "овец",
    "івець",
    "ець",
    "анин",
    "янин",
)
"""Endings of words made of a place's name: Херсонщина, чернівецький."""
CONTENT = 2  # letters of words that an abbreviation skips: Організація з безпеки і співробітництва в Європі
LONGEST_ABBREVIATION = 5
SHORTEST_STEM = 4
SOUND_STEM = 3


@dataclass(frozen=True, slots=True)
class Differing:
    """What only the one and only the other wording has, of one kind of fact."""

    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()

    @property
    def changed(self) -> int:
        """How many may stand in one another's place: what is only left out does not count."""
        return min(len(self.left), len(self.right))


def apart(left: Wording, right: Wording) -> dict[str, Differing]:
    """What one wording states and the other does not, by kind: numbers, their units, measures, names."""
    return {
        "numbers": numbers(left, right),
        "units": units(left, right),
        "measures": measures(left, right),
        "names": names_of(left, right).sure,
    }


# Numbers ------------------------------------------------------------------------------------------------------------


def named_numbers(wording: Wording) -> int:
    """How many numbers a wording names."""
    return sum(word.value is not None for word in wording.words)


def numbers(left: Wording, right: Wording) -> Differing:
    """Numbers of one wording that the other lacks; 140 cm and 1.4 m are one, and so are 16:40 and 4:40."""
    ours, theirs = ([word for word in wording.words if word.value is not None] for wording in (left, right))
    free = [(_amounts(word, right), word) for word in theirs]
    lost = []
    for word in ours:
        amounts = _amounts(word, left)
        match = next((other for other in free if other[0] & amounts), None)
        if match is None:
            lost.append(_shown(word, left))
        else:
            free.remove(match)
    new = [_shown(word, right) for _, word in free]
    return Differing(*_with_ones(left, right, lost, new))


def _with_ones(
    left: Wording, right: Wording, lost: list[str], new: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """With "one" counted where the other side has a number too many and no "one": alone it mostly is no number."""
    if left.language != right.language:  # один и тот же, the same
        return tuple(lost), tuple(new)
    ours, theirs = _ones(left), _ones(right)
    lost = lost + ours[len(theirs) :][: max(0, len(new) - len(lost))]
    new = new + theirs[len(ours) :][: max(0, len(lost) - len(new))]
    return tuple(lost), tuple(new)


def _ones(wording: Wording) -> list[str]:
    return [word.text for word in wording.words if word.value is None and word.bases[0] in ONES]


def units(left: Wording, right: Wording) -> Differing:
    """Equal numbers that stand beside other units of one kind: nine hours, nine days."""
    ours, theirs = _units(left), _units(right)
    pairs = [
        (ours[number, kind], theirs[number, kind])
        for number, kind in ours
        if (number, kind) in theirs and not ours[number, kind].keys() & theirs[number, kind].keys()
    ]
    return Differing(*(tuple(next(iter(pair[side].values())) for pair in pairs) for side in (0, 1)))


def measures(left: Wording, right: Wording) -> Differing:
    """Words of measure of one kind of which each side has another: May and June, a colonel and a general."""
    ours, theirs = _kinds(left), _kinds(right)
    lost: list[str] = []
    new: list[str] = []
    for kind in ours:
        other = theirs.get(kind, {})
        gone = [text for value, text in ours[kind].items() if value not in other]
        come = [text for value, text in other.items() if value not in ours[kind]]
        if gone and come:
            lost += gone
            new += come
    return Differing(tuple(lost), tuple(new))


def _shown(word: Word, wording: Wording) -> str:
    return wording.text[word.start : word.end]


def _amounts(word: Word, wording: Wording) -> frozenset[Decimal]:
    """What a number may be called: itself; in basic units; an hour by the other half of the day."""
    if word.value is None:
        return frozenset()
    found = {word.value.normalize()}
    for (kind, value), _ in _unit(word, wording):
        if kind in BASIC:
            found.add((word.value * Decimal(value)).normalize())
    if ":" in _shown(word, wording) and NOON < word.value < 2 * NOON:
        found.add((word.value - NOON).normalize())
    if CENTURIES[0] <= word.value < CENTURIES[-1] and word.value == int(word.value):
        found.add((word.value % 100).normalize())  # '78, семьдесят восьмой
    return frozenset(found)


def _unit(word: Word, wording: Wording) -> list[tuple[Measure, Word]]:
    """The measures beside a number: of the first measured word behind it, else of a sign before it."""
    at = wording.words.index(word)
    square = False
    for other in (word, *wording.words[at + 1 : at + 1 + BEHIND]):
        if other is not word and (other.clause != word.clause or other.value is not None):
            break
        square = square or any(kind == "square" for kind, _ in other.measures)
        found = [measure for measure in other.measures if measure[0] not in NO_UNITS]
        if found:
            return [(_squared(measure) if square else measure, other) for measure in found]
    before = wording.words[at - 1] if at else None
    return [(measure, before) for measure in before.measures] if before and not before.text[0].isalnum() else []


def _squared(measure: Measure) -> Measure:
    kind, value = measure
    return ("area", str(Decimal(value) ** 2)) if kind == "length" else measure


def _units(wording: Wording) -> dict[tuple[Decimal, str], dict[str, str]]:
    """By number and kind of unit: the units beside it, with the text of both."""
    found: dict[tuple[Decimal, str], dict[str, str]] = {}
    for word in wording.words:
        if word.value is None:
            continue
        for (kind, value), unit in _unit(word, wording):
            start, end = min(word.start, unit.start), max(word.end, unit.end)
            found.setdefault((word.value.normalize(), kind), {})[value] = wording.text[start:end]
    return found


def _kinds(wording: Wording) -> dict[str, dict[str, str]]:
    """By kind the measures that are no unit of a number, with their words; ranks that stand together are one rank."""
    used = {measure for word in wording.words if word.value is not None for measure, _ in _unit(word, wording)}
    found: dict[str, dict[str, str]] = {}
    before: tuple[Measure, ...] = ()
    for word, after in itertools.zip_longest(wording.words, wording.words[1:]):
        for kind, value in word.measures:
            if (kind == "turn" and not _is_time(after)) or (kind == "bound" and word.denied):
                continue
            earlier = next((rank for other, rank in before if other == kind == "rank"), None)
            if earlier is not None:
                found[kind].pop(earlier, None)
            if (kind, value) not in used:
                joined = value if earlier is None else f"{earlier}+{value}"
                found.setdefault(kind, {})[joined] = word.text
        before = word.measures
    return found


def _is_time(word: Word | None) -> bool:
    kinds = {kind for kind, _ in word.measures} if word else set()
    return bool(kinds & TIMES) and "daytime" not in kinds  # last night is этой ночью


# Names --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """Names that only one wording has; how well the least alike name of each is matched, 0 to 1; how many are matched.

    `perhaps` also counts what begins a sentence and may be a common word.
    """

    sure: Differing
    perhaps: Differing
    least: tuple[float, float]
    matched: int


def names_of(left: Wording, right: Wording) -> Names:
    """Compare the names of two wordings, in any script, case and derived form."""
    ours, theirs = (_matches(one, other) for one, other in ((left, right), (right, left)))
    for bodies in (_spelt_out(left, right), _spelt_out(right, left)):
        for at in bodies:
            ours.pop(at, None)
            theirs.pop(at, None)
    return Names(
        sure=Differing(_missing(ours, SURE), _missing(theirs, SURE)),
        perhaps=Differing(_missing(ours, PERHAPS), _missing(theirs, PERHAPS)),
        least=(_least(ours), _least(theirs)),
        matched=min(sum(best >= ALIKE for best in found.values()) for found in (ours, theirs)),
    )


def _matches(wording: Wording, other: Wording) -> dict[Word, float]:
    """For each name, how alike the likest word of the other wording is."""
    among = _perhaps_names(other)
    bases = _bases(other) if wording.language == other.language else frozenset[str]()
    return {
        word: 1.0
        if not word.known and not bases.isdisjoint(word.bases)
        else max((_alike(word, wording.language, one, other.language) for one in among), default=0.0)
        for word in wording.names
    }


@lru_cache(maxsize=20_000)
def _perhaps_names(wording: Wording) -> tuple[Word, ...]:
    """The words that can be the same name as one of another wording that has another base form."""
    return tuple(
        word
        for word in wording.words
        if word.known or (word.text[0].isalpha() and (word.text[0].isupper() or _derived(word)))
    )


@lru_cache(maxsize=20_000)
def _bases(wording: Wording) -> frozenset[str]:
    return frozenset(base for word in wording.words for base in word.bases)


def _missing(found: dict[Word, float], sure: float) -> tuple[str, ...]:
    return tuple(word.text for word, best in found.items() if best < ALIKE and word.name >= sure)


def _least(found: dict[Word, float]) -> float:
    return min((best for word, best in found.items() if word.name == SURE or best >= ALIKE), default=1.0)


def _spelt_out(short: Wording, long: Wording) -> list[Word]:
    """Abbreviated bodies of the one wording that the other spells out, with the words that do: МВФ, the OSCE."""
    found: list[Word] = []
    content = [word for word in long.words if word.text[0].isalpha() and len(word.text) > CONTENT]
    initials = "".join(word.text[0].lower() for word in content)
    for word in short.names:
        spellings = known_spellings(word.known, long.language) if word.known else ()
        for letters in (*spellings, word.text.lower() if word.text.isupper() else ""):
            at = initials.find(letters) if 3 <= len(letters) <= LONGEST_ABBREVIATION else -1
            if at >= 0 and content[at].text[0].isupper():
                found += [word, *content[at : at + len(letters)]]
    return found


@lru_cache(maxsize=200_000)
def _alike(name: Word, language: Language, word: Word, other: Language) -> float:
    """How likely a word of the other wording is the same name, in whatever case and derived form."""
    if name.known and word.known:
        return 1.0 if name.known & word.known else 0.0
    if name.known and not word.name:
        return 0.0
    if language == other and set(name.bases) & set(word.bases):
        return 1.0
    if not word.text[0].isalpha() or (not word.text[0].isupper() and not _derived(word)):
        return 0.0
    if _places(name) & _places(word):
        return KNOWN_ALIKE
    stems = [(a, b) for a in _sounds(name) for b in _sounds(word)]
    best = max((likeness(a, b) for a, b in stems), default=0.0)
    if _derived(name) or _derived(word):
        best = max([best, *(_same_beginning(a, b) for a, b in stems)])
    return best


def _same_beginning(one: str, other: str) -> float:
    """The likeness of the beginnings, as long as the shorter is."""
    size = min(len(one), len(other))
    return likeness(one[:size], other[:size]) * 0.95 if size >= SHORTEST_STEM else 0.0


def _derived(word: Word) -> bool:
    return word.bases[0].endswith(DERIVED)


@lru_cache(maxsize=50_000)
def _sounds(word: Word) -> tuple[str, ...]:
    spelt = [word.text, *word.bases]
    for base in word.bases:
        ending = next((end for end in DERIVED if base.endswith(end)), None)
        if ending and len(base) - len(ending) >= SOUND_STEM:
            spelt.append(base.removesuffix(ending))
    return tuple(dict.fromkeys(sound for form in spelt if form[0].isalpha() for sound in readings(form) if sound))


@lru_cache(maxsize=50_000)
def _places(word: Word) -> frozenset[int]:
    return frozenset[int]().union(*(aliases.groups(aliases.places(), [sound]) for sound in _sounds(word)))


# Denials ------------------------------------------------------------------------------------------------------------


def opposites(left: Wording, right: Wording) -> tuple[list[str], list[str]]:
    """Matters about which the two wordings say the opposite, and those about which they say the same."""
    ours, theirs = _stances(left), _stances(right)
    against = [
        matter
        for (matter, sign), count in (ours - theirs).items()
        if count and (theirs - ours)[matter, -sign] and not theirs[matter, sign]
    ]
    return against, [matter for matter, _ in ours & theirs]


def _stances(wording: Wording) -> Counter[tuple[str, int]]:
    """How often a text says + or - of each matter; what is denied counts as its opposite."""
    return Counter((matter, -sign if word.denied else sign) for word in wording.words for matter, sign in word.matters)


def negated(left: Wording, right: Wording) -> int:
    """How many words that two wordings of one language share are denied in only one of them."""
    if left.language != right.language:
        return 0
    ours, theirs = (_denied(wording) for wording in (left, right))
    return sum(ours[base] != theirs[base] for base in ours.keys() & theirs.keys())


def _denied(wording: Wording) -> dict[str, bool]:
    content = (word for word in wording.words if word.value is None and len(word.text) > SHORT)
    return {word.bases[0]: word.denied for word in content if not word.denial}


def cognates(left: Wording, right: Wording) -> float:
    """The share of the shorter wording's longer words that sound like a word of the other, 0 to 1."""
    short, long = sorted((left, right), key=lambda wording: len(wording.words))
    ours, theirs = ([word for word in wording.words if len(word.text) > COGNATE] for wording in (short, long))
    alike = sum(any(_sound_alike(word, other) for other in theirs) for word in ours)
    return alike / max(1, len(ours))


@lru_cache(maxsize=200_000)
def _sound_alike(one: Word, other: Word) -> bool:
    ours, theirs = (readings(word.text)[0][:BEGINNING] for word in (one, other))
    return bool(ours and theirs) and likeness(ours, theirs) >= ALIKE


def prefixed(word: Word, other: Word) -> bool:
    """Whether a word is the other with a prefix that denies: undamaged, невиновный, безопасный."""
    return any(word.bases[0] == prefix + other.bases[0] for prefix in DENYING_PREFIXES)
