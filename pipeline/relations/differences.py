"""What stands between two wordings, word by word."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from pipeline.records import Diff, Language
from pipeline.relations import facts
from pipeline.relations.wording import LONG, Wording, read


def difference(left: str, left_language: Language, right: str, right_language: Language) -> Diff | None:
    """What became of `left` in `right`.

    Within one language stretches of words in the order of reading: ("=", words of both, as `right` has them), ("-",
    words of `left` alone), ("+", words of `right` alone). Joined by blanks, "=" and "+" give `right`, and "=" and "-"
    give `left` up to typography and the notation of numbers. Across languages only the numbers and names that one side
    has and the other lacks, "-" and "+"; None when there are none.
    """
    ours, theirs = read(left, left_language), read(right, right_language)
    found = _words(ours, theirs) if left_language == right_language else _facts(ours, theirs)
    return tuple(found) or None


def _words(left: Wording, right: Wording) -> Iterator[tuple[str, str]]:
    ours, theirs = left.tokens, right.tokens
    known, new = ([key for key, _ in some] for some in (ours, theirs))
    matcher = SequenceMatcher(None, known, new, autojunk=len(theirs) > LONG)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield "=", " ".join(text for _, text in theirs[c:d])
            continue
        if b > a:
            yield "-", " ".join(text for _, text in ours[a:b])
        if d > c:
            yield "+", " ".join(text for _, text in theirs[c:d])


def _facts(left: Wording, right: Wording) -> Iterator[tuple[str, str]]:
    for one in facts.apart(left, right).values():
        yield from (("-", value) for value in one.left)
        yield from (("+", value) for value in one.right)
