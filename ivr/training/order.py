"""Which sound follows which: what the objective weighs sequences of sounds by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ivr.training.phones import SOUNDS

PAUSE = -1  # in a sequence of sounds: silence, or nothing
SILENT = 0
BETWEEN, OUTSIDE = 0.2, 0.8  # how often there is silence between words, and around an utterance
_UNSEEN, _UNSEEN_FIRST = 0.3, 0.1  # every pair keeps a little
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Order:
    """Probabilities of the first sound, and of the next (column) after each (row)."""

    first: Floats
    next: Floats


def order(sequences: Iterable[Sequence[int]], sounds: int = len(SOUNDS)) -> Order:
    """Counted over utterances. Each begins and ends with PAUSE."""
    first, pairs = np.full(sounds, _UNSEEN_FIRST), np.full((sounds, sounds), _UNSEEN)
    for sequence in sequences:
        _count(first, pairs, sequence)
    return Order(first / first.sum(), pairs / pairs.sum(axis=1, keepdims=True))


def _count(first: Floats, pairs: Floats, sequence: Sequence[int]) -> None:
    first[SILENT] += OUTSIDE
    first[sequence[1]] += 1 - OUTSIDE
    pairs[SILENT, sequence[1]] += OUTSIDE
    pairs[sequence[-2], SILENT] += OUTSIDE
    inner = sequence[1:-1]
    for place, (one, other) in enumerate(pairwise(inner)):
        if other == PAUSE:
            after = inner[place + 2]
            pairs[one, SILENT] += BETWEEN
            pairs[SILENT, after] += BETWEEN
            pairs[one, after] += 1 - BETWEEN
        elif one != PAUSE:
            pairs[one, other] += 1
