"""What an attribution is: a cue such as a verb of saying, and the source that it names."""

from dataclasses import dataclass
from typing import Literal

from pipeline.records import Span
from pipeline.speech.narration import Token

Shape = Literal["verb", "phrase", "bare"]


@dataclass(frozen=True, slots=True)
class Source:
    """The words that name somebody: `name` the proper name among them, `role` the words that say what he or she is.

    `nominative` is true when the words stand as a subject (or in English), so that the name is in its base form.
    `gender` is masc, femn, neut or None; a pronoun has neither name nor role.
    """

    start: int
    end: int
    name: Span | None = None
    role: Span | None = None
    pronoun: str | None = None
    gender: str | None = None
    plural: bool = False
    nominative: bool = True


@dataclass(frozen=True, slots=True)
class Attribution:
    """A verb or phrase of saying and its source; `first`, `last` are the tokens that both cover together.

    `shape` is "verb" (said X), "phrase" (according to X) or "bare" (a name and nothing else); `reports` tells whether it can take a reported clause,
    `resumes` where the main clause goes on when the verb stands in a clause inside it.
    """

    cue: Span
    lemma: str
    shape: Shape
    first: int
    last: int
    cue_first: int
    cue_last: int
    source: Source | None
    reports: bool = True
    resumes: int | None = None


def words_from(tokens: tuple[Token, ...], at: int, phrase: tuple[str, ...]) -> bool:
    """Whether the tokens from `at` on are these words; capitals do not matter."""
    return len(tokens) >= at + len(phrase) and all(
        token.lower == word for token, word in zip(tokens[at:], phrase, strict=False)
    )
