import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import pairs
from pipeline.alignment import anchors, corridor, cost, path, wording
from pipeline.alignment.sides import side
from pipeline.pairs import Bead
from pipeline.records import Article, Sentence

DIMENSION = 256


def meanings(count, seed=0):
    """Vectors of unrelated sentences."""
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def edition(runs, vectors, language=0.0):
    """An edition whose sentences say the meanings `runs` name, longer the more they say; all lean to its `language`."""
    sentences = ["word " * 10 * len(run) for run in runs]
    summed = np.stack([vectors[list(run)].sum(axis=0) / np.sqrt(len(run)) for run in runs])
    leaning = summed + language * np.eye(DIMENSION, dtype=np.float32)[0]
    return sentences, (leaning / np.linalg.norm(leaning, axis=1, keepdims=True)).astype(np.float32)


def aligned(left_runs, right_runs, *, size=20):
    vectors = meanings(size)
    left, left_vectors = edition(left_runs, vectors, language=2.0)
    right, right_vectors = edition(right_runs, vectors, language=-2.0)
    return pairs.align(left, right, left_vectors, right_vectors)


def numbers(beads):
    return [(bead.left, bead.right) for bead in beads]


def one_by_one(*meaning):
    return [(m,) for m in meaning]


def test_faithful_editions_align_one_to_one():
    beads = aligned(one_by_one(*range(12)), one_by_one(*range(12)))
    assert numbers(beads) == [((n,), (n,)) for n in range(12)]
    assert all(bead.similarity > 0.9 and not bead.moved for bead in beads)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_merged_sentences_are_found_on_either_side(count):
    whole = one_by_one(*range(12))
    merged = [(0,), (1,), tuple(range(2, 2 + count)), *one_by_one(*range(2 + count, 12))]
    run = tuple(range(2, 2 + count))
    assert (run, (2,)) in numbers(aligned(whole, merged))
    assert ((2,), run) in numbers(aligned(merged, whole))


def test_two_sentences_cut_elsewhere_are_one_bead():
    left = [*one_by_one(0, 1, 2), (3, 4), (5,), *one_by_one(6, 7, 8)]
    right = [*one_by_one(0, 1, 2), (3,), (4, 5), *one_by_one(6, 7, 8)]
    assert ((3, 4), (3, 4)) in numbers(aligned(left, right))


def test_omissions_and_additions_stand_alone_in_their_place():
    beads = aligned(one_by_one(0, 1, 2, 3, 4, 5, 6, 7), one_by_one(0, 1, 3, 4, 9, 5, 6, 7))
    assert Bead((2,), (), None, False) in beads
    assert Bead((), (4,), None, False) in beads
    assert numbers(beads).index(((), (4,))) == numbers(beads).index(((4,), (3,))) + 1


def test_a_moved_paragraph_is_found_and_marked():
    beads = aligned(one_by_one(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), one_by_one(0, 1, 4, 5, 6, 7, 8, 2, 3, 9))
    assert {(bead.left, bead.right) for bead in beads if bead.moved} == {((2,), (7,)), ((3,), (8,))}
    assert sum(bool(bead.left and bead.right) for bead in beads) == 10


def test_unrelated_leftovers_are_not_taken_for_moved():
    beads = aligned(one_by_one(0, 1, 10, 2, 3, 4, 5, 6), one_by_one(0, 1, 2, 3, 4, 11, 5, 6))
    assert not any(bead.moved for bead in beads)


def test_alignment_is_the_same_from_the_other_side():
    left, right = one_by_one(0, 1, 2, 3, 4, 5, 6, 7), [(0, 1), (2,), (4,), (9,), (5,), (6, 7)]
    there, back = aligned(left, right), aligned(right, left)
    assert {(bead.left, bead.right) for bead in there} == {(bead.right, bead.left) for bead in back}


@pytest.mark.parametrize(("left", "right"), [(0, 0), (0, 3), (3, 0)])
def test_an_empty_edition_leaves_everything_alone(left, right):
    beads = pairs.align(["x"] * left, ["x"] * right, meanings(left), meanings(right))
    assert numbers(beads) == [*(((n,), ()) for n in range(left)), *(((), (n,)) for n in range(right))]


def test_a_single_sentence_aligns_with_its_translation():
    vectors = meanings(1)
    assert numbers(pairs.align(["A sentence."], ["Речення."], vectors, vectors)) == [((0,), (0,))]


def test_a_vector_per_sentence_is_needed():
    with pytest.raises(ValueError, match="vector per sentence"):
        pairs.align(["a", "b"], ["c"], meanings(1), meanings(1))


runs = st.lists(st.tuples(st.integers(0, 19)) | st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=12)


@given(runs, runs)
def test_every_sentence_stands_in_exactly_one_bead(left, right):
    vectors = meanings(20)
    sides = [edition(run, vectors) if run else ([], meanings(0)) for run in (left, right)]
    beads = pairs.align(sides[0][0], sides[1][0], sides[0][1], sides[1][1])
    assert sorted(n for bead in beads for n in bead.left) == list(range(len(left)))
    assert sorted(n for bead in beads for n in bead.right) == list(range(len(right)))
    assert [n for bead in beads for n in bead.left] == list(range(len(left)))
    for bead in beads:
        assert (bead.similarity is None) == (not bead.left or not bead.right)
        assert bead.similarity is None or -1 <= bead.similarity <= 1


def test_blocks_of_rows_change_nothing(monkeypatch):
    left, right = one_by_one(*range(20)), [(0, 1), *one_by_one(*range(2, 14)), (15, 16, 17), (18,), (19,)]
    whole = aligned(left, right)
    monkeypatch.setattr(corridor, "ROWS", 3)
    assert aligned(left, right) == whole


def book():
    """Editions of 600 sentences: every ninth merged with the next on one side, chapters missing on either side."""
    left = [*one_by_one(*range(250)), *one_by_one(*range(330, 600))]
    right = [(m, m + 1) if m % 9 == 0 else (m,) for m in range(450) if m % 9 != 1] + one_by_one(*range(560, 600))
    return left, right


def test_a_corridor_finds_what_the_whole_rectangle_holds(monkeypatch):
    left, right = book()
    whole = aligned(left, right, size=600)
    monkeypatch.setattr(corridor, "EXACT", 5_000)
    monkeypatch.setattr(corridor, "RADIUS", 12)
    seen = []
    best = path.best
    monkeypatch.setattr(path, "best", lambda *given: seen.append(area(given[2])) or best(*given))
    assert aligned(left, right, size=600) == whole
    assert max(seen) < len(left) * len(right) / 2  # the missing chapters are most of it


def area(windows):
    return sum((w.rows[1] - w.rows[0]) * (w.columns[1] - w.columns[0]) for w in windows)


def test_a_moved_chapter_of_a_long_text_is_found_piece_by_piece(monkeypatch):
    monkeypatch.setattr(corridor, "EXACT", 5_000)
    moved_numbers = range(100, 140)
    left = one_by_one(*range(300))
    right = [*one_by_one(*(m for m in range(260) if m not in moved_numbers)), (100, 101)]
    right += [*one_by_one(*range(102, 140)), *one_by_one(*range(260, 300))]
    beads = aligned(left, right, size=300)
    assert {bead.left for bead in beads if bead.moved} == {(100, 101), *((m,) for m in range(102, 140))}
    assert all(bead.left and bead.right for bead in beads)


def test_sentences_merged_in_a_moved_paragraph_are_one_bead():
    left = one_by_one(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    beads = aligned(left, [*one_by_one(0, 1, 5, 6, 7, 8), (2, 3), (4,), (9,)])
    assert {(bead.left, bead.right) for bead in beads if bead.moved} == {((2, 3), (6,)), ((4,), (7,))}


def test_anchors_lead_the_corridor_where_the_vectors_do_not(monkeypatch):
    """Nothing but the names tells that all of the first half is missing on the right."""
    monkeypatch.setattr(corridor, "EXACT", 100)
    monkeypatch.setattr(corridor, "RADIUS", 4)
    names = [f"{a}{b}{c}" for a in "БДЗКЛ" for b in ("орон", "афир", "икол", "епод", "ушов") for c in ("енко", "ский")]
    left = [f"word {name}" for name in names]
    right = [f"слово {name}" for name in names[25:]]
    shared = anchors.shared(left, right)
    assert shared == [(number + 25, number) for number in range(25)]
    sides = [edition_of(left), edition_of(right)]
    near = corridor.windows(*sides, anchors=shared)
    assert all(any(w.rows[0] <= i < w.rows[1] and w.columns[0] <= j < w.columns[1] for w in near) for i, j in shared)


def edition_of(sentences):
    return side(sentences, np.ones((len(sentences), 8), np.float32))


def test_anchors_are_numbers_addresses_and_names_in_any_alphabet():
    left = ["Bohdan Kovalchuk came.", "He paid 4,200.", "See https://a.example/b", "The 7 of us, and Kyiv.", "Kyiv"]
    right = ["Сказав Ковальчуку.", "Сплатив 4,200.", "https://a.example/b", "Київ"]
    assert anchors.shared(left, right) == [(0, 0), (1, 1), (2, 2)]


def test_anchors_that_cross_most_others_are_left_out():
    left = ["11", "22", "33", "44"]
    assert anchors.shared(left, ["22", "33", "44", "11"]) == [(1, 0), (2, 1), (3, 2)]


def test_what_an_omission_costs_follows_how_close_the_translation_is():
    vectors = meanings(200)
    noise = meanings(200, seed=1)
    texts = ["word " * 10] * 200
    steps = [((n, n + 1), (n, n + 1)) for n in range(200)]
    one = side(texts, vectors)
    close, free = (cost.skip(steps, one, side(texts, vectors + much * noise)) for much in (0.2, 3.0))
    assert free < cost.SKIP < close
    assert cost.skip([], one, one) == cost.SKIP


def test_letters_compare_a_translation_with_its_own_and_with_a_related_language():
    russian = ["Корабли вышли утром.", "", "Хлеб дорожает снова.", "Их было 617."]
    ukrainian = ["Знову дорожчає хліб.", "617 осіб.", "Кораблі вийшли вранці."]
    left, right = wording.columns(russian, ukrainian)
    assert np.linalg.norm(left, axis=1) == pytest.approx([wording.SHARE, 0, wording.SHARE, wording.SHARE])
    likeness = left @ right.T
    assert likeness[[0, 2, 3]].argmax(axis=1).tolist() == [2, 0, 1]
    assert (left @ wording.columns(russian, russian)[1].T).argmax(axis=1)[[0, 2, 3]].tolist() == [0, 2, 3]


def test_the_wording_of_a_translation_decides_where_vectors_are_in_doubt():
    vectors = meanings(12)
    doubtful = vectors[:6] + 4.2 * vectors[6:]  # cosines of 0.23: less than what standing alone gains
    doubtful = (doubtful / np.linalg.norm(doubtful, axis=1, keepdims=True)).astype(np.float32)
    texts = ["Корабли вышли.", "Хлеб дорожает.", "Мост закрыт.", "Пошёл снег.", "Никто не спорил.", "Школа пуста."]
    plain = pairs.align(texts, texts, vectors[:6], doubtful)
    assert pairs_of(plain) < pairs_of(pairs.align(texts, texts, vectors[:6], doubtful, (texts, texts))) == 6


def pairs_of(beads):
    return sum(bool(bead.left and bead.right) for bead in beads)


def test_a_similarity_is_that_of_the_vectors_whatever_the_wording():
    left, right = one_by_one(*range(8)), one_by_one(*range(8))
    vectors = meanings(8)
    (texts, ours), (_, theirs) = edition(left, vectors), edition(right, vectors)
    plain = pairs.align(texts, texts, ours, theirs)
    assert pairs.align(texts, texts, ours, theirs, (["слово"] * 8, [""] * 8)) == plain


def test_a_thousand_sentences_take_no_more_than_a_second_or_so():
    vectors = meanings(1000)
    began = time.process_time()
    beads = pairs.align(["word " * 12] * 1000, ["word " * 12] * 1000, vectors, vectors)
    assert time.process_time() - began < 5  # about 1; the rest is for slow and busy machines
    assert numbers(beads) == [((n,), (n,)) for n in range(1000)]


def article(language, sentences, **fields):
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    spans = [
        Sentence(start, start + len(sentence), sentence) for start, sentence in zip(starts, sentences, strict=True)
    ]
    return Article(id=f"story-{language}", text=text, language=language, **fields), spans


ENGLISH = ["The bridge was closed.", "Nobody said why.", "A ferry was sent.", "It came late."]
UKRAINIAN = ["Міст закрили.", "Надіслали пором, але він прийшов пізно.", "Потім пішов дощ."]


def between(**fields):
    vectors = meanings(5)
    left, left_sentences = article("en", ENGLISH)
    right, right_sentences = article("uk", UKRAINIAN, **fields)
    right_vectors = edition([(0,), (2, 3), (4,)], vectors)[1]
    return left, right, pairs.between(left, right, left_sentences, right_sentences, vectors[:4], right_vectors)


def test_pairs_are_spans_of_the_articles_and_cover_every_sentence():
    left, right, found = between()
    for pair in found:
        for passage, source in ((pair.left, left), (pair.right, right)):
            assert passage.article_id == source.id
            assert passage.text == source.text[passage.start : passage.end]
    assert [(pair.kind, pair.left.text, pair.right.text) for pair in found] == [
        ("1-1", ENGLISH[0], UKRAINIAN[0]),
        ("1-0", ENGLISH[1], ""),
        ("2-1", " ".join(ENGLISH[2:]), UKRAINIAN[1]),
        ("0-1", "", UKRAINIAN[2]),
    ]
    assert found[1].right.start == found[1].right.end == len(UKRAINIAN[0])
    assert found[3].left.start == len(left.text)


def test_languages_and_origin_come_from_the_articles():
    _, _, human = between()
    _, _, machine = between(translator="starter-1")
    assert {(pair.left_language, pair.right_language, pair.origin) for pair in human} == {("en", "uk", "human")}
    assert [replace(pair, origin="human") for pair in machine] == human
    assert {pair.origin for pair in machine} == {"machine"}
