"""Lattice-free MMI: the sounds that were said against all sounds, over whole utterances. Pure.

``y`` are the network's outputs, (utterances, frames, 2 x sounds): entering a sound, staying in it.
Both sums go over all alignments and weigh the order of sounds by the same bigram, so what was said
is a part of all sounds and the difference is never negative. Besides the logarithm of each sum
comes its derivative: how often a path passes each output, expected over the paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from ivr.training.kaldi import LOOP
from ivr.training.order import PAUSE, Order

IMPOSSIBLE = -1e30  # a logarithm of nothing that can still be added to
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Total:
    """Of each utterance: the logarithm of the sum; and its derivative by ``y``, in y's shape."""

    logs: Floats
    passed: Floats


def loss(y: Floats, lengths: Ints, said: Sequence[Sequence[int]], order: Order) -> Total:
    """What to make small: all sounds less the right ones, an utterance each, never negative."""
    every, right = all_sounds(y, lengths, order), right_sounds(y, lengths, said, order)
    return Total(every.logs - right.logs, every.passed - right.passed)


def all_sounds(y: Floats, lengths: Ints, order: Order) -> Total:
    """The sum over every sequence of sounds. ``lengths`` are the frames that count (1 or more).

    In probabilities, brought back to one at every frame.
    """
    frames = y.shape[1]
    top = y.max(axis=2)
    enter, stay = _chances(y - top[:, :, None])
    came, state, whole = np.zeros_like(enter), np.zeros_like(enter), np.ones_like(top)
    came[:, 0] = order.first
    state[:, 0], whole[:, 0] = _normal(order.first * enter[:, 0])
    for now in range(1, frames):
        came[:, now] = state[:, now - 1] @ order.next
        moved, size = _normal(came[:, now] * enter[:, now] + state[:, now - 1] * stay[:, now])
        alive = now < lengths
        state[:, now] = np.where(alive[:, None], moved, state[:, now - 1])
        whole[:, now] = np.where(alive, size, 1.0)
    passed, ahead = np.zeros_like(y), np.ones_like(state[:, 0])
    for now in range(frames - 1, -1, -1):
        alive = (now < lengths)[:, None]
        entered = np.where(alive, enter[:, now] * ahead / whole[:, now, None], 0.0)
        stayed = np.where(alive, stay[:, now] * ahead / whole[:, now, None], 0.0)
        passed[:, now, 0::2] = came[:, now] * entered
        if now:
            passed[:, now, 1::2] = state[:, now - 1] * stayed
            ahead = np.where(alive, entered @ order.next.T + stayed, ahead)
    counted = np.arange(frames) < lengths[:, None]
    return Total(np.sum((np.log(whole) + top) * counted, axis=1), passed)


def _chances(y: Floats) -> tuple[Floats, Floats]:
    """Of entering and of staying, with those of leaving the sound before and of not leaving."""
    chances = np.exp(y)
    enter, stay = chances[:, :, 0::2].copy(), chances[:, :, 1::2] * LOOP
    enter[:, 1:] *= 1 - LOOP
    return enter, stay


def _normal(chances: Floats) -> tuple[Floats, Floats]:
    whole = chances.sum(axis=1)
    return chances / whole[:, None], whole


@dataclass(frozen=True)
class _Places:
    """The utterances' sounds side by side: ``steps`` is the price of coming from the place
    before, ``skips`` from the one before that; ``last`` is the place of the last pause.
    """

    sounds: Ints
    steps: Floats
    skips: Floats
    last: Ints


def right_sounds(y: Floats, lengths: Ints, said: Sequence[Sequence[int]], order: Order) -> Total:
    """The sum over the alignments of what was said. In logarithms: a path that looks hopeless at
    first may be the only one in the end. Each of ``said`` begins and ends with PAUSE, and has a
    sound on either side of every other one.
    """
    frames, places = y.shape[1], _places(said, order)
    wide = np.broadcast_to(places.sounds[:, None], (*y.shape[:2], places.sounds.shape[1]))
    enter = np.take_along_axis(y[:, :, 0::2], wide, axis=2)
    stay = np.take_along_axis(y[:, :, 1::2], wide, axis=2) + log(LOOP)
    enter[:, 1:] += log(1 - LOOP)
    came, state = np.full_like(enter, IMPOSSIBLE), np.full_like(enter, IMPOSSIBLE)
    came[:, 0, 0], came[:, 0, 1] = places.steps[:, 0], places.skips[:, 1]
    state[:, 0] = came[:, 0] + enter[:, 0]
    for now in range(1, frames):
        before = state[:, now - 1]
        came[:, now] = np.logaddexp(
            _later(before, 1) + places.steps, _later(before, 2) + places.skips
        )
        moved = np.logaddexp(came[:, now] + enter[:, now], before + stay[:, now])
        state[:, now] = np.where((now < lengths)[:, None], moved, before)
    ahead = _ends(places, state.shape[2])
    logs = np.logaddexp.reduce(state[:, -1] + ahead, axis=1)
    passed = np.zeros_like(y)
    for now in range(frames - 1, -1, -1):
        alive = (now < lengths)[:, None]
        entered, stayed = enter[:, now] + ahead, stay[:, now] + ahead
        weight = np.where(alive, np.exp(came[:, now] + entered - logs[:, None]), 0.0)
        _gather(passed[:, now, 0::2], places.sounds, weight)
        if now:
            weight = np.where(alive, np.exp(state[:, now - 1] + stayed - logs[:, None]), 0.0)
            _gather(passed[:, now, 1::2], places.sounds, weight)
            one = _earlier(entered + places.steps, 1)
            two = _earlier(entered + places.skips, 2)
            back = np.logaddexp(np.logaddexp(one, two), stayed)
            ahead = np.where(alive, back, ahead)
    return Total(logs, passed)


def _places(said: Sequence[Sequence[int]], order: Order) -> _Places:
    count = max(map(len, said))
    sounds = np.zeros((len(said), count), dtype=np.int64)
    steps, skips = np.full((2, len(said), count), IMPOSSIBLE)
    first, following = np.log(order.first), np.log(order.next)
    for row, sequence in enumerate(said):
        own = np.maximum(sequence, 0)
        sounds[row, : len(own)] = own
        steps[row, 0], skips[row, 1] = first[own[0]], first[own[1]]
        steps[row, 1 : len(own)] = following[own[:-1], own[1:]]
        over = np.flatnonzero(np.equal(sequence[1:-1], PAUSE)) + 2
        skips[row, over] = following[own[over - 2], own[over]]
    return _Places(sounds, steps, skips, np.array([len(each) - 1 for each in said]))


def _ends(places: _Places, count: int) -> Floats:
    """A path may end in the last pause, or in the sound before it."""
    back = places.last[:, None] - np.arange(count)
    return np.where((back == 0) | (back == 1), 0.0, IMPOSSIBLE)


def _later(values: Floats, by: int) -> Floats:
    moved = np.full_like(values, IMPOSSIBLE)
    moved[:, by:] = values[:, :-by]
    return moved


def _earlier(values: Floats, by: int) -> Floats:
    moved = np.full_like(values, IMPOSSIBLE)
    moved[:, :-by] = values[:, by:]
    return moved


def _gather(target: Floats, sounds: Ints, weight: Floats) -> None:
    """Add the places' weights to their sounds."""
    rows = np.broadcast_to(np.arange(len(sounds))[:, None], sounds.shape)
    np.add.at(target, (rows, sounds), weight)
