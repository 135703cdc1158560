"""Who says what is taught: mixed, moved, never one of the voices that measure."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from ivr.training import recordings, speakers

KNOWN = {"af_a": 1.0, "am_b": 2.0, "zf_c": 3.0, "zm_d": 5.0}
LENGTH = 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, value in {**KNOWN, **dict.fromkeys(recordings.HELD_OUT, 99.0)}.items():
        rows = np.full((10, 256), value, np.float32)
        rows.tofile(tmp_path / f"{name}.bin")
    return tmp_path


def _some(folder: Path, count: int = 300) -> list[speakers.Speaker]:
    rng, known = random.Random(1), speakers.styles(folder)
    return [speakers.speaker(known, LENGTH, rng) for _ in range(count)]


def test_voices_that_measure_are_not_read(folder: Path) -> None:
    assert set(speakers.styles(folder)) == set(KNOWN)
    assert set(speakers.styles(folder, ("am_b",))) == {"af_a", "zf_c", "zm_d"}


def test_speakers_are_mixed_of_several_voices(folder: Path) -> None:
    some = _some(folder)
    timbres, prosodies = ({each.name.split("|")[part] for each in some} for part in (0, 1))
    assert {"af_a", "zm_d", "af_a+am_b"} <= timbres
    assert {"zf_c", "zm_d", "zf_c+zm_d"} <= prosodies
    assert all(name.startswith("z") for name in prosodies)
    assert "zf_c+am_b" in prosodies
    assert all(name.count("+") < speakers.MIXED for name in timbres)


def test_a_style_is_around_its_voices(folder: Path) -> None:
    for each in _some(folder):
        timbre, prosody = each.style[: speakers.TIMBRE], each.style[speakers.TIMBRE :]
        for half, names in zip((timbre, prosody), each.name.split("|"), strict=True):
            values = [KNOWN[name] for name in names.split("+")]
            assert min(values) - 0.9 <= half.mean() <= max(values) + 0.9


def test_a_style_is_moved_and_its_pace_is_uneven(folder: Path) -> None:
    for each in _some(folder):
        assert each.style.shape == (256,)
        assert np.ptp(each.style[: speakers.TIMBRE]) > 0
        assert each.pace.shape == (LENGTH + 2,)
        assert np.ptp(each.pace) > 0
        assert speakers.SPEEDS[0] <= each.speed <= speakers.SPEEDS[1]
    first, again = _some(folder, 3), _some(folder, 3)
    assert [one.name for one in first] == [one.name for one in again]
    assert all((a.style == b.style).all() for a, b in zip(first, again, strict=True))


def test_long_utterances_have_the_style_of_the_longest_known(folder: Path) -> None:
    rng = random.Random(2)
    long = speakers.speaker(speakers.styles(folder), 500, rng)
    assert (long.style.shape, long.pace.shape) == ((256,), (502,))
