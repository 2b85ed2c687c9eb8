"""Resolves the words that attribute a quotation to the person whom the article names: surnames, roles, pronouns."""

from dataclasses import dataclass, field

from pipeline.lang import entries
from pipeline.records import Language, Span
from pipeline.speech import english_words
from pipeline.speech.baseforms import base_form
from pipeline.speech.mentions import Mention, Person, key, people, role_key
from pipeline.speech.morphology import forms, nominative
from pipeline.speech.narration import Narrated
from pipeline.speech.sources import Source

PERSON_ENDINGS = ("er", "or", "ist", "ian", "man", "woman", "ant", "ent", "ee", "ess")  # baker, captain's are in a list
REACH = 6  # sentences back in which a pronoun or role may find its person


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who speaks in the article: a person whom it names, or only a role."""

    name: str
    gender: str | None
    plural: bool
    person: Person | None = None


@dataclass(slots=True)
class Speakers:
    """Everybody an article names, asked in reading order: `resolve` remembers who spoke last."""

    text: str
    sentences: list[Narrated]
    language: Language
    known: list[Person] = field(init=False)
    leading: list[list[tuple[Mention, Person]]] = field(init=False)
    spoke: dict[int, list[tuple[int, Voice]]] = field(default_factory=dict)

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

    def resolve(self, source: Source, sentence: int) -> str | None:
        """The fullest name in its base form, else the role; None when a pronoun refers to nobody the article names."""
        found = self._by_pronoun(source, sentence) if source.pronoun else self._named(source, sentence)
        if found is not None:
            self.spoke.setdefault(sentence, []).append((source.start, found))
            if found.person:
                if source.name and source.gender:
                    found.person.gender = source.gender  # the verb agrees with it
                found.person.gender = found.person.gender or source.gender
                found.person.spoke = True
            return found.name
        return None

    def _named(self, source: Source, sentence: int) -> Voice | None:
        person = self._by_name(source.name) if source.name else self._by_role(source, sentence)
        if person is not None:
            if source.name and source.nominative:
                words = self.text[slice(*source.name)].split()
                person.subjects.update((key(word, self.language), word) for word in words)
            if source.name and not source.nominative and source.name[0] == person.fullest().start:
                person.oblique = True
            return Voice(self.name_of(person), person.gender or source.gender, False, person)
        if source.name:
            name = self.text[slice(*source.name)].removesuffix("’s").removesuffix("'s")
            return Voice(name, source.gender, source.plural)
        if source.role:
            return Voice(self._role_text(source.role, source.nominative), source.gender, source.plural)
        return None

    def lead(self, sentence: int) -> tuple[str, Source] | None:
        """The first person whom a sentence names."""
        for mention, person in self.leading[sentence]:
            return self.name_of(person), Source(mention.start, mention.end, name=(mention.start, mention.end))
        return None

    def name_of(self, person: Person) -> str:
        """The person's fullest name in the base form; words that the article has in the nominative as it has them."""
        full = person.fullest()
        if self.language == "en":
            return " ".join(full.words)
        base = base_form(full.words, self.language, gender=person.gender, oblique=person.oblique)
        return " ".join(person.subjects.get(k, word) for k, word in zip(full.keys, base, strict=True))

    def _by_name(self, span: Span) -> Person | None:
        for person in self.known:
            if any(
                mention.start <= span[0] < mention.end or span[0] <= mention.start < span[1]
                for mention in person.mentions
            ):
                return person
        words = [key(word, self.language) for word in self.text[slice(*span)].split()]
        return next((person for person in self.known if words and words[-1] in person.keys), None)

    def _by_pronoun(self, source: Source, sentence: int) -> Voice | None:
        for back in range(sentence, max(-1, sentence - REACH), -1):
            spoke = [voice for start, voice in self.spoke.get(back, ()) if start < source.start]
            for voice in reversed(spoke):
                if self._may_be(source, voice):
                    return voice
            named = [person for mention, person in self.leading[back] if mention.end <= source.start]
            humans = [person for person in named if person.is_human(self.language)]
            for person in sorted(humans, key=lambda person: person.gender is None):
                voice = Voice(self.name_of(person), person.gender, False, person)
                if self._may_be(source, voice):
                    return voice
        return None

    def _may_be(self, source: Source, voice: Voice) -> bool:
        """Whether a pronoun may stand for somebody: number and gender do not contradict."""
        if source.plural or source.gender == "neut":
            thing = voice.person is None or not voice.person.fullest().human
            return voice.plural or (thing and (voice.person is not None or voice.gender in (None, "neut")))
        if voice.plural:
            return False
        gender = voice.person.gender if voice.person else voice.gender
        return gender is None or source.gender is None or gender == source.gender

    def _by_role(self, source: Source, sentence: int) -> Person | None:
        if source.role is None or source.plural:
            return None
        if self._anaphoric(source):
            voice = self._by_pronoun(source, sentence)
            if voice and voice.person:
                return voice.person
        first = self.text[source.start : source.end].split()[0].lower()
        if self.language == "en" and first in ("a", "an", "one", "another", "some", "many", "two", "three"):
            return None
        head = self._head(source.role)
        if head is None:
            return None
        before = [p for p in self.known if head in p.roles and p.mentions[0].start < source.start]
        if not before:
            return self._only_person(source, sentence)
        return max(before, key=lambda p: max(m.start for m in p.mentions if m.start < source.start))

    def _only_person(self, source: Source, sentence: int) -> Person | None:
        """ "The lieutenant" when nobody bears that rank: the person last spoken of."""
        words = self.text[source.start : source.end].split()
        if len(words) > (2 if self.language == "en" else 1) or not self._is_person(words[-1]):
            return None
        if self.language == "en" and words[0].lower() != "the":
            return None
        voice = self._by_pronoun(source, sentence)
        return voice.person if voice else None

    def _is_person(self, word: str) -> bool:
        if self.language == "en":
            return word.lower() in entries("en", "person_nouns") or word.lower().endswith(PERSON_ENDINGS)
        return any(form.animate and form.part == "NOUN" for form in forms(word, self.language))

    def _anaphoric(self, source: Source) -> bool:
        """«женщина», "the 52-year-old": says no more than a pronoun."""
        words = [word.lower() for word in self.text[source.start : source.end].split()]
        if self.language == "en":
            return (
                words[0] == "the"
                and (words[-1].endswith("-year-old") or words[-1] in entries("en", "anaphoric_roles"))
                and len(words) <= 3
            )
        return len(words) == 1 and words[0] in entries(self.language, "anaphoric_roles")

    def _head(self, role: Span) -> str | None:
        words = self.text[slice(*role)].split()
        if self.language == "en":
            stop = next((n for n, word in enumerate(words) if word.lower() in english_words.OF and n), len(words))
            return role_key(words[stop - 1], "en") if words[:stop] else None
        return next((k for word in words if (k := role_key(word.strip(',.«»„“”"'), self.language))), None)

    def _role_text(self, role: Span, is_nominative: bool) -> str:
        words = self.text[slice(*role)].split()
        if self.language == "en" or is_nominative:
            return " ".join(words)
        base: list[str] = []
        for number, word in enumerate(words):
            reading = next(
                (
                    f
                    for f in forms(word, self.language)
                    if f.part in ("NOUN", "ADJF", "PRTF") and f.case and f.case != "nomn"
                ),
                None,
            )
            if reading is None:
                return " ".join(base + words[number:])
            base.append(nominative(word, reading.case or "nomn", reading.gender, self.language))
            if reading.part == "NOUN":
                return " ".join(base + words[number + 1 :])
        return " ".join(base)
