"""An invented voice: every sound is a chord of its own, so that very little speech teaches it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

from ivr.training import phones
from ivr.training.recordings import UNIT

RATE = 16000
UNITS = (3, 5)  # how long an initial and a final last
Floats = NDArray[np.float64]


def chord(sound: int, seconds: float) -> Floats:
    """Three tones no other sound has together."""
    t = np.arange(int(seconds * RATE)) / RATE
    tones = [300 + 3100 * ((sound * step) % 61) / 61 for step in (7, 17, 29)]
    return np.asarray(sum(2500 * np.sin(2 * np.pi * tone * t) for tone in tones))


def spoken(words: Sequence[str], pause: int = 8) -> tuple[Floats, list[tuple[str, int, int, int]]]:
    """The samples, and each syllable's place in units."""
    pieces, places, at = [np.zeros(int(pause * UNIT * RATE))], [], pause
    for word in words:
        for pinyin in lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True):
            *initial, final = [phones.NUMBER[sound] for sound in phones.sounds(pinyin)]
            between = at + UNITS[0] * len(initial)
            places.append((pinyin, at, between, between + UNITS[1]))
            pieces += [chord(sound, UNITS[0] * UNIT) for sound in initial]
            pieces.append(chord(final, UNITS[1] * UNIT))
            at = between + UNITS[1]
    pieces.append(np.zeros(int(pause * UNIT * RATE)))
    hiss = np.random.default_rng(len(places)).normal(0, 3, sum(map(len, pieces)))
    return np.concatenate(pieces) + hiss, places


def record(folder: Path, utterances: Sequence[Sequence[str]], voice: str = "invented") -> Path:
    """A FLAC file and its list, as a synthesiser would leave them; the list."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, sounds, at = [], [], 0
    for words in utterances:
        samples, places = spoken(words)
        row = {"off": at, "n": len(samples), "text": "".join(words), "words": list(words)}
        rows.append(row | {"style": voice, "speed": 1.0, "syl": places})
        sounds.append(samples)
        at += len(samples)
    whole = np.concatenate(sounds).astype(np.int16)
    soundfile.write(folder / "a.flac", whole, RATE, subtype="PCM_16")
    listing = folder / "a.jsonl"
    listing.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return listing
