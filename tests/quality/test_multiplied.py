"""Copies of the newsroom's events have other words and the same shape."""

from pathlib import Path

import multiplied
import numpy as np
import pytest
from conftest import FakeEmbedder, fake_matcher
from scale import agreement, exactly, recall

from corpora.newsroom import reader
from pipeline.collection import Collection
from pipeline.numbers import values
from pipeline.records import ELLIPSIS


@pytest.fixture(scope="module")
def some() -> list[multiplied.Original]:
    events = reader.read(reader.development_files()[0])[:3]
    return multiplied.originals(events, FakeEmbedder(), fake_matcher())


@pytest.fixture
def made(some: list[multiplied.Original], tmp_path: Path) -> Collection:
    collection = Collection.open(tmp_path, create=True)
    with collection.transaction():
        collection.remember("dimension", str(FakeEmbedder.dimension))
    multiplied.fill(collection, some, 3 * sum(map(len, some)))
    return collection


def test_every_copy_of_a_text_is_another_text(some: list[multiplied.Original], made: Collection) -> None:
    texts = [quote.text for quote in made.quotes()]
    assert len(texts) == 3 * sum(map(len, some))
    assert len(set(texts)) >= 3 * len(set(multiplied.texts(some)))
    assert len({tuple(sorted(values(text, "en"))) for text in texts if values(text, "en")}) > len(some)


def test_quotations_stand_in_their_articles(made: Collection) -> None:
    texts = {article.id: article.text for article in made.articles()}
    for quote in made.quotes():
        assert ELLIPSIS.join(texts[quote.article_id][start:end] for start, end in quote.pieces) == quote.text


def test_a_copy_is_turned_as_a_whole(some: list[multiplied.Original]) -> None:
    rows = np.concatenate([original.rows for original in some])
    turned = multiplied.turned(rows, 7)
    assert np.allclose(turned @ turned.T, rows @ rows.T, atol=1e-5)
    across = (turned * rows).sum(axis=1)
    assert multiplied.TURNS[0] - 0.01 < across.min() <= across.max() < multiplied.TURNS[1] + 0.01


def test_exact_neighbours_are_found_block_by_block(made: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.array([row[0] for row in made.database.execute("SELECT text FROM points ORDER BY text LIMIT 20")])
    at_once = exactly(made, numbers)
    monkeypatch.setattr("scale.BLOCK", 17)
    assert recall(exactly(made, numbers), at_once) == 1.0


def test_agreement_with_the_marks(some: list[multiplied.Original], made: Collection) -> None:
    query = "INSERT INTO members SELECT {}, number, id, 'same', '', NULL, NULL, NULL FROM quotes"
    made.database.execute(query.format("id"))
    alone = agreement(made, some)
    assert alone["b_cubed_precision"] == 100
    assert 0 < float(str(alone["b_cubed_recall"])) < 50
    made.database.execute("DELETE FROM members")
    truth = multiplied.Truth(some)
    for number, quote in enumerate(made.quotes()):
        place = made.database.execute("SELECT number FROM quotes WHERE id = ?", (quote.id,)).fetchone()[0]
        statement = "/".join(truth.statement(quote.article_id, place))
        made.database.execute(
            "INSERT INTO members VALUES (?, ?, ?, 'same', '', NULL, NULL, NULL)", (statement, number, quote.id)
        )
    assert set(agreement(made, some).values()) == {100}
