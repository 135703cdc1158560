"""Teach the network, step by step; what is cut short goes on where it was. Needs torch.

What chance decides depends on the seed and the number of the step only, so that a training that
was cut short and one that was not end with the same network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ivr.training import kaldi_reading, learning, network
from ivr.training.batches import Batch, parted, plan, together
from ivr.training.examples import Example
from ivr.training.order import order

KEPT_EVERY = 200  # steps
SAID_EVERY = 20
RISING = 60  # steps until the first rate is reached
GUESSING_FULLY = 0.2  # of the way; afterwards the second head counts less
STEEPEST = 3.0
SAMPLED = 200  # examples that say how loud cepstra are
Say = Callable[[str], object]


@dataclass(frozen=True)
class Course:
    """How to teach. Rates fall from ``rate`` to ``last_rate`` over all epochs. ``frames`` are
    those of a batch. ``steady``: for a network that knows something already. The outcome is the
    average over about the last ``averaged`` steps, which unknown voices like better than the last.
    """

    epochs: int = 12
    rate: float = 1.5e-3
    last_rate: float = 2e-5
    frames: int = 9000
    guessing: float = 1.0
    steady: bool = False
    averaged: int = 1
    seed: int = 1
    device: str = "cpu"


class Teaching:
    """A network under way. ``folder`` keeps its state."""

    def __init__(
        self, course: Course, examples: Sequence[Example], start: network.Parameters, folder: Path
    ) -> None:
        import torch

        self._course, self._state = course, folder / "state.pt"
        self._held, self._taught = parted(examples, course.seed)
        self._order = order({each.name: each.said for each in self._taught}.values())
        self._values = learning.begin(start, course.seed, course.device)
        learnt = [value for value in self._values.values() if value.requires_grad]
        self._steps = torch.optim.AdamW(learnt, lr=course.rate, weight_decay=1e-3)
        self._learnt = learnt
        self._averages = {name: each.detach().clone() for name, each in self._values.items()}
        self._epoch, self._plans = 0, self._planned(0)
        self._in_epoch = len(self._plans)
        self._total = course.epochs * self._in_epoch
        self.done = 0
        if self._state.exists():
            self._resume()

    @property
    def parameters(self) -> dict[str, Any]:
        """The network as it is now."""
        return learning.arrays(self._averages)

    def run(self, say: Say, most: int | None = None) -> bool:
        """Go on, for ``most`` steps if given; whether that was the end. State is kept."""
        began, first, sums = time.monotonic(), self.done, np.zeros(3)
        end = self._total if most is None else min(self._total, self.done + most)
        while self.done < end:
            found = self._step()
            sums = found if not sums.any() else 0.95 * sums + 0.05 * found
            if self.done % SAID_EVERY == 0:
                left = (time.monotonic() - began) / (self.done - first) * (end - self.done)
                say(f"{self.done}/{self._total}  {_words(sums)}  {left / 60:.0f} min left")
            if self.done % KEPT_EVERY == 0:
                self.keep()
        self.keep()
        say(f"{self.done}/{self._total}  held back: {_words(self.measured())}")
        return self.done == self._total

    def measured(self) -> Any:
        """The losses over what was held back."""
        import torch

        found, weight = np.zeros(3), 0.0
        with torch.no_grad():
            for each in self._held:
                frames = float(each.frames)
                made = learning.losses(self._averages, together([each]), self._order)
                found += frames * _numbers(made)
                weight += frames
        return found / max(weight, 1.0)

    def keep(self) -> None:
        """Write the state, whole or not at all."""
        import torch

        draft = self._state.with_suffix(".draft")
        torch.save(
            {
                "course": asdict(self._course),
                "values": {name: value.detach() for name, value in self._values.items()},
                "averages": self._averages,
                "steps": self._steps.state_dict(),
                "done": self.done,
            },
            draft,
        )
        draft.replace(self._state)

    def _resume(self) -> None:
        import torch

        kept = torch.load(self._state, map_location=self._course.device, weights_only=True)
        if kept["course"] != asdict(self._course):
            raise ValueError(f"{self._state} was begun otherwise: {kept['course']}")
        with torch.no_grad():
            for name, value in self._values.items():
                value.copy_(kept["values"][name])
                self._averages[name].copy_(kept["averages"][name])
        self._steps.load_state_dict(kept["steps"])
        self.done = kept["done"]

    def _planned(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng([self._course.seed, epoch])
        return plan(self._taught, self._course.frames, rng)

    def _next(self) -> Batch:
        """An epoch has as many steps as the first one, whatever its lengths come to."""
        epoch, place = divmod(self.done, self._in_epoch)
        if epoch != self._epoch:
            self._epoch, self._plans = epoch, self._planned(epoch)
        rng = np.random.default_rng([self._course.seed, self.done, 1])
        places = self._plans[place % len(self._plans)]
        return together([self._taught[each] for each in places], int(rng.integers(network.KEPT)))

    def _step(self) -> Any:
        import torch

        course, way = self._course, self.done / max(1, self._total)
        torch.manual_seed(course.seed * 1_000_003 + self.done)
        for group in self._steps.param_groups:
            fallen = course.rate * (course.last_rate / course.rate) ** way
            group["lr"] = fallen * min(1.0, (self.done + 1) / RISING)
        made = learning.losses(
            self._values, self._next(), self._order, learns=True, steady=course.steady
        )
        guessing = course.guessing * (1.0 if way < GUESSING_FULLY else 0.3)
        whole = made["order"] + guessing * made["guess"] + learning.LOUD_OUTPUTS * made["size"]
        self._steps.zero_grad()
        whole.backward()
        torch.nn.utils.clip_grad_norm_(self._learnt, STEEPEST)
        self._steps.step()
        self.done += 1
        self._average()
        return _numbers(made)

    def _average(self) -> None:
        share = 1 / min(self._course.averaged, self.done)
        for name, value in self._values.items():
            self._averages[name].lerp_(value.detach(), share)


def _numbers(losses: Any) -> Any:
    return np.array([float(losses[name].detach()) for name in ("order", "guess", "size")])


def _words(numbers: Any) -> str:
    return "order {:.4f} guess {:.3f} size {:.1f}".format(*numbers)


def start(
    examples: Sequence[Example], known: Path | None, seed: int, **sizes: int
) -> dict[str, Any]:
    """A new network for these examples, or that of a model of ours to be taught further."""
    rng = np.random.default_rng(seed)
    places = rng.permutation(len(examples))[:SAMPLED]
    cepstra = np.concatenate([examples[place].cepstra.astype(np.float64) for place in places])
    if known is None:
        return learning.fresh(cepstra, seed, **sizes)
    return learning.steadied(kaldi_reading.parameters(known / "am" / "final.mdl"), cepstra)
