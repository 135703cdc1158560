"""Says pieces one after another: recordings, pauses, and the plain voice for the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import structlog

from ivr.media.transport import RATE
from ivr.voice.clips import SHIPPED, Clips
from ivr.voice.plain import PlainVoice

log = structlog.get_logger(__name__)
OWN = "recordings-own.zip"  # in the data directory: what the site has recorded itself
SLOWER = 1.8
# Seconds of silence where a sentence has a stop, between pieces and at the end.
_PAUSES = {"，": 0.22, "、": 0.15, "；": 0.35, "：": 0.3, "。": 0.4, "？": 0.4, "！": 0.4}
_BETWEEN = 0.03
_ONLY_STOPS = re.compile(r"[，、；：。？！\s]+")


class Speaker:
    """The voice of the line. ``missing`` are the texts the plain voice had to say."""

    def __init__(self, clips: Clips, plain: PlainVoice) -> None:
        self._clips = clips
        self._plain = plain
        self.missing: set[str] = set()

    def speak(self, pieces: Sequence[str], *, slow: bool = False) -> bytes:
        """PCM, 8 kHz, of these pieces; slowly, with longer pauses, for who asked for that."""
        return b"".join(self._said(piece, slow=slow) for piece in pieces)

    def close(self) -> None:
        """Nothing is said any more."""
        self._plain.close()

    def _said(self, piece: str, *, slow: bool) -> bytes:
        if _ONLY_STOPS.fullmatch(piece):
            return pause(sum(_PAUSES.get(stop, 0) for stop in piece), slow=slow)
        stop = pause(_PAUSES.get(piece[-1], _BETWEEN), slow=slow)
        return self._sound(piece.strip("，、；：。？！ "), slow=slow) + stop

    def _sound(self, text: str, *, slow: bool) -> bytes:
        recorded = self._clips.sound(text, slow=slow)
        if recorded is None and slow:
            recorded = self._clips.sound(text)
        if recorded is not None:
            return recorded
        if text not in self.missing:
            self.missing.add(text)
            log.info("piece_not_recorded", length=len(text))
        return self._plain.sound(text, slow=slow)


def pause(seconds: float, *, slow: bool = False) -> bytes:
    """Silence."""
    return bytes(2 * int(RATE * seconds * (SLOWER if slow else 1)))


def at(data_dir: Path) -> Speaker:
    """The voice of a site: what was shipped, and what it has recorded itself."""
    return Speaker(Clips([SHIPPED, data_dir / OWN]), PlainVoice())
