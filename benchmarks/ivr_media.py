"""What the media loop costs: silent calls through the AudioSocket door, against a bare loop that
moves the same frames over the same kind of sockets. The ratio is of CPU time a frame, which holds
also where a crowded machine lets frames go out late.

python -m benchmarks.ivr_media [--calls 100] [--seconds 15]

Servers and callers are processes of their own; the cost is the server's CPU time alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil

from ivr.admission import Admission
from ivr.caller import percentile
from ivr.hearing import Expects, Listening
from ivr.media.frames import AUDIO_HEADER, IDENTITY, packed
from ivr.media.line import Ending
from ivr.media.transport import SILENCE, CallInfo, Transport
from ivr.server import Doors, VoiceLine
from ivr.turn import Turns

FRAME = AUDIO_HEADER + SILENCE
QUESTION = Expects("x", no_input=3600)


class Nowhere:
    """A book in which nothing is kept: this is about sound."""

    def began(self, info: CallInfo) -> None: ...
    def entered(self, uuid: str) -> None: ...
    def queued(self, uuid: str, queue: str) -> None: ...
    def left(self, uuid: str, ending: Ending) -> None: ...
    def ringing(self, uuid: str, agent: str, channel: str) -> None: ...
    def answered(self, uuid: str, agent: str, channel: str) -> None: ...
    def ended(self, uuid: str, cause: str, agent: str = "", spoke: float = 0.0) -> None: ...
    def handed_over(self, uuid: str, queue: str) -> None: ...
    def gone(self, uuid: str, ending: Ending) -> None: ...


class Deaf:
    """Never asked: nobody speaks."""

    def listen(self, expects: Expects) -> Listening:
        raise AssertionError(expects)


async def discard(transport: Transport) -> None:
    """The media loop alone: events are read and forgotten."""
    async for _ in transport.events():
        pass


async def wait(transport: Transport) -> None:
    """With voice activity and a turn that waits."""
    await Turns(transport, Deaf()).ask(QUESTION)


async def serve_line(converse: Callable[[Transport], Any], calls: int) -> None:
    """The voice line; prints its port and the calls' identities."""
    line = VoiceLine(converse, Admission(calls, seconds=600), book=Nowhere())
    await line.open(Doors(audiosocket=0, agi=0, browser=0))
    infos = [line.admission.announce(None, None) for _ in range(calls)]
    tell(line.ports["audiosocket"], [info.uuid for info in infos if info])
    await asyncio.Event().wait()


class Sender(asyncio.Protocol):
    """Silence every 20 ms, from the first moment on."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.out = transport
        self.loop = asyncio.get_running_loop()
        self.due = self.loop.time()
        self._send()

    def _send(self) -> None:
        if not self.out.is_closing():
            self.out.write(FRAME)
            self.due += 0.02
            self.loop.call_at(self.due, self._send)


class Bare(Sender):
    """Sends the same frames at the same times and forgets what comes."""

    def data_received(self, data: bytes) -> None:
        """Forget it."""


async def serve_bare(calls: int) -> None:
    """The baseline."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0)
    tell(server.sockets[0].getsockname()[1], ["0" * 32] * calls)
    await asyncio.Event().wait()


def tell(port: int, uuids: list[str]) -> None:
    """To the process that started us."""
    print(json.dumps({"port": port, "uuids": uuids}), flush=True)


class Caller(Sender):
    """Says which call it is, then silence; keeps when frames came."""

    def __init__(self, uuid: str) -> None:
        self.uuid = uuid
        self.arrivals: list[float] = []
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The identity comes before any sound."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(packed(IDENTITY, bytes.fromhex(self.uuid.replace("-", ""))))
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Note when, for each frame of it."""
        self.arrivals += [self.loop.time()] * (len(data) // len(FRAME))

    def connection_lost(self, _: Exception | None) -> None:
        """No call should end while it is measured."""
        self.lost = True


async def measure(port: int, uuids: list[str], pid: int, seconds: float) -> dict[str, float]:
    """CPU of the server in % of a core, and gaps between frames at the callers, in ms."""
    loop, server = asyncio.get_running_loop(), psutil.Process(pid)
    callers: list[Caller] = []
    for number, uuid in enumerate(uuids):
        _, caller = await loop.create_connection(partial(Caller, uuid), "127.0.0.1", port)
        callers.append(caller)
        await asyncio.sleep(0.02 / len(uuids) * (number % 7))
    await asyncio.sleep(2)
    assert not any(caller.lost for caller in callers), "a call was lost"
    before, began = server.cpu_times(), loop.time()
    for caller in callers:
        caller.arrivals.clear()
    await asyncio.sleep(seconds)
    after, took = server.cpu_times(), loop.time() - began
    spent = after.user + after.system - before.user - before.system
    gaps = [
        later - earlier
        for caller in callers
        for earlier, later in zip(caller.arrivals, caller.arrivals[1:], strict=False)
    ]
    frames = sum(len(caller.arrivals) for caller in callers)
    return {
        "cpu": spent / took * 100,
        "per_call": spent / took * 100 / len(callers),
        "microseconds": spent / max(frames, 1) * 1e6,
        "gap_p50": percentile(gaps, 0.5) * 1000,
        "gap_p99": percentile(gaps, 0.99) * 1000,
        "frames": frames / len(callers) / took,
    }


def run(kind: str, calls: int, seconds: float) -> dict[str, float]:
    """One server process, its callers here."""
    command = [sys.executable, "-m", "benchmarks.ivr_media", "--serve", kind, "--calls", str(calls)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            while not line.startswith(b'{"port"'):  # log lines come first
                line = server.stdout.readline()
            told = json.loads(line)
            return asyncio.run(measure(told["port"], told["uuids"], server.pid, seconds))
        finally:
            server.terminate()


KINDS: dict[str, Callable[[int], Any]] = {
    "bare": serve_bare,
    "media": lambda calls: serve_line(discard, calls),
    "turn": lambda calls: serve_line(wait, calls),
}


def main() -> None:
    """Print a table, with ratios to the bare loop of the same run."""
    options = argparse.ArgumentParser()
    options.add_argument("--calls", type=int, nargs="*", default=[50, 100])
    options.add_argument("--seconds", type=float, default=15)
    options.add_argument("--serve", choices=KINDS)
    given = options.parse_args()
    if given.serve:
        asyncio.run(KINDS[given.serve](given.calls[0]))
        return
    print("calls what   CPU %  per call %  µs a frame  ratio  frames/s  gap p50 ms  p99 ms")
    for calls in given.calls:
        bare = 0.0
        for kind in KINDS:
            found = run(kind, calls, given.seconds)
            bare = bare or found["microseconds"]
            print(
                f"{calls:>5} {kind:<6} {found['cpu']:>5.1f} {found['per_call']:>11.3f}"
                f" {found['microseconds']:>11.1f} {found['microseconds'] / bare:>6.2f}"
                f" {found['frames']:>9.1f}"
                f" {found['gap_p50']:>11.1f} {found['gap_p99']:>7.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
