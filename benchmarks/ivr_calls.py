"""What a call that is listened to costs, on the same sound in the same run.

    python -m benchmarks.ivr_calls [--calls 20] [--seconds 20] [--clips DIR]

raw      KaldiRecognizer alone, in one thread, over the spoken parts: free text. The baseline.
pool     a WebSocket recogniser as they are usually written: a pool of threads, one recogniser a
         call, which decodes silence too
line     ours, free text: AudioSocket both ways every 20 ms, voice activity, turns, readings
grammar  ours, with the grammar of a question

Callers speak half of the time (52 %), in real time. The cost is the server's CPU time for a second
of a call. Goals: line at most 1.15 of raw; at least twice as many calls a core as pool.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil
import vosk
import websockets

from benchmarks.ivr_media import Caller, Nowhere, tell
from ivr.admission import Admission
from ivr.hearing import Expects
from ivr.media.frames import AUDIO_HEADER
from ivr.media.transport import FRAME_BYTES, RATE, Transport, seconds_of
from ivr.server import Doors, VoiceLine
from ivr.speech.engine import Engine
from ivr.speech.models import EMBEDDED_PATH
from ivr.training.evaluate import Clip, clips
from ivr.training.words import phrases
from ivr.turn import Turns

OWN = Path(__file__).parents[1] / "tests" / "ivr" / "audio"
SPOKEN = 0.52
LINE_GOAL, POOL_GOAL = 1.15, 2.0
PIECE_SECONDS = 0.2


def main() -> None:
    """Measure each, print the ratios."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--calls", type=int, default=20)
    asked.add_argument("--seconds", type=float, default=20)
    asked.add_argument("--clips", type=Path, default=OWN)
    asked.add_argument("--serve", choices=SERVERS)
    given = asked.parse_args()
    if given.serve:
        asyncio.run(SERVERS[given.serve](given.calls))
        return
    spoken = [clip for clip in clips(given.clips) if clip.kind]
    costs = {"raw": raw(spoken)}
    for kind in SERVERS:
        costs[kind] = run(kind, spoken, given.calls, given.seconds)
    for kind, cost in costs.items():
        print(
            f"{kind:<8} {cost:.4f} CPU seconds a second of call, {1 / cost:4.0f} calls a core,"
            f" {cost / costs['raw']:.2f} of raw, {costs['pool'] / cost:.2f} times pool's calls"
        )
    print(f"goals: line at most {LINE_GOAL} of raw, at least {POOL_GOAL} times pool's calls")


def raw(spoken: list[Clip]) -> float:
    """The spoken parts alone, and what they are of a call."""
    model = vosk.Model(str(EMBEDDED_PATH))
    total, began = 0.0, time.process_time()
    for _ in range(3):
        for clip in spoken:
            recogniser = vosk.KaldiRecognizer(model, RATE)
            for piece in pieces(clip.pcm):
                recogniser.AcceptWaveform(piece)
            recogniser.FinalResult()
            total += seconds_of(clip.pcm)
    return (time.process_time() - began) / total * SPOKEN


def pieces(pcm: bytes) -> Iterator[bytes]:
    """As a pool of threads is fed."""
    size = int(2 * RATE * PIECE_SECONDS)
    return (pcm[start : start + size] for start in range(0, len(pcm), size))


def speech(spoken: list[Clip], first: int) -> Iterator[bytes]:
    """Frames of somebody who speaks, is silent, speaks, for ever."""
    for number in cycle(range(len(spoken))):
        pcm = spoken[(first + number) % len(spoken)].pcm
        silence = bytes(2 * int(len(pcm) / 2 * (1 / SPOKEN - 1)))
        sound = pcm + silence
        for start in range(0, len(sound) - FRAME_BYTES + 1, FRAME_BYTES):
            yield sound[start : start + FRAME_BYTES]


# --- servers, each a process of its own


async def serve_pool(calls: int) -> None:
    """One recogniser a call on a pool of threads; everything is decoded."""
    vosk.SetLogLevel(-1)
    model, threads = vosk.Model(str(EMBEDDED_PATH)), ThreadPoolExecutor()
    loop = asyncio.get_running_loop()

    async def talk(socket: Any) -> None:
        recogniser = vosk.KaldiRecognizer(model, RATE)
        async for piece in socket:
            await loop.run_in_executor(threads, decode, recogniser, piece)

    def decode(recogniser: Any, piece: bytes) -> str:
        if recogniser.AcceptWaveform(piece):
            return str(recogniser.Result())
        return str(recogniser.PartialResult())

    async with websockets.serve(talk, "127.0.0.1", 0) as server:
        tell(next(iter(server.sockets)).getsockname()[1], [""] * calls)
        await asyncio.Event().wait()


def serve_line(phrases_of: Callable[[], tuple[str, ...] | None]) -> Callable[[int], Any]:
    """The voice line: asks the same question for ever."""

    async def serve(calls: int) -> None:
        """Until it is ended."""
        engine, expects = Engine(EMBEDDED_PATH), Expects("question", phrases_of(), no_input=3600)

        async def converse(transport: Transport) -> None:
            turns = Turns(transport, engine)
            while turns.gone is None:
                await turns.ask(expects)

        line = VoiceLine(converse, Admission(calls, seconds=600), book=Nowhere())
        await line.open(Doors(audiosocket=0, agi=0, browser=0))
        infos = [line.admission.announce(None, None) for _ in range(calls)]
        tell(line.ports["audiosocket"], [info.uuid for info in infos if info])
        await asyncio.Event().wait()

    return serve


SERVERS: dict[str, Callable[[int], Any]] = {
    "pool": serve_pool,
    "line": serve_line(lambda: None),
    "grammar": serve_line(lambda: tuple(phrases("department"))),
}

# --- callers


class Speaker(Caller):
    """Speaks on an AudioSocket."""

    def __init__(self, uuid: str, sound: Iterator[bytes]) -> None:
        super().__init__(uuid)
        self._sound = sound

    def _send(self) -> None:
        if not self.out.is_closing():
            self.out.write(AUDIO_HEADER + next(self._sound))
            self.due += 0.02
            self.loop.call_at(self.due, self._send)


async def speak_to_pool(port: int, sound: Iterator[bytes]) -> None:
    """Speaks on a WebSocket, in pieces as a browser sends them."""
    due = asyncio.get_running_loop().time()
    async with websockets.connect(f"ws://127.0.0.1:{port}") as socket:
        while True:
            await socket.send(b"".join(next(sound) for _ in range(int(PIECE_SECONDS / 0.02))))
            due += PIECE_SECONDS
            await asyncio.sleep(due - asyncio.get_running_loop().time())


async def measure(
    kind: str, told: dict[str, Any], pid: int, spoken: list[Clip], seconds: float
) -> float:
    """CPU seconds of the server for a second of one call."""
    loop, server, speaking = asyncio.get_running_loop(), psutil.Process(pid), []
    for number, uuid in enumerate(told["uuids"]):
        sound = speech(spoken, number)
        if kind == "pool":
            speaking.append(asyncio.ensure_future(speak_to_pool(told["port"], sound)))
        else:
            speaker = Speaker(uuid, sound)
            await loop.create_connection(partial(_made, speaker), "127.0.0.1", told["port"])
        await asyncio.sleep(0.037)
    await asyncio.sleep(2)
    before, began = server.cpu_times(), loop.time()
    await asyncio.sleep(seconds)
    after, took = server.cpu_times(), loop.time() - began
    for task in speaking:
        task.cancel()
    spent = float(after.user + after.system - before.user - before.system)
    return spent / took / len(told["uuids"])


def _made(speaker: Speaker) -> Speaker:
    return speaker


def run(kind: str, spoken: list[Clip], calls: int, seconds: float) -> float:
    """One server process, its callers here."""
    command = [sys.executable, "-m", "benchmarks.ivr_calls", "--serve", kind, "--calls", str(calls)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            line = b""
            while not line.startswith(b'{"port"'):  # log lines come first
                line = server.stdout.readline() if server.stdout else b""
            return asyncio.run(measure(kind, json.loads(line), server.pid, spoken, seconds))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
