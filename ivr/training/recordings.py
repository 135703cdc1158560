"""Speech to learn from: FLAC files with a line of JSON an utterance beside each.

``NAME.jsonl`` says of every utterance in ``NAME.flac`` where it is (``off``, ``n``: samples), its
``words``, the voice (``style``), and of every syllable (``syl``) the pinyin and where its initial
begins, its final begins and it ends, in units of 25 ms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.training import phones
from ivr.training.features import FRAME, HOP, RATE
from ivr.training.order import PAUSE
from ivr.training.telephone import Heard

HELD_OUT = ("zf_xiaoyi", "zm_yunyang")  # the voices that measure a model never teach one
UNIT = 0.025  # seconds
STOPS = {",", "，"}
QUIET, LEAST_QUIET = 0.012, 0.08  # of the loudest 10 ms; seconds
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Recording:
    """An utterance. ``said``: its sounds, with PAUSE around every word. ``marks``: each sound
    with the seconds where it begins and ends.
    """

    name: str
    samples: Floats
    rate: int
    said: tuple[int, ...]
    marks: tuple[tuple[int, float, float], ...]


def of_file(listing: Path) -> Iterator[Recording]:
    """All of one file, in order, without those that hold what is no syllable (嗯). Raises
    ValueError for a voice that must not teach, and for words that are not the syllables.
    """
    import soundfile

    with soundfile.SoundFile(listing.with_suffix(".flac")) as sound:
        for number, line in enumerate(listing.read_text(encoding="utf-8").splitlines()):
            row, name = json.loads(line), f"{listing.stem}:{number}"
            if any(voice in row["style"] for voice in HELD_OUT):
                raise ValueError(f"{name}: {row['style']} measures models and must not teach one")
            sound.seek(row["off"])
            samples = sound.read(row["n"], dtype="int16").astype(np.float64)
            if syllables := _syllables(row):
                yield _recording(name, samples, sound.samplerate, row, syllables)


def _syllables(row: dict[str, Any]) -> list[list[int]]:
    """The numbers of each syllable's sounds; none at all when one is no syllable."""
    try:
        return [[phones.NUMBER[part] for part in phones.sounds(each[0])] for each in row["syl"]]
    except ValueError:
        return []


def _recording(
    name: str, samples: Floats, rate: int, row: dict[str, Any], syllables: list[list[int]]
) -> Recording:
    words = [word for word in row["words"] if word not in STOPS]
    if sum(map(len, words)) != len(syllables):
        raise ValueError(f"{name}: {len(syllables)} syllables do not make up {row['words']}")
    marks = [
        mark
        for sounds, (_, *bounds) in zip(syllables, row["syl"], strict=True)
        for mark in _marks(sounds, [UNIT * bound for bound in bounds])
    ]
    return Recording(name, samples, rate, tuple(_said(words, syllables)), tuple(marks))


def _said(words: list[str], syllables: list[list[int]]) -> Iterator[int]:
    """A character is a syllable."""
    yield PAUSE
    left = iter(syllables)
    for word in words:
        for _ in word:
            yield from next(left)
        yield PAUSE


def _marks(sounds: list[int], bounds: list[float]) -> Iterator[tuple[int, float, float]]:
    begin, between, end = bounds
    if len(sounds) == 1:
        yield sounds[0], begin, end
    else:
        yield sounds[0], begin, between
        yield sounds[1], between, end


def labels(recording: Recording, heard: Heard, frames: int) -> NDArray[np.int8]:
    """The sound at each of the frames (10 ms) of a copy of this recording."""
    step = HOP / RATE
    centres = (HOP * np.arange(frames) + FRAME / 2) / RATE
    places = np.round((centres - heard.lead) * heard.speed / step).astype(int)
    known = _aligned(recording)
    inside = (places >= 0) & (places < len(known))
    made = np.full(frames, phones.NUMBER[phones.SILENCE], dtype=np.int8)
    made[inside] = known[places[inside]]
    return made


def _aligned(recording: Recording) -> NDArray[np.int8]:
    """The sound every 10 ms; quiet stretches are silence, whatever the synthesiser says (it
    counts all that follows the last final to it).
    """
    hop = recording.rate * HOP // RATE
    window = np.ones(int(recording.rate * UNIT))
    power = np.convolve(recording.samples**2, window / len(window), "same")[::hop]
    made = np.zeros(len(power), dtype=np.int8)
    for sound, begin, end in recording.marks:
        made[int(begin * RATE / HOP) : int(end * RATE / HOP)] = sound
    loud = np.sqrt(power + 1)
    for begin, end in _stretches(loud < loud.max() * QUIET):
        outside = begin == 0 or end == len(made)
        if outside or end - begin >= LEAST_QUIET * RATE / HOP:
            made[begin + (2 if begin else 0) : end] = 0
    return made


def _stretches(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where the flags are set, as half-open ranges."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
