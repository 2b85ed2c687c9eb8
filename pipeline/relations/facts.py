"""What two wordings state differently: numbers with their units, names, denials and opposites."""

import itertools
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipeline import aliases
from pipeline.relations.wording import PERHAPS, SHORT, SURE, Form, Measure, Word, Wording, known_spellings, plain
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
    return len(wording.numbered)


def numbers(left: Wording, right: Wording) -> Differing:
    """Numbers of one wording that the other lacks; 140 cm and 1.4 m are one, and so are 16:40 and 4:40."""
    free = list(_amounts(right))
    lost = []
    for amounts, word in _amounts(left):
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
    forms = (word.form for word in wording.words)
    return [form.text for form in forms if form.value is None and form.bases[0] in ONES]


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


@lru_cache(maxsize=20_000)
def _amounts(wording: Wording) -> tuple[tuple[frozenset[str], Word], ...]:
    """What each number may be called: itself; in basic units; an hour by the other half of the day."""
    found = []
    for word, measures in _measured(wording):
        value = word.form.value or Decimal(0)
        called = {plain(value), *(plain(value * Decimal(each)) for (kind, each), _ in measures if kind in BASIC)}
        if ":" in _shown(word, wording) and NOON < value < 2 * NOON:
            called.add(plain(value - NOON))
        if CENTURIES[0] <= value < CENTURIES[-1] and value == int(value):
            called.add(plain(value % 100))  # '78, семьдесят восьмой
        found.append((frozenset(called), word))
    return tuple(found)


@lru_cache(maxsize=20_000)
def _measured(wording: Wording) -> tuple[tuple[Word, list[tuple[Measure, Word]]], ...]:
    """The numbers of a wording, each with the measures beside it."""
    if not wording.numbered:
        return ()
    return tuple((word, _unit(at, wording)) for at, word in enumerate(wording.words) if word.form.value is not None)


def _unit(at: int, wording: Wording) -> list[tuple[Measure, Word]]:
    """The measures beside a number: of the first measured word behind it, else of a sign before it."""
    word = wording.words[at]
    square = False
    for other in wording.words[at : at + 1 + BEHIND]:
        if other is not word and (other.clause != word.clause or other.form.value is not None):
            break
        square = square or any(kind == "square" for kind, _ in other.form.measures)
        found = [measure for measure in other.form.measures if measure[0] not in NO_UNITS]
        if found:
            return [(_squared(measure) if square else measure, other) for measure in found]
    before = wording.words[at - 1] if at else None
    sign = before is not None and not before.form.text[0].isalnum()
    return [(measure, before) for measure in before.form.measures] if before is not None and sign else []


def _squared(measure: Measure) -> Measure:
    kind, value = measure
    return ("area", str(Decimal(value) ** 2)) if kind == "length" else measure


@lru_cache(maxsize=20_000)
def _units(wording: Wording) -> dict[tuple[str, str], dict[str, str]]:
    """By number and kind of unit: the units beside it, with the text of both."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for word, beside in _measured(wording):
        number = plain(word.form.value or Decimal(0))
        for (kind, value), unit in beside:
            start, end = min(word.start, unit.start), max(word.end, unit.end)
            found.setdefault((number, kind), {})[value] = wording.text[start:end]
    return found


@lru_cache(maxsize=20_000)
def _kinds(wording: Wording) -> dict[str, dict[str, str]]:
    """By kind the measures that are no unit of a number, with their words; ranks that stand together are one rank."""
    used = {measure for _, beside in _measured(wording) for measure, _ in beside}
    found: dict[str, dict[str, str]] = {}
    before: tuple[Measure, ...] = ()
    for word, after in itertools.zip_longest(wording.words, wording.words[1:]):
        for kind, value in word.form.measures:
            if (kind == "turn" and not _is_time(after)) or (kind == "bound" and word.denied):
                continue
            earlier = next((rank for other, rank in before if other == kind == "rank"), None)
            if earlier is not None:
                found[kind].pop(earlier, None)
            if (kind, value) not in used:
                joined = value if earlier is None else f"{earlier}+{value}"
                found.setdefault(kind, {})[joined] = word.form.text
        before = word.form.measures
    return found


def _is_time(word: Word | None) -> bool:
    kinds = {kind for kind, _ in word.form.measures} if word else set()
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
    if not wording.names:
        return {}
    among = _perhaps_names(other)
    bases = _bases(other) if wording.language == other.language else frozenset[str]()
    return {
        word: 1.0
        if not word.form.known and not bases.isdisjoint(word.form.bases)
        else max((_alike(word.form, form) for form in among), default=0.0)
        for word in wording.names
    }


@lru_cache(maxsize=20_000)
def _perhaps_names(wording: Wording) -> tuple[Form, ...]:
    """What can be the same name as one of another wording that has another base form."""
    forms = dict.fromkeys(word.form for word in wording.words)
    return tuple(form for form in forms if form.known or _is_spelt_as_name(form))


def _is_spelt_as_name(form: Form) -> bool:
    return form.text[0].isalpha() and (form.text[0].isupper() or _derived(form))


@lru_cache(maxsize=20_000)
def _bases(wording: Wording) -> frozenset[str]:
    return frozenset(base for word in wording.words for base in word.form.bases)


def _missing(found: dict[Word, float], sure: float) -> tuple[str, ...]:
    return tuple(word.form.text for word, best in found.items() if best < ALIKE and word.form.name >= sure)


def _least(found: dict[Word, float]) -> float:
    return min((best for word, best in found.items() if word.form.name == SURE or best >= ALIKE), default=1.0)


def _spelt_out(short: Wording, long: Wording) -> list[Word]:
    """Abbreviated bodies of the one wording that the other spells out, with the words that do: МВФ, the OSCE."""
    found: list[Word] = []
    for word in short.names:
        form = word.form
        spellings = known_spellings(form.known, long.language) if form.known else ()
        for letters in (*spellings, form.text.lower() if form.text.isupper() else ""):
            if 3 <= len(letters) <= LONGEST_ABBREVIATION:
                initials, content = _initials(long)
                at = initials.find(letters)
                if at >= 0 and content[at].form.text[0].isupper():
                    found += [word, *content[at : at + len(letters)]]
    return found


@lru_cache(maxsize=20_000)
def _initials(wording: Wording) -> tuple[str, tuple[Word, ...]]:
    """The words that an abbreviation counts, and their first letters."""
    content = tuple(w for w in wording.words if w.form.text[0].isalpha() and len(w.form.text) > CONTENT)
    return "".join(word.form.text[0].lower() for word in content), content


@lru_cache(maxsize=200_000)
def _alike(name: Form, word: Form) -> float:
    """How likely a word of the other wording is the same name, in whatever case and derived form."""
    if name.known and word.known:
        return 1.0 if name.known & word.known else 0.0
    if name.known and not word.name:
        return 0.0
    if name.language == word.language and set(name.bases) & set(word.bases):
        return 1.0
    if not _is_spelt_as_name(word):
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


def _derived(form: Form) -> bool:
    return form.bases[0].endswith(DERIVED)


@lru_cache(maxsize=50_000)
def _sounds(form: Form) -> tuple[str, ...]:
    spelt = [form.text, *form.bases]
    for base in form.bases:
        ending = next((end for end in DERIVED if base.endswith(end)), None)
        if ending and len(base) - len(ending) >= SOUND_STEM:
            spelt.append(base.removesuffix(ending))
    return tuple(dict.fromkeys(sound for each in spelt if each[0].isalpha() for sound in readings(each) if sound))


@lru_cache(maxsize=50_000)
def _places(form: Form) -> frozenset[int]:
    return frozenset[int]().union(*(aliases.groups(aliases.places(), [sound]) for sound in _sounds(form)))


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


@lru_cache(maxsize=20_000)
def _stances(wording: Wording) -> Counter[tuple[str, int]]:
    """How often a text says + or - of each matter; what is denied counts as its opposite."""
    return Counter(
        (matter, -sign if word.denied else sign) for word in wording.words for matter, sign in word.form.matters
    )


def negated(left: Wording, right: Wording) -> int:
    """How many words that two wordings of one language share are denied in only one of them."""
    if left.language != right.language:
        return 0
    ours, theirs = (_denied(wording) for wording in (left, right))
    return sum(ours[base] != theirs[base] for base in ours.keys() & theirs.keys())


@lru_cache(maxsize=20_000)
def _denied(wording: Wording) -> dict[str, bool]:
    content = (word for word in wording.words if word.form.value is None and len(word.form.text) > SHORT)
    return {word.form.bases[0]: word.denied for word in content if not word.form.denial}


def cognates(left: Wording, right: Wording) -> float:
    """The share of the shorter wording's longer words that sound like a word of the other, 0 to 1."""
    short, long = sorted((left, right), key=lambda wording: len(wording.words))
    ours, theirs = ([word.form for word in wording.words if len(word.form.text) > COGNATE] for wording in (short, long))
    alike = sum(any(_sound_alike(form, other) for other in theirs) for form in ours)
    return alike / max(1, len(ours))


@lru_cache(maxsize=200_000)
def _sound_alike(one: Form, other: Form) -> bool:
    ours, theirs = (readings(form.text)[0][:BEGINNING] for form in (one, other))
    return bool(ours and theirs) and likeness(ours, theirs) >= ALIKE


def prefixed(one: Form, other: Form) -> bool:
    """Whether a word is the other with a prefix that denies: undamaged, невиновный, безопасный."""
    return any(one.bases[0] == prefix + other.bases[0] for prefix in DENYING_PREFIXES)
