"""A glossary of the user's: terms with the translation they want, or with none when a term stays as it is.

A term counts as honoured when its wanted translation stands in the target in any of its forms: the words are compared by
the base forms that pymorphy3 gives, words that no dictionary has (names, mostly) by their beginnings.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline import encodings, languages
from pipeline.errors import InputError
from pipeline.protection import address_spans
from pipeline.records import LANGUAGES, Language, Span, content_id
from pipeline.speech.morphology import forms

COLUMNS = ("source", "target", "language")
WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
LATIN = re.compile(r"[a-z]", re.IGNORECASE)
SHORT = 4  # letters of words whose forms may have only the first in common: день, дня
ENDING = 3  # letters in which the forms of a word that no dictionary has may differ
ENGLISH_FORMS = r"(?:['’]s|s['’]?|es)?"
VOWELS = "аеиоуіїєыюяьйэё"


@dataclass(frozen=True, slots=True)
class Term:
    """A line of a glossary; without a `target` the term stays as it is, without a `language` it holds for all."""

    source: str
    target: str
    language: Language | None

    @property
    def wanted(self) -> str:
        """What stands in the translation."""
        return self.target or self.source


class Glossary:
    """The terms that a user wants translated in one way; without terms it changes nothing."""

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        ordered = sorted(terms, key=lambda term: (-len(term.source), term.source, term.language is None))
        self._into = {code: tuple(term for term in ordered if term.language in (None, code)) for code in LANGUAGES}
        self._signatures = {
            code: content_id("g", *((term.source, term.target) for term in self._into[code])) for code in LANGUAGES
        }

    def signature(self, target: Language) -> str:
        """An id that depends on the terms for translations into `target` alone; empty without any."""
        return self._signatures[target] if self._into[target] else ""

    def terms_of(self, text: str, source: Language, target: Language) -> list[tuple[Term, Span]]:
        """The terms that stand in `text`, each as often as it does; of overlapping ones the longer. Addresses hold none."""
        found: list[tuple[Term, Span]] = []
        taken = address_spans(text)
        folded = text.casefold()
        for term in self._into[target]:
            if not _may_stand(term.source, folded, source):
                continue
            for span in _occurrences(term.source, text, source):
                if all(span[1] <= start or end <= span[0] for start, end in taken):
                    found.append((term, span))
                    taken.append(span)
        return sorted(found, key=lambda one: one[1])

    def missed(self, text: str, translation: str, source: Language, target: Language) -> list[Term]:
        """The terms of `text` that its translation does not have, or not as often."""
        free: dict[str, int] = {}
        missed = []
        for term, _ in self.terms_of(text, source, target):
            if term.wanted not in free:
                free[term.wanted] = len(list(_occurrences(term.wanted, translation, target)))
            free[term.wanted] -= 1
            if free[term.wanted] < 0:
                missed.append(term)
        return missed


def read(path: Path) -> Glossary:
    """A glossary from a TSV file: source, target, language; a first line with these names is a heading.

    Blank lines and lines that begin with "# " are passed over. InputError with file and line when something is wrong.
    """
    text = encodings.read(path, "give tab-separated text in UTF-8: --glossary FILE.tsv")
    return Glossary(_terms(text.splitlines(), path))


def _terms(lines: Iterable[str], path: Path) -> Iterator[Term]:
    seen: dict[tuple[str, Language | None], tuple[str, int]] = {}
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.strip("\r\n\ufeff").split("\t")]
        if not any(cells) or line.startswith("# ") or tuple(cell.lower() for cell in cells) == COLUMNS[: len(cells)]:
            continue
        term = _term(cells, f"{path}:{number}")
        other = seen.setdefault((term.source.casefold(), term.language), (term.target, number))
        if other[0] != term.target:
            raise InputError(
                f"{path}:{number}: {term.source!r} has another translation in line {other[1]}", "leave one of the two"
            )
        if other[1] == number:
            yield term


def _term(cells: list[str], where: str) -> Term:
    if len(cells) > len(COLUMNS) or not cells[0]:
        raise InputError(
            f"{where}: {'no source term' if not cells[0] else 'more than three columns'}",
            "a line is: source TAB target TAB language; an empty target keeps the term as it is",
        )
    source, target, code = (*cells, "", "")[:3]
    try:
        return Term(source, target, languages.named(code) if code else None)
    except languages.UnknownLanguage as error:
        raise InputError(f"{where}: {error}", "the language is that of the translation: en, ru or uk") from error


def _may_stand(term: str, folded: str, language: Language) -> bool:
    """A quick test that spares most terms the exact one: the beginning of the term is in the text, `folded` to lower case."""
    if language == "en" or LATIN.search(term):
        return term.split()[0].casefold() in folded
    first = WORD.search(term)  # marks around a term are not compared
    return first is None or first[0][: 2 if len(first[0]) > SHORT else 1].casefold() in folded


def _occurrences(term: str, text: str, language: Language) -> Iterator[Span]:
    """Where a term stands in a text, in any of its forms. Capitals matter where the term has any."""
    if language == "en" or not WORD.search(term) or LATIN.search(term):
        yield from _as_written(term, text, language)
        return
    wanted = WORD.findall(term)
    words = list(WORD.finditer(text))
    at = 0
    while at + len(wanted) <= len(words):
        run = words[at : at + len(wanted)]
        if all(_is_form(word[0], base, language) for word, base in zip(run, wanted, strict=True)):
            yield run[0].start(), run[-1].end()
            at += len(wanted)
        else:
            at += 1


def _as_written(term: str, text: str, language: Language) -> Iterator[Span]:
    """A term in Latin letters: as it is, in English also with the endings of the plural and the genitive."""
    before, after = (r"(?<!\w)" if term[0].isalnum() else "", r"(?!\w)" if term[-1].isalnum() else "")
    ending = ENGLISH_FORMS if language == "en" and term[-1].isalpha() else ""
    spellings = {term} if term.islower() else {term, term.upper()}  # a headline may be in capitals
    words = "|".join(_pattern(spelling) for spelling in sorted(spellings))
    for match in re.finditer(f"{before}({words}){ending}{after}", text, re.IGNORECASE if term.islower() else re.NOFLAG):
        yield match.span(1) if ending else match.span()


def _pattern(term: str) -> str:
    """Any blanks between the words, any apostrophe."""
    return r"\s+".join(re.sub("['’ʼ]", "['’ʼ]", re.escape(word)) for word in term.split())


@lru_cache(maxsize=100_000)
def _is_form(word: str, base: str, language: Language) -> bool:
    """Whether `word` can be a form of the word `base`."""
    plain, wanted = (one.lower().replace("’", "'").replace("ʼ", "'") for one in (word, base))
    if plain == wanted:
        return True
    if base.isupper() and len(base) > 1:
        return False  # abbreviations have no forms
    ours, theirs = ({form.lemma for form in forms(one, language) if form.known} for one in (plain, wanted))
    if ours and theirs:
        return bool(ours & theirs)
    return _begin_alike(plain, wanted)


def _begin_alike(word: str, base: str) -> bool:
    """Two forms of a word that no dictionary has: one stem, and endings of a few letters."""
    stem = base.rstrip(VOWELS)
    if len(base) - len(stem) > ENDING or len(stem) < ENDING:
        stem = base
    return word.startswith(stem) and len(word) - len(stem) <= ENDING
