"""How much of a name `--redact` leaves, and how often it takes another word for one: run this file for the figures.

The newsroom tells the name of each speaker in three languages. A list with the name in one language is laid on the event's
articles in another; what counts as the name there are capitalised words that begin as the words of the known name do, but for
the last two letters, which cases change. Learnt are the spellings that a collection joins in one statement (`Redactor.learn`).
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from corpora.newsroom import reader  # noqa: E402
from corpora.newsroom.reader import Event  # noqa: E402
from pipeline.records import LANGUAGES, Language  # noqa: E402
from pipeline.redaction import Redactor, applied  # noqa: E402

WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
PAIRS = [(listed, written) for listed in LANGUAGES for written in LANGUAGES]


def main() -> None:
    """Print a line for each language of the list and of the articles."""
    events = [event for path in reader.development_files() for event in reader.read(path)]
    for listed, written in PAIRS:
        counts = Counter[str]()
        for event in events:
            counts += measured(event, listed, written)
        share = {name: round(100 * (1 - counts[name] / counts["there"]), 1) for name in ("left", "left by the learnt")}
        line = {"list": listed, "articles": written, "places": counts["there"]}
        line |= {"found": share["left"], "found_with_learnt_spellings": share["left by the learnt"]}
        line |= {"wrong_of_changes": round(100 * counts["wrong"] / counts["edits"], 1)}
        print(json.dumps(line))  # noqa: T201


def measured(event: Event, listed: Language, written: Language) -> Counter[str]:
    """Words of names that are there, those that are left, changes, and those that touch no such word."""
    counts = Counter[str]()
    for names in {tuple(names.items()): names for names in event.speakers.values()}.values():
        if any(len(name.split()) != 2 or not name.istitle() for name in names.values()):
            continue  # a role, an institution, one word that may be a callsign
        redactor, learnt = Redactor([names[listed]]), Redactor([names[listed]])
        learnt.learn(names.values())
        stems = [word.lower()[: max(3, len(word) - 2)] for word in WORD.findall(names[written])]
        for report in event.reports:
            if report.article.language != written:
                continue
            text = report.article.text
            edits = redactor.edits(text)
            counts["there"] += named(text, stems)
            counts["left"] += named(applied(text, edits), stems)
            edits = learnt.edits(text)
            counts["left by the learnt"] += named(applied(text, edits), stems)
            counts["edits"] += len(edits)
            counts["wrong"] += sum(not named(text[edit.start : edit.end], stems) for edit in edits)
    return counts


def named(text: str, stems: list[str]) -> int:
    """How many words of a text begin so."""
    return sum(
        word[:1].isupper() and any(word.lower().startswith(stem) for stem in stems) for word in WORD.findall(text)
    )


if __name__ == "__main__":
    main()
