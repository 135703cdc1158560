"""The objective against every path written out, and its derivative against small steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ivr.training import objective
from ivr.training.kaldi import LOOP
from ivr.training.order import PAUSE, Order, order

Floats = NDArray[np.float64]
SOUNDS = 3
ORDER = Order(
    np.array([0.5, 0.3, 0.2]), np.array([[0.1, 0.6, 0.3], [0.25, 0.25, 0.5], [0.7, 0.2, 0.1]])
)
SAID = [PAUSE, 1, 2, PAUSE, 2, PAUSE]


def _outputs(frames: int, utterances: int = 1, seed: int = 3) -> Floats:
    return np.random.default_rng(seed).normal(0, 2, (utterances, frames, 2 * SOUNDS))


def _paths(frames: int) -> Iterator[list[tuple[int, bool]]]:
    """Every path: (sound, whether it is entered at this frame), the first always entered."""
    for steps in product(product(range(SOUNDS), (True, False)), repeat=frames):
        held = all(
            enters or (before is not None and before[0] == sound)
            for before, (sound, enters) in zip([None, *steps], steps, strict=False)
        )
        if held:
            yield list(steps)


def _weight(y: Floats, path: list[tuple[int, bool]]) -> float:
    weight = log(ORDER.first[path[0][0]]) + y[0, 2 * path[0][0]]
    for now in range(1, len(path)):
        sound, enters = path[now]
        if enters:
            weight += log(1 - LOOP) + log(ORDER.next[path[now - 1][0], sound]) + y[now, 2 * sound]
        else:
            weight += log(LOOP) + y[now, 2 * sound + 1]
    return float(weight)


def _says(path: list[tuple[int, bool]], said: Sequence[int]) -> bool:
    entered = [sound for sound, enters in path if enters]
    pauses = [place for place, sound in enumerate(said) if sound == PAUSE]
    ways = set()
    for kept in product((True, False), repeat=len(pauses)):
        left_out = {place for place, keeps in zip(pauses, kept, strict=True) if not keeps}
        ways.add(tuple(max(s, 0) for place, s in enumerate(said) if place not in left_out))
    return tuple(entered) in ways


@pytest.mark.parametrize("frames", [1, 2, 4, 5])
def test_all_sounds_is_the_sum_over_every_path(frames: int) -> None:
    y = _outputs(frames)
    made = objective.all_sounds(y, np.array([frames]), ORDER)
    assert made.logs[0] == pytest.approx(
        log(sum(exp(_weight(y[0], path)) for path in _paths(frames)))
    )


@pytest.mark.parametrize("frames", [3, 4, 6])
def test_right_sounds_is_the_sum_over_the_paths_that_say_it(frames: int) -> None:
    y = _outputs(frames)
    fitting = [exp(_weight(y[0], path)) for path in _paths(frames) if _says(path, SAID)]
    made = objective.right_sounds(y, np.array([frames]), [SAID], ORDER)
    assert len(fitting) > (frames > 3) * 5
    assert made.logs[0] == pytest.approx(log(sum(fitting)))


def test_what_each_output_is_passed_is_the_derivative() -> None:
    lengths, said = np.array([5, 4, 6]), [SAID, [PAUSE, 2, PAUSE], [PAUSE, 1, PAUSE, 1, PAUSE]]
    y = _outputs(6, utterances=3)
    made, step = objective.loss(y, lengths, said, ORDER), 1e-5
    for place in np.ndindex(y.shape):
        up, down = y.copy(), y.copy()
        up[place] += step
        down[place] -= step
        slope = (
            objective.loss(up, lengths, said, ORDER).logs
            - objective.loss(down, lengths, said, ORDER).logs
        ) / (2 * step)
        wanted = np.where(np.arange(3) == place[0], made.passed[place], 0)
        assert slope == pytest.approx(wanted, abs=1e-7), place


def test_every_frame_is_passed_once_and_those_behind_the_end_not_at_all() -> None:
    lengths = np.array([5, 3])
    for made in (
        objective.all_sounds(_outputs(5, 2), lengths, ORDER),
        objective.right_sounds(_outputs(5, 2), lengths, [SAID, [PAUSE, 1, PAUSE]], ORDER),
    ):
        wanted = (np.arange(5) < lengths[:, None]).astype(float)
        assert made.passed.sum(axis=2) == pytest.approx(wanted)


def test_neighbours_in_a_batch_change_nothing() -> None:
    y, lengths, said = _outputs(6, 2), np.array([4, 6]), [[PAUSE, 2, PAUSE], SAID]
    both = objective.loss(y, lengths, said, ORDER)
    for row, length in enumerate(lengths):
        alone = objective.loss(y[row : row + 1, :length], lengths[row : row + 1], said[row:][:1],
                               ORDER)  # fmt: skip
        assert alone.logs[0] == pytest.approx(both.logs[row])
        assert alone.passed[0] == pytest.approx(both.passed[row, :length])


@given(st.lists(st.lists(st.lists(st.integers(1, 2), min_size=1, max_size=3), min_size=1,
       max_size=3), min_size=1, max_size=3), st.integers(0, 1000))  # fmt: skip
def test_what_was_said_is_a_part_of_everything(words: list[list[list[int]]], seed: int) -> None:
    said = [[PAUSE, *[s for word in each for s in (*word, PAUSE)]] for each in words]
    counted = order(said, SOUNDS)
    frames = max(map(len, said)) + 2
    y = _outputs(frames, len(said), seed)
    made = objective.loss(y, np.full(len(said), frames), said, counted)
    assert (made.logs >= -1e-9).all()
    assert np.isfinite(made.passed).all()


def test_long_and_certain_utterances_stay_numbers() -> None:
    y = 60 * np.sign(_outputs(400))
    said = [[PAUSE, *([1, 2] * 60), PAUSE]]
    made = objective.loss(y, np.array([400]), said, ORDER)
    assert np.isfinite(made.logs).all()
    assert np.isfinite(made.passed).all()


def test_the_order_of_sounds_is_counted_with_and_without_pauses() -> None:
    made = order([SAID] * 1000, SOUNDS)
    assert made.first == pytest.approx([0.8, 0.2, 0], abs=1e-3)
    assert made.next.sum(axis=1) == pytest.approx(np.ones(SOUNDS))
    assert made.next[1] == pytest.approx([0, 0, 1], abs=2e-3)
    # after the 2: once the pause between (0.2) or straight on (0.8), once the end (0.8)
    assert made.next[2] == pytest.approx([1 / 1.8, 0, 0.8 / 1.8], abs=2e-3)
    # after silence: at the beginning 1 (0.8), between words 2 (0.2)
    assert made.next[0] == pytest.approx([0, 0.8, 0.2], abs=2e-3)
