"""Articles, and what points into their texts: quotations, the sentences of machine editions, aligned pairs."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from typing import Any, get_args

from pipeline import editions as families
from pipeline.checkup.findings import STAGES, Finding, Patient, named
from pipeline.records import LANGUAGES, Article, Language, QuoteKind, Span, content_id, counted, join_pieces

KIND = re.compile(r"\d+-\d+")
WORD = re.compile(r"\w")


def lost(patient: Patient) -> Iterator[Finding]:
    """Whether there is as much as the last run counted: what has gone with all that points at it leaves no other trace."""
    counts = json.loads(patient.collection.meta("account") or "{}").get("counts", {})
    if patient.unfinished or patient.mending or not counts:
        return
    articles, quotes = (counts[table] - patient.collection.count(table) for table in ("articles", "quotes"))
    if articles > 0 and not patient.collection.editions_called_for() and not _lost(patient):
        yield Finding("articles", f"{counted(articles, 'article')} missing", "run again from the input", lasting=True)
    if quotes > 0 and (silent := _silent(patient)):
        yield Finding(
            "quotes",
            f"{counted(quotes, 'quotation')} missing",
            "found anew in articles without any",
            partial(patient.find_again, silent),
        )


def _silent(patient: Patient) -> list[str]:
    """Articles without quotations, and without anything that says that they had some."""
    rows = patient.collection.database.execute(
        "SELECT id FROM articles WHERE translator IS NULL AND NOT EXISTS (SELECT 1 FROM quotes WHERE article_id = id)"
        " AND NOT EXISTS (SELECT 1 FROM utterances WHERE article_id = id) ORDER BY position"
    )
    return [row[0] for row in rows]


def articles(patient: Patient) -> Iterator[Finding]:
    """Whether the texts are those that were read, by their digests."""
    made_here = patient.collection.made_here()
    wrong = [article for article in patient.collection.articles() if not _is_as_read(patient, article)]
    made = [article for article in wrong if article.id in made_here]
    if made:
        yield _edition_finding(patient, "not what was translated", made)
    read = [article.id for article in wrong if article.id not in made_here]
    patient.distrusted |= {*read}
    for article_id in read:
        origin = patient.collection.provenance(article_id)
        yield Finding(
            "articles",
            f"{article_id} is not as it was read: its digest differs",
            f"run again from {origin.where if origin else 'its input'}, which gives it back",
            partial(_distrust, patient, article_id),
            lasting=True,
        )


def _is_as_read(patient: Patient, article: Article) -> bool:
    row = patient.collection.database.execute("SELECT digest FROM articles WHERE id = ?", (article.id,)).fetchone()
    return bool(row[0] == article.digest and article.language in LANGUAGES)


def _distrust(patient: Patient, article_id: str) -> None:
    """Have the article taken for a changed one when it is read again: what is read is compared with the digest."""
    patient.collection.database.execute("UPDATE articles SET digest = '' WHERE id = ?", (article_id,))


def editions(patient: Patient) -> Iterator[Finding]:
    """Whether machine editions are there, and their sentences fill both texts."""
    torn = []
    for article_id in sorted(patient.collection.made_here() | _without_segments(patient)):
        edition = patient.collection.article(article_id)
        if edition and not _segments_fit(patient, edition):
            torn.append(edition)
    if torn:
        yield _edition_finding(patient, "not divided as they should be", torn)
    if lost := sorted(_lost(patient)):
        names = [f"{article_id}.{target}" for article_id, target in lost]
        yield Finding(
            "editions",
            f"{counted(len(lost), 'machine edition')} missing{named(names, len(lost))}",
            "made anew from the remembered translations",
            partial(patient.call_for_editions, lost),
        )


def _without_segments(patient: Patient) -> set[str]:
    """Machine editions that a run made, and of which it does not know the sentences."""
    rows = patient.collection.database.execute(
        "SELECT id FROM articles JOIN done ON article_id = translation_of AND stage = 'translate ' || language"
        " WHERE translator IS NOT NULL AND id IN (translation_of || '.' || language, translation_of || '.' || language || '.machine')"
        " AND NOT EXISTS (SELECT 1 FROM done AS read WHERE read.article_id = id AND read.stage = 'normalise')"
    )
    return {row[0] for row in rows}


def _segments_fit(patient: Patient, edition: Article) -> bool:
    source = patient.collection.article(edition.translation_of or "")
    if source is None or edition.translator is None:
        return False
    rows = patient.collection.database.execute(
        "SELECT number, source_start, source_end, start, end FROM segments WHERE article_id = ? ORDER BY number",
        (edition.id,),
    ).fetchall()
    return (
        [row[0] for row in rows] == list(range(len(rows)))
        and _cover(source.text, [row[1:3] for row in rows])
        and _cover(edition.text, [row[3:5] for row in rows])
    )


def _cover(text: str, spans: Iterable[Span]) -> bool:
    """Whether spans lie in a text, and every word of it in one of them."""
    at = 0
    for start, end in sorted(spans):
        if not 0 <= start <= end <= len(text) or WORD.search(text, at, start):
            return False
        at = max(at, end)
    return not WORD.search(text, at)


def _lost(patient: Patient) -> set[tuple[str, Language]]:
    """Articles that were translated, with the languages in which there is no edition any more."""
    rows = patient.collection.database.execute(
        "SELECT article_id, substr(stage, 11) FROM done WHERE stage LIKE 'translate %' AND NOT EXISTS"
        " (SELECT 1 FROM articles WHERE translation_of = article_id AND language = substr(stage, 11))"
    ).fetchall()
    if not rows:
        return set()
    made_here = patient.collection.made_here()
    lacking: set[tuple[str, Language]] = {
        (article.id, target)
        for family in families.families(patient.collection.outlines())
        for target in LANGUAGES
        for article in families.lacking(family, target, made_here=made_here)
    }
    return {(article_id, target) for article_id, target in rows if (article_id, target) in lacking}


def _edition_finding(patient: Patient, how: str, some: Sequence[Article]) -> Finding:
    ids = [edition.id for edition in some]
    remade = [(edition.translation_of or "", edition.language) for edition in some]

    def mend() -> None:
        for id_ in ids:
            patient.collection.remove(id_)
        patient.call_for_editions(remade)

    wrong = f"{counted(len(ids), 'machine edition')} {how}{named(ids, len(ids))}"
    return Finding("editions", wrong, "made anew from the remembered translations", mend)


def quotes(patient: Patient) -> Iterator[Finding]:
    """Whether quotations are what stands at their places, under the ids that follow from it."""
    rows = patient.collection.database.execute("SELECT * FROM quotes ORDER BY article_id, number")
    wrong: dict[str, str] = {}
    for article_id, some in groupby(rows, key=itemgetter(1)):
        article = patient.collection.article(article_id)
        if article is None or article_id in patient.distrusted:
            continue
        for number, row in enumerate(some):
            if row[2] != number or not _is_quoted(row, article):
                wrong.setdefault(article_id, row[0])
    if wrong:
        yield Finding(
            "quotes",
            f"quotations of {counted(len(wrong), 'article')} are not what stands there{named(wrong.values(), len(wrong))}",
            "found anew",
            partial(patient.find_again, list(wrong)),
        )


def _is_quoted(row: Sequence[Any], article: Article) -> bool:
    id_, _, _, language, kind, kept, text, _, speaker_start, speaker_end, _, confidence = row
    try:
        pieces = tuple((start, end) for start, end in json.loads(kept))
        inside = all(0 <= start < end <= len(article.text) for start, end in pieces)
    except (TypeError, ValueError):
        return False
    return (
        inside
        and bool(pieces)
        and text == join_pieces(article.text, pieces)
        and id_ == content_id("q", article.id, kind, pieces)
        and language == article.language
        and kind in get_args(QuoteKind)
        and (speaker_start is None or 0 <= speaker_start <= (speaker_end or 0) <= len(article.text))
        and 0 <= confidence <= 1
    )


def pairs(patient: Patient) -> Iterator[Finding]:
    """Whether aligned pairs hold every sentence of both editions, and those that were aligned have any."""
    article = lru_cache(maxsize=64)(patient.collection.article)
    rows = patient.collection.database.execute("SELECT * FROM pairs ORDER BY left_id, right_id, number")
    wrong = []
    for (left_id, right_id), some in groupby(rows, key=itemgetter(0, 1)):
        left, right = article(left_id), article(right_id)
        untrue = {left_id, right_id} & patient.distrusted
        if left and right and not untrue and not _is_alignment(list(some), left, right):
            wrong.append((left_id, right_id))
    if not patient.unfinished:
        wrong += patient.collection.database.execute(
            "SELECT substr(stage, 7), article_id FROM done WHERE stage LIKE 'align %' AND EXISTS (SELECT 1 FROM articles"
            " WHERE id = substr(stage, 7)) AND NOT EXISTS (SELECT 1 FROM pairs WHERE left_id = substr(stage, 7) AND"
            " right_id = article_id)"
        ).fetchall()
    if wrong:
        yield Finding(
            "pairs",
            f"{counted(len(wrong), 'alignment')} not whole{named((' '.join(both) for both in wrong), len(wrong))}",
            "aligned anew",
            partial(_align_again, patient, wrong),
        )


def _is_alignment(rows: Sequence[Sequence[Any]], left: Article, right: Article) -> bool:
    return (
        [row[2] for row in rows] == list(range(len(rows)))
        and all(KIND.fullmatch(row[7]) and (row[9] is None or -1 <= row[9] <= 1) for row in rows)
        and _cover(left.text, [(row[3], row[4]) for row in rows])
        and _cover(right.text, [(row[5], row[6]) for row in rows])
    )


def _align_again(patient: Patient, some: Iterable[tuple[str, str]]) -> None:
    for left_id, right_id in some:
        patient.collection.put_pairs(left_id, right_id, ())
        patient.forget_stage([right_id], f"align {left_id}")


def stages(patient: Patient) -> Iterator[Finding]:
    """Whether every article went through every stage."""
    if patient.unfinished or patient.touched:
        return
    for number, stage in enumerate(STAGES):
        ids = [
            row[0]
            for row in patient.collection.database.execute(
                "SELECT id FROM articles WHERE NOT EXISTS (SELECT 1 FROM done WHERE article_id = id AND stage = ?)"
                " ORDER BY position",
                (stage,),
            )
        ]
        if ids:
            again = partial(patient.forget_stage, ids, *STAGES[number:])
            wrong = f"{counted(len(ids), 'article')} not seen by the stage {stage!r}{named(ids, len(ids))}"
            yield Finding("stages", wrong, "done anew", again)
