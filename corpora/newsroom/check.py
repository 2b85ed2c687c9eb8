#!/usr/bin/env python3
"""Verify newsroom files: that they can be read, that editions agree, that every mark has its statement line.

usage: python3 check.py [FILE...]      all files when none is named; exit status 1 if anything is wrong
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from corpora.newsroom.reader import SOURCE, Event, read
from pipeline.records import LANGUAGES


def faults(event: Event) -> Iterator[str]:
    """What is wrong with an event, one line each."""
    editions = event.editions
    if sorted(editions) != sorted(LANGUAGES):
        yield f"{event.id}: article A stands in {sorted(editions)}"
    if len({len(report.sentences) for report in editions.values()}) != 1:
        yield f"{event.id}: the editions of A differ in their number of sentences"
    if len({frozenset(mention.statement for mention in report.mentions) for report in editions.values()}) != 1:
        yield f"{event.id}: the editions of A carry different statements"
    if all(report.letter == "A" for report in event.reports):
        yield f"{event.id}: no second outlet"
    marked = {mention.statement for report in event.reports for mention in report.mentions}
    for statement in sorted(marked ^ set(event.speakers)):
        yield f"{event.id}: {statement} has a mark without a statement line, or a line without a mark"
    for trap in event.traps:
        if trap not in event.speakers:
            yield f"{event.id}: trap {trap} is no statement"


def main(paths: list[Path]) -> int:
    """Print a line per file and every fault; 1 if there was one."""
    wrong = 0
    for path in paths:
        events = read(path)
        found = [fault for event in events for fault in faults(event)]
        wrong += len(found)
        sentences = sum(len(report.sentences) for event in events for report in event.reports)
        statements = sum(len(event.speakers) for event in events)
        print(f"{path.name}: {len(events)} events, {sentences} sentences, {statements} statements, {len(found)} faults")
        for fault in found:
            print("PROBLEM", fault)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or sorted(SOURCE.glob("*.txt"))))
