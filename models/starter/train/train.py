"""Tunes the starter on the rows of `rows.py`; stopped at any moment, the same command goes on with the same batches.

    python models/starter/train/train.py WORK --rows WORK/rows.npz --start WORK/base              # until it is stopped
    python models/starter/train/train.py WORK --rows WORK/rows.npz --start WORK/base --anneal 90  # and an end of 90 minutes

After a short warm-up the learning rate stays as it is, so that training can go on for as long as there is time. WORK/last.pt is its
state: written every ten minutes and on SIGTERM or Ctrl-C. `--anneal` branches off from there: the rate falls to nothing in so
many minutes of computing (Hägele et al., *Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations*, 2024), and
WORK/tuned is what `export.py` takes. Its own state is WORK/annealing.pt; last.pt stays, and may be trained on later. 0
minutes store the weights as they are.
"""

import argparse
import json
import math
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from models.starter.train import weights  # noqa: E402
from models.starter.train.decoder import Decoder  # noqa: E402
from models.starter.train.loss import smoothed_cross_entropy  # noqa: E402
from models.starter.train.packing import Batch, Packer, Pairs  # noqa: E402

RATE = 5e-5
WARMING = 20  # steps
DECAY = 0.01  # of matrices but the word table
BETAS = (0.9, 0.98)
SMOOTHING = 0.05
NORM = 1.0  # of the gradient, at most
ROWS, LENGTH = 24, 256  # of a batch, about 113 pairs
AT_ONCE = 8  # rows that are computed together, unless compiled: with all of them, what a step remembers would take 7 GB
SAVED = 600  # seconds between two writes of the state
TOLD = 10  # steps between two lines

Clock = Callable[[], float]


class Stopwatch:
    """Seconds of work: what passes while the process stands still (SIGSTOP) is not counted."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._since = clock, clock()

    def restart(self, *_: object) -> None:
        """Forget what has passed."""
        self._since = self._clock()

    def lap(self) -> float:
        """Seconds since the last lap."""
        before, self._since = self._since, self._clock()
        return self._since - before


class Stop:
    """Whether somebody asked to stop; asked a second time, the process ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, _: FrameType | None) -> None:
        """As a signal handler."""
        self.asked = True
        signal.signal(number, signal.SIG_DFL)


def share(step: int, annealed: float) -> float:
    """Of the rate: rises in a line while it warms up; falls as half a cosine from 1 to 0 while `annealed` goes from 0 to 1."""
    return min(1.0, (step + 1) / WARMING) * 0.5 * (1 + math.cos(math.pi * annealed))


class Training:
    """A model, its optimiser, and its place in the data.

    A state is what `torch.save` makes of: `model`, `optimizer`, `step`; `seen` and `kept` of the packer; `annealed`, the share of
    the annealing that is done; `rows`, how many pieces its rows have. The last three may be missing.
    """

    def __init__(
        self,
        model: Decoder,
        pairs: Pairs,
        *,
        rate: float = RATE,
        size: tuple[int, int] = (ROWS, LENGTH),
        compiled: bool = False,
    ) -> None:
        self.model, self.rate = model, rate
        self.forward: Callable[..., torch.Tensor] = torch.compile(model, dynamic=False) if compiled else model
        self.at_once = size[0] if compiled else AT_ONCE
        self.packer = Packer(pairs, *size)
        self.step, self.annealed = 0, 0.0
        named = list(model.named_parameters())
        plain = [weight for name, weight in named if weight.ndim < 2 or name.startswith("embedding")]
        decayed = [weight for name, weight in named if weight.ndim >= 2 and not name.startswith("embedding")]
        self.optimizer = torch.optim.AdamW(
            [{"params": plain, "weight_decay": 0.0}, {"params": decayed, "weight_decay": DECAY}],
            lr=rate,
            betas=BETAS,
            fused=True,
        )

    def resume(self, path: Path) -> None:
        """Go on from a state. Other rows are begun from their first batch."""
        state = torch.load(path, weights_only=True, mmap=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.annealed = state["step"], state.get("annealed", 0.0)
        if state.get("rows", self.packer.pairs.flat.size) == self.packer.pairs.flat.size:
            self.packer.seen, self.packer.kept = state["seen"], list(state.get("kept", ()))

    def save(self, path: Path) -> None:
        """Write the state; what was there before stays until it is whole."""
        state: dict[str, Any] = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        state |= {"step": self.step, "seen": self.packer.seen, "kept": self.packer.kept}
        state |= {"annealed": self.annealed, "rows": self.packer.pairs.flat.size}
        unfinished = path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def learn(self, batch: Batch) -> float:
        """One step; the summed negative log likelihood of the batch before it."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * share(self.step, self.annealed)
        likelihood = 0.0
        for part in batch.parts(self.at_once):
            hidden = self.forward(part.ids, part.segment, part.position).flatten(0, 1)
            # index_select: the gradient of indexing adds up in an order that threads decide
            learned = hidden.index_select(0, part.where)
            loss, unlikely = smoothed_cross_entropy(learned, self.model.output, part.right, SMOOTHING)
            (loss / len(batch.right)).backward()  # type: ignore[no-untyped-call]
            likelihood += float(unlikely)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), NORM)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return likelihood

    def run(self, path: Path, stop: Stop, watch: Stopwatch, minutes: float | None = None) -> bool:
        """Train until somebody asks to stop, or until an annealing of so many minutes is done; True when it is.

        The state goes into `path`. An annealing that was interrupted goes on where its rate was, whatever `minutes` were then.
        """
        log, unsaved = Log(self), 0.0
        watch.restart()
        while not (stop.asked or self._ended(minutes)):
            batch = self.packer.batch()
            log.add(batch, self.learn(batch))
            seconds = watch.lap()
            if minutes:
                self.annealed = min(1.0, self.annealed + seconds / (60 * minutes))
            unsaved += seconds
            log.tell(seconds)
            if unsaved >= SAVED:
                self.save(path)
                unsaved = 0.0
                watch.restart()
        self.save(path)
        return not stop.asked

    def _ended(self, minutes: float | None) -> bool:
        return minutes is not None and (minutes == 0 or self.annealed >= 1)


class Log:
    """A line every `TOLD` steps: the mean negative log likelihood of a piece in them, before it was learned from."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._reset()

    def _reset(self) -> None:
        self._likelihood, self._pieces, self._pairs, self._seconds = 0.0, 0, 0, 0.0

    def add(self, batch: Batch, likelihood: float) -> None:
        """Count a step."""
        self._likelihood += likelihood
        self._pieces += len(batch.right)
        self._pairs += batch.pairs

    def tell(self, seconds: float) -> None:
        """Print the line when it is time for it."""
        self._seconds += seconds
        at = self._training
        if at.step % TOLD == 0:
            figures = {"step": at.step, "seen": at.packer.seen, "nll": round(self._likelihood / self._pieces, 3)}
            figures["rate"] = float(f"{at.optimizer.param_groups[0]['lr']:.2g}")
            figures["pairs_a_second"] = round(self._pairs / max(self._seconds, 1e-9), 1)
            print(json.dumps(figures), flush=True)
            self._reset()


def main() -> None:
    """Train from the state that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument(
        "--start", type=Path, required=True, help="of base.py, an earlier WORK/tuned, or models/starter"
    )
    parser.add_argument("--anneal", type=float, metavar="MINUTES")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="a quarter faster; needs a C++ compiler")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    shape, begin = weights.load(options.start)
    model = Decoder(shape)
    model.load_state_dict(begin)
    del begin
    training = Training(model, Pairs.read(options.rows), rate=options.rate, compiled=options.compile)
    state = resumed(training, options.work, annealing=options.anneal is not None)
    stop, watch = Stop(), Stopwatch(time.monotonic)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGCONT, watch.restart)
    if training.run(state, stop, watch, options.anneal):
        tokenizer = (options.start / weights.TOKENIZER).read_text("utf-8")
        weights.save(options.work / "tuned", shape, model.state_dict(), tokenizer)
        state.unlink()
        print(f"annealed at step {training.step}: {options.work / 'tuned'}")


def resumed(training: Training, work: Path, *, annealing: bool) -> Path:
    """Take up the state that fits, and say where the next ones belong.

    An annealing begins from last.pt. While one is unfinished, training at the full rate would leave it behind, so that is refused.
    """
    last, branch = work / "last.pt", work / "annealing.pt"
    if branch.exists() and not annealing:
        raise SystemExit(f"an annealing is unfinished: go on with --anneal, or delete {branch}")
    found = next((state for state in ((branch, last) if annealing else (last,)) if state.exists()), None)
    if found:
        training.resume(found)
    return branch if annealing else last


if __name__ == "__main__":
    main()
