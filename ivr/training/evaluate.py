"""How well a model hears clips: as free text, and with the grammar of the turn they answer.

A folder of clips holds 8 kHz WAV files and lists of them (``*.json``: wav, text, set).
"""

from __future__ import annotations

import json
import time
import wave
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.speech.decoded import Decoded
from ivr.speech.decoder import Decoder
from ivr.speech.vocabulary import Grammar, grammar
from ivr.training.errors import Score, plain, score
from ivr.training.words import phrases

KINDS = {"dept": "department", "hosp": "hospital", "cmd": "command", "date": "date"}
TAIL = bytes(4800)  # 0.3 seconds: what follows an utterance on the line
SURE = 0.6


@dataclass(frozen=True)
class Clip:
    """What is said; ``group`` is the set it belongs to, ``kind`` the turn it answers, if one."""

    text: str
    group: str
    kind: str | None
    pcm: bytes


def clips(folder: Path) -> Iterator[Clip]:
    """All clips the folder's lists name. Raises ValueError for one that is not 8 kHz mono."""
    for listing in sorted(folder.glob("*.json")):
        for row in json.loads(listing.read_text(encoding="utf-8")):
            group = row.get("set") or "all"
            name = group.removeprefix("slot_")
            kind = KINDS.get(name, name if name in KINDS.values() else None)
            yield Clip(row["text"], group, kind, samples(folder / row["wav"]))


def samples(path: Path) -> bytes:
    """The samples of a WAV file: 16 bit, 8 kHz, mono."""
    with wave.open(str(path)) as sound:
        if (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) != (8000, 2, 1):
            raise ValueError(f"{path} is not 8 kHz, 16 bit, mono")
        return bytes(sound.readframes(sound.getnframes()))


def decode(model: Any, pcm: bytes, narrowed: Grammar | None = None) -> Decoded:
    """One clip, as the line would hear it."""
    decoder = Decoder(model, narrowed)
    decoder.take(pcm + TAIL)
    return decoder.finish()


@dataclass(frozen=True)
class Narrowed:
    """With the grammar of the turn: ``sure`` are those it was sure of, ``wrong`` the wrong ones
    among these; ``misses`` are what was said, what was heard, and how surely.
    """

    phrases: int
    clips: int
    right: int
    among: int
    sure: int
    wrong: int
    misses: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class Measured:
    """All that is measured: free text by set, grammars by kind, names heard as commands (how
    many, turned away, taken for sure), CPU seconds a second of sound as free text.
    """

    free: Mapping[str, Score]
    narrowed: Mapping[str, Narrowed]
    foreign: tuple[int, int, int]
    cost: float


def measured(folder: Path, clips_: Sequence[Clip]) -> Measured:
    """What the model in ``folder`` makes of the clips."""
    import vosk

    vosk.SetLogLevel(-1)
    model = vosk.Model(str(folder))
    free, cost = _free(model, clips_)
    kinds = sorted({clip.kind for clip in clips_ if clip.kind})
    narrowed = {
        kind: _narrowed(model, kind, [clip for clip in clips_ if clip.kind == kind])
        for kind in kinds
    }
    return Measured(free, narrowed, _foreign(model, clips_), cost)


def _free(model: Any, heard: Sequence[Clip]) -> tuple[dict[str, Score], float]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    began, seconds = time.process_time(), 0.0
    for clip in heard:
        groups[clip.group].append((clip.text, decode(model, clip.pcm).text))
        seconds += len(clip.pcm + TAIL) / 16000
    cost = (time.process_time() - began) / max(seconds, 1e-9)
    return {group: score(pairs) for group, pairs in groups.items()}, cost


def _grammar(model: Any, kind: str) -> Grammar:
    return grammar(phrases(kind), lambda word: bool(model.vosk_model_find_word(word) >= 0))


def _narrowed(model: Any, kind: str, heard: Sequence[Clip]) -> Narrowed:
    made = _grammar(model, kind)
    pairs = [(clip.text, decode(model, clip.pcm, made)) for clip in heard]
    right = [plain(text) == plain(found.text) for text, found in pairs]
    sure = [found.confidence >= SURE and bool(found.text) for _, found in pairs]
    among = sum(
        any(plain(text) == plain(one.text) for one in found.alternatives) for text, found in pairs
    )
    misses = [
        (text, found.text, found.confidence)
        for is_right, (text, found) in zip(right, pairs, strict=True)
        if not is_right
    ]
    wrong = sum(s and not r for s, r in zip(sure, right, strict=True))
    return Narrowed(
        len(made.phrases), len(pairs), sum(right), among, sum(sure), wrong, tuple(misses)
    )


def _foreign(model: Any, heard: Sequence[Clip]) -> tuple[int, int, int]:
    """What the commands' grammar makes of names: turned away, unsure, or taken for a command."""
    made = _grammar(model, "command")
    found = [decode(model, c.pcm, made) for c in heard if c.kind in {"department", "hospital"}]
    sure = sum(1 for one in found if one.text and one.confidence >= SURE)
    return len(found), sum(1 for one in found if not one.text), sure


def report(made: Measured, say: Callable[[str], object]) -> None:
    """A line for each set and kind, and one for each clip that its grammar got wrong."""
    for group, free in made.free.items():
        say(
            f"free     {group:<12} {free.clips:>4} clips  CER {free.characters:6.1%}"
            f"  SER {free.syllables:6.1%}  right {free.right:6.1%}"
        )
    say(f"CPU per second of sound: {made.cost:.4f}")
    for kind, narrowed in made.narrowed.items():
        say(
            f"grammar  {kind:<12} {narrowed.right:>3} of {narrowed.clips:<3} right, "
            f"{narrowed.among} among the alternatives; sure {narrowed.sure}, "
            f"of these wrong {narrowed.wrong} ({narrowed.phrases} phrases)"
        )
        for text, heard, confidence in narrowed.misses:
            say(f"         {text} -> {heard or '-'} ({confidence:.2f})")
    names, away, sure = made.foreign
    say(f"foreign  {names} names as commands: {away} turned away, {sure} taken for sure")
