"""How one wording of a statement relates to another: the same, reworded, translated, a part of it, altered, different.

`wording` takes a text apart, `facts` compares what two texts state, `features` names the signals, `judge` weighs them.
`comparison` asks an embedder and a translator besides, for any two texts; of the members of a statement it is known
that they say the same, and their words suffice.
"""

from pipeline.records import Change, Diff, Language, Quote, Relation, whole
from pipeline.relations import differences, features
from pipeline.relations.judge import judge
from pipeline.relations.wording import read


def of_member(quote: Quote, fullest: Quote) -> tuple[Relation, tuple[Change, ...]]:
    """The relation of a statement's member to its fullest one, and what the member has altered."""
    if quote.kind == "indirect":
        return "indirect", ()
    return between(fullest.text, fullest.language, quote.text, quote.language)


def difference(quote: Quote, fullest: Quote) -> Diff | None:
    """The difference of a quoted member from the fullest one; None for a reported one, and for the fullest itself."""
    if quote.kind == "indirect" or quote.id == fullest.id:
        return None
    return differences.difference(fullest.text, fullest.language, quote.text, quote.language)


def between(
    left: str, left_language: Language, right: str, right_language: Language
) -> tuple[Relation, tuple[Change, ...]]:
    """The relation of two wordings that are known to be of one statement, and what differs in the facts."""
    ours, theirs = read(left, left_language), read(right, right_language)
    verdict = judge("words", left_language == right_language).verdict(features.of_text(ours, theirs))
    return verdict.relation, verdict.altered


def extent(quote: Quote) -> float:
    """Length of a quotation in characters, as if it were Russian."""
    return features.extent(whole(quote.text), quote.language)
