"""A reading as it is kept: 8 kHz, no silence at its ends, as loud as the others. Pure."""

from __future__ import annotations

import numpy as np
import samplerate
from numpy.typing import NDArray

from ivr.media.transport import RATE

Sound = NDArray[np.float32]
LOUDNESS = -20.0  # dB of full scale, of the parts where there is speech
PEAK = 0.84
FLOOR = -42.0  # dB under the loudest 10 ms: silence
SPEECH = -25.0  # dB under the loudest 10 ms: counts for the loudness
BEFORE, AFTER = 0.02, 0.05  # seconds kept around the speech
_FRAME = RATE // 100
_FADE_IN, _FADE_OUT = 0.004, 0.02


def finished(sound: Sound, rate: int) -> bytes:
    """PCM of 8 kHz; empty when nothing is said."""
    narrow = samplerate.resample(sound, RATE / rate, "sinc_best").astype(np.float32)
    if narrow.size < _FRAME or not narrow.any():
        return b""
    trimmed = _faded(_trimmed(narrow - narrow.mean()))
    level = _level(trimmed)
    loud = np.sqrt(np.mean(10 ** (level[level > level.max() + SPEECH] / 10)))
    gain = min(10 ** (LOUDNESS / 20) / loud, PEAK / np.abs(trimmed).max())
    return bytes((trimmed * gain * 32767).astype("<i2").tobytes())


def _trimmed(sound: Sound) -> Sound:
    level = _level(sound)
    speech = np.flatnonzero(level > level.max() + FLOOR)
    begin = max(0, speech[0] * _FRAME - round(BEFORE * RATE))
    return sound[begin : (speech[-1] + 1) * _FRAME + round(AFTER * RATE)]


def _faded(sound: Sound) -> Sound:
    ends = np.ones_like(sound)
    for seconds, at in ((_FADE_IN, 1), (_FADE_OUT, -1)):
        count = min(round(seconds * RATE), sound.size)
        ends[::at][:count] = np.sin(np.linspace(0, np.pi / 2, count, dtype=np.float32)) ** 2
    return sound * ends


def _level(sound: Sound) -> NDArray[np.float64]:
    """dB of each 10 ms."""
    frames = sound[: sound.size // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    level: NDArray[np.float64] = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-10)
    return level
