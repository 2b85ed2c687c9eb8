"""How good results are against the marks of people: the figures in percent, bigger is better.

Gold is an `Event` of the newsroom; results are the pipeline's own records. Spans are compared without the punctuation
and the marks at their ends.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from corpora.newsroom.reader import Event, Mention, Report
from pipeline.records import Language, Quote, Sentence, Span, Statement

Figures = dict[str, float]
Ladder = list[tuple[tuple[int, ...], tuple[int, ...]]]
"""An alignment: sentence numbers left and right, an empty side for an omission."""

DIRECT_OVERLAP = 0.8
"""Intersection over union from which a quotation counts as found."""
INDIRECT_OVERLAP = 0.5
"""The same for a reported clause, whose ends are a matter of taste."""

_MARKS = " \n\t\r“”\"„«»‘’',.…—–-;:!?"
_CONJUNCTION = re.compile(r"(that|что|що)\b[ ,]*", re.I)
_WORD = re.compile(r"[^\W\d_]+")


def percent(part: float, whole: float) -> float:
    """To a tenth; nothing of nothing is 0."""
    return round(100 * part / whole, 1) if whole else 0.0


def f1(right: float, found: float, gold: float) -> float:
    """Harmonic mean of precision and recall, from the three counts."""
    return percent(2 * right, found + gold)


# Sentences


def sentences(reports: Iterable[Report], split: Mapping[str, Sequence[Sentence]]) -> Figures:
    """`ends_found`: sentence ends inside paragraphs, and `quotations_whole`: those that no predicted end tears.

    Ends of paragraphs are given away by the layout, and do not count. `split` has the sentences by article id.
    """
    count: Counter[str] = Counter()
    for report in reports:
        text = report.article.text
        ends = {trim(text, (sentence.start, sentence.end))[1] for sentence in split[report.article.id]}
        for start, end in report.sentences:
            if text[end : end + 1] == " ":
                count["gold"] += 1
                count["found"] += trim(text, (start, end))[1] in ends
        for mention in report.mentions:
            for start, end in mention.pieces if mention.kind == "direct" else ():
                count["pieces"] += 1
                count["whole"] += not any(start < at < trim(text, (start, end))[1] for at in ends)
    return {
        "ends_found": percent(count["found"], count["gold"]),
        "quotations_whole": percent(count["whole"], count["pieces"]),
    }


# Quotations and their speakers


def quotes(events: Iterable[Event], found: Mapping[str, Sequence[Quote]]) -> dict[str, Figures]:
    """Figures for ``direct`` and ``indirect`` quotations, all together and by language (``direct.uk``).

    Precision, recall and f1 of the pieces; `speaker_right` among those found; `with_speaker_f1`, where only those with
    the right speaker count. Mixed quotations count as direct, but inside a gold reported clause they are neither right
    nor wrong, and they may also answer the clause itself. `found` has the quotations by article id.
    """
    count: Counter[tuple[str, str]] = Counter()
    for event in events:
        for report in event.reports:
            for kind in ("direct", "indirect"):
                for name, value in _quote_counts(event, report, kind, found.get(report.article.id, ())).items():
                    count[kind, name] += value
                    count[f"{kind}.{report.article.language}", name] += value
    return {
        group: {
            "precision": percent(count[group, "right"], count[group, "found"]),
            "recall": percent(count[group, "right"], count[group, "gold"]),
            "f1": f1(count[group, "right"], count[group, "found"], count[group, "gold"]),
            "speaker_right": percent(count[group, "speaker"], count[group, "right"]),
            "with_speaker_f1": f1(count[group, "speaker"], count[group, "found"], count[group, "gold"]),
        }
        for group in sorted({group for group, _ in count})
    }


def _quote_counts(event: Event, report: Report, kind: str, found: Sequence[Quote]) -> dict[str, int]:
    """How many pieces of a kind an article has, how many were found, are right, and have the right speaker."""
    text = report.article.text
    cut, overlap = (trim, DIRECT_OVERLAP) if kind == "direct" else (clause, INDIRECT_OVERLAP)
    gold = [
        (cut(text, piece), mention) for mention in report.mentions if mention.kind == kind for piece in mention.pieces
    ]
    guess = [(cut(text, piece), quote) for quote in found if quote.kind in (kind, "mixed") for piece in quote.pieces]
    reported = [
        clause(text, piece) for mention in report.mentions if mention.kind != "direct" for piece in mention.pieces
    ]
    hits = matched([span for span, _ in gold], [span for span, _ in guess], overlap)
    answered = {number for _, number in hits}
    counted = [
        number
        for number, (span, quote) in enumerate(guess)
        if number in answered
        or quote.kind == kind
        or (kind == "direct" and not any(outer[0] <= span[0] and span[1] <= outer[1] for outer in reported))
    ]
    return {
        "gold": len(gold),
        "found": len(counted),
        "right": len(hits),
        "speaker": sum(_speaker_right(event, report, gold[g][1], guess[p][1]) for g, p in hits),
    }


def _speaker_right(event: Event, report: Report, mention: Mention, quote: Quote) -> bool:
    """Whether the surname is the same; where the article never names the speaker, none or the gold words are right."""
    gold = event.speakers[mention.statement][report.article.language] or ""
    if same_name(quote.speaker, gold):
        return True
    surname = (_WORD.findall(gold) or [""])[-1]
    if skeletons(surname) & skeletons(report.article.text):
        return False
    beside = (
        quote.speaker_start is not None
        and quote.speaker_end is not None
        and any(min(quote.speaker_end, end) > max(quote.speaker_start, start) for start, end in mention.speakers)
    )
    return quote.speaker is None or beside


def trim(text: str, span: Span) -> Span:
    """The span without marks and spaces at its ends."""
    start, end = span
    while start < end and text[start] in _MARKS:
        start += 1
    while end > start and text[end - 1] in _MARKS:
        end -= 1
    return start, end


def clause(text: str, span: Span) -> Span:
    """A reported clause without marks and without its conjunction."""
    start, end = trim(text, span)
    conjunction = _CONJUNCTION.match(text, start, end)
    return trim(text, (conjunction.end(), end)) if conjunction else (start, end)


def overlap_ratio(one: Span, other: Span) -> float:
    """Intersection over union of two spans."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared / (max(one[1], other[1]) - min(one[0], other[0])) if shared > 0 else 0.0


def matched(gold: Sequence[Span], found: Sequence[Span], floor: float) -> list[tuple[int, int]]:
    """Pairs of positions, each used once, best overlap first."""
    candidates = [(overlap_ratio(g, f), i, j) for i, g in enumerate(gold) for j, f in enumerate(found)]
    pairs: list[tuple[int, int]] = []
    for ratio, i, j in sorted(candidates, reverse=True):
        if ratio >= floor and all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


_LATIN = dict(zip("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэёъ", "abvhhdeezziiiiklmnoprstufkccss_uaiee_", strict=True))
_LIKE = (("shch|sch|sh", "s"), ("kh", "k"), ("zh", "z"), ("ch|ts|tz", "c"), ("g", "h"), ("w", "v"), ("x", "ks"))


def skeletons(name: str) -> set[str]:
    """Rough consonants of each word, alike for Кормщиков, Кормщикова and Kormshchikov."""
    plain = name.lower().replace("й", "и").replace("ё", "е").replace("ї", "и")
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    found = set()
    for word in _WORD.findall(plain):
        latin = "".join(_LATIN.get(letter, letter) for letter in word).replace("_", "")
        for spelling, letter in _LIKE:
            latin = re.sub(spelling, letter, latin)
        consonants = re.sub("[aeiouyj’']", "", latin[1:])
        if consonants:
            found.add(latin[0] + consonants)
    return found


def same_name(guess: str | None, gold: str) -> bool:
    """Whether the surname, the last word of the gold name, stands in the guess, give or take a case ending."""
    words = _WORD.findall(gold)
    if not guess or not words:
        return False
    return any(
        a == b or (min(len(a), len(b)) >= 3 and abs(len(a) - len(b)) <= 2 and (a.startswith(b) or b.startswith(a)))
        for a in skeletons(words[-1]) or skeletons(gold)
        for b in skeletons(guess)
    )


# Statements


class _Place:
    """A gold mention, where it stands, and the statement that it belongs to."""

    def __init__(self, event: Event, report: Report, mention: Mention) -> None:
        self.truth = (event.id, mention.statement)
        self.article = report.article.id
        self.language: Language = report.article.language
        self.kind = mention.kind
        self.pieces = mention.pieces

    def shared(self, span: Span) -> int:
        """Characters of the mention that lie in `span`."""
        return sum(max(0, min(end, span[1]) - max(start, span[0])) for start, end in self.pieces)

    @property
    def whole(self) -> Span:
        """From the first piece to the last."""
        return self.pieces[0][0], self.pieces[-1][1]


def _places(events: Iterable[Event]) -> Iterator[_Place]:
    return (
        _Place(event, report, mention) for event in events for report in event.reports for mention in report.mentions
    )


def statements(events: Sequence[Event], made: Iterable[Statement]) -> dict[str, Figures]:
    """`found` mentions; B-cubed f1 and f1 of the pairs in two languages, of ``all`` mentions and the ``direct`` ones;
    `traps_kept_apart`: statements that only look like another one, and share no statement with it.
    """
    members: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for statement in made:
        for member in statement.members:
            members[member.article_id].append(((member.start, member.end), statement.id))
    places = list(_places(events))
    guesses = [_assigned(place, members[place.article]) for place in places]
    # a mention that was not found stands alone
    clusters = [guess or f"alone {number}" for number, guess in enumerate(guesses)]
    result: dict[str, Figures] = {"all": {"found": percent(sum(map(bool, guesses)), len(places))}}
    for name, kinds in (("all", ("direct", "mixed", "indirect")), ("direct", ("direct",))):
        chosen = [number for number, place in enumerate(places) if place.kind in kinds]
        result.setdefault(name, {})["b_cubed_f1"] = _b_cubed(places, clusters, chosen)
        result[name]["cross_language_f1"] = _cross_language(places, clusters, chosen)
    result["all"]["traps_kept_apart"] = _traps_kept_apart(events, places, clusters)
    return result


def _assigned(place: _Place, members: Iterable[tuple[Span, str]]) -> str | None:
    """The statement whose member shares most with a mention."""
    best = max(
        ((place.shared(span), overlap_ratio(place.whole, span), statement) for span, statement in members),
        default=(0, 0.0, ""),
        key=lambda candidate: candidate[:2],
    )
    return best[2] if best[0] else None


def _b_cubed(places: Sequence[_Place], clusters: Sequence[str], chosen: Sequence[int]) -> float:
    """F1 of B-cubed precision and recall (Bagga & Baldwin 1998)."""
    truth, guess = defaultdict(set), defaultdict(set)
    for number in chosen:
        truth[places[number].truth].add(number)
        guess[clusters[number]].add(number)
    precision = recall = 0.0
    for number in chosen:
        right, found = truth[places[number].truth], guess[clusters[number]]
        precision += len(right & found) / len(found)
        recall += len(right & found) / len(right)
    total = precision + recall
    return percent(2 * precision * recall / total, len(chosen)) if total else 0.0


def _cross_language(places: Sequence[_Place], clusters: Sequence[str], chosen: Sequence[int]) -> float:
    """F1 of the pairs of mentions in two languages that say the same."""
    gold = found = right = 0
    for one, other in combinations(chosen, 2):
        if places[one].language != places[other].language:
            same, together = places[one].truth == places[other].truth, clusters[one] == clusters[other]
            gold, found, right = gold + same, found + together, right + (same and together)
    return f1(right, found, gold)


def _traps_kept_apart(events: Iterable[Event], places: Sequence[_Place], clusters: Sequence[str]) -> float:
    of: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place, cluster in zip(places, clusters, strict=True):
        of[place.truth].add(cluster)
    apart = [
        not of[event.id, trap] & set().union(*(of[event.id, other] for other in event.speakers if other != trap))
        for event in events
        for trap in event.traps
        if of[event.id, trap]
    ]
    return percent(sum(apart), len(apart))


# Search


def queries(events: Sequence[Event]) -> list[tuple[str, str]]:
    """(key, text): the direct quotations whose statement stands in several articles, each as a question to `find`."""
    articles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place in _places(events):
        articles[place.truth].add(place.article)
    texts = {report.article.id: report.article.text for event in events for report in event.reports}
    return [
        (
            "|".join((*place.truth, place.article)),
            " ".join(texts[place.article][start:end] for start, end in place.pieces),
        )
        for place in _places(events)
        if place.kind == "direct" and len(articles[place.truth]) > 1
    ]


def find(events: Sequence[Event], hits: Mapping[str, Sequence[tuple[str, int, int]]]) -> Figures:
    """How often the first hit outside the asked article, and outside its language, is the same statement.

    `hits` has by key of `queries` (article id, start, end), best first. Articles that are not gold are passed over.
    """
    places: dict[str, list[_Place]] = defaultdict(list)
    for place in _places(events):
        places[place.article].append(place)
    languages = {report.article.id: report.article.language for event in events for report in event.reports}
    right: Counter[str] = Counter()
    asked = queries(events)
    for key, _ in asked:
        event, statement, article = key.split("|")
        others = [hit for hit in hits.get(key, ()) if hit[0] in languages and hit[0] != article]
        foreign = [hit for hit in others if languages[hit[0]] != languages[article]]
        for name, answers in (("other_article", others), ("other_language", foreign)):
            if answers:
                where, start, end = answers[0]
                best = max(places[where], key=lambda place: place.shared((start, end)), default=None)
                right[name] += best is not None and best.shared((start, end)) > 0 and best.truth == (event, statement)
    return {f"recall_at_1_{name}": percent(right[name], len(asked)) for name in ("other_article", "other_language")}


# Alignment


def alignment(documents: Iterable[tuple[Ladder, Ladder]]) -> float:
    """Strict F1 over (gold, found) alignments: a bead is right when both its sides are. Omissions are no beads."""
    right = found = gold = 0
    for truth, guess in documents:
        beads, guesses = {bead for bead in truth if all(bead)}, {bead for bead in guess if all(bead)}
        right, found, gold = right + len(beads & guesses), found + len(guesses), gold + len(beads)
    return f1(right, found, gold)


# Reprints


def reprints(found: Mapping[str, str], gold: Mapping[str, str]) -> Figures:
    """Precision, recall and f1 of reprints, each by id with the id of its original."""
    right = sum(found.get(copy) == original for copy, original in gold.items())
    return {
        "precision": percent(right, len(found)),
        "recall": percent(right, len(gold)),
        "f1": f1(right, len(found), len(gold)),
    }
