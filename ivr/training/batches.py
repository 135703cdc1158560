"""Examples side by side: utterances of about one length, as arrays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.training.examples import Example
from ivr.training.network import KEPT

UNLABELLED = -100
MOST_HELD = 64  # examples
MIXED = 25  # frames by which lengths are blurred, so that no two epochs have the same batches
Rng = np.random.Generator


@dataclass(frozen=True)
class Batch:
    """``cepstra`` (utterances, frames, 40), the last frame repeated; ``lengths`` in kept frames;
    ``labels`` (utterances, kept frames), UNLABELLED behind the end; ``said`` as in Example.
    """

    cepstra: NDArray[np.float32]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]
    said: list[tuple[int, ...]]


def parted(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """Every copy of some recordings is held back to be measured; the rest teaches."""
    names = sorted({each.name for each in examples})
    count = min(MOST_HELD, max(1, len(names) // 30))
    held = set(np.random.default_rng(seed).permutation(names)[:count].tolist())
    first = {each.name: each for each in reversed(examples) if each.name in held}
    taught = [each for each in examples if each.name not in held and each.teaches]
    return list(first.values()), taught


def plan(examples: Sequence[Example], most: int, rng: Rng) -> list[list[int]]:
    """Which examples go together: at most ``most`` frames, padding counted; in any order."""
    blurred = [each.frames + rng.uniform(0, MIXED) for each in examples]
    made: list[list[int]] = []
    longest = 0
    for place in np.argsort(blurred).tolist():
        longest = max(longest, examples[place].frames)
        if not made or longest * (len(made[-1]) + 1) > most:
            made.append([])
            longest = examples[place].frames
        made[-1].append(place)
    return [made[place] for place in rng.permutation(len(made))]


def together(examples: Sequence[Example], skipped: int = 0) -> Batch:
    """One batch, without the first ``skipped`` frames."""
    frames = max(each.frames for each in examples) - skipped
    kept = -(-frames // KEPT)
    labels = np.full((len(examples), kept), UNLABELLED, dtype=np.int64)
    cepstra = []
    for row, each in enumerate(examples):
        own = each.cepstra[skipped:].astype(np.float32)
        cepstra.append(np.pad(own, ((0, frames - len(own)), (0, 0)), mode="edge"))
        sounds = each.labels[skipped::KEPT]
        labels[row, : len(sounds)] = sounds
    lengths = (labels != UNLABELLED).sum(axis=1)
    return Batch(np.stack(cepstra), lengths, labels, [each.said for each in examples])
