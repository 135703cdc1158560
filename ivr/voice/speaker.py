"""Says pieces one after another: recordings, pauses, and the plain voice for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from ivr.media.transport import RATE
from ivr.voice.clips import SHIPPED, Clips
from ivr.voice.plain import PlainVoice
from ivr.voice.sentences import sentences

log = structlog.get_logger(__name__)
OWN = Path("voices") / "local.zip"  # in the data directory: names of this site
SLOWER = 1.8
# Seconds of silence where a sentence has a stop, and between pieces.
_PAUSES = {"，": 0.22, "、": 0.15, "；": 0.35, "：": 0.3, "。": 0.4, "？": 0.4, "！": 0.4}
_BETWEEN = 0.03


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
        return b"".join(
            (self._sound(text, slow=slow) if text else b"")
            + pause(sum(_PAUSES.get(stop, 0) for stop in stops) or _BETWEEN, slow=slow)
            for text, stops in sentences(piece)
        )

    def _sound(self, text: str, *, slow: bool) -> bytes:
        recorded = self.recorded(text, slow=slow)
        if recorded is not None:
            return recorded
        if text not in self.missing:
            self.missing.add(text)
            log.info("piece_not_recorded", length=len(text))
        return self._plain.sound(text, slow=slow)

    def recorded(self, text: str, *, slow: bool = False) -> bytes | None:
        """Its recording, or that of its two parts: 王建国 and 医生; None when there is neither."""
        found = self._clip(text, slow=slow)
        if found is not None:
            return found
        for place in range(len(text) - 1, 1, -1):
            first = self._clip(text[:place], slow=slow)
            second = self._clip(text[place:], slow=slow) if first is not None else None
            if first is not None and second is not None:
                return first + second
        return None

    def _clip(self, text: str, *, slow: bool) -> bytes | None:
        found = self._clips.sound(text, slow=True) if slow else None
        return found if found is not None else self._clips.sound(text)


def pause(seconds: float, *, slow: bool = False) -> bytes:
    """Silence."""
    return bytes(2 * int(RATE * seconds * (SLOWER if slow else 1)))


def at(data_dir: Path) -> Speaker:
    """The voice of a site: what was shipped, and its own names beside it."""
    return Speaker(Clips([*SHIPPED, data_dir / OWN]), PlainVoice())
