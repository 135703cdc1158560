"""The synthesiser's process: a line of JSON in, a length and PCM of 8 kHz out.

espeak-ng (GPL-3) stays in this process; the hotline only talks to it.
"""

from __future__ import annotations

import ctypes
import json
import sys

from ivr.media.resample import Resampler
from ivr.voice.plain import LENGTH

_SYNCHRONOUS, _UTF8, _RATE_PARAMETER = 2, 1, 1
USUAL, SLOW = 150, 115  # words a minute


class Synthesiser:
    """espeak-ng's Mandarin."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
        if self._rate <= 0:
            raise RuntimeError("espeak-ng does not start")
        self._sound = bytearray()
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        self._callback = kind(self._take)
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_SetVoiceByName(b"cmn")

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _: object) -> int:
        if samples and count > 0:
            self._sound += ctypes.string_at(samples, count * 2)
        return 0

    def say(self, text: str, *, slow: bool) -> bytes:
        """PCM of 8 kHz."""
        self._sound.clear()
        self._library.espeak_SetParameter(_RATE_PARAMETER, SLOW if slow else USUAL, 0)
        said = text.encode()
        self._library.espeak_Synth(said, len(said) + 1, 0, 0, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        return Resampler(self._rate).convert(bytes(self._sound), last=True)


def main() -> None:
    """Answer until nobody asks any more."""
    voice = Synthesiser()
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        pcm = voice.say(asked["text"], slow=asked["slow"])
        sys.stdout.buffer.write(LENGTH.pack(len(pcm)) + pcm)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
