"""The narrator's text as sentences of tokens, every marked stretch being one token."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from pipeline import sentences
from pipeline.records import Language
from pipeline.speech.marks import Marked

TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_](?:[\w]|[-'’ʼ‑.](?=[^\W_]))*\.?|--+|\S")
ABBREVIATED = re.compile(
    r"(?:[^\W\d_]\.)+|(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Maj|Capt|Sgt|St|Sen|Rep|Gov|Rev|Jr|Sr|Cpl|Pvt|Adm|Brig|Cmdr|Hon|Pres)\."
)
DASHES = frozenset("—–―-")
LONGEST_SENTENCE = 400  # tokens: what goes on longer is no sentence, and would cost quadratic time
NAMING = 12  # tokens of a dash and a name
TERMINAL = frozenset(".!?…")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a punctuation mark, or a whole marked stretch (`stretch` is its number)."""

    start: int
    end: int
    text: str
    stretch: int | None = None

    @property
    def lower(self) -> str:
        """The token in small letters, typographic apostrophes made straight."""
        return self.text.lower().replace("’", "'")

    @property
    def is_word(self) -> bool:
        """Whether it starts with a letter."""
        return self.stretch is None and self.text[0].isalpha()

    @property
    def is_capital(self) -> bool:
        """Whether it is a word with a capital letter."""
        return self.is_word and self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Narrated:
    """One sentence of the narrator, in paragraph number `paragraph`."""

    start: int
    end: int
    paragraph: int
    tokens: tuple[Token, ...]


def narrated(text: str, stretches: list[Marked], language: Language) -> list[Narrated]:
    """The sentences of a text; what stands between marks does not end a sentence, only its last character may."""
    masked = mask(text, stretches)
    breaks = [match.end() for match in re.finditer(r"[\n\r\u2028\u2029]+", text)]
    found: list[Narrated] = []
    at = 0
    for sentence in sentences.split(masked, language):
        while at < len(stretches) and stretches[at].outer[1] <= sentence.start:
            at += 1
        for start, end in _lines(masked, sentence.start, sentence.end):
            tokens = _tokens(text, masked, start, end, stretches, at)
            if tokens and found and _names_speaker(found[-1], tokens, text):
                last = found.pop()
                found.append(Narrated(last.start, end, last.paragraph, (*last.tokens, *tokens)))
            else:
                paragraph = bisect_right(breaks, start)
                for first in range(0, len(tokens), LONGEST_SENTENCE):
                    part = tuple(tokens[first : first + LONGEST_SENTENCE])
                    found.append(Narrated(part[0].start, part[-1].end, paragraph, part))
    return found


def _names_speaker(last: Narrated, tokens: list[Token], text: str) -> bool:
    """Whether a sentence only names who said the last one: “….” — Lila Brandt."""
    gap = text[last.end : tokens[0].start]
    return (
        last.tokens[-1].stretch is not None and tokens[0].text in DASHES and len(tokens) <= NAMING and "\n" not in gap
    )


def mask(text: str, stretches: list[Marked]) -> str:
    """The text with every stretch blotted out, same length; its first letter keeps its case, its last its full stop."""
    parts = []
    at = 0
    for stretch in stretches:
        start, end = stretch.outer
        first = "X" if text[stretch.start : stretch.start + 1].isupper() else "x"
        last = text[stretch.end - 1] if text[stretch.end - 1] in TERMINAL else "x"
        width = end - start
        parts += [text[at:start], ("«" + first + "x" * (width - 4) + last + "»") if width > 3 else "«xxx"[:width]]
        at = end
    return "".join(parts) + text[at:]


def _lines(masked: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence never runs over a line break."""
    return [(start + m.start(), start + m.end()) for m in re.finditer(r"[^\n\r\u2028\u2029]+", masked[start:end])]


def _tokens(text: str, masked: str, start: int, end: int, stretches: list[Marked], at: int) -> list[Token]:
    tokens: list[Token] = []
    while start < end:
        while at < len(stretches) and stretches[at].outer[1] <= start:
            at += 1
        stop = min(end, stretches[at].outer[0]) if at < len(stretches) else end
        tokens += _words(text, start, stop)
        start = stop
        if at < len(stretches) and start < end:
            after = min(end, stretches[at].outer[1])
            tokens.append(Token(start, after, text[start:after], at))
            start = after
    return tokens


def _words(text: str, start: int, stop: int) -> list[Token]:
    tokens = []
    for match in TOKEN.finditer(text, start, stop):
        word = "—" if match[0] == "―" or match[0].startswith("--") else match[0]  # one dash for all that are typed
        if word.endswith(".") and len(word) > 1 and not ABBREVIATED.fullmatch(word):
            tokens += [Token(match.start(), match.end() - 1, word[:-1]), Token(match.end() - 1, match.end(), ".")]
        else:
            tokens.append(Token(match.start(), match.end(), word))
    return tokens
