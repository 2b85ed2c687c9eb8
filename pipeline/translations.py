"""Translates articles: every sentence once, in batches of like length, remembered; and makes machine editions of them."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice

from pipeline import checks, revision
from pipeline.checks import Flag
from pipeline.errors import ModelMissing
from pipeline.glossary import Glossary
from pipeline.memory import HUMAN, TranslationMemory
from pipeline.ports import Translator
from pipeline.progress import Advance, ignore
from pipeline.records import LANGUAGES, Article, Language, Span
from pipeline.segments import Part, has_words, joined, parts, spoken
from pipeline.sentences import split
from pipeline.typography import typeset

Pair = tuple[Language, Language]
Job = tuple[str, Language, Language]
"""A sentence, the language of its article, and the language to translate it into."""
Engine = Callable[[Language, Language], Translator]
"""Gives the translator for a pair; ModelMissing when there is none."""

WINDOW = 20_000  # jobs that are sorted together: what bounds memory
BATCH = 16  # segments of the first batch, which are the longest
LARGEST_BATCH = 4096
SECONDS = 10.0  # between two writes to the memory: what a killed run can lose


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence of an article with its translation, and what is wrong with it; `source_language` is its own."""

    source: str
    target: str
    source_language: Language
    target_language: Language
    flags: tuple[Flag, ...]


def sentences(article: Article) -> list[str]:
    """What has to be translated for an edition of `article`, title first."""
    texts = [article.title or "", article.text]
    return [one.text for text in texts for one in split(text, article.language) if has_words(one.text)]


class Bureau:
    """Translates with an engine for each pair, a memory, and a glossary that all translations follow."""

    def __init__(self, engine: Engine, memory: TranslationMemory, glossary: Glossary | None = None) -> None:
        self._engine = cache(engine)
        self._lacking: dict[Pair, ModelMissing] = {}  # a look at what is installed takes milliseconds
        self._memory = memory
        self._glossary = glossary or Glossary()

    def signature(self, source: Language, target: Language) -> str:
        """What made translations of a pair: model, rules, and the glossary where it has terms for the target."""
        terms = self._glossary.signature(target)
        return "|".join((self._plain_signature(source, target), *([f"glossary:{terms}"] if terms else [])))

    def check(self, targets: Sequence[Language], source: Language | None = None) -> None:
        """ModelMissing when nothing translates into one of `targets`, from `source` or, without it, from any language."""
        for target in targets:
            sources = [source] if source else [code for code in LANGUAGES if code != target]
            missing = [self.missing(code, target) for code in sources if code != target]
            if missing and (error := missing[0]) and all(missing):
                raise error if source else ModelMissing(f"no model translates into {target}", error.hint)

    def missing(self, source: Language, target: Language) -> ModelMissing | None:
        """Why a pair cannot be translated; None when it can."""
        if (source, target) not in self._lacking:
            try:
                self._engine(source, target)
            except ModelMissing as error:
                self._lacking[source, target] = error
        return self._lacking.get((source, target))

    def translate(self, jobs: Iterable[Job], advance: Advance = ignore) -> None:
        """Translate what the memory does not know yet, and keep it there as it comes.

        A segment that occurs several times is translated once. `advance` is told of every job, also of those that cost
        nothing. A sentence in another language than its article is left alone where nothing translates it; ModelMissing
        where nothing translates the language of the article.
        """
        stream = iter(jobs)
        while window := list(islice(stream, WINDOW)):
            by_pair: dict[Pair, list[str]] = {}
            for sentence, source, target in window:
                pair = self._route(sentence, source, target)
                if pair:
                    by_pair.setdefault(pair, []).append(sentence)
            advance(len(window) - sum(map(len, by_pair.values())))
            for pair, some in by_pair.items():
                self._translate_pair(some, *pair, advance)

    def edition(self, article: Article, target: Language) -> tuple[Article, list[tuple[Span, Span]]]:
        """The machine edition of an article, and the (source span, target span) of each sentence.

        What stands between sentences is kept. KeyError when a sentence has not been translated.
        """
        known = self._rendered(article, target)
        title, _ = _replaced(article.title or "", article.language, known)
        text, spans = _replaced(article.text, article.language, known)
        made = replace(
            article,
            id=f"{article.id}.{target}",
            text=text,
            language=target,
            title=title or None,
            translation_of=article.id,
            translator=self._engine(article.language, target).signature,
        )
        return made, spans

    def segments(self, article: Article, target: Language) -> list[Segment]:
        """The sentences of an article with their translations, title first, checked. KeyError as for `edition`."""
        known = self._rendered(article, target)
        found = []
        for sentence in sentences(article):
            pair = self._route(sentence, article.language, target)
            source = pair[0] if pair else spoken(sentence, article.language)
            flags = self._flags(sentence, known[sentence], source, target)
            found.append(Segment(sentence, known[sentence], source, target, flags))
        return found

    def _flags(self, sentence: str, translation: str, source: Language, target: Language) -> tuple[Flag, ...]:
        if source == target:
            return ()
        return checks.flags(sentence, translation, (source, target), self._glossary)

    def _plain_signature(self, source: Language, target: Language) -> str:
        return f"{self._engine(source, target).signature}|{revision.SIGNATURE}"

    def _route(self, sentence: str, language: Language, target: Language) -> Pair | None:
        """The pair that a sentence is translated by; None when it stays as it is."""
        own = spoken(sentence, language)
        if own == target or (own != language and self.missing(own, target)):
            return None
        return own, target

    def _translate_pair(self, wanted: Sequence[str], source: Language, target: Language, advance: Advance) -> None:
        """Translate sentences of one pair, longest segments first; each batch takes about `SECONDS`."""
        translator = self._engine(source, target)
        missing = self._missing(list(dict.fromkeys(wanted)), source, target)
        share = len(wanted) / max(1, len(missing))  # of the jobs, for each segment
        told, size, at = 0, BATCH, 0
        if not missing:
            advance(len(wanted))
        while at < len(missing):
            batch = missing[at : at + size]
            began = time.monotonic()
            made = revision.translate(batch, translator, source, target, self._glossary)
            self._keep(dict(zip(batch, made, strict=True)), source, target)
            seconds = time.monotonic() - began
            at += len(batch)
            done = round(share * at)
            advance(done - told)
            told = done
            if seconds < SECONDS / 2:
                size = min(LARGEST_BATCH, 2 * size)
            elif seconds > 2 * SECONDS:
                size = max(1, size // 2)

    def _missing(self, wanted: Sequence[str], source: Language, target: Language) -> list[str]:
        """The distinct segments of sentences that nobody has translated yet, longest first."""
        by_people = self._by_people(wanted, source, target)
        texts = _texts(_parts(sentence, source) for sentence in wanted if sentence not in by_people)
        known = self._known(texts, source, target)
        return sorted((text for text in texts if text not in known), key=lambda text: (-len(text), text))

    def _by_people(self, texts: Sequence[str], source: Language, target: Language) -> dict[str, str]:
        return self._memory.known_translations(texts, source, target, HUMAN)

    def _known(self, texts: Sequence[str], source: Language, target: Language) -> dict[str, str]:
        """What is known of segments: by people, else by the engine; with the glossary where a segment has its terms."""
        found = {}
        for model, some in self._by_model(texts, source, target).items():
            found.update(self._memory.known_translations(some, source, target, model))
        return found | self._by_people(texts, source, target)

    def _keep(self, made: dict[str, str], source: Language, target: Language) -> None:
        for model, some in self._by_model(list(made), source, target).items():
            self._memory.keep_translations({text: made[text] for text in some}, source, target, model)

    def _by_model(self, texts: Sequence[str], source: Language, target: Language) -> dict[str, list[str]]:
        """The segments under the signature that their translations are kept by."""
        found: dict[str, list[str]] = {}
        plain, terms = self._plain_signature(source, target), self.signature(source, target)
        for text in texts:
            model = terms if terms != plain and self._glossary.terms_of(text, source, target) else plain
            found.setdefault(model, []).append(text)
        return found

    def _rendered(self, article: Article, target: Language) -> dict[str, str]:
        """The sentences of an article, each as its edition has it."""
        by_pair: dict[Pair, list[str]] = {}
        found = {}
        for sentence in dict.fromkeys(sentences(article)):
            pair = self._route(sentence, article.language, target)
            if pair:
                by_pair.setdefault(pair, []).append(sentence)
            else:
                found[sentence] = sentence
        for (source, _), some in by_pair.items():
            by_people = self._by_people(some, source, target)
            cut = {sentence: _parts(sentence, source) for sentence in some if sentence not in by_people}
            known = self._known(_texts(cut.values()), source, target)
            found |= by_people
            found |= {
                sentence: typeset(joined(one, known, target), target, source=sentence) for sentence, one in cut.items()
            }
        return found


@lru_cache(maxsize=20_000)
def _parts(sentence: str, language: Language) -> list[Part]:
    return parts(sentence, language)


def _texts(cut: Iterable[list[Part]]) -> list[str]:
    """The distinct segments of sentences that were cut into parts."""
    return list(dict.fromkeys(part.text for some in cut for part in some if part.text))


def _replaced(text: str, language: Language, known: dict[str, str]) -> tuple[str, list[tuple[Span, Span]]]:
    """A text with its sentences translated, and the spans of each sentence in both."""
    pieces: list[str] = []
    spans = []
    done = length = 0
    for sentence in split(text, language):
        between = text[done : sentence.start]
        translation = known[sentence.text] if has_words(sentence.text) else sentence.text
        start = length + len(between)
        length = start + len(translation)
        pieces += [between, translation]
        spans.append(((sentence.start, sentence.end), (start, length)))
        done = sentence.end
    return "".join(pieces) + text[done:], spans
