"""Resolves the words that attribute a quotation to the person whom the article names: surnames, roles, pronouns."""

from dataclasses import dataclass, field

from pipeline.lang import entries
from pipeline.records import Language, Span
from pipeline.speech import english_words
from pipeline.speech.baseforms import base_form
from pipeline.speech.mentions import Mention, Person, key, people, role_key
from pipeline.speech.morphology import forms, is_finite, is_preposition, nominative
from pipeline.speech.narration import Narrated
from pipeline.speech.slavic_words import PERSONAL
from pipeline.speech.sources import Source

PERSON_ENDINGS = ("er", "or", "ist", "ian", "man", "woman", "ant", "ent", "ee", "ess")  # baker, captain's are in a list
POSSESSIVE = frozenset(["his", "her", "their", "его", "её", "ее", "їх", "його", "її"])
APPOSING = frozenset(["the", "a", "an", "his", "her", "their"])
CLOSES_WITHIN = 60  # characters from a role to the comma that closes an apposition
ROOT = 6  # letters that words of one root begin with
ORIGIN = frozenset(["из", "із", "зі", "з"])
NEAR = 7  # words of an apposition
RECENT = 4  # sentences back in which somebody who spoke may be the bearer of a role
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
        """The fullest name in its base form, else the role; None when a pronoun refers to nobody of whom the article tells."""
        beside = None if source.name or source.plural else self._beside(source, sentence)
        if beside is not None:
            found: Voice | None = Voice(self.name_of(beside), beside.gender, False, beside)
        else:
            found = self._by_pronoun(source, sentence) if source.pronoun else self._named(source, sentence)
        if found is not None:
            self.spoke.setdefault(sentence, []).append((source.start, found))
            if found.person:
                if source.name and source.gender:
                    found.person.gender = source.gender  # the verb agrees with it
                if beside is None or source.pronoun:  # not that of an institution which somebody speaks for
                    found.person.gender = found.person.gender or source.gender
                found.person.spoke = True
                return self.name_of(found.person)  # anew: the gender tells the base form
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
            return Voice(
                self._role_text(source.role, source.nominative) + self._origin(source, sentence),
                source.gender,
                source.plural,
            )
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

    def _beside(self, source: Source, sentence: int) -> Person | None:
        """Whom the words beside a source name: "her deputy, Ann Lee", "a woman who gave her name as Ann", «сказал Халупа»."""
        for mention, person in self.leading[sentence]:
            if mention.start < source.start:
                between = self.text[mention.end : source.start]
                if between == ", " and self._person_here(mention) and self._apposed(source):
                    return person
                continue
            between = self.text[source.end : mention.start] if mention.start >= source.end else ""
            if self._gives_name(between):
                person.oblique = self.language != "en" and mention is person.fullest()
                return person
            if self._person_here(mention) and self._set_off(source, between, mention):
                return person
        return None

    def _person_here(self, mention: Mention) -> bool:
        """Whether a mention may be a person who is the subject."""
        if self.language == "en":
            return mention.human
        return all(
            any(form.case in ("nomn", None) or form.part in ("LATN", "UNKN") for form in forms(word, self.language))
            for word in mention.words
        )

    def _apposed(self, source: Source) -> bool:
        """Whether a role stands between commas: "Ann Lee, a spokeswoman for the port, said", and not "…, her deputy said"."""
        after, comma, _ = self.text[source.end : source.end + CLOSES_WITHIN].partition(",")
        first = self.text[source.start : source.end].split()[0].lower()
        closed = bool(comma) and not any(self._is_verb(word) for word in after.split())
        bare = self.language == "en" and first not in APPOSING  # no article: "Ann Lee, adviser to the minister"
        return source.role is not None and (closed or bare) and first not in POSSESSIVE

    def _set_off(self, source: Source, between: str, mention: Mention) -> bool:
        """Whether a name that stands after a source says who it is: "her deputy, Ann Lee", «отозвался Халупа»."""
        words = between.replace(",", " ").split()
        verb = any(self._is_verb(word) for word in words)
        if source.pronoun:
            if source.pronoun in POSSESSIVE:
                return bool(words) and not verb and len(words) <= NEAR
            implied = source.pronoun not in PERSONAL  # the verb itself stands for a subject that was not seen
            return self.language != "en" and implied and not between.strip()
        if verb or len(words) > NEAR or between.count(",") > 1 or any(c in between for c in ";:()—–«“\n"):
            return False
        if "," in between:
            return between.startswith(",") and (
                self.language != "en" or not words or words[0].lower() in APPOSING or words[0][0].isupper()
            )
        return self.language != "en" and len(mention.words) > 1

    def _is_verb(self, word: str) -> bool:
        if self.language == "en":
            lower = word.lower()
            return (
                lower in english_words.verbs()
                or lower in english_words.AUXILIARIES
                or lower in english_words.RELATIVE
                or lower in english_words.CONJUNCTIONS
            )
        return is_finite(word, self.language)

    def _gives_name(self, between: str) -> bool:
        """ "… who introduced himself as", «назвавшаяся», «в лице майора»: words after which stands who it was."""
        words = between.replace(",", " ").lower().split()
        if not words or len(words) > 2 * NEAR:
            return False
        said = f" {' '.join(words)} "
        if any(f" {phrase} " in said for phrase in entries(self.language, "naming_phrases")):
            return True
        if self.language == "en":
            return False
        return any(form.lemma in entries(self.language, "selfnaming_verbs") for form in forms(words[-1], self.language))

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
        """The nearest person before a pronoun whom it may stand for; failing that a thing or a role of the article."""
        for back in range(sentence, max(-1, sentence - REACH), -1):
            spoke = [voice for start, voice in self.spoke.get(back, ()) if start < source.start]
            for voice in reversed(spoke):
                if self._may_be(source, voice):
                    return voice
            named = [person for mention, person in self.leading[back] if mention.end <= source.start]
            humans = [person for person in named if person.is_human(self.language)]
            found = self._first_of(source, sorted(humans, key=lambda person: person.gender is None))
            if found:
                return found
        if source.plural or source.gender == "neut":
            return None
        return self._first_of(source, self._of_two_words(source, sentence)) or self._unnamed(source, sentence)

    def _first_of(self, source: Source, people: list[Person]) -> Voice | None:
        voices = (Voice(self.name_of(person), person.gender, False, person) for person in people)
        return next((voice for voice in voices if self._may_be(source, voice)), None)

    def _of_two_words(self, source: Source, sentence: int) -> list[Person]:
        """Names, nearest first, of which only their length tells that they may be people's."""
        return [
            person
            for back in range(sentence, -1, -1)
            for mention, person in self.leading[back]
            if mention.end <= source.start and (person.is_human(self.language) or len(person.fullest().words) == 2)
        ]

    def _unnamed(self, source: Source, sentence: int) -> Voice | None:
        """The nearest noun for a person, when nobody is named: «спросила машиниста … — ответил тот»."""
        for back in range(sentence, max(-1, sentence - REACH), -1):
            for token in self.sentences[back].tokens:
                if token.end > source.start or not token.is_word:
                    continue
                noun = self._noun(token.lower, source.gender)
                if noun is not None:
                    return Voice(noun, source.gender, False)
        return None

    def _noun(self, word: str, gender: str | None) -> str | None:
        """The base form of a noun that tells of one person of that gender; None for other words."""
        if self.language == "en":
            return word if word in entries("en", "person_nouns") else None
        first = forms(word, self.language)[0]
        if first.part != "NOUN" or not first.animate or first.name or first.plural:
            return None
        return first.lemma if gender is None or first.gender is None or str(first.gender) == gender else None

    def _may_be(self, source: Source, voice: Voice) -> bool:
        """Whether a pronoun may stand for somebody: number and gender do not contradict."""
        if source.plural or source.gender == "neut":
            thing = voice.person is None or not voice.person.fullest().human
            return voice.plural or (thing and (voice.person is not None or voice.gender in (None, "neut")))
        if voice.plural or not self._is_somebody(voice):
            return False
        gender = voice.person.gender if voice.person else voice.gender
        return gender is None or source.gender is None or gender == source.gender

    def _is_somebody(self, voice: Voice) -> bool:
        """Whether a voice without a name may be one person: "the driver", and not "the page"."""
        if voice.person is not None:
            return not voice.person.is_organisation(self.language)
        if voice.name[:1].isupper():
            return True
        if self.language != "en":
            return any(self._is_person(word) for word in voice.name.split())
        words = voice.name.lower().split()
        stop = next((n for n, word in enumerate(words) if word in english_words.OF and n), len(words))
        return self._is_person(words[stop - 1])

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
        """ "The farmer" when the article has named one such person so far, and not said what he or she is."""
        words = self.text[source.start : source.end].split()
        if self.text[source.end : source.end + 1] == "," or self._origin(source, sentence):
            return None  # who is told more of is somebody new
        alone = len(words) == 1 or (len(words) == 2 and (words[0].lower() == "the" or words[0][0].isdigit()))
        if not alone or not self._is_person(words[-1]) or (self.language == "en" and words[0].lower() != "the"):
            return None
        named = [p for p in self.known if p.mentions[0].end <= source.start and p.is_human(self.language)]
        fits = [p for p in named if self._may_be(source, Voice("", p.gender, False, p))]
        only = fits[0] if len(fits) == 1 else None
        if only and not only.roles and (only.spoke or len(only.fullest().words) > 1):
            return only
        described = [p for p in fits if self._described(p, words[-1])]
        if described:
            return described[-1]
        for back in range(sentence, max(-1, sentence - RECENT), -1):
            spoke = [v for start, v in self.spoke.get(back, ()) if start < source.start]
            if spoke:
                return spoke[-1].person if spoke[-1].person in fits else None
        return None

    def _described(self, person: Person, role: str) -> bool:
        """«керівниця диспетчерської служби …» is the «диспетчерка»: a word of the same root stands beside the name."""
        root = role.lower()[:ROOT]
        return len(root) == ROOT and any(
            token.lower.startswith(root)
            for sentence, leading in zip(self.sentences, self.leading, strict=True)
            if any(named is person for _, named in leading)
            for token in sentence.tokens
        )

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

    def _origin(self, source: Source, sentence: int) -> str:
        """« из Сум» after «таксист», « в водоканале» after «собеседник»: what tells one bearer of a role from another."""
        tokens = self.sentences[sentence].tokens
        at = next((n for n, token in enumerate(tokens) if token.start >= source.end), len(tokens))
        if self.language == "en" or at + 1 >= len(tokens) or not is_preposition(tokens[at].text, self.language):
            return ""
        stop = at + 1
        while stop < min(at + NEAR, len(tokens)) and tokens[stop].is_word and self._is_oblique(tokens[stop].text):
            stop += 1
        if tokens[at].lower not in ORIGIN:
            first = next(n for n, token in enumerate(tokens) if token.end > source.start)
            inverted = first > 0 and tokens[first - 1].is_word and is_finite(tokens[first - 1].text, self.language)
            closed = stop < len(tokens) and (tokens[stop].text == "," or is_finite(tokens[stop].text, self.language))
            if inverted or not closed:
                return ""
        return " " + self.text[tokens[at].start : tokens[stop - 1].end] if stop > at + 1 else ""

    def _is_oblique(self, word: str) -> bool:
        if is_finite(word, self.language):
            return False
        return any(form.case != "nomn" and form.part in ("NOUN", "ADJF", "LATN") for form in forms(word, self.language))

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
