"""The recorded utterances of tests/ivr/audio."""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "audio"


@dataclass(frozen=True)
class Clip:
    """What is said, of which kind, and the samples (16 bit, 8 kHz)."""

    text: str
    kind: str
    pcm: bytes


def clips() -> list[Clip]:
    """All of them, each with a third of a second of silence after it."""
    rows = json.loads((FOLDER / "transcripts.json").read_text(encoding="utf-8"))
    return [Clip(row["text"], row["set"], _pcm(row["wav"]) + bytes(4800)) for row in rows]


def clip(text: str) -> Clip:
    """The one that says ``text``."""
    return next(one for one in clips() if one.text == text)


def _pcm(name: str) -> bytes:
    with wave.open(str(FOLDER / name)) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (8000, 2, 1)
        return sound.readframes(sound.getnframes())
