"""Speakers by chance, mixed from Kokoro's voices: how they sound, how they speak, how fast.

A style is a timbre and a prosody, 128 numbers each. Two or three timbres mixed are another person;
two or three Mandarin prosodies mixed, with a little of a foreign one, another manner of speaking.
Besides each is moved at random, by a part of what voices differ by, and no two sounds of an
utterance keep the same pace: a network that hears six manners learns these six.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.training.recordings import HELD_OUT

TIMBRE = 128  # of the 256 numbers; the rest are prosody
MIXED = 3  # voices at most
FOREIGN, FOREIGN_SHARE = 0.5, 0.8  # how often a foreign prosody is mixed in, and how much at most
MOVED = 1.5  # of the deviation between voices, at most: beyond, words get lost
SPEED, SPEEDS = (1.2, 0.27), (0.75, 2.0)  # middle and spread (of the logarithm); bounds
UNEVEN = 0.5  # the spread of the sounds' pace within an utterance, at most
Floats = NDArray[np.float32]
Styles = Mapping[str, Floats]


@dataclass(frozen=True)
class Speaker:
    """``style``: 256 numbers. ``pace``: how fast each sound is said, around ``speed``."""

    name: str
    style: Floats
    speed: float
    pace: Floats


def styles(folder: Path, without: Sequence[str] = ()) -> dict[str, Floats]:
    """The voices of a folder of ``*.bin`` (float32, a row a length), without those held out."""
    return {
        path.stem: np.fromfile(path, dtype=np.float32).reshape(-1, 2 * TIMBRE)
        for path in sorted(folder.glob("*.bin"))
        if path.stem not in {*HELD_OUT, *without}
    }


def speaker(voices: Styles, length: int, rng: random.Random) -> Speaker:
    """Somebody to say an utterance of so many sounds."""
    chance = np.random.default_rng(rng.randrange(2**32))
    every = {name: rows[min(length, len(rows) - 1)] for name, rows in voices.items()}
    mandarin = {name: row for name, row in every.items() if name.startswith("z")}
    timbre, timbres = _mixed(every, rng)
    prosody, prosodies = _mixed(mandarin, rng)
    if rng.random() < FOREIGN:
        foreign, share = rng.choice(list(every)), np.float32(rng.uniform(0, FOREIGN_SHARE))
        prosody = (1 - share) * prosody + share * every[foreign]
        prosodies = f"{prosodies}+{foreign}"
    differ = np.std(list(every.values()), axis=0)
    away = chance.normal(0, rng.uniform(0, MOVED), 2 * TIMBRE) * differ
    style = np.concatenate([timbre[:TIMBRE], prosody[TIMBRE:]]) + away
    middle, spread = SPEED
    speed = float(np.clip(middle * np.exp(rng.gauss(0, spread)), *SPEEDS))
    uneven = np.exp(chance.normal(0, rng.uniform(0, UNEVEN), length + 2))
    name = f"{timbres}|{prosodies}"
    return Speaker(name, style.astype(np.float32), speed, (speed * uneven).astype(np.float32))


def _mixed(voices: Mapping[str, Floats], rng: random.Random) -> tuple[Floats, str]:
    """One to three of them in some proportion."""
    names = rng.sample(list(voices), min(len(voices), rng.randint(1, MIXED)))
    shares = np.array([rng.expovariate(1) for _ in names])
    rows = np.stack([voices[name] for name in names])
    return np.asarray(shares / shares.sum() @ rows, dtype=np.float32), "+".join(names)
