"""Sentences said by synthetic voices, with the place of every sound: what recordings are made of.

Kokoro says how long each of its sounds lasts, which is the alignment. Who says them: speakers.py.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ivr.training.lexicon import sayable
from ivr.training.recordings import STOPS
from ivr.training.speakers import Floats, Styles, speaker
from ivr.training.texts import sentences

RATE, FRAME = 24_000, 600  # samples a second; of one unit of time (25 ms)
BOOKINGS = 0.65  # of the utterances; the rest are frequent words in no order
LISTED, RARENESS = 12_000, 0.45  # below 1, rare words come more often than in life
LONGEST = 300  # sounds
IN_A_FILE = 50
# How many of Kokoro's sounds spell an initial; the others one.
_TWO = {"p", "t", "k", "q", "ch", "c"}
_INITIAL = re.compile("(zh|ch|sh|[bpmfdtnlgkhjqxrzcs])")
Say = Callable[[str], object]


class Synthesiser(Protocol):
    """What is needed of Kokoro."""

    def ids(self, pinyin: str) -> list[int]:
        """The sounds of a syllable with its tone, or of „,“, „.“ or a blank."""

    def say(self, ids: Sequence[int], style: Floats, pace: Floats) -> tuple[Floats, list[int]]:
        """The sound, -1 to 1, and how many units each of the ids lasts; ``pace``: how fast each."""


def utterances(frequencies: Mapping[str, int], seed: Sequence[int]) -> Iterator[list[str]]:
    """Without end: words, and PAUSE where one stops for breath."""
    rng = random.Random(repr(seed))
    booked, listed = sentences(rng.randrange(2**31)), sayable(frequencies)
    shares = [frequencies[word] ** RARENESS for word in listed]
    while True:
        if rng.random() < BOOKINGS:
            yield list(next(booked))
        else:
            yield rng.choices(listed, shares, k=rng.randint(1, 6))


Spans = list[tuple[str, int, int, int]]  # pinyin; the places where it begins, its final does, ends


def spelt(voice: Synthesiser, words: Sequence[str]) -> tuple[list[int], Spans]:
    """The ids of an utterance, and where its syllables are among them."""
    from pypinyin import Style, lazy_pinyin

    ids, spans, breath = [0], Spans(), False
    for word in words:
        if word in STOPS:
            ids, breath = ids + voice.ids(","), True
            continue
        ids += voice.ids(" ") if spans and not breath else []
        breath = False
        for pinyin in lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True):
            own, found = voice.ids(pinyin), _INITIAL.match(pinyin)
            first = (1 + (found[1] in _TWO)) if found else 0
            spans.append((pinyin, len(ids), len(ids) + first, len(ids) + len(own)))
            ids += own
    return [*ids, *voice.ids("."), 0], spans


def make(
    voice: Synthesiser, voices: Styles, said: Iterator[list[str]], folder: Path,
    minutes: float, seed: Sequence[int], report: Say,
) -> None:  # fmt: skip
    """Files of some fifty utterances each until they last so long; files that are there count."""
    folder.mkdir(parents=True, exist_ok=True)
    done = 0.0
    for number in range(10**6):
        if done >= 60 * minutes:
            return
        name = "-".join(["speech", *map(str, seed), f"{number:04}"])
        listing, some = folder / f"{name}.jsonl", list(islice(said, IN_A_FILE))
        if not listing.exists():
            rng = random.Random(f"{seed} {number}")
            _write(listing, [row for words in some if (row := _spoken(voice, voices, words, rng))])
        rows = listing.read_text(encoding="utf-8").splitlines()
        done += sum(json.loads(row)["n"] for row in rows) / RATE
        report(f"{listing.stem}: {done / 60:.1f} of {minutes:.0f} minutes")


def _spoken(
    voice: Synthesiser, voices: Styles, words: list[str], rng: random.Random
) -> tuple[Floats, dict[str, Any]] | None:
    """An utterance; None when it is too long to be said in one breath."""
    ids, spans = spelt(voice, words)
    if len(ids) > LONGEST or not spans:
        return None
    one = speaker(voices, len(ids) - 2, rng)
    sound, units = voice.say(ids, one.style, one.pace)
    ends = np.concatenate([[0], np.cumsum(units)]).tolist()
    places = [(pinyin, *(ends[at] for at in bounds)) for pinyin, *bounds in spans]
    text = "".join(words)
    about = {"style": one.name, "speed": round(one.speed, 3)}
    return sound, {"text": text, "words": words, **about, "syl": places}


def _write(listing: Path, spoken: Sequence[tuple[Floats, dict[str, Any]]]) -> None:
    """The sound first: a list that is there says that both are whole."""
    import soundfile

    sounds = [np.clip(sound * 29_490, -32767, 32767).astype(np.int16) for sound, _ in spoken]
    begins = np.cumsum([0, *map(len, sounds)]).tolist()
    soundfile.write(listing.with_suffix(".flac"), np.concatenate(sounds), RATE, subtype="PCM_16")
    rows = [
        {"off": begin, "n": len(sound), **row}
        for begin, sound, (_, row) in zip(begins, sounds, spoken, strict=False)
    ]
    draft = listing.with_suffix(".draft")
    draft.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    draft.replace(listing)
