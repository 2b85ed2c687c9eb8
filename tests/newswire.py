"""News-like English sentences made of invented parts, and what becomes of them letter by letter in Cyrillic.

They are what the small packages of `scripts/make_argos_package` learn from, and what speeds are measured with: no two
are alike, their lengths spread as those of news do (4 to 45 words), and any number can be had.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import islice

PEOPLE = """mayor|governor|surgeon|ferryman|baker|engineer|harbour master|minister|teacher|captain|farmer|pilot|judge
librarian|fisherman|doctor|miner|soldier|witness|spokesman|deputy|nurse|driver|architect|banker|coach|gardener|printer"""
NAMES = """Vira Tolmach|Orest Lanovy|Anna Brandt|Peter Holloway|Marta Zelenko|Ivan Drozd|Clara Whitfield|Lev Sorokin
Nina Bondar|Tomas Reed|Olga Marchuk|Simon Ashdown|Darya Petrenko|Hugo Lindqvist|Irene Castle|Maksim Belov"""
PLACES = """Port Verin|Lower Kasht|Ostrava Bay|Greenhill|Novy Most|Saltmarsh|Dolyna|Westbridge|Red Quarry|Lipova
Stonefield|Kamenka|Harrow Point|Zarichne|Milltown|Upper Dessa"""
PLURALS = """ferries|trams|bridges|schools|roofs|pumps|buses|tickets|pipes|windows|apples|permits|letters|engines|fences
boats|lamps|prices|wages|taxes|rents|roads|farms|wells|trains|markets|shelters|hospitals"""
THINGS = """the bridge|the budget|the harbour|the old mill|the ferry|the new law|the market|the power station|the report
the tunnel|the bus line|the dam|the library|the water supply|the school roof|the contract|the festival|the vote
the railway|the northern road|the hospital wing|the warehouse|the airport|the court ruling|the museum"""
VERBS = """closed|opened|repaired|visited|inspected|sold|bought|defended|criticised|described|postponed|rejected
approved|measured|painted|guarded|rebuilt|abandoned|photographed|insured"""
SAID = "said|told reporters|wrote|admitted|insisted|explained|repeated|announced"
TIMES = """on Monday|on Tuesday|last week|before noon|in the spring|after the storm|two years ago|at night
during the strike|this morning|on Friday evening|since the flood|in early March|by the end of the month"""
REASONS = """because nobody had counted the money|because the river was rising|although the council had promised help
while the neighbours watched|as soon as the ice had melted|because the old pumps had failed again
although no one could name the owner|since the insurance had run out|while the rain kept falling
because the drivers refused to work without pay|after the second warning was ignored
although the plans were never shown to the public|because half of the workers were ill"""
QUALITIES = "cold|empty|ready|unsafe|cheap|quiet|crowded|dark|late|dry|costly|small|broken|full|warm"


def _list(text: str) -> list[str]:
    return text.replace("\n", "|").split("|")


_WORDS = {
    name: _list(text)
    for name, text in {
        "person": PEOPLE,
        "name": NAMES,
        "place": PLACES,
        "plural": PLURALS,
        "thing": THINGS,
        "verb": VERBS,
        "said": SAID,
        "time": TIMES,
        "reason": REASONS,
        "quality": QUALITIES,
    }.items()
}

_CLAUSES = (
    "the {person} of {place} {verb} {thing} {time}",
    "{name} {verb} {thing} in {place} {time}",
    "{number} {plural} in {place} were {verb} {time}",
    "{thing} was {quality} and {quality2} {time}",
    "{thing} will cost {number} crowns more than {thing2}",
    "{name}, the {person} of {place}, {verb} {thing}",
    "no {person} had {verb} {number} {plural} before",
    "the {plural} of {place} are {quality} again",
)
_WHOLES = (
    "{a}.",
    "{a}.",
    "{a} {reason}.",
    "{a}, and {b}.",
    "{a}, but {b} {reason}.",
    "“{a},” {said} {name}.",
    "“{a} {reason},” {said} the {person}, “and {b}.”",
    "According to {name}, {a} {reason}, and {b}.",
    "{a} {reason}; {b}, while {c} {reason2}.",
    "{plural} {quality}.",
)


def sentences(seed: int = 0) -> Iterator[str]:
    """Endlessly many, all different; the same ones for the same seed."""
    dice = random.Random(seed)
    seen: set[str] = set()
    while True:
        made = _capital(dice.choice(_WHOLES).format(**{part: _clause(dice) for part in "abc"}, **_filling(dice)))
        if made not in seen:
            seen.add(made)
            yield made


def some(count: int, seed: int = 0) -> list[str]:
    """The first `count` of them."""
    return list(islice(sentences(seed), count))


def _clause(dice: random.Random) -> str:
    return dice.choice(_CLAUSES).format(**_filling(dice))


def _filling(dice: random.Random) -> dict[str, str]:
    filling = {name: dice.choice(words) for name, words in _WORDS.items()}
    filling |= {f"{name}2": dice.choice(_WORDS[name]) for name in ("thing", "quality", "reason")}
    return filling | {"number": str(dice.choice((dice.randint(2, 99), 10 * dice.randint(10, 999))))}


def _capital(text: str) -> str:
    at = 1 if text.startswith("“") else 0
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]


_RUSSIAN = {
    "sh": "ш", "ch": "ч", "zh": "ж", "th": "т", "ph": "ф", "kh": "х", "ck": "к", "ya": "я", "yu": "ю", "ee": "и",
    "oo": "у", "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "й",
    "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у",
    "v": "в", "w": "в", "x": "кс", "y": "ы", "z": "з",
}  # fmt: skip
_UKRAINIAN = _RUSSIAN | {"ee": "і", "i": "і", "y": "и", "g": "ґ", "h": "г", "e": "е", "ya": "я"}
TABLES = {"ru": _RUSSIAN, "uk": _UKRAINIAN}


def transliterated(text: str, language: str) -> str:
    """`text` with Cyrillic letters as `language` ("ru" or "uk") would write it, case kept; all else as it is."""
    return "".join(_letters(text, TABLES[language]))


def _letters(text: str, table: dict[str, str]) -> Iterator[str]:
    at = 0
    while at < len(text):
        length = 2 if text[at : at + 2].lower() in table else 1
        given = text[at : at + length]
        found = table.get(given.lower(), given)
        yield found.capitalize() if given[0].isupper() else found
        at += length


def pairs(source: str, target: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """`texts` and their Cyrillic forms as (source, target), one of which is "en"."""
    if source == "en":
        return [(text, transliterated(text, target)) for text in texts]
    return [(transliterated(text, source), text) for text in texts]
