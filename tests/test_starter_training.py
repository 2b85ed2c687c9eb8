"""How the starter is trained, on a decoder of a few thousand weights."""

import json
import runpy
import signal
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from typing import ClassVar

import ctranslate2
import numpy as np
import pytest
import torch
from conftest import FakeTranslator
from tokenizers import Tokenizer

from models.starter.train import base, decoder, export, rows, train, weights
from models.starter.train.loss import CHUNK, smoothed_cross_entropy
from models.starter.train.packing import Batch, Packer, Pairs

LETTERS = "абвгдежзіклмнопрст"
SOURCES = rows.Sources.read()


def whole() -> dict[str, object]:
    """A `tokenizer.json` as that of Gemma, with more pieces than texts use."""
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", *base.OCTETS, "▁", "\n", *LETTERS, *"abcdefghijklmnopqrstuvwxyz"]
    merges = [["а", "б"], ["аб", "в"], ["т", "h"], ["t", "h"], ["th", "e"], ["▁", "the"], ["x", "y"]]
    pieces += [*("".join(pair) for pair in merges), "▁Russian", "▁Ukrainian", "▁English"]
    signs = [{"id": n, "content": pieces[n], "special": True, "normalized": False} for n in range(4)]
    plain = {"single_word": False, "lstrip": False, "rstrip": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{**plain, **sign} for sign in signs],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {piece: number for number, piece in enumerate(pieces)},
            "merges": merges,
        },
    }


def trimmed() -> tuple[base.Vocabulary, str]:
    given = whole()
    kept = base.vocabulary(given["model"], {"▁the": 9, "xy": 2}, {"абв": 4, "th": 3})
    return kept, json.dumps(base.trimmed(given, kept.pieces))


def toy(precision: torch.dtype = torch.float32) -> decoder.Decoder:
    kept, _ = trimmed()
    torch.manual_seed(3)
    shape = decoder.Shape(len(kept.pieces), kept.targets, width=32, heads=2, head_width=16, inner=48, layers=3, far=3)
    made = decoder.Decoder(shape, precision)
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(0, 0.3)
    return made


def toy_pairs(number: int = 90) -> Pairs:
    kept, _ = trimmed()
    chance = np.random.default_rng(5)
    made, learned = [], []
    for _ in range(number):
        left, right = (chance.integers(7, kept.targets, chance.integers(2, 9)) for _ in range(2))
        made.append(np.array([2, *left, 4, *right, 1], np.int32))
        learned.append(len(right) + 1)
    return Pairs(np.concatenate(made), np.cumsum([0, *map(len, made)]), np.array(learned))


def toy_training(clock: Callable[[], float] | None = None) -> tuple[train.Training, train.Stopwatch]:
    made = train.Training(toy(torch.bfloat16), toy_pairs(), rate=1e-3, size=(2, 40))
    return made, train.Stopwatch(clock or count().__next__)


class StopsAfter:
    """Is asked to stop after so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    @property
    def asked(self) -> bool:
        self.looks -= 1
        return self.looks < 0


# The decoder and its loss


def test_the_loss_and_its_gradients_are_those_of_torch() -> None:
    torch.manual_seed(1)
    number = CHUNK + 70
    hidden, output = torch.randn(number, 8, requires_grad=True), torch.randn(31, 8, requires_grad=True)
    target = torch.randint(0, 31, (number,))
    loss, likelihood = smoothed_cross_entropy(hidden, output, target, 0.05)
    found = torch.autograd.grad(loss / number, (hidden, output))
    logits = hidden @ output.T
    expected = torch.nn.functional.cross_entropy(logits, target, label_smoothing=0.05)
    assert torch.allclose(loss / number, expected, atol=1e-6)
    assert torch.allclose(likelihood / number, torch.nn.functional.cross_entropy(logits, target), atol=1e-6)
    for one, other in zip(found, torch.autograd.grad(expected, (hidden, output)), strict=True):
        assert torch.allclose(one, other, atol=1e-7)


def test_pairs_of_a_row_do_not_see_each_other() -> None:
    model, pairs = toy(), toy_pairs(12)
    batch = Packer(pairs, rows=1, length=60).batch()
    together = model(batch.ids, batch.segment, batch.position)[0]
    assert batch.pairs > 1
    for number in range(1, batch.pairs + 1):
        here = batch.segment[0] == number
        alone = batch.ids[:, here]
        found = model(alone, torch.ones_like(alone), torch.arange(alone.shape[1])[None])[0]
        assert torch.allclose(together[here], found, atol=1e-5)


def test_a_piece_does_not_see_what_follows() -> None:
    model = toy()
    ids = torch.tensor([[2, 8, 9, 4, 10, 11, 1]])
    ones, places = torch.ones_like(ids), torch.arange(7)[None]
    changed = ids.clone()
    changed[0, 5] = 12
    first, second = model(ids, ones, places), model(changed, ones, places)
    assert torch.equal(first[0, :5], second[0, :5])
    assert not torch.allclose(first[0, 5], second[0, 5])


# Packing


def test_every_pair_of_an_epoch_is_learned_once_and_whole() -> None:
    pairs = toy_pairs(40)
    packer, met = Packer(pairs, rows=2, length=30), list[tuple[int, ...]]()
    while packer.seen < 40:
        batch = packer.batch()
        assert torch.equal(batch.ids.flatten()[batch.where + 1], batch.right)
        for row, segment in zip(batch.ids, batch.segment, strict=True):
            met += [tuple(row[segment == n].tolist()) for n in segment.unique().tolist() if n]
    first_epoch = [tuple(pairs.pieces(n).tolist()) for n in range(40)]
    waiting = [tuple(pairs.pieces(n).tolist()) for n in packer.kept]
    assert set(first_epoch) == set(met) | set(waiting)
    assert len(met) + len(waiting) == packer.seen


def test_a_packer_goes_on_where_another_one_was() -> None:
    pairs = toy_pairs(30)
    first = Packer(pairs, rows=2, length=30)
    for _ in range(5):  # beyond the first epoch
        first.batch()
    second = Packer(pairs, rows=2, length=30, seen=first.seen, kept=first.kept)
    for _ in range(3):
        one, other = first.batch(), second.batch()
        assert torch.equal(one.ids, other.ids)
        assert torch.equal(one.where, other.where)


def test_a_pair_that_no_row_has_room_for_is_refused() -> None:
    with pytest.raises(ValueError, match="room for 5"):
        Packer(toy_pairs(), rows=2, length=5)


def test_the_gradient_of_a_batch_is_that_of_its_parts() -> None:
    model, batch = toy(), Packer(toy_pairs(), rows=5, length=30).batch()

    def gradient(rows: int) -> torch.Tensor:
        model.zero_grad()
        for part in batch.parts(rows):
            hidden = model(part.ids, part.segment, part.position).flatten(0, 1).index_select(0, part.where)
            smoothed_cross_entropy(hidden, model.output, part.right, 0.05)[0].backward()
        return torch.cat([weight.grad.flatten() for weight in model.parameters()])

    assert sum(len(part.right) for part in batch.parts(2)) == len(batch.right)
    assert torch.allclose(gradient(2), gradient(5), rtol=1e-3, atol=1e-3)


# Training


@pytest.mark.parametrize("minutes", [None, 0.2])
def test_an_interrupted_training_equals_one_that_was_not(tmp_path: Path, minutes: float | None) -> None:
    """To the last bit: the sums of one process are added in the same order each time."""
    whole, watch = toy_training()
    done = whole.run(tmp_path / "whole.pt", StopsAfter(9), watch, minutes)
    for looks in (2, 3, 4):  # 9 steps in three processes
        part, watch = toy_training()
        if (tmp_path / "parts.pt").exists():
            part.resume(tmp_path / "parts.pt")
        assert part.run(tmp_path / "parts.pt", StopsAfter(looks), watch, minutes) is False
    assert done is False
    assert (part.step, part.annealed, part.packer.seen) == (whole.step, whole.annealed, whole.packer.seen)
    assert 0 < part.annealed < 1 or minutes is None
    for one, other in zip(part.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(one, other)


class Noting(train.Training):
    """Notes the shares of the rate that it learns with."""

    used: ClassVar[list[float]] = []

    def learn(self, batch: Batch) -> float:
        self.used.append(train.share(self.step, self.annealed))
        return super().learn(batch)


def test_annealing_ends_at_nothing_also_when_it_is_interrupted(tmp_path: Path) -> None:
    state = tmp_path / "annealing.pt"
    for looks, minutes in ((7, 0.5), (5, 0.5), (99, 0.25)):  # the last command has other minutes for what is left
        training = Noting(toy(torch.bfloat16), toy_pairs(), size=(2, 40))
        training.step = 100  # warm
        if state.exists():
            training.resume(state)
        ended = training.run(state, StopsAfter(looks), train.Stopwatch(count().__next__), minutes)
    used = training.used
    assert ended
    assert 21 <= len(used) <= 22  # 12 of 30 seconds and .6 of 15; rounding may leave a last step
    assert used[0] == 1
    assert used == sorted(used, reverse=True)
    assert max(one - other for one, other in pairwise(used)) < 0.12  # no leap where it was taken up
    assert used[-1] < 0.02
    assert train.share(100, 1.0) == 0
    assert torch.load(state, weights_only=True)["annealed"] >= 1


def test_no_minutes_store_the_weights_as_they_are(tmp_path: Path) -> None:
    training, watch = toy_training()
    assert training.run(tmp_path / "last.pt", StopsAfter(99), watch, 0)
    assert training.step == 0


def test_a_state_of_the_model_the_optimiser_and_the_place_alone_is_enough(tmp_path: Path) -> None:
    training, watch = toy_training()
    training.run(tmp_path / "last.pt", StopsAfter(3), watch)
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    torch.save({name: state[name] for name in ("model", "optimizer", "seen", "step")}, tmp_path / "last.pt")
    again, _ = toy_training()
    again.resume(tmp_path / "last.pt")
    assert (again.step, again.packer.seen, again.packer.kept, again.annealed) == (3, training.packer.seen, [], 0.0)


def test_other_rows_are_begun_from_their_first_batch(tmp_path: Path) -> None:
    training, watch = toy_training()
    training.run(tmp_path / "last.pt", StopsAfter(3), watch)
    other = train.Training(toy(), toy_pairs(50), size=(2, 40))
    other.resume(tmp_path / "last.pt")
    assert (other.step, other.packer.seen, other.packer.kept) == (3, 0, [])


def test_an_unfinished_annealing_is_not_left_behind(tmp_path: Path) -> None:
    training, watch = toy_training()
    training.run(tmp_path / "last.pt", StopsAfter(4), watch)
    assert train.resumed(toy_training()[0], tmp_path, annealing=True) == tmp_path / "annealing.pt"
    training.run(tmp_path / "annealing.pt", StopsAfter(2), watch, 1)
    again = toy_training()[0]
    train.resumed(again, tmp_path, annealing=True)
    assert again.annealed > 0
    with pytest.raises(SystemExit, match="unfinished"):
        train.resumed(again, tmp_path, annealing=False)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """`train.py` on the toy, in this process."""
    model, threads = toy(), torch.get_num_threads()
    weights.save(tmp_path / "start", model.shape, model.state_dict(), trimmed()[1])
    toy_pairs(2000).write(tmp_path / "rows.npz")
    asked = (signal.SIGTERM, signal.SIGINT, signal.SIGCONT)
    handlers = [signal.getsignal(number) for number in asked]

    def run(*arguments: str) -> None:
        given = ["--rows", f"{tmp_path}/rows.npz", "--start", f"{tmp_path}/start", "--threads", "1", *arguments]
        monkeypatch.setattr("sys.argv", ["train.py", str(tmp_path / "work"), *given])
        train.main()

    yield run
    torch.set_num_threads(threads)
    for number, handler in zip(asked, handlers, strict=True):
        signal.signal(number, handler)


def test_the_command_is_stopped_by_a_signal_and_goes_on(
    command: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train.Log, "tell", lambda *_: signal.raise_signal(signal.SIGTERM))
    for steps in (1, 2):
        command()
        assert torch.load(tmp_path / "work" / "last.pt", weights_only=True)["step"] == steps
    command("--anneal", "1")
    monkeypatch.undo()
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["annealing.pt", "last.pt"]
    command("--anneal", "0.01")
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["last.pt", "tuned"]
    assert weights.shape(tmp_path / "work" / "tuned") == weights.shape(tmp_path / "start")
    assert torch.load(tmp_path / "work" / "last.pt", weights_only=True)["step"] == 2


def test_time_that_stands_still_is_not_counted() -> None:
    clock = iter([0.0, 5.0, 1000.0, 1002.0])
    watch = train.Stopwatch(clock.__next__)
    assert watch.lap() == 5
    watch.restart()
    assert watch.lap() == 2


def test_training_learns() -> None:
    training, _ = toy_training()
    training.step = 100
    batches = [training.packer.batch() for _ in range(4)]
    before = sum(map(training.learn, batches))
    for _ in range(4):
        after = sum(map(training.learn, batches))
    assert after < 0.9 * before


def test_compiled_it_learns_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager", fullgraph=True))
    trained = []
    for compiled in (False, True):
        training = train.Training(toy(), toy_pairs(), rate=1e-3, size=(2, 40), compiled=compiled)
        assert (training.forward is training.model) != compiled
        for _ in range(3):
            training.learn(training.packer.batch())
        trained.append(torch.cat([weight.flatten() for weight in training.model.parameters()]))
    assert torch.allclose(*trained, atol=1e-6)


# The base


def test_what_texts_use_is_kept_with_the_pieces_it_is_merged_from() -> None:
    kept, text = trimmed()
    assert kept.pieces[:7] == list(base.SIGNS)
    targets, sources = kept.pieces[7 + 256 : kept.targets], kept.pieces[kept.targets :]
    assert {"абв", "аб", "а", "▁", "t", "z"} <= set(targets)
    assert sources == ["th", "the", "▁the"]  # "th" was too rare in translations
    assert not {"xy", "тh", "▁Russian"} & set(kept.pieces)
    small, large = Tokenizer.from_str(text), Tokenizer.from_str(json.dumps(whole()))
    for sentence in ("the абв", "абаб the"):
        assert small.encode(sentence).tokens == large.encode(sentence).tokens


def test_a_foreign_file_of_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.gguf").write_bytes(b"GGUF")
    with pytest.raises(SystemExit, match="another file"):
        base.assembled(tmp_path / "other.gguf", tmp_path)


# The rows


@pytest.mark.parametrize(
    ("target", "left", "right", "fit"),
    [
        ("ru", "The road is closed.", "Дорога закрыта.", True),
        ("uk", "The road is closed.", "Дорогу закрито.", True),
        ("uk", "The road is closed.", "Дорога закрыта.", False),  # Russian
        ("ru", "The road is closed.", "Дорогу закрито, її немає.", False),  # Ukrainian
        ("ru", "The road is closed.", "Да.", False),  # too short
        ("ru", "Yes.", "Дорога закрыта до понедельника.", False),  # too long
        ("ru", "The road is closed.", "The road is closed.", False),
        ("ru", "The <b>road</b> is closed.", "Дорога <b>закрыта</b>.", False),
        ("ru", "See https://example.org/road", "См. https://example.org/road", False),
        ("ru", "Road %s closed", "Дорога %s закрыта", False),
        ("en", "Дорога закрыта.", "The road is closed.", False),
    ],
)
def test_what_is_fit_to_learn_from(target: str, left: str, right: str, fit: bool) -> None:
    assert SOURCES.takes(rows.Pair("en", target, left, right, "triples")) is fit


def test_pairs_of_users_and_of_the_project(tmp_path: Path) -> None:
    given = tmp_path / "p.tsv"
    given.write_text("uk\tHe “left\tВін пішов\tresistinua\nru\tNo\tДа, нет, не знаю\ttico19\n", "utf-8")
    found = list(rows.pairs([given], SOURCES))
    assert found == list(rows.pairs([given], SOURCES))
    assert {pair.source for pair in found} == {"triples", "newsroom", "quotepairs", "resistinua"}
    triples = [pair for pair in found if pair.source == "triples"]
    assert 0.15 < sum(pair.origin == "ru" for pair in triples) / sum(pair.target == "ru" for pair in triples) < 0.25
    assert rows.Pair("en", "uk", "He “left", "Він пішов", "resistinua") in found


def test_a_line_with_a_column_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("uk\tHe left\tВін пішов\n", "utf-8")
    with pytest.raises(SystemExit, match=r"p\.tsv:1: 3 columns instead of 4"):
        list(rows.pairs([tmp_path / "p.tsv"], SOURCES))


def test_measuring_files_are_not_learned_from() -> None:
    files = {*SOURCES.three_languages["newsroom"], *SOURCES.three_languages["quotepairs"]}
    assert files
    assert not files & {path.name for path in rows.reader.measuring_files()} | files & {"p07.tsv", "p08.tsv"}


def test_sources_stand_among_the_rows_as_they_weigh() -> None:
    given = [rows.Pair("en", "ru", f"a{n}", "б", "wmt_newstest_old") for n in range(400)]
    made = rows.weighted(given, SOURCES, "whole")
    assert made == rows.weighted(given, SOURCES, "whole")
    assert set(made) == set(given)
    assert 1.4 < len(made) / len(given) < 1.6
    unheard = [pair._replace(source="unheard of") for pair in given]
    assert 0 < len(rows.weighted(unheard, SOURCES, "whole")) < len(given)
    assert not rows.weighted(unheard, SOURCES, "last")


def test_rows_are_source_tag_target_and_end(tmp_path: Path) -> None:
    kept, text = trimmed()
    tokenizer = Tokenizer.from_str(text)
    given = [
        rows.Pair("en", "uk", "the", "абв", "triples"),
        rows.Pair("en", "ru", "the", "the", "triples"),  # what only sources have
        rows.Pair("en", "ru", "a" * 9, "а", "triples"),
    ]
    made = rows.encoded(given, tokenizer, kept.targets, (8, 8))
    made.write(tmp_path / "rows.npz")
    made = Pairs.read(tmp_path / "rows.npz")
    assert len(made) == 1
    assert [tokenizer.id_to_token(n) for n in made.pieces(0)] == ["<bos>", "the", "<2uk>", "абв", "<eos>"]
    assert made.target.tolist() == [2]


# Storing


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    model = toy()
    weights.save(folder / "tuned", model.shape, model.state_dict(), trimmed()[1])
    export.export(folder / "tuned", folder / "made")
    return folder


def test_an_exported_model_writes_what_the_decoder_would(exported: Path) -> None:
    """Both with weights that were rounded to 8 bits, both computing in float32."""
    shape, given = weights.load(exported / "made")
    model = decoder.Decoder(shape, torch.float32)
    model.load_state_dict(given)
    generator = ctranslate2.Generator(str(exported / "made"), compute_type="float32", intra_threads=1)
    pieces = trimmed()[0].pieces
    prompts = [[2, *range(first, first + 5), tag] for first in (263, 268, 280) for tag in (4, 5)]
    made = generator.generate_batch(
        [[pieces[n] for n in prompt] for prompt in prompts],
        max_length=12,
        beam_size=1,
        end_token="<eos>",
        include_prompt_in_result=False,
        return_end_token=True,
    )
    assert [result.sequences_ids[0] for result in made] == [greedy(model, prompt, 12) for prompt in prompts]


@torch.inference_mode()
def greedy(model: decoder.Decoder, prompt: list[int], most: int) -> list[int]:
    found: list[int] = []
    while len(found) < most and found[-1:] != [1]:
        ids = torch.tensor([prompt + found])
        hidden = model(ids, torch.ones_like(ids), torch.arange(ids.shape[1])[None])[0, -1]
        logits = hidden @ model.output.T
        logits[[0, 2, 3, 4, 5, 6]] = -torch.inf
        found.append(int(logits.argmax()))
    return found


def test_an_exported_model_can_be_begun_from_and_exported_again(exported: Path) -> None:
    shape, given = weights.load(exported / "tuned")
    assert weights.shape(exported / "made") == shape
    for name, weight in weights.load(exported / "made")[1].items():
        assert torch.allclose(weight, given[name], atol=0.51 * float(given[name].abs().max()) / 127)
    export.export(exported / "made", exported / "again")
    for name in ("model.bin", "vocabulary.json", "config.json", "tokenizer.json", "translator.toml", "NOTICE"):
        assert (exported / "again" / name).read_bytes() == (exported / "made" / name).read_bytes()


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"\x05\0\0\0more")
    with pytest.raises(SystemExit, match="layout 6"):
        weights.variables(tmp_path / "model.bin")


# Measuring


def test_models_are_measured_side_by_side(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], translator: FakeTranslator
) -> None:
    script = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "translation_quality"))
    lines = [("en", "ru", "It rains here.", "It_ru rains_ru here_ru."), ("ru", "uk", "Дождь.", "Дощ.")]
    (tmp_path / "pairs.tsv").write_text("".join("\t".join(line) + "\n" for line in lines * 2), "utf-8")
    monkeypatch.setattr("pipeline.engines.translator", lambda *_, **__: translator)
    arguments = [str(tmp_path / "pairs.tsv"), "--model", "one", "--model", "two", "--raw", "--lines", "1"]
    monkeypatch.setattr("sys.argv", ["translation_quality", *arguments])
    script["main"]()
    made = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["model"], one["direction"], one["lines"]) for one in made] == [
        (model, direction, 1) for model in ("one", "two") for direction in ("en-ru", "ru-uk")
    ]
    assert made[0]["chrf"] == 100
    assert made[1]["chrf"] < 50
