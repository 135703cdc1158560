"""A caller made of files: does what Asterisk does, speaks when the line has ended its prompt, and
measures what the caller of flesh would notice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ivr.media.frames import AUDIO, AUDIO_HEADER, END, IDENTITY, KEY, Unpacker, packed
from ivr.media.pacer import Schedule
from ivr.media.transport import FRAME_BYTES, FRAME_SECONDS, SILENCE
from ivr.media.vad import loudness

AUDIBLE_DB = -50.0


@dataclass(frozen=True)
class Answer:
    """One thing the caller does: sounds (PCM) or keys."""

    name: str
    pcm: bytes = b""
    keys: str = ""


@dataclass(frozen=True)
class Manner:
    """Seconds: how long a prompt must be silent to have ended, how long the caller thinks then,
    how long he waits for something to happen before he hangs up, and the whole call."""

    prompt_end: float = 0.7
    think: float = 0.5
    patience: float = 15.0
    longest: float = 600.0


@dataclass
class Hearing:
    """What came, and when; all in seconds of one clock."""

    since: float = 0.0
    first_sound: float | None = None
    last_sound: float | None = None
    arrivals: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)  # from the end of an answer to the reply
    answered_at: float | None = None

    def hear(self, pcm: bytes, at: float) -> None:
        """A frame."""
        self.arrivals.append(at)
        if loudness(pcm) <= AUDIBLE_DB:
            return
        self.last_sound = at
        self.first_sound = self.first_sound or at
        if self.answered_at is not None:
            self.waits.append(at - self.answered_at)
            self.answered_at = None

    def has_been_silent(self, seconds: float, now: float) -> bool:
        """Has a prompt been heard since the last answer, and ended so long ago?"""
        heard = self.last_sound is not None and self.answered_at is None
        return heard and now - (self.last_sound or now) >= seconds

    @property
    def gaps(self) -> list[float]:
        """Seconds between frames."""
        pairs = zip(self.arrivals, self.arrivals[1:], strict=False)
        return [later - earlier for earlier, later in pairs]


@dataclass
class FileCaller:
    """One call. ``variables`` are what the voice line told the dialplan."""

    host: str
    agi_port: int
    media_port: int
    caller: str
    answers: Sequence[Answer]
    manner: Manner = field(default_factory=Manner)
    variables: dict[str, str] = field(default_factory=dict)
    hearing: Hearing = field(default_factory=Hearing)
    ended_by_line: bool = False
    given: int = 0  # answers

    @property
    def uuid(self) -> str:
        """The call's uid in the records."""
        return self.variables.get("IVR_UUID", "")

    @property
    def goes_on(self) -> str:
        """Where the dialplan goes on: queue (and which), hangup, or nothing when we hung up."""
        queue = self.variables.get("IVR_QUEUE", "")
        return f"{self.variables.get('IVR_NEXT', '')} {queue}".strip()

    async def call(self) -> None:
        """The whole call. Raises OSError when a door is closed."""
        await self._ask("start")
        if self.variables.get("IVR_NEXT") == "queue":
            return
        await self._talk()
        if self.ended_by_line:
            await self._ask("next", "SUCCESS")
        await self._ask("end", self.uuid, "16")

    async def _ask(self, script: str, *arguments: str) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.agi_port)
        env = {
            "agi_network_script": script,
            "agi_callerid": self.caller,
            "agi_extension": "12320",
            **{f"agi_arg_{n}": text for n, text in enumerate(arguments, 1)},
        }
        writer.write("".join(f"{name}: {text}\n" for name, text in env.items()).encode() + b"\n")
        while line := (await reader.readline()).decode().strip():
            verb, _, name, *value = line.split(" ", 3)
            if verb == "SET" and value:
                self.variables[name] = value[0].strip('"')
                writer.write(b"200 result=1\n")
            else:
                found = self.variables.get(name)
                writer.write(f"200 result=1 ({found})\n".encode() if found else b"200 result=0\n")
        writer.close()

    async def _talk(self) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.media_port)
        self.hearing.since = asyncio.get_running_loop().time()
        writer.write(packed(IDENTITY, UUID(self.uuid).bytes))
        listening = asyncio.ensure_future(self._listen(reader))
        try:
            await self._speak(writer, listening)
        finally:
            writer.close()
            await listening

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        unpacker, loop = Unpacker(), asyncio.get_running_loop()
        try:
            while data := await reader.read(4096):
                for frame in unpacker.feed(data):
                    if frame.kind == AUDIO:
                        self.hearing.hear(frame.payload, loop.time())
                    self.ended_by_line |= frame.kind == END
        except ConnectionError:
            pass

    async def _speak(self, writer: asyncio.StreamWriter, listening: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        schedule, waiting, sound = Schedule(loop.time()), list(self.answers), b""
        quiet = self.manner.prompt_end + self.manner.think
        last_deed = began = loop.time()
        while not listening.done() and loop.time() - began < self.manner.longest:
            await asyncio.sleep(schedule.next_due - loop.time())
            now = loop.time()
            frames, _ = schedule.due(now)
            for _ in range(frames):
                frame, sound = sound[:FRAME_BYTES], sound[FRAME_BYTES:]
                writer.write(AUDIO_HEADER + (frame.ljust(FRAME_BYTES, b"\0") or SILENCE))
            if sound:
                last_deed = now
            elif waiting and self.hearing.has_been_silent(quiet, now):
                sound = self._give(writer, waiting.pop(0), now)
                last_deed = now
            elif now - max(last_deed, self.hearing.last_sound or 0) > self.manner.patience:
                return

    def _give(self, writer: asyncio.StreamWriter, answer: Answer, now: float) -> bytes:
        for key in answer.keys:
            writer.write(packed(KEY, key.encode()))
        self.given += 1
        self.hearing.answered_at = now + len(answer.pcm) / FRAME_BYTES * FRAME_SECONDS
        return answer.pcm


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
