from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import revision, translations
from pipeline.glossary import Glossary
from pipeline.memory import Notebook
from pipeline.records import Article, Language
from pipeline.translations import Bureau, Job, sentences

TEXT = """Ferry stops run again, “at last”.

“We waited,” said Orla Tenn. “Nobody came.” The pier was empty.
  • 12–14
– 300 people, said Tenn, “and ‘a dog’.”
"""


MADE_BY = f"shouting-1|{revision.SIGNATURE}"


class Shouting:
    """A translator that says every word in capitals, and remembers what it was asked."""

    signature = "shouting-1"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def supports(self, source: Language, target: Language) -> bool:
        return source != target

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        self.asked.append(list(sentences))
        return [sentence.upper() for sentence in sentences]

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        return [[] for _ in sentences]


def article(text: str = TEXT, title: str | None = "Ferries “again”") -> Article:
    return Article(id="ferry-en", text=text, language="en", title=title, outlet="Pier Post", published="2024-05-01")


def run(jobs: Sequence[Job], engine: Shouting, memory: Notebook) -> list[int]:
    """Translate, and what `advance` was told."""
    told: list[int] = []
    Bureau(lambda *_: engine, memory).translate(iter(jobs), lambda count, total=None: told.append(count))
    return told


def translated(
    original: Article, target: Language = "uk", glossary: Glossary | None = None, memory: Notebook | None = None
) -> tuple[Article, list[tuple[str, str]]]:
    """The machine edition, and its pairs of sentences as text."""
    bureau = Bureau(lambda *_: Shouting(), memory or Notebook(), glossary)
    bureau.translate([(text, original.language, target) for text in sentences(original)])
    made, spans = bureau.edition(original, target)
    return made, [(original.text[a:b], made.text[c:d]) for (a, b), (c, d) in spans]


def test_every_distinct_sentence_is_translated_once_and_longest_first() -> None:
    engine, memory = Shouting(), Notebook()
    run([(text, "en", "uk") for text in ["one", "three words here", "one", "two words", "one"]], engine, memory)
    assert engine.asked == [["three words here", "two words", "one"]]
    assert memory.known_translations(["one", "four"], "en", "uk", MADE_BY) == {"one": "ONE"}


def test_what_the_memory_knows_is_not_asked_for_again() -> None:
    engine, memory = Shouting(), Notebook()
    memory.keep_translations({"one": "eins"}, "en", "uk", MADE_BY)
    run([("one", "en", "uk"), ("two", "en", "uk"), ("one", "en", "ru")], engine, memory)
    assert engine.asked == [["two"], ["one"]]
    assert memory.known_translations(["one"], "en", "uk", MADE_BY) == {"one": "eins"}
    assert memory.known_translations(["one"], "en", "ru", MADE_BY) == {"one": "ONE"}
    assert memory.known_translations(["one"], "en", "uk", "shouting-2") == {}


def test_each_pair_goes_to_its_own_engine() -> None:
    engines = {("en", "uk"): Shouting(), ("ru", "uk"): Shouting()}
    jobs: list[Job] = [("one", "en", "uk"), ("раз", "ru", "uk"), ("two", "en", "uk")]
    Bureau(lambda source, target: engines[source, target], Notebook()).translate(jobs)
    assert engines["en", "uk"].asked == [["one", "two"]]
    assert engines["ru", "uk"].asked == [["раз"]]


def test_a_killed_run_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dying(Shouting):
        def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
            if len(self.asked) == 2:
                raise KeyboardInterrupt
            return super().translate(sentences, source, target)

    monkeypatch.setattr(translations, "BATCH", 2)
    monkeypatch.setattr(translations, "LARGEST_BATCH", 2)
    jobs: list[Job] = [(text, "en", "uk") for text in ["a", "bb", "ccc", "dddd", "eeeee"]]
    memory, again = Notebook(), Shouting()
    with pytest.raises(KeyboardInterrupt):
        run(jobs, Dying(), memory)
    run(jobs, again, memory)
    assert again.asked == [["a"]]


def test_progress_counts_every_job_and_memory_is_bounded_by_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "WINDOW", 3)
    monkeypatch.setattr(translations, "BATCH", 2)
    engine = Shouting()
    jobs: list[Job] = [(text, "en", "uk") for text in ["a", "bb", "a", "ccc", "d", "a", "e"]]
    assert sum(run(jobs, engine, Notebook())) == len(jobs)
    assert engine.asked == [["bb", "a"], ["ccc", "d"], ["e"]]


def test_edition_is_the_article_in_the_other_language() -> None:
    made, _ = translated(article())
    assert made.id == "ferry-en.uk"
    assert made.language == "uk"
    assert made.translation_of == "ferry-en"
    assert made.translator == "shouting-1"
    assert made.title == "FERRIES «AGAIN»"
    assert (made.outlet, made.published) == ("Pier Post", "2024-05-01")
    assert translated(article(title=None))[0].title is None


def test_edition_keeps_the_structure_and_takes_the_marks_of_the_target() -> None:
    made, pairs = translated(article())
    assert (
        made.text
        == """FERRY STOPS RUN AGAIN, «AT LAST».

«WE WAITED», SAID ORLA TENN. «NOBODY CAME». THE PIER WAS EMPTY.
  • 12–14
– 300 PEOPLE, SAID TENN, «AND „A DOG“».
"""
    )
    assert pairs[0] == ("Ferry stops run again, “at last”.", "FERRY STOPS RUN AGAIN, «AT LAST».")
    assert pairs[-1][1] == "– 300 PEOPLE, SAID TENN, «AND „A DOG“»."


def test_what_has_no_letters_is_copied_and_not_translated() -> None:
    assert sentences(article("12–14\n***\n", title=None)) == []
    assert translated(article("12–14\n***\n"))[0].text == "12–14\n***\n"


def test_list_bullets_are_kept_from_the_engine() -> None:
    listed = article("• One came.\n• “Two,” said he.\n", title=None)
    assert sentences(listed) == ["• One came.", "• “Two,” said he."]
    assert translated(listed)[0].text == "• ONE CAME.\n• «TWO», SAID HE.\n"


def test_long_quotations_are_translated_in_parts_and_joined_again() -> None:
    quotation = "“We stood there until the evening came, and the sea was grey. Then the bell rang twice, and all of us ran down. No ferry had come,” she said."
    whole = article(quotation, title=None)
    made, pairs = translated(whole)
    assert len(pairs) == 1
    assert made.text == quotation.upper().replace("“", "«").replace(",”", "»,")


def test_edition_of_what_was_not_translated_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Bureau(lambda *_: Shouting(), Notebook()).edition(article(), "uk")


@given(
    st.lists(
        st.sampled_from(["One came. ", "“Two,” said he.", "\n", "\n\n", "  ", "3.", "Dr. Four left! "]), max_size=12
    )
)
def test_pairs_cover_every_letter_in_order(pieces: list[str]) -> None:
    original = article("".join(pieces), title=None)
    made, pairs = translated(original)
    assert made.text.count("\n") == original.text.count("\n")
    assert [len(target) > 0 for _, target in pairs] == [True] * len(pairs)
    letters = [letter.upper() for source, _ in pairs for letter in source if letter.isalnum()]
    assert letters == [letter for _, target in pairs for letter in target if letter.isalnum()]
    assert letters == [letter for letter in made.text if letter.isalnum()]
