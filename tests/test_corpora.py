import subprocess
import sys
from pathlib import Path

import pytest

from corpora.newsroom import check, reader
from corpora.sample import reader as sample

CORPORA = Path(reader.__file__).parents[1]


@pytest.mark.parametrize("corpus", ["sample", "newsroom", "quotepairs", "triples"])
def test_a_corpus_is_what_it_says(corpus):
    done = subprocess.run([sys.executable, CORPORA / corpus / "check.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_marks_come_off_a_sentence():
    plain, marks = reader.unmark("“[q1|Stay],” [s|said Ann Bo]. He said [i:q2|that it rained].")
    assert plain == "“Stay,” said Ann Bo. He said that it rained."
    assert [(mark.statement, mark.kind, plain[mark.start : mark.end]) for mark in marks] == [
        ("q1", "direct", "Stay"),
        (None, "direct", "said Ann Bo"),
        ("q2", "indirect", "that it rained"),
    ]


def test_a_bracket_that_is_left_over_is_refused():
    with pytest.raises(ValueError, match="brackets"):
        reader.unmark("“[q1|Stay,” said [s|Ann].")


EVENT = """\
# x1 | topic | 2024-01-02 | a description
@ A en The Outlet | A title
1 It rained.
2 “[q1|We stay],” [s|said Ann Bo].
3 “[q1|All of us].”
@ B uk Видання | Заголовок
1 Дощ.
= q1 | Ann Bo / Анна Бо / Анна Бо | A full
! q1 B.uk.1 | not said there
"""


def test_an_event_is_read(tmp_path):
    path = tmp_path / "events.txt"
    path.write_text(EVENT, "utf-8")
    (event,) = reader.read(path)
    english, ukrainian = event.reports
    assert [report.article.id for report in event.reports] == ["x1.A.en", "x1.B.uk"]
    assert english.article.text == "It rained.\n\n“We stay,” said Ann Bo.\n\n“All of us.”"
    assert [english.article.text[start:end] for start, end in english.sentences] == [
        "It rained.",
        "“We stay,” said Ann Bo.",
        "“All of us.”",
    ]
    (mention,) = english.mentions
    assert [english.article.text[start:end] for start, end in mention.pieces] == ["We stay", "All of us"]
    assert [english.article.text[start:end] for start, end in mention.speakers] == ["said Ann Bo"]
    assert ukrainian.article.outlet == "Видання"
    assert event.speakers == {"q1": {"en": "Ann Bo", "ru": "Анна Бо", "uk": "Анна Бо"}}
    assert event.traps == ("q1",)


@pytest.mark.parametrize("line", ["2 Two comes before one.", "no number"])
def test_a_line_out_of_form_is_named(tmp_path, line):
    path = tmp_path / "events.txt"
    path.write_text(f"# x1 | topic | 2024-01-02 | about\n@ A en The Outlet | A title\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"events\.txt:3"):
        reader.read(path)


def test_faults_of_an_event_are_found(tmp_path):
    path = tmp_path / "events.txt"
    path.write_text(EVENT.replace("= q1 ", "= q2 "), "utf-8")
    (event,) = reader.read(path)
    assert len(list(check.faults(event))) == 4  # editions missing, two statements unmatched, a trap without statement


def test_development_and_measuring_files_are_apart():
    development, measuring = set(reader.development_files()), set(reader.measuring_files())
    assert development
    assert measuring
    assert not development & measuring


def test_the_sample_is_read_with_its_quotations():
    event = sample.read()
    assert len(event.reports) == 36
    quoted = [
        report.article.text[start:end] for report in event.reports for m in report.mentions for start, end in m.pieces
    ]
    assert "we should leave our telephones behind" in " ".join(quoted)
