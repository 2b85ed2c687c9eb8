"""Finds the people whom an article names: every mention, gathered by name, with the roles that stand beside it."""

from pipeline.lang import entries, listed
from pipeline.records import Language, Span
from pipeline.speech import callsigns, english_names, english_words, slavic_names
from pipeline.speech.baseforms import common_case, declined
from pipeline.speech.mentions import SHORTEST_STEM, Mention, Person, Words, key, may_be_person, role_key
from pipeline.speech.morphology import Form, forms, is_preposition
from pipeline.speech.narration import Narrated, Token

LONGEST_NAME = 4  # words
LONGEST_PHRASE = 8  # tokens of what stands before a name


def people(text: str, sentences: list[Narrated], language: Language) -> list[Person]:
    """The people of an article in order of first mention."""
    found: list[Person] = []
    by_key: dict[str, list[Person]] = {}
    mentions = [mention for sentence in sentences for mention in _mentions(text, sentence, language)]
    for mention in sorted(mentions, key=lambda m: -len(m.words)):
        person = next(
            (p for k in mention.keys[-1:] + mention.keys[:-1] for p in by_key.get(k, ()) if _same(p, mention)), None
        )
        if person is None:
            person = Person()
            found.append(person)
        person.mentions.append(mention)
        person.roles |= mention.roles
        person.gender = person.gender or mention.gender
        for k in mention.keys:
            if k not in person.keys:
                person.keys.add(k)
                by_key.setdefault(k, []).append(person)
    for sentence in sentences:
        callsigns.add(sentence, found, language)
    covered = {at for mention in mentions for at in range(mention.start, mention.end)}
    for sentence in sentences:
        for token in sentence.tokens:
            if token.is_capital and token.start not in covered:
                _again(token, by_key, language)
    for person in found:
        person.mentions.sort(key=lambda mention: mention.start)
    return sorted(found, key=lambda person: person.mentions[0].start)


def _again(token: Token, by_key: dict[str, list[Person]], language: Language) -> None:
    """Adds a surname that no rule for names sees: «Халупа» is a noun at the head of a sentence until one knows whose name it is."""
    surname = key(token.text, language)
    bearers = by_key.get(surname, ())
    if len(bearers) != 1 or len(surname) < SHORTEST_STEM:
        return
    full = bearers[0].fullest()
    if full.human and len(full.keys) > 1 and full.keys[-1] == surname:
        word = token.text.removesuffix("’s").removesuffix("'s")
        mention = Mention(token.start, token.end, (word,), (surname,), frozenset(), None, human=True)
        bearers[0].mentions.append(mention)


def _same(person: Person, mention: Mention) -> bool:
    if len(mention.keys) == 1:
        return mention.keys[0] in person.keys
    known = person.fullest().keys
    return mention.keys[-1] in person.keys and (
        mention.keys[0] in person.keys or any(k[:1] == mention.keys[0][:1] and len(mention.keys[0]) <= 2 for k in known)
    )


def _mentions(text: str, sentence: Narrated, language: Language) -> list[Mention]:
    tokens = sentence.tokens
    found: list[Mention] = []
    for first, stop in _names(tokens, language):
        words = tuple(token.text.removesuffix("’s").removesuffix("'s") for token in tokens[first:stop])
        keys = tuple(key(word, language) for word in words)
        roles = _roles(tokens, first, stop, language)
        found.append(
            Mention(
                tokens[first].start,
                tokens[stop - 1].end,
                words,
                keys,
                roles,
                _apposed_gender(tokens, first, stop, language) or _gender(words, roles, language),
                _human(tokens, first, stop, roles, language),
            )
        )
    return found


def _human(tokens: tuple[Token, ...], first: int, stop: int, roles: frozenset[str], language: Language) -> bool:
    if language != "en":
        readings = [forms(token.text, language) for token in tokens[first:stop]]
        several = stop - first > 1
        has_given = any(form.name == "Name" for word in readings for form in word)
        if first and not has_given and is_preposition(tokens[first - 1].text, language):
            return False  # «у Зеленому Порозі»
        if several and any(form.name for word in readings for form in word[:3]):
            return True
        if several and roles and _agrees(tokens[first - 1 : first], readings, language):
            return True
        return any(r[0].name and not any(form.place for form in r) for r in readings)
    given = tokens[first].lower
    if given in listed("en", "given_names_men") or given in listed("en", "given_names_women"):
        return True
    before = tokens[first - 1] if first else None
    if before is not None and before.lower in english_words.titles():
        return True
    last = tokens[stop - 1].lower.removesuffix("'s")
    if stop - first > 1 and last.endswith(entries("en", "surname_endings")):
        return True
    apposed = stop + 1 < len(tokens) and tokens[stop].text == "," and tokens[stop + 1].lower in ("a", "an")
    if apposed and any(token.lower in listed("en", "person_nouns") for token in tokens[stop + 2 : stop + 5]):
        return True
    if before is not None and before.lower in english_words.OF | {"the"}:
        return False
    organisation = any(token.lower in listed("en", "organisations") for token in tokens[first:stop])
    return 1 < stop - first <= LONGEST_NAME and not organisation


def _agrees(before: tuple[Token, ...], name: list[tuple[Form, ...]], language: Language) -> bool:
    """«рядовому Юрієві Дзюбі»: the noun for a person before a name stands in the same case; «мер Нового Орлеана» does not."""
    cases = {f.case for token in before for f in forms(token.text, language) if f.part == "NOUN" and f.animate}
    return bool(cases) and any({form.case for form in word} & cases for word in name if not word[0].place)


def _names(tokens: tuple[Token, ...], language: Language) -> list[Span]:
    if language == "en":
        return [] if english_names.is_headline(tokens) else _short(english_names.name_runs(tokens, 0, len(tokens)))
    runs = [
        run
        for whole in slavic_names.name_runs(tokens, 0, len(tokens), language)
        for run in _split(tokens, whole, language)
    ]
    return _short([_without_opener(tokens, run, language) for run in runs])


def _short(runs: list[Span]) -> list[Span]:
    return [(first, stop) for first, stop in runs if 0 < stop - first <= LONGEST_NAME + 2]


def _without_opener(tokens: tuple[Token, ...], run: Span, language: Language) -> Span:
    """A run without the first word of the sentence when that is capitalised for its place alone."""
    first, stop = run
    return (first + 1, stop) if slavic_names.opens_only(tokens, first, language) else run


def _split(tokens: tuple[Token, ...], run: Span, language: Language) -> list[Span]:
    """«МЧС Украины Иван Петров»: a given name begins a name of its own."""
    first, stop = run
    while stop - first > 2 and _is_whose(tokens[first], language):
        first += 1  # «замгенпрокурора Литвы Эгле Вайткуте»
    while stop - first > 1 and _serves(tokens[first], tokens[first + 1], language):
        first += 1
    run = first, stop
    given = [at for at in range(first, stop) if any(form.name == "Name" for form in forms(tokens[at].text, language))]
    if not given or given[0] == first or stop - given[0] < 2:
        return [run]
    begin = given[0]
    if begin + 1 < stop and any(form.name == "Patr" for form in forms(tokens[begin + 1].text, language)):
        return [run]
    return [(first, begin), (begin, stop)]


def _serves(institution: Token, name: Token, language: Language) -> bool:
    """«глава Минобороны Дронов»: whether the first of two words is an institution, the second a person's name."""
    acronym = institution.text.isupper() and not name.text.isupper()
    if not acronym and not forms(institution.text, language)[0].known:
        return False
    named = any(form.name for form in forms(name.text, language)[:3])
    return named and slavic_names.is_institution(institution, True, language)


def _is_whose(token: Token, language: Language) -> bool:
    """Whether a word is most likely a place in the genitive: what an office is "of"."""
    likeliest = forms(token.text, language)[0]
    return likeliest.case == "gent" and likeliest.known and not likeliest.animate and not likeliest.plural


def _roles(tokens: tuple[Token, ...], first: int, stop: int, language: Language) -> frozenset[str]:
    """Lemmas of the nouns that say what somebody is: before the name, and in apposition after it."""
    words = [token.text for token in _before(tokens, first, language)]
    at = stop
    if at + 1 < len(tokens) and tokens[at].text == "," and tokens[at + 1].text[0].isdigit():
        at += 2
    if at < len(tokens) and tokens[at].text in ",(—–":
        at += 1
        if language != "en" or (
            at < len(tokens) and tokens[at].lower in ("a", "an", "the", "his", "her", "who", "whose", "one")
        ):
            words += [token.text for token in _head(tokens, at, language)]
    keys = (role_key(word, language) for word in words if language != "en" or may_be_person(word))
    return frozenset(role for role in keys if role)


def _before(tokens: tuple[Token, ...], first: int, language: Language) -> list[Token]:
    """The noun phrase before a name, a comma allowed between: "the museum's curator, Sofiia Radzykhovska"."""
    at = first - 1
    if at >= 0 and tokens[at].text == ",":
        at -= 1
    if language == "en" and at >= 0 and tokens[at].lower in english_words.OF:
        return []
    begin = _left(tokens, at, at - LONGEST_PHRASE, language)
    owned = (
        begin > 1 and tokens[begin].lower in english_words.DETERMINERS and tokens[begin - 1].lower in english_words.OF
    )
    if language == "en" and owned:  # "the captain of the ferry, Derya Aksoy"
        begin = _left(tokens, begin - 2, at - 2 * LONGEST_PHRASE, language)
    return _head(tokens[: at + 1], begin + 1, language)


def _left(tokens: tuple[Token, ...], at: int, limit: int, language: Language) -> int:
    """The token before the noun phrase that ends at `at`."""
    small = english_words.DETERMINERS | english_words.CONJUNCTIONS | english_words.AUXILIARIES
    while at >= 0 and at > limit and tokens[at].is_word and tokens[at].lower not in english_words.verbs():
        if language == "en" and tokens[at].lower in small:
            break
        at -= 1
    return at


def _head(tokens: tuple[Token, ...], at: int, language: Language) -> list[Token]:
    """The words of a noun phrase up to the preposition after its head."""
    words: list[Token] = []
    while at < len(tokens) and len(words) < LONGEST_PHRASE and (tokens[at].is_word or tokens[at].text in "-"):
        if (
            language == "en"
            and (
                tokens[at].lower in english_words.OF | english_words.RELATIVE
                or tokens[at].lower in english_words.verbs()
            )
            and words
        ):
            break
        words.append(tokens[at])
        at += 1
    return words


def _apposed_gender(tokens: tuple[Token, ...], first: int, stop: int, language: Language) -> str | None:
    """«черногорки Сеньки Радулович», «кубинцем Османи Перасой»: the gender of the noun in the same case before a name.

    A masculine noun may stand before a woman's name («врач Анна»); it decides only when no word of the name is known.
    """
    if language == "en" or first == 0 or not tokens[first - 1].is_word:
        return None
    name = [forms(token.text, language) for token in tokens[first:stop]]
    if not _agrees(tokens[first - 1 : first], name, language):
        return None
    noun = next(form for form in forms(tokens[first - 1].text, language) if form.part == "NOUN" and form.animate)
    known = any(form.name == "Name" for word in name for form in word)
    return str(noun.gender) if noun.gender and (noun.gender == "femn" or not known) and not noun.plural else None


def _gender(words: Words, roles: frozenset[str], language: Language) -> str | None:
    if language != "en":
        genders = slavic_names.name_genders(list(words), language)
        if len(genders) == 1:
            return genders[0]
        if len(words) > 1 and declined(words[0], language):
            return None  # «Ярослава Тищенко»: a woman, or a man in the genitive
        return common_case(words, language, None, oblique=False)[1] if len(words) > 1 else None
    given = words[0].lower()
    for gender, name in (("masc", "men"), ("femn", "women")):
        if given in listed("en", f"given_names_{name}") and len(words) > 1:
            return gender
        if roles & listed("en", f"roles_{name}"):
            return gender
    last = words[-1].lower()
    if last.endswith(("ova", "eva", "ska", "skaya", "ska", "aya", "ina")) and len(words) > 1:
        return "femn"
    if last.endswith(("ov", "ev", "sky", "skyi", "skiy", "enko's")) and len(words) > 1:
        return "masc"
    if len(words) > 1 and given.endswith(("a", "ia", "ya")) and given not in listed("en", "given_names_men"):
        return "femn"
    return None
