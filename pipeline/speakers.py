"""Resolves the words that attribute a quotation to the person whom the article names: surnames, roles, pronouns."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline import antecedents
from pipeline.antecedents import Anaphor, Candidate, Spot
from pipeline.lang import entries, listed
from pipeline.records import Language, Span
from pipeline.speech import appositions, english_words, roles
from pipeline.speech.attributions import POSSESSORS
from pipeline.speech.baseforms import base_form, genitive_name
from pipeline.speech.mentions import SHORTEST_STEM, Mention, Person, key
from pipeline.speech.morphology import is_listed
from pipeline.speech.narration import Narrated
from pipeline.speech.people import people
from pipeline.speech.roles import POSSESSIVE
from pipeline.speech.slavic_words import PERSONAL
from pipeline.speech.sources import Source

PRONOUNS = PERSONAL.keys() | english_words.PRONOUNS.keys()  # never names
AHEAD = 6  # sentences after a role in which its bearer may be named for the first time
HORIZON = 100  # sentences back that are remembered
MOST = 200  # voices back that are remembered
REACH = 6  # sentences back in which a noun may be what a pronoun means
LEADING = 4  # tokens at the head of a sentence where stands what it is about
APPOSED = 6  # words of a role between commas
BESIDE = 8  # words on either side of a name that may tell who it is
STEM = 5  # letters that two words of one root begin with

Choose = Callable[[Source, Anaphor, Sequence[Candidate]], int]


def likeliest(_: Source, anaphor: Anaphor, candidates: Sequence[Candidate]) -> int:
    """The number of the candidate that the trained weights prefer."""
    return antecedents.best(anaphor, candidates)


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who speaks in the article: a person whom it names, or only a role."""

    name: str
    gender: str | None
    plural: bool
    person: Person | None = None

    def is_same(self, other: "Voice") -> bool:
        """Whether both are one person, or bear one role."""
        return self.person is other.person and (self.person is not None or self.name == other.name)


Heard = tuple[int, int, Voice]  # sentence, first character of the words that attribute, who


@dataclass(slots=True)
class Speakers:
    """Everybody an article names, asked in reading order: `resolve` remembers who spoke last.

    `choose` decides whom a pronoun or role means; training puts its own in place.
    """

    text: str
    sentences: list[Narrated]
    language: Language
    choose: Choose = likeliest
    known: list[Person] = field(init=False)
    leading: list[list[tuple[Mention, Person]]] = field(init=False)
    nouns: list[roles.Noun] = field(init=False)
    spoke: list[Heard] = field(default_factory=list)
    _spots: dict[int, Spot] = field(init=False)  # by the first character of the mention
    _around: dict[int, set[str]] = field(init=False)
    _first_told: dict[str, int] = field(init=False)  # head of a role → where it first stands

    def __post_init__(self) -> None:
        self.known = people(self.text, self.sentences, self.language)
        starts = [(mention, person) for person in self.known for mention in person.mentions]
        starts.sort(key=lambda pair: pair[0].start)
        self.leading = [[] for _ in self.sentences]
        at = 0
        for number, sentence in enumerate(self.sentences):
            while at < len(starts) and starts[at][0].start < sentence.end:
                if starts[at][0].start >= sentence.start:
                    self.leading[number].append(starts[at])
                at += 1
        self.nouns = roles.unnamed(self.sentences, self.leading, self.language)
        self._look_around()

    def _look_around(self) -> None:
        """Where each person is mentioned, and among which words."""
        self._spots = {}
        self._around = {id(person): set() for person in self.known}
        for number, (sentence, leading) in enumerate(zip(self.sentences, self.leading, strict=True)):
            place = {token.start: at for at, token in enumerate(sentence.tokens)}
            for mention, person in leading:
                at = place.get(mention.start, 0)
                leads = at < LEADING and appositions.may_be_subject(mention, self.language)
                governed = at > 0 and roles.is_preposition(sentence.tokens[at - 1].text, self.language)
                self._spots[mention.start] = Spot(number, sentence.paragraph, mention.start, leads, governed)
                near = sentence.tokens[max(0, at - BESIDE) : at + len(mention.words) + BESIDE]
                self._around[id(person)] |= _stems(token.text for token in near if token.is_word)
        told = [(noun.start, noun.head) for noun in self.nouns]
        told += [(person.mentions[0].start, role) for person in self.known for role in person.roles]
        self._first_told = {head: start for start, head in sorted(told, reverse=True)}

    def _spot(self, sentence: int, start: int, *, leads: bool = True) -> Spot:
        return Spot(sentence, self.sentences[sentence].paragraph, start, leads)

    def resolve(self, source: Source, sentence: int) -> str | None:
        """The fullest name in its base form, else the role; None when a pronoun refers to nobody of whom the article tells."""
        found, apposed = self._voice(source, sentence)
        if found is None or found.name.lower() in PRONOUNS:
            return None
        self.spoke.append((sentence, source.start, found))
        person = found.person
        if person is None:
            return found.name
        if source.name and source.gender:
            person.gender = source.gender  # the verb agrees with it
        if not apposed or source.pronoun:  # not that of an institution which somebody speaks for
            person.gender = person.gender or source.gender
        person.spoke = True
        return self.name_of(person)  # anew: the gender tells the base form

    def _voice(self, source: Source, sentence: int) -> tuple[Voice | None, bool]:
        """(who speaks, whether a name beside the source tells)."""
        leading = self.leading[sentence]
        if source.name is None and not source.plural:
            beside = appositions.person_beside(self.text, source, leading, self.language)
            if beside is not None:
                return self._known(beside), True
        inside = [(mention, person) for mention, person in leading if source.start <= mention.start < source.end]
        if source.role and source.plural and sum(mention.human for mention, _ in inside) > 1:
            return self._itself(source, sentence), False  # «Анна Белова и Ольга Рудь»
        marked = next((person for mention, person in inside if mention.callsign), None)
        if marked is not None:
            return self._known(marked), False
        if source.name:
            return self._named(source, source.name, sentence), False
        return self._antecedent(source, sentence), False

    def _known(self, person: Person) -> Voice:
        return Voice(self.name_of(person), person.gender, False, person)

    def _named(self, source: Source, name: Span, sentence: int) -> Voice:
        person = self._by_name(name, sentence)
        if person is None:
            plain = self.text[slice(*name)].removesuffix("’s").removesuffix("'s")
            return Voice(plain, source.gender, source.plural)
        if source.nominative:
            words = self.text[slice(*name)].split()
            person.subjects.update((key(word, self.language), word) for word in words)
        elif name[0] == person.fullest().start:
            person.oblique = True
        return self._known(person)

    def _by_name(self, span: Span, sentence: int) -> Person | None:
        for mention, person in self.leading[sentence]:
            if mention.start < span[1] and span[0] < mention.end:
                return person
        words = [key(word, self.language) for word in self.text[slice(*span)].split()]
        return next((person for person in self.known if words and words[-1] in person.keys), None)

    def lead(self, sentence: int) -> tuple[str, Source] | None:
        """The first person whom a sentence names."""
        for mention, person in self.leading[sentence]:
            return self.name_of(person), Source(mention.start, mention.end, name=(mention.start, mention.end))
        return None

    def name_of(self, person: Person) -> str:
        """The person's fullest name in the base form; words that the article has in the nominative as it has them."""
        full = person.fullest()
        if full.callsign:
            return full.callsign
        if self.language == "en":
            return " ".join(full.words)
        base = base_form(full.words, self.language, person.gender, person.oblique)
        return " ".join(person.subjects.get(k, word) for k, word in zip(full.keys, base, strict=True))

    # --- pronouns and roles

    def _antecedent(self, source: Source, sentence: int) -> Voice | None:
        """Whom a pronoun or a role means, of all of whom the article tells; the role itself; or nobody."""
        voices, candidates = self._candidates(source, sentence)
        relation = self._relation(source)
        if relation:  # Ann is not "her husband"; whoever was called a husband may be
            head = roles.head(relation, self.language)
            named = [n for n, one in enumerate(candidates) if one.kind == "person" and head in one.roles]
            return voices[named[-1]] if named else self._relative(relation, source, sentence)
        if source.role and self._is_new(source, self.text[slice(*source.role)], candidates):
            return self._itself(source, sentence)
        chosen = self.choose(source, self._anaphor(source, sentence), [*candidates, Candidate("itself")])
        return voices[chosen] if chosen < len(voices) else self._itself(source, sentence)

    def _is_new(self, source: Source, role: str, candidates: Sequence[Candidate]) -> bool:
        """Whether a role is nobody who was told of: another officer, a reporter, a report of the UN."""
        if self._first_word(source) in listed(self.language, "other_words"):
            return True
        words = role.split()
        if any(is_listed(word, "documents", self.language) for word in words):
            return any(word.isupper() for word in words)
        asks = roles.head(role, self.language) in listed(self.language, "interviewers")
        return asks and not any(candidate.same_role for candidate in candidates)

    def _anaphor(self, source: Source, sentence: int) -> Anaphor:
        first = self.text[source.start : source.end].split()[0].lower()
        role = self.text[slice(*source.role)] if source.role else ""
        words = role.split()
        head = roles.head(role, self.language) if role else None
        emphatic = entries(self.language, "emphatic_words")
        return Anaphor(
            self._spot(sentence, source.start),
            pronoun=not role,
            gender=source.gender,
            plural=source.plural,
            modified=sum(word.lower() not in emphatic and not word[0].isdigit() for word in words) > 1,
            aged=any(word[0].isdigit() for word in words),
            indefinite=first in listed(self.language, "indefinite_words"),
            human=not role or any(roles.is_person(word, self.language) for word in words),
            head=head,
            telling=frozenset(_stems(word for word in words if not word[0].isdigit())),
            anew=head is None or self._first_told.get(head, source.start) >= source.start,
            vague=self._vague(source),
            possessed=first in POSSESSIVE,
            described=self.text[source.end : source.end + 2] == ", ",
            document=any(is_listed(word, "documents", self.language) for word in words),
        )

    def _vague(self, source: Source) -> bool:
        """«женщина», "the 52-year-old": says no more than a pronoun."""
        words = self.text[source.start : source.end].lower().split()
        vague = words[-1] in listed(self.language, "anaphoric_roles")
        if self.language != "en":
            return len(words) == 1 and vague
        return words[0] == "the" and len(words) <= 3 and (vague or words[-1].endswith("-year-old"))

    def _voices(self, source: Source, sentence: int, heard: list[Heard]) -> list[tuple[Voice, list[Spot]]]:
        """Everybody whom it may mean, with where the article tells of them: people by name, voices, nouns for people.

        A person who is first named after a role may be its bearer; one whom its words name ("a spokesman for Ann") is not.
        """
        named: dict[int, tuple[Person, list[Spot]]] = {}
        inside = {id(p) for mention, p in self.leading[sentence] if source.start <= mention.start < source.end}
        for leading in self.leading[max(0, sentence - HORIZON) : sentence + 1 + AHEAD]:
            for mention, person in leading:
                first = person.mentions[0] is mention
                if id(person) not in inside and (mention.start < source.start or (first and source.role)):
                    named.setdefault(id(person), (person, []))[1].append(self._spots[mention.start])
        unnamed: dict[str, tuple[Voice, list[Spot]]] = {}
        for number, start, voice in heard:
            if voice.person is None:
                unnamed.setdefault(voice.name, (voice, []))[1].append(self._spot(number, start))
        begin = bisect_right(self.nouns, sentence - REACH, key=lambda noun: noun.sentence)
        for noun in itertools.takewhile(lambda noun: noun.end <= source.start, self.nouns[begin:]):
            name = roles.base_role(self.text[noun.start : noun.end], self.language, nominative_already=False)
            spot = self._spot(noun.sentence, noun.start, leads=noun.at < LEADING)
            unnamed.setdefault(name, (Voice(name, noun.gender, noun.plural), [spot]))
        return [(self._known(person), spots) for person, spots in named.values()] + list(unnamed.values())

    def _heard(self, source: Source, sentence: int) -> list[Heard]:
        """Who has spoken before the source, not too far back."""
        begin = bisect_left(self.spoke, sentence - HORIZON, key=lambda spoken: spoken[0])
        return [spoken for spoken in self.spoke[begin:] if spoken[1] < source.start][-MOST:]

    def _candidates(self, source: Source, sentence: int) -> tuple[list[Voice], list[Candidate]]:
        heard = self._heard(source, sentence)
        told = self._voices(source, sentence, heard)
        return [voice for voice, _ in told], [self._candidate(voice, spots, source, heard) for voice, spots in told]

    def _candidate(self, voice: Voice, spots: list[Spot], source: Source, heard: list[Heard]) -> Candidate:
        spoken = [(start, number) for number, start, other in heard if voice.is_same(other)]
        person = voice.person
        told = roles.heads(voice.name, self.language) if person is None else person.roles
        wider = roles.head(self.text[slice(*source.role)], self.language) if source.role else None
        return Candidate(
            "voice" if person is None else "person",
            voice.name,
            tuple(spots),
            gender=voice.gender,
            plural=voice.plural,
            human=person.is_human(self.language) if person else roles.is_somebody(voice.name, self.language),
            organisation=person is not None and person.is_organisation(self.language),
            roles=frozenset(told),
            around=frozenset(self._around[id(person)]) if person else frozenset(),
            kin=any(roles.is_kind(role, wider, self.language) for role in told),
            same_role=any(roles.is_same(role, wider) for role in told),
            later=spots[0].start > source.start,
            spoke=tuple(number for _, number in spoken),
            last_voice=bool(spoken) and max(spoken)[0] == max(start for _, start, _ in heard),
        )

    def _itself(self, source: Source, sentence: int) -> Voice | None:
        if source.role is None:
            return None
        plain = self._unowned(source.role)
        if plain.startswith("of "):
            plain = self.text[source.start : source.end]  # one of them
        name = roles.base_role(plain, self.language, nominative_already=source.nominative)
        origin = roles.origin(self.sentences[sentence].tokens, (source.start, source.end), self.language)
        name += origin + self._apposed_role(source, source.end + len(origin), sentence)
        return Voice(name, source.gender, source.plural)

    def _apposed_role(self, source: Source, end: int, sentence: int) -> str:
        """ ", a retired surveyor" after "her neighbour": a second role between commas."""
        if source.plural or self.text[end : end + 2] != ", ":
            return ""
        tokens = self.sentences[sentence].tokens
        begin = next((n for n, token in enumerate(tokens) if token.start >= end), len(tokens)) + 1
        stop = next((n for n in range(begin, len(tokens)) if not tokens[n].is_word), len(tokens))
        words = [token.text for token in tokens[begin:stop]]
        if not 0 < len(words) <= APPOSED or not roles.is_role(words, self.language):
            return ""
        return ", " + " ".join(words)

    def _unowned(self, role: Span) -> str:
        """A role without "her" before it."""
        words = self.text[slice(*role)]
        return words.partition(" ")[2] or words if words.split()[0].lower() in POSSESSIVE else words

    def _relation(self, source: Source) -> str | None:
        """ "husband" of "her husband", «мать»: a noun of kinship or service that leaves open whose; None for other words."""
        if source.role is None or source.plural:
            return None
        noun = self._unowned(source.role)
        owned = self._first_word(source) in POSSESSIVE
        related = is_listed(noun, "relations", self.language) or is_listed(noun, "kinship", self.language)
        open_whose = related and (owned or self.language != "en")
        return noun if open_whose else None

    def _first_word(self, source: Source) -> str:
        """Its first word, which may tell whose it is, or that it is somebody else."""
        return self.text[source.start : source.end].split()[0].lower()

    def _relative(self, noun: str, source: Source, sentence: int) -> Voice | None:
        """Whose mother or lawyer speaks: "Her husband" of Ann Lee; the noun alone when there is nobody whose it may be."""
        owner = self._first_word(source)
        gender, _ = POSSESSORS.get(owner, (None, False))
        pronoun = Source(source.start, source.end, pronoun=owner, gender=gender)
        voices, candidates = self._candidates(pronoun, sentence)
        people = [n for n, candidate in enumerate(candidates) if candidate.kind == "person" and candidate.human]
        if not people:
            return self._itself(source, sentence)
        chosen = antecedents.best(self._anaphor(pronoun, sentence), [candidates[n] for n in people])
        whose = voices[people[chosen]]
        if self.language == "en":
            return Voice(f"{whose.name}’s {noun.lower()}", source.gender, False)
        base = roles.base_role(noun, self.language, nominative_already=source.nominative).lower()
        return Voice(f"{base} {genitive_name(whose.name, whose.gender, self.language)}", source.gender, False)


def _stems(words: Iterable[str]) -> set[str]:
    """The letters that words of one root have in common, near enough; little words have none."""
    return {word.lower().replace("ё", "е")[:STEM] for word in words if len(word) >= SHORTEST_STEM}
