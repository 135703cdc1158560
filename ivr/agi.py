"""FastAGI: what Asterisk's dialplan asks before and after the voice line. One short talk each.

``start`` announces a call and gets its UUID (IVR_UUID), or IVR_NEXT=queue when there is no room.
``next`` asks where it goes on: IVR_NEXT queue (IVR_QUEUE) or hangup. ``ringing`` and ``answered``
tell which telephone of the queue, ``end`` the cause. Whatever goes wrong, the answer is the queue.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog

log = structlog.get_logger(__name__)

LONGEST_LINE = 2000
MOST_LINES = 100
ANSWER_SECONDS = 5.0
MOST_TALKS = 128
_UUID = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_VALUE = re.compile(r"^200 result=1 \((.*)\)")
_UNFIT = re.compile(r'["\\\x00-\x1f\x7f]')
_NO_NUMBER = frozenset({"", "unknown", "anonymous", "restricted", "unavailable", "private"})


class NoAgi(Exception):
    """What was said is not AGI, or not in time."""


class Talk:
    """One question of the dialplan: ``script``, the environment, and channel variables."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.env: dict[str, str] = {}

    async def hear(self) -> str:
        """Read the environment; the name of the script that is asked for."""
        for _ in range(MOST_LINES):
            line = await self._line()
            if not line:
                return self._script()
            name, colon, value = line.partition(": ")
            if not name.startswith("agi_") or not (colon or line.endswith(":")):
                raise NoAgi("no environment")
            self.env[name.rstrip(":")] = value
        raise NoAgi("too many lines")

    def _script(self) -> str:
        script = (
            self.env.get("agi_network_script") or urlsplit(self.env.get("agi_request", "")).path
        )
        return script.strip("/").partition("?")[0]

    def number(self, name: str) -> str | None:
        """A number of the environment, None when withheld."""
        value = self.env.get(name, "").strip()
        return None if value.lower() in _NO_NUMBER else value[:64]

    @property
    def arguments(self) -> list[str]:
        """What the dialplan passed."""
        return [self.env[name] for n in range(1, 9) if (name := f"agi_arg_{n}") in self.env]

    async def uuid(self) -> str:
        """Which call this is about: passed as an argument, or the channel's IVR_UUID."""
        for argument in self.arguments:
            if _UUID.match(argument.strip().lower()):
                return argument.strip().lower()
        answer = _VALUE.match(await self._command("GET VARIABLE IVR_UUID"))
        found = answer[1].strip().lower() if answer else ""
        return found if _UUID.match(found) else ""

    async def set(self, name: str, value: str) -> None:
        """Set a channel variable."""
        await self._command(f'SET VARIABLE {name} "{_UNFIT.sub("", value)}"')

    async def _command(self, text: str) -> str:
        self._writer.write(text.encode() + b"\n")
        await self._writer.drain()
        while True:
            line = await self._line()
            if line[:3].isdigit():
                return line
            if line != "HANGUP":  # said once, in between, when the caller is gone
                raise NoAgi("no answer")

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            raise NoAgi("no line") from None
        return line.decode(errors="replace").rstrip("\r\n")


Answer = Callable[[Talk], Awaitable[None]]


class AgiDoor:
    """Listens, and gives each talk to the script it asks for."""

    def __init__(self, scripts: dict[str, Answer]) -> None:
        self._scripts = scripts
        self._talks = 0

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Open the door."""
        return await asyncio.start_server(self._take, host, port, limit=LONGEST_LINE, backlog=256)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks += 1
        try:
            if self._talks <= MOST_TALKS:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._answer(Talk(reader, writer))
        except (NoAgi, TimeoutError, ConnectionError) as error:
            log.warning("agi_failed", error=str(error) or type(error).__name__)
        except Exception:  # the dialplan goes on to the queue; the others do not notice
            log.exception("agi_bug")
        finally:
            self._talks -= 1
            writer.close()

    async def _answer(self, talk: Talk) -> None:
        script = await talk.hear()
        answer = self._scripts.get(script)
        if answer is None:
            raise NoAgi("unknown script")
        await answer(talk)
