"""What a telephone line, a room and a speaker's habits make of clean speech; drawn by chance. Pure.

Copies for training only: how much of each was set on the prototype. Samples are on the scale of
16-bit integers; the line's rate is 8 kHz.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.media import g711
from ivr.training.features import RATE

LOUDEST = 32767.0
Floats = NDArray[np.float64]
Rng = np.random.Generator


@dataclass(frozen=True)
class Heard:
    """An utterance at the far end: ``speed`` times as fast, after ``lead`` seconds of nothing."""

    samples: Floats
    speed: float = 1.0
    lead: float = 0.0


def plain(samples: Floats, rate: int) -> Heard:
    """Only brought to the line's rate."""
    return Heard(np.round(_resampled(samples, RATE / rate)))


def over_the_line(samples: Floats, rate: int, rng: Rng, babble: Floats | None = None) -> Heard:
    """One copy by chance. ``babble`` is other speech (8 kHz) that may be in the background."""
    speed = float(np.clip(rng.normal(1, 0.07), 0.85, 1.18))
    lead, tail = rng.uniform(0, 0.5), rng.uniform(0, 0.4)
    said = _resampled(samples, RATE / rate / speed)
    said = np.pad(said, (int(RATE * lead), int(RATE * tail)))
    for share, change in (
        (0.35, reverberant), (0.85, through_band), (0.75, noisy),
        (0.25, _babbling(babble)), (0.3, through_band), (1.0, levelled), (0.05, clipped),
    ):  # fmt: skip
        said = change(said, rng) if rng.random() < share else said
    return Heard(coded(said, rng), speed, int(RATE * lead) / RATE)


def reverberant(said: Floats, rng: Rng) -> Floats:
    """In a room: its echoes die away within 0.08 to 0.45 seconds."""
    seconds = rng.uniform(0.08, 0.45)
    count = int(RATE * min(seconds, 0.4))
    echo = rng.normal(size=count) * np.exp(-6.9 * np.arange(count) / (seconds * RATE))
    echo *= rng.uniform(0.05, 0.35) / np.sqrt((echo**2).sum())
    echo[: int(rng.uniform(8, 40))] = 0
    echo[0] = 1
    points = _quick(len(said) + count)
    product = np.fft.rfft(said, points) * np.fft.rfft(echo, points)
    return np.asarray(np.fft.irfft(product, points)[: len(said)])


def through_band(said: Floats, rng: Rng) -> Floats:
    """A telephone's band with slopes of its own, a tilt, and bumps."""

    def gain(hertz: Floats) -> Floats:
        low, high = rng.uniform(50, 350), rng.uniform(3200, 3950)
        steep = 2 * rng.integers(2, 6), 2 * rng.integers(8, 24)
        band = 1 / np.sqrt(1 + (low / np.maximum(hertz, 1)) ** steep[0])
        band = band / np.sqrt(1 + (hertz / high) ** steep[1])
        knots = np.cumsum(rng.normal(size=7) * rng.uniform(0, 3))
        bumps = np.interp(hertz, np.linspace(0, RATE / 2, 7), knots - knots.mean())
        tilt = rng.uniform(-6, 6) * (hertz / (RATE / 2) - 0.5)
        return np.asarray(band * 10 ** ((bumps + tilt) / 20))

    return _filtered(said, gain)


def noisy(said: Floats, rng: Rng) -> Floats:
    """Noise of some colour, steady or swelling, 5 to 40 dB below the speech."""
    fall, hum = -rng.uniform(0, 1.2), rng.random() < 0.3
    centre, width = rng.uniform(50, 3000), rng.uniform(30, 600)

    def colour(hertz: Floats) -> Floats:
        gain = np.maximum(hertz, 20) ** fall
        bump = 1 + 8 * np.exp(-(((hertz - centre) / width) ** 2)) if hum else 1.0
        return np.asarray(gain * bump)

    noise = _filtered(np.asarray(rng.standard_normal(len(said))), colour)
    if rng.random() < 0.4:
        swell = np.linspace(0, len(said), 8)
        noise = noise * np.interp(np.arange(len(said)), swell, rng.uniform(0.2, 1, 8))
    loud = _loudness(said) * 10 ** (-rng.uniform(5, 40) / 20)
    return said + _as_loud_as(noise, loud)


def _babbling(babble: Floats | None) -> Callable[[Floats, Rng], Floats]:
    def change(said: Floats, rng: Rng) -> Floats:
        if babble is None or not babble.any():
            return said
        loud = _loudness(said) * 10 ** (-rng.uniform(10, 30) / 20)
        return said + _as_loud_as(np.resize(babble, len(said)), loud)

    return change


def levelled(said: Floats, rng: Rng) -> Floats:
    """The loudest sample 0 to 28 dB below the most that fits."""
    most = float(np.abs(said).max()) or 1.0
    return said / most * LOUDEST * 10 ** (-rng.uniform(0, 28) / 20)


def clipped(said: Floats, rng: Rng) -> Floats:
    """Too loud for whatever took it up."""
    return np.clip(said * rng.uniform(1, 4), -LOUDEST, LOUDEST)


def coded(said: Floats, rng: Rng) -> Floats:
    """G.711 as the network would: A-law (two in five), µ-law (three in ten) or neither."""
    chance = rng.random()
    whole: Floats = np.clip(np.rint(said), -LOUDEST, LOUDEST)
    if chance >= 0.7:
        return whole
    decode = g711.from_alaw if chance < 0.4 else g711.from_mulaw
    known = np.frombuffer(decode(bytes(range(256))), "<i2")
    levels: Floats = np.unique(known).astype(np.float64)
    return np.asarray(levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, whole)])


def _resampled(samples: Floats, ratio: float) -> Floats:
    import samplerate

    made = samplerate.resample(samples.astype(np.float32), ratio, "sinc_fastest")
    return np.asarray(made, dtype=np.float64)


def _filtered(said: Floats, gain: Callable[[Floats], Floats]) -> Floats:
    """Multiplied by a gain at each frequency."""
    points = _quick(len(said))
    hertz = np.asarray(np.fft.rfftfreq(points, 1 / RATE), dtype=np.float64)
    return np.asarray(np.fft.irfft(np.fft.rfft(said, points) * gain(hertz), points)[: len(said)])


def _quick(count: int) -> int:
    """A length that Fourier transforms quickly."""
    return -(-count // 240) * 240


def _loudness(said: Floats) -> float:
    """The root of the mean square where somebody speaks."""
    size = np.abs(said)
    spoken = said[size > size.max() * 0.05]
    return float(np.sqrt((spoken**2).mean())) if len(spoken) else 0.0


def _as_loud_as(said: Floats, loud: float) -> Floats:
    return np.asarray(said / (np.sqrt((said**2).mean()) + 1e-9) * loud)
