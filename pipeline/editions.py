"""Which articles are editions of one another, and their sentences side by side."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from pipeline import articles, pairs, sentences
from pipeline.errors import InputError
from pipeline.ports import Embedder, Translator, Vectors
from pipeline.records import LANGUAGES, AlignedPair, Article, Language, Passage, Refusal, Sentence, Span

CLOSE: frozenset[Language] = frozenset({"ru", "uk"})
"""Languages whose words are alike enough to be compared by letters."""


def families(known: Iterable[Article]) -> list[list[Article]]:
    """The articles in groups that go back to one original by `translation_of`, each original before its editions.

    An original that is not there still holds its editions together.
    """
    by_id = {article.id: article for article in known}
    translation_of = {article.id: article.translation_of for article in by_id.values() if article.translation_of}
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in by_id.values():
        groups[root(article.id, translation_of)].append(article)
    return [
        sorted(
            group,
            key=lambda a: (a.translation_of is not None, a.translator is not None, LANGUAGES.index(a.language), a.id),
        )
        for group in groups.values()
    ]


def root(article_id: str, translation_of: Mapping[str, str]) -> str:
    """The id at the end of the chain of editions; a chain that bites its tail ends at its smallest id."""
    chain = [article_id]
    while chain[-1] in translation_of:
        before = translation_of[chain[-1]]
        if before in chain:
            return min(chain[chain.index(before) :])
        chain.append(before)
    return chain[-1]


def to_align(family: Sequence[Article]) -> list[tuple[Article, Article]]:
    """The pairs of a family that are worth aligning: two languages, and a machine edition only with its own source."""
    return [
        (left, right)
        for left, right in combinations(family, 2)
        if left.language != right.language
        and not left.translator
        and (not right.translator or right.translation_of == left.id)
    ]


def lacking(family: Sequence[Article], target: Language, *, made_here: Container[str]) -> list[Article]:
    """The articles of a family to be translated into `target`: its first, unless there is an edition in it already.

    Editions whose ids are in `made_here` do not count: the collection made them, and may make them better.
    """
    given = [article for article in family if article.id not in made_here]
    if any(article.language == target for article in given):
        return []
    return [article for article in given if article.translator is None][:1]


def superseded(family: Sequence[Article], *, made_here: Container[str]) -> list[Article]:
    """The machine editions that the collection made in a language in which an edition has been given since."""
    given = {article.language for article in family if article.id not in made_here}
    return [article for article in family if article.id in made_here and article.language in given]


def bridge(left: Article, right: Article, made: Iterable[Article]) -> Article | None:
    """Of some machine editions one, if any, of either article in the language of the other, or in one close to it.

    Its letters can be compared with those of the other.
    """
    for edition in made:
        for source, other in ((left, right), (right, left)):
            is_close = edition.language == other.language or {edition.language, other.language} <= CLOSE
            if is_close and edition.translation_of == source.id and edition.id != other.id:
                return edition
    return None


def in_translation(some: Sequence[Sentence], edition: Article, segments: Iterable[tuple[Span, Span]]) -> list[str]:
    """What a machine edition makes of each sentence of its source; nothing where it has no segment there."""
    starts = [sentence.start for sentence in some]
    texts = [list[str]() for _ in some]
    for (start, _), (a, b) in segments:
        number = bisect_right(starts, start) - 1
        if number >= 0:
            texts[number].append(edition.text[a:b])
    return [" ".join(parts) for parts in texts]


def machine_pairs(
    source: Article, edition: Article, segments: Sequence[tuple[Span, Span]], similarities: Sequence[float]
) -> list[AlignedPair]:
    """The sentences of an article and of its machine edition, which are known to belong together."""
    return [
        AlignedPair(
            left=Passage(article_id=source.id, start=a, end=b, text=source.text[a:b]),
            right=Passage(article_id=edition.id, start=c, end=d, text=edition.text[c:d]),
            left_language=source.language,
            right_language=edition.language,
            kind="1-1",
            moved=False,
            similarity=similarity,
            origin="machine",
        )
        for ((a, b), (c, d)), similarity in zip(segments, similarities, strict=True)
    ]


def similarities(left: Vectors, right: Vectors) -> list[float]:
    """Cosine of each row of `left` with the same row of `right`."""
    return [round(float(cosine), 4) for cosine in np.clip(np.sum(left * right, axis=1), -1, 1)]


def align_files(
    left: Path,
    right: Path,
    embedder: Embedder,
    *,
    lines: bool = False,
    translator: Callable[[Language, Language], Translator] | None = None,
) -> list[AlignedPair]:
    """Align the articles in two files; with `lines`, every line already is a sentence.

    `translator`, if given, gives what translates the left one, so that the letters are compared too. InputError when a
    file does not hold exactly one article, ModelMissing when nothing translates.
    """
    one, other = (_only_article(path) for path in (left, right))
    split = _lines if lines else lambda article: sentences.split(article.text, article.language)
    ours, theirs = split(one), split(other)
    wordings = None
    if translator:
        wordings = (
            _translated(ours, translator(one.language, other.language), one.language, other.language),
            [sentence.text for sentence in theirs],
        )
    return pairs.between(one, other, ours, theirs, _embed(ours, embedder), _embed(theirs, embedder), wordings)


def _only_article(path: Path) -> Article:
    found = list(articles.read(articles.inputs([str(path)]).files))
    refused = next((item for item in found if isinstance(item, Refusal)), None)
    if refused:
        raise InputError(str(refused), "mend it, or name another file")
    if len(found) != 1:
        raise InputError(
            f"{path} holds {len(found)} articles", "`align` takes two single articles; `run` aligns all editions"
        )
    (article,) = found
    assert isinstance(article, Article)
    return article


def _lines(article: Article) -> list[Sentence]:
    """Every line as a sentence, empty ones too, so that line numbers hold."""
    found, at = [], 0
    for line in article.text.removesuffix("\n").split("\n"):
        found.append(Sentence(at, at + len(line), line))
        at += len(line) + 1
    return found


def _translated(some: Sequence[Sentence], translator: Translator, source: Language, target: Language) -> list[str]:
    """A translation per sentence; nothing for an empty one."""
    texts = dict.fromkeys(sentence.text for sentence in some if sentence.text.strip())
    made = dict(zip(texts, translator.translate(list(texts), source, target), strict=True))
    return [made.get(sentence.text, "") for sentence in some]


def _embed(some: Sequence[Sentence], embedder: Embedder) -> Vectors:
    """A vector per sentence; zeros for an empty one, which is like no other."""
    vectors = embedder.encode([sentence.text for sentence in some])
    vectors[[not sentence.text.strip() for sentence in some]] = 0
    return vectors
