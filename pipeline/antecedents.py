"""Which of those an article has told of so far the words "she" or "the officer" mean: a linear model over named features."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Kind = Literal["person", "voice", "itself"]
NEAR = 1  # sentences back in which somebody "has just" spoken or been named


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an article tells of somebody: sentence, paragraph, first character, and whether as what the sentence is about."""

    sentence: int
    paragraph: int
    start: int
    leads: bool
    governed: bool = False  # a preposition stands before it, as before most places


@dataclass(frozen=True, slots=True)
class Anaphor:
    """The words to be resolved. `modified`: they are more than a noun («второй эксперт»); `indefinite`: "a farmer"."""

    spot: Spot
    pronoun: bool
    gender: str | None
    plural: bool
    modified: bool = False
    indefinite: bool = False
    human: bool = True
    head: str | None = None
    telling: frozenset[str] = frozenset()  # stems of its modifiers
    anew: bool = True  # the head has not stood in the article before
    aged: bool = False  # "the 52-year-old farmer"
    vague: bool = False  # "the officer": says little more than a pronoun
    possessed: bool = False  # "her deputy"
    described: bool = False  # more is told of whoever it is: "the driver, who …"
    document: bool = False  # "the letter": whoever wrote it speaks


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody it may mean, `spots` in order; "itself" when the words mean nobody else of whom the article tells."""

    kind: Kind
    name: str = ""
    spots: tuple[Spot, ...] = ()
    gender: str | None = None
    plural: bool = False
    human: bool = True
    organisation: bool = False
    roles: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()  # stems of the words beside its mentions
    spoke: tuple[int, ...] = ()  # sentences
    last_voice: bool = False
    later: bool = False  # first named after the words
    same_role: bool = False  # one of them is the head, or a compound of it
    kin: bool = False  # its roles are of the kind that the head names: an official, a governor


@cache
def weights() -> dict[str, float]:
    """The trained weights by feature."""
    kept = json.loads((files("pipeline") / "antecedents.json").read_text(encoding="utf-8"))
    return {name: float(weight) for name, weight in kept.items()}


def best(anaphor: Anaphor, candidates: Sequence[Candidate]) -> int:
    """The number of the likeliest candidate; of equal ones the first."""
    table = weights()
    scores = [sum(table.get(name, 0.0) * value for name, value in row.items()) for row in features(anaphor, candidates)]
    return max(range(len(scores)), key=lambda n: (scores[n], -n))


def features(anaphor: Anaphor, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
    """The named features of each candidate; all begin with the kind of words that they are asked for."""
    how = _kind(anaphor)
    rivals = _rivals(anaphor, candidates)
    rows = (_itself(anaphor, rivals) if c.kind == "itself" else _row(anaphor, c, rivals) for c in candidates)
    return [{f"{how} {name}": value for name, value in row.items()} for row in rows]


@dataclass(frozen=True, slots=True)
class _Rivals:
    """The candidates that fit, the nearest first: all, those that surely have the gender, and people named before."""

    fitting: list[Candidate]
    sure: list[Candidate]
    named: list[Candidate]


def _rivals(anaphor: Anaphor, candidates: Sequence[Candidate]) -> _Rivals:
    fitting = sorted((c for c in candidates if _fits(anaphor, c)), key=_order)
    sure = [c for c in fitting if c.gender and c.gender == anaphor.gender]
    return _Rivals(fitting, sure, [c for c in fitting if c.kind == "person" and c.human and not c.later])


def _order(candidate: Candidate) -> tuple[int, bool, int]:
    """The nearest first; within a sentence those of whom one knows that they agree before those who may."""
    last = candidate.spots[-1]
    return -last.sentence, candidate.gender is None, -last.start


def _kind(anaphor: Anaphor) -> str:
    if anaphor.pronoun:
        return "pronoun"
    if not anaphor.human:
        return "thing"
    return "modified" if anaphor.modified else "bare"


def _fits(anaphor: Anaphor, candidate: Candidate) -> bool:
    """Whether number and gender do not contradict."""
    if candidate.kind == "itself":
        return False
    if candidate.plural != anaphor.plural and not (anaphor.plural and candidate.organisation):
        return False
    return not (candidate.gender and anaphor.gender and candidate.gender != anaphor.gender)


def _itself(anaphor: Anaphor, rivals: _Rivals) -> dict[str, float]:
    return {
        "itself": 1.0,
        "itself anew": float(anaphor.anew),
        "itself indefinite": float(anaphor.indefinite),
        "itself aged": float(anaphor.aged),
        "itself alone": float(not rivals.fitting),
        "itself plural": float(anaphor.plural),
        "itself document": float(anaphor.document),
        "itself vague": float(anaphor.vague),
        "itself described": float(anaphor.described),
        "itself possessed": float(anaphor.possessed),
    }


def _row(anaphor: Anaphor, candidate: Candidate, rivals: _Rivals) -> dict[str, float]:
    fitting, sure, named = rivals.fitting, rivals.sure, rivals.named
    row = {
        candidate.kind: 1.0,
        "only one": float(len(fitting) == 1 and fitting[0] is candidate),
        "nearest": float(fitting[:1] == [candidate]),
        "second": float(fitting[1:2] == [candidate]),
        "only person": float(named == [candidate]),
        "nearest person": float(named[:1] == [candidate]),
        "only of the gender": float(sure == [candidate]),
        "nearest of the gender": float(sure[:1] == [candidate]),
        **_agreement(anaphor, candidate),
        **_nearness(anaphor, candidate),
    }
    if anaphor.pronoun:
        return row
    free = named == [candidate] and not candidate.roles
    return row | _roles(anaphor, candidate) | {"only person, role unknown": float(free and anaphor.human)}


def _agreement(anaphor: Anaphor, candidate: Candidate) -> dict[str, float]:
    known = candidate.gender is not None and anaphor.gender is not None
    return {
        "gender": float(known and candidate.gender == anaphor.gender),
        "other gender": float(known and candidate.gender != anaphor.gender),
        "other number": float(candidate.plural != anaphor.plural),
        "organisation": float(candidate.organisation),
        "plural for organisation": float(candidate.organisation and (anaphor.plural or anaphor.gender == "neut")),
        "gender unknown": float(candidate.gender is None),
        "no human": float(not candidate.human),
        "no human for a person": float(not candidate.human and anaphor.human and not anaphor.plural),
    }


def _nearness(anaphor: Anaphor, candidate: Candidate) -> dict[str, float]:
    here, last = anaphor.spot, candidate.spots[-1]
    back = here.sentence - last.sentence
    spoke = max(candidate.spoke, default=None)
    leads = any(spot.leads for spot in candidate.spots if spot.sentence == last.sentence)
    return {
        "far": math.log1p(max(back, 0)),
        "same sentence": float(back == 0),
        "sentence before": float(back == 1),
        "other paragraph": float(here.paragraph != last.paragraph),
        "leads": float(leads),
        "often": math.log(len(candidate.spots)),
        "last voice": float(candidate.last_voice),
        "has just spoken": float(spoke is not None and here.sentence - spoke <= NEAR),
        "has spoken": float(spoke is not None),
        "later": float(candidate.later),
        "always governed": float(all(spot.governed for spot in candidate.spots)),
        "governed": float(last.governed),
        "leads sentence before": float(leads and back == 1),
        "led": float(any(s.leads for s in candidate.spots)),
        "last voice here": float(candidate.last_voice and here.paragraph == last.paragraph),
        "last voice before": float(candidate.last_voice and here.sentence - max(candidate.spoke) == 1),
    }


def _roles(anaphor: Anaphor, candidate: Candidate) -> dict[str, float]:
    same = candidate.same_role
    shared = len(anaphor.telling & candidate.around) / len(anaphor.telling) if anaphor.telling else 0.0
    back = anaphor.spot.sentence - candidate.spots[-1].sentence
    known = bool(anaphor.telling) and shared == 1.0
    return {
        "same role": float(same),
        "role unknown": float(not candidate.roles),
        "same role, nearest": float(same and back <= NEAR),
        "shared words": shared,
        "same role, all words shared": float(same and known),
        "another role, all words shared": float(known and not same and anaphor.human),
        "another role, all words shared, spoke": float(known and not same and bool(candidate.spoke)),
        "vague, nearest voice": float(anaphor.vague and candidate.last_voice and candidate.human),
        "same role, words of its own": float(same and not known),
        "role unknown, a person": float(not candidate.roles and anaphor.human and candidate.human),
        "document": float(anaphor.document),
        "document of who spoke": float(anaphor.document and candidate.last_voice),
        "kin role": float(candidate.kin and not same),
        "other roles": float(bool(candidate.roles) and not same and not candidate.kin),
        "described": float(anaphor.described),
        "vague": float(anaphor.vague),
        "possessed": float(anaphor.possessed),
        "indefinite": float(anaphor.indefinite),
        "aged": float(anaphor.aged),
        "same role, here": float(same and back == 0),
    }
