"""How well a model hears: ``python -m ivr.training.evaluate --clips DIR [--model DIR]``.

DIR holds 8 kHz WAV files and lists of them (``*.json``: wav, text, set). Each clip is decoded as
free text; those of a kind that a turn asks for, also with that turn's grammar.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import wave
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.speech.decoded import Decoded
from ivr.speech.decoder import Decoder
from ivr.speech.models import EMBEDDED_PATH
from ivr.speech.vocabulary import Grammar, grammar
from ivr.training.errors import plain, score
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


def free(model: Any, heard: list[Clip], say: Callable[[str], object]) -> None:
    """Free text, a line a set."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    began, seconds = time.process_time(), 0.0
    for clip in heard:
        groups[clip.group].append((clip.text, decode(model, clip.pcm).text))
        seconds += len(clip.pcm + TAIL) / 16000
    for group, pairs in groups.items():
        made = score(pairs)
        say(
            f"free     {group:<12} {made.clips:>4} clips  CER {made.characters:6.1%}"
            f"  SER {made.syllables:6.1%}  right {made.right:6.1%}"
        )
    say(f"CPU per second of sound: {(time.process_time() - began) / seconds:.4f}")


def narrowed(model: Any, heard: list[Clip], say: Callable[[str], object]) -> None:
    """With the grammar of the turn, a line a kind: right, and right among the sure ones."""
    kinds = {clip.kind for clip in heard if clip.kind}
    for kind in sorted(kinds):
        made = grammar(phrases(kind), lambda word: bool(model.vosk_model_find_word(word) >= 0))
        pairs = [(clip, decode(model, clip.pcm, made)) for clip in heard if clip.kind == kind]
        right = [plain(clip.text) == plain(found.text) for clip, found in pairs]
        sure = [found.confidence >= SURE and bool(found.text) for _, found in pairs]
        wrong = sum(s and not r for s, r in zip(sure, right, strict=True))
        among = sum(
            any(plain(clip.text) == plain(one.text) for one in found.alternatives)
            for clip, found in pairs
        )
        say(
            f"grammar  {kind:<12} {sum(right):>3} of {len(pairs):<3} right, {among} among the "
            f"alternatives; sure {sum(sure)}, of these wrong {wrong} ({len(made.phrases)} phrases)"
        )
        for clip, found in pairs:
            if plain(clip.text) != plain(found.text):
                say(f"         {clip.text} -> {found.text or '-'} ({found.confidence:.2f})")


def foreign(model: Any, heard: list[Clip], say: Callable[[str], object]) -> None:
    """What the commands' grammar makes of names: turned away, unsure, or taken for a command."""
    made = grammar(phrases("command"), lambda word: bool(model.vosk_model_find_word(word) >= 0))
    found = [decode(model, c.pcm, made) for c in heard if c.kind in {"department", "hospital"}]
    sure = sum(1 for one in found if one.text and one.confidence >= SURE)
    away = sum(1 for one in found if not one.text)
    say(f"foreign  {len(found)} names as commands: {away} turned away, {sure} taken for sure")


def main() -> None:
    """Decode and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clips", type=Path, required=True)
    asked.add_argument("--model", type=Path, default=EMBEDDED_PATH)
    given = asked.parse_args()
    import vosk

    vosk.SetLogLevel(-1)
    model, heard = vosk.Model(str(given.model)), list(clips(given.clips))
    for look in (free, narrowed, foreign):
        look(model, heard, lambda line: sys.stdout.write(f"{line}\n"))


if __name__ == "__main__":
    main()
