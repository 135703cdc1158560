"""The 40 mel cepstra the recogniser computes itself, for training: equal to Kaldi's to 0.003.

8 kHz; frames of 25 ms every 10 ms, whole ones only; mean removed, pre-emphasis 0.97, Povey window,
power spectrum of 256 points, 40 mel bands from 20 to 3,900 Hz, logarithm, cosine transform, lifter
22, no dither, C0 kept. Samples are on the scale of 16-bit integers.
"""

from __future__ import annotations

from functools import cache
from math import exp, log

import numpy as np
from numpy.typing import NDArray

RATE, FRAME, HOP, POINTS = 8000, 200, 80, 256
BANDS = COEFFICIENTS = 40
LOWEST, HIGHEST = 20.0, 3900.0
LIFTER = 22
FLOOR = 1.1920929e-07
CONF = f"""\
--sample-frequency={RATE}
--use-energy=false
--num-mel-bins={BANDS}
--num-ceps={COEFFICIENTS}
--low-freq={LOWEST:.0f}
--high-freq={HIGHEST - RATE / 2:.0f}
--dither=0
"""
Floats = NDArray[np.float64]
# Between these frequencies a warp is linear (vocal tract length, as Kaldi does it).
_WARP_LOW, _WARP_HIGH = 100.0, HIGHEST - 400


def mfcc(samples: NDArray[np.float64], warp: float = 1.0) -> Floats:
    """Frames by coefficients. ``warp`` above 1 makes the speaker's vocal tract longer."""
    if len(samples) < FRAME:
        return np.zeros((0, COEFFICIENTS))
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP].astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = np.fft.rfft((frames - 0.97 * before) * _window(), POINTS)
    power = np.abs(spectrum) ** 2
    bands = np.log(np.maximum(power @ _bands(round(warp, 2)).T, FLOOR))
    return np.asarray(bands @ _cosines().T)


@cache
def _window() -> Floats:
    turn = 2 * np.pi * np.arange(FRAME) / (FRAME - 1)
    return np.asarray((0.5 - 0.5 * np.cos(turn)) ** 0.85)


@cache
def _bands(warp: float) -> Floats:
    """Triangles on the mel scale: bands by points of the spectrum."""
    edges = np.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2)
    if warp != 1.0:
        edges = np.array([_mel(_warped(_hertz(edge), warp)) for edge in edges])
    points = np.array([_mel(RATE / POINTS * point) for point in range(POINTS // 2 + 1)])
    left, centre, right = (edges[shift : shift + BANDS, None] for shift in range(3))
    rising, falling = (points - left) / (centre - left), (right - points) / (right - centre)
    bands = np.maximum(np.minimum(rising, falling), 0)
    bands[:, -1] = 0  # Kaldi leaves out the highest point
    return np.asarray(bands)


def _mel(hertz: float) -> float:
    return 1127.0 * log(1 + hertz / 700.0)


def _hertz(mel: float) -> float:
    return 700.0 * (exp(mel / 1127.0) - 1)


def _warped(hertz: float, warp: float) -> float:
    """Frequencies divided by ``warp``, bent at both ends so that the range stays the same."""
    low, high = _WARP_LOW * max(1.0, warp), _WARP_HIGH * min(1.0, warp)
    at = [LOWEST, low, high, HIGHEST]
    to = [LOWEST, low / warp, high / warp, HIGHEST]
    return float(np.interp(hertz, at, to))


@cache
def _cosines() -> Floats:
    order = np.arange(COEFFICIENTS)[:, None]
    table = np.cos(np.pi / BANDS * (np.arange(BANDS) + 0.5) * order) * np.sqrt(2 / BANDS)
    table[0] = np.sqrt(1 / BANDS)
    return np.asarray(table * (1 + 0.5 * LIFTER * np.sin(np.pi * order / LIFTER)))
