"""Music for who waits: soft tones made here, which belong to nobody. Pure."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ivr.media.transport import RATE

LEVEL = 0.07  # of full scale, at the loudest: speech is three times as loud
BEAT_SECONDS = 0.5
# Four quiet chords, broken upwards and down again; A4 is 440 Hz, numbers are half-tones from it.
_CHORDS = ((-9, -5, -2, 2, 3), (-12, -9, -5, -2, 3), (-16, -12, -9, -4, 0), (-14, -10, -7, -2, 2))
_ORDER = (0, 1, 2, 3, 4, 3, 2, 1)
_RINGS_SECONDS = 2.4


@cache
def music() -> bytes:
    """A piece of 16 seconds that can follow itself: PCM of 8 kHz."""
    beats = [chord[step] for chord in _CHORDS for step in _ORDER]
    whole = np.zeros(int(len(beats) * BEAT_SECONDS * RATE))
    for number, half_tones in enumerate(beats):
        _strike(whole, int(number * BEAT_SECONDS * RATE), 440 * 2 ** (half_tones / 12))
    loudest = float(np.abs(whole).max())
    return bytes((whole / loudest * LEVEL * 32767).astype("<i2").tobytes())


def _strike(whole: NDArray[np.float64], at: int, hertz: float) -> None:
    """One bell; what rings past the end rings on at the beginning."""
    seconds = np.arange(int(_RINGS_SECONDS * RATE)) / RATE
    rise = np.minimum(seconds / 0.03, 1.0)
    tone = np.sin(2 * np.pi * hertz * seconds) + 0.25 * np.sin(4 * np.pi * hertz * seconds)
    sound = tone * rise * np.exp(-2.2 * seconds) * np.minimum((_RINGS_SECONDS - seconds) / 0.1, 1.0)
    whole[(at + np.arange(sound.size)) % whole.size] += sound
