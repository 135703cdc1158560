"""What the line's recogniser costs over a bare one, on the same sound in the same run.

    python -m benchmarks.ivr_recognition [--clips DIR] [--rounds N]

Bare: one KaldiRecognizer a clip, 200 ms pieces, the final result. Ours: 20 ms pieces fed from an
event loop, a partial text after every piece, words, ten readings with probabilities, threads.
The ratio of their CPU seconds should stay under 1.3.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import vosk

from ivr.hearing import Expects
from ivr.speech.decoder import PIECE_BYTES, RATE
from ivr.speech.engine import Engine
from ivr.speech.models import EMBEDDED_PATH
from ivr.training.evaluate import TAIL, Clip, clips
from ivr.training.words import phrases

OWN = Path(__file__).parents[1] / "tests" / "ivr" / "audio"
FRAME_BYTES = 320


def main() -> None:
    """Measure both, in turns, free and with grammars."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clips", type=Path, default=OWN)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    engine = Engine(EMBEDDED_PATH)
    heard = [clip for clip in clips(given.clips) if clip.kind]
    seconds = given.rounds * sum(len(clip.pcm + TAIL) for clip in heard) / 2 / RATE
    for words, grammars in (("free text", False), ("grammars", True)):
        bare = ours = 0.0
        for _ in range(given.rounds):
            bare += _cpu(partial(_bare, engine, heard, grammars=grammars))
            ours += _cpu(partial(_run, engine, heard, grammars=grammars))
        print(
            f"{words:<10} {seconds:.0f} s of sound: bare {bare / seconds:.4f}, "
            f"ours {ours / seconds:.4f} CPU seconds a second, ratio {ours / bare:.2f}"
        )
    engine.close()


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _bare(engine: Engine, heard: list[Clip], *, grammars: bool) -> list[str]:
    texts: list[str] = []
    for clip in heard:
        narrowed = [engine.grammar(phrases(clip.kind or "")).text] if grammars else []
        recogniser = vosk.KaldiRecognizer(engine._model, RATE, *narrowed)
        sound = clip.pcm + TAIL
        pieces = (sound[start : start + PIECE_BYTES] for start in range(0, len(sound), PIECE_BYTES))
        ends = [recogniser.Result() for piece in pieces if recogniser.AcceptWaveform(piece)]
        texts += [json.loads(end)["text"] for end in (*ends, recogniser.FinalResult())]
    return texts


def _run(engine: Engine, heard: list[Clip], *, grammars: bool) -> list[str]:
    return asyncio.run(_ours(engine, heard, grammars=grammars))


async def _ours(engine: Engine, heard: list[Clip], *, grammars: bool) -> list[str]:
    texts = []
    for clip in heard:
        asked = Expects(clip.kind or "", tuple(phrases(clip.kind or "")) if grammars else None)
        utterance = engine.listen(asked)
        sound = clip.pcm + TAIL
        for start in range(0, len(sound), FRAME_BYTES):
            utterance.feed(sound[start : start + FRAME_BYTES])
            await asyncio.sleep(0)
        texts.append((await utterance.finish()).text)
    return texts


if __name__ == "__main__":
    main()
