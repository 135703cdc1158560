"""How long callers wait for the line to speak again: real sockets, recogniser and database.

    python -m benchmarks.ivr_waits --clips DIR [--calls 20]

`hotline ivr serve` runs as a process of its own. So many callers at once press 1 and say a
hospital, a department and a day, as fast as the line lets them. A wait goes from the end of speech
(the last frame less than 25 dB under the answer's loudest: clips end with noise of their own) to
the first sound of the next prompt, the silence that ends an answer (0.7 s) included; after a key
from the key. Goal: 0.7 s. ``since clip`` counts from the last sample of the clip instead.
Gaps are between frames as they came to the caller (20 ms apart when they left). Memory is what the
process has more than before, by call. DIR as in ``ivr_callers``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import psutil

from benchmarks.ivr_callers import heard_voices, make_city
from benchmarks.ivr_people import Clips, goal
from benchmarks.servers import embedded
from ivr.caller import Answer, FileCaller, Manner, percentile
from ivr.media.transport import FRAME_BYTES, FRAME_SECONDS
from ivr.media.vad import loudness

GOAL = 0.7
FADES_BY = 25.0
PORTS = {"AUDIOSOCKET": 19092, "AGI": 14573, "WS": 19093}


def main() -> None:
    """Call, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clips", type=Path, required=True)
    asked.add_argument("--calls", type=int, default=20)
    given = asked.parse_args()
    os.environ |= {f"HOTLINE_IVR_{name}_PORT": str(port) for name, port in PORTS.items()}
    with embedded():
        voices = heard_voices(given.clips)
        make_city(voices)
        server = subprocess.Popen([sys.executable, "-m", "hotline.cli", "ivr", "serve"])
        try:
            _until_open(server)
            before = psutil.Process(server.pid).memory_info().rss
            callers = [_caller(voices, number) for number in range(given.calls)]
            peak = asyncio.run(_all(callers, server.pid))
        finally:
            server.terminate()
            server.wait()
    ended, pressed = _waits(callers, by_key=False), _waits(callers, by_key=True)
    spoken = [wait + tail for wait, tail in ended]
    gaps = [gap for caller in callers for gap in caller.hearing.gaps]
    print(f"{given.calls} calls at once, {len(spoken)} spoken answers")
    since_clip, keys = [wait for wait, _ in ended], [wait for wait, _ in pressed]
    measured = {"wait": spoken, "since clip": since_clip, "key": keys, "gap": gaps}
    for name, values in measured.items():
        shares = {share: percentile(values, share / 100) * 1000 for share in (50, 95, 99)}
        print(f"{name:<10}", *(f"p{share} {found:.0f} ms " for share, found in shares.items()))
    print(f"memory {(peak - before) / given.calls / 1e6:.1f} MB a call")
    print(f"goal for waits {GOAL * 1000:.0f} ms")


def _tail(pcm: bytes) -> float:
    """Seconds of a clip behind its last frame of speech."""
    frames = [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES)]
    levels = [loudness(frame) for frame in frames]
    spoken = [place for place, level in enumerate(levels) if level > max(levels) - FADES_BY]
    return (len(levels) - 1 - max(spoken)) * FRAME_SECONDS


def _waits(callers: list[FileCaller], *, by_key: bool) -> list[tuple[float, float]]:
    """Of all answers of this kind that were followed by a prompt: the wait from the clip's end,
    and how long before that its speech had ended."""
    return [
        (wait, _tail(answer.pcm) if answer.pcm else 0.0)
        for caller in callers
        for answer, wait in zip(caller.answers, caller.hearing.waits, strict=False)
        if bool(answer.keys) is by_key
    ]


def _until_open(server: subprocess.Popen[bytes]) -> None:
    import socket

    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("the voice line does not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORTS["AUDIOSOCKET"])) == 0:
                return
        time.sleep(0.1)


def _caller(voices: list[Clips], number: int) -> FileCaller:
    """One who says what can be booked; each waits a little longer than the one before."""
    from hotline.clock import today
    from hotline.db import transaction
    from ivr.catalogue import read

    dice = random.Random(number)
    clips = next(islice(cycle(voices), number, None))
    with transaction() as session:
        wanted = goal(clips, read(session, today()), today(), dice)
    answers = [
        Answer("menu", keys="1"),
        Answer("hospital", clips.said("hospital", wanted.hospital)),
        Answer("department", clips.said("department", wanted.department)),
        Answer("doctor", keys="3"),
        Answer("date", clips.said("date", wanted.when)),
    ]
    manner = Manner(think=0.3 + number * 0.05, patience=6.0)
    return FileCaller("127.0.0.1", PORTS["AGI"], PORTS["AUDIOSOCKET"], f"139{number:08}", answers,
                      manner)  # fmt: skip


async def _all(callers: list[FileCaller], pid: int) -> int:
    """All calls; the most memory the server had meanwhile."""
    calling = asyncio.gather(*(caller.call() for caller in callers))
    server, peak = psutil.Process(pid), 0
    while not calling.done():
        peak = max(peak, server.memory_info().rss)
        await asyncio.sleep(0.5)
    await calling
    return peak


if __name__ == "__main__":
    main()
