"""Sound at another rate to ours."""

from __future__ import annotations

import numpy as np
import samplerate
from numpy.typing import NDArray

from ivr.media.transport import RATE


class Resampler:
    """A stream from one rate to 8 kHz; 2.5 ms late. In: s16 mono of any length, out: s16."""

    def __init__(self, rate: int) -> None:
        self._ratio = RATE / rate
        self._stream = samplerate.Resampler("sinc_fastest", channels=1)

    def convert(self, pcm: bytes, *, last: bool = False) -> bytes:
        """The sound so far."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        out = self._stream.process(samples, self._ratio, end_of_input=last)
        whole: NDArray[np.int16] = np.clip(np.rint(out), -32768, 32767).astype("<i2")
        return whole.tobytes()
