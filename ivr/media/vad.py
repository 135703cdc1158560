"""Is this frame speech? Several ways behind one small protocol."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import webrtcvad

from ivr.media.transport import RATE

SILENT_DB = -96.0


class Vad(Protocol):
    """Judges frames of 20 ms, one call's in order."""

    def is_speech(self, frame: bytes) -> bool:
        """Does somebody speak?"""


class WebRtcVad:
    """Google's, from WebRTC: 2 µs a frame. ``strictness`` 0 to 3; the stricter, the less noise
    and the less faint speech passes."""

    def __init__(self, strictness: int = 2) -> None:
        self._vad = webrtcvad.Vad(strictness)

    def is_speech(self, frame: bytes) -> bool:
        """See ``Vad``."""
        return bool(self._vad.is_speech(frame, RATE))


def loudness(pcm: bytes) -> float:
    """RMS in dBFS; -96 for silence."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    power = float(samples @ samples) / max(len(samples), 1)
    return 10 * math.log10(power / 2**30) if power > 0 else SILENT_DB
