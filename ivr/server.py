"""The voice line's process: three doors, one task a call, a heart-beat, an orderly end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from redis import Redis
from websockets.asyncio.server import Server as BrowserServer

from hotline.voice_line import Beat, Health
from hotline.voice_tickets import Door
from ivr import callbook, heart, leaving
from ivr.admission import Admission
from ivr.agi import AgiDoor
from ivr.callbook import Book
from ivr.dialplan import Dialplan
from ivr.gate import Gate
from ivr.media import audiosocket
from ivr.media.browser import POLICY, Hello, Misused
from ivr.media.line import Line, Tap, Wire
from ivr.media.pacer import Pacer
from ivr.media.transport import CallInfo, Transport
from ivr.media.websocket import BrowserDoor
from ivr.persons.office import Office

log = structlog.get_logger(__name__)

Converse = Callable[[Transport], Awaitable[None]]
AFTERWARDS_SECONDS = 2.0  # for the PBX to ask where calls go on


@dataclass(frozen=True)
class Doors:
    """Where to listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    audiosocket: int = 9092
    agi: int = 4573
    browser: int = 9093
    origins: tuple[str, ...] = ()


class VoiceLine:
    """Serves calls. ``converse`` talks to one caller and ends with ``transfer`` or ``hangup``;
    when it just returns, or fails, the caller goes to a person. ``tap`` records a call or
    returns None; ``health`` says how well we hear."""

    def __init__(
        self,
        converse: Converse,
        admission: Admission,
        tap: Callable[[CallInfo], Tap | None] = lambda _: None,
        health: Callable[[], Health] = lambda: Health.OK,
        book: Book = callbook,
        gate: Gate | None = None,
        office: Office | None = None,
        pbx_stays: bool = False,
    ) -> None:
        self.admission = admission
        self.ports: dict[str, int] = {}
        self._converse = converse
        self._tap = tap
        self._book = book
        self._gate = gate or Gate()
        self._office = office
        self._pbx_stays = pbx_stays
        self._health = health
        self._pacer = Pacer()
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Future[object]] = set()
        self._servers: list[asyncio.Server | BrowserServer] = []

    async def open(self, doors: Doors) -> None:
        """Listen at all doors. Raises OSError when one is taken."""
        host = doors.host
        dialplan = Dialplan(self.admission, self._book, self._spawn)
        agi = await AgiDoor(dialplan.scripts).listen(host, doors.agi)
        media = await audiosocket.serve(host, doors.audiosocket, self._enter_from_pbx)
        browser_door = BrowserDoor(self._enter_from_browser, doors.origins)
        browser = await browser_door.listen(host, doors.browser)
        self._servers = [agi, media, browser]
        names = ("agi", "audiosocket", "browser")
        for name, server in zip(names, self._servers, strict=True):
            self.ports[name] = next(iter(server.sockets)).getsockname()[1]
        log.info("voice_line_open", **self.ports, most=self.admission.most)

    async def drain(self, seconds: float) -> None:
        """No new calls; those under way may end within so long, the rest goes to a person."""
        self.admission.is_draining = True
        log.info("voice_line_draining", calls=len(self._lines))
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._lines and loop.time() < until:
            await asyncio.sleep(0.05)
        handed_over = list(self._lines.values())
        for line in handed_over:
            leaving.hand_over(line)
        if handed_over:
            log.info("voice_line_handed_over", calls=len(handed_over))
            await asyncio.sleep(AFTERWARDS_SECONDS)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=AFTERWARDS_SECONDS)

    async def close(self) -> None:
        """Close the doors."""
        for task in self._tasks:
            task.cancel()
        for server in self._servers:
            server.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def beat(self, redis: Redis) -> None:
        """Show that we live, until cancelled."""
        await heart.beat(redis, self._how_it_does)

    def _how_it_does(self) -> Beat:
        health = Health.DRAINING if self.admission.is_draining else self._health()
        return Beat(health, self.admission.inside, self.admission.most)

    # How calls come in

    def _enter_from_pbx(self, uuid: UUID, wire: Wire) -> Line | None:
        info = self.admission.enter(uuid)
        return self._serve(info, wire, stays=self._pbx_stays) if info else None

    def _enter_from_browser(self, hello: Hello, wire: Wire) -> Line | None:
        ticket = self._gate.admits(hello)
        if ticket is None:
            raise Misused(POLICY, "no ticket")
        if ticket.door is Door.DESK:
            return self._office.join(ticket, wire, self._pacer) if self._office else None
        info = self.admission.announce(hello.caller, None)
        if info is None or self.admission.enter(UUID(info.uuid)) is None:
            return None
        return self._serve(info, wire, stays=True, is_new=True)

    def _serve(self, info: CallInfo, wire: Wire, *, stays: bool, is_new: bool = False) -> Line:
        stays = stays and self._office is not None
        line = Line(info, wire, self._pacer, lambda _: self._ended(line), stays=stays)
        line.tap, line.goes_on = self._tap(info), not is_new
        self._lines[info.uuid] = line
        self._spawn(self._call(line, is_new=is_new))
        return line

    async def _call(self, line: Line, *, is_new: bool) -> None:
        uuid = line.info.uuid
        with structlog.contextvars.bound_contextvars(call_uid=uuid):
            try:
                if is_new:
                    await asyncio.to_thread(self._book.began, line.info)
                await asyncio.to_thread(self._book.entered, uuid)
                await self._converse(line)
            except Exception:  # one call's trouble is not the others'; a person takes over
                log.exception("conversation_failed")
            finally:
                line.transfer()  # unless it has ended
            await self._to_a_person(line)
            log.info("call_left", reason=str(line.ending.reason) if line.ending else "")

    async def _to_a_person(self, line: Line) -> None:
        if self._office is None or line.waits_in is None or line.ending:
            return
        await self._record(self._book.handed_over, line.info.uuid, line.waits_in)
        try:
            await self._office.attend(line)
        finally:
            line.hangup()  # unless it has ended

    def _ended(self, line: Line) -> None:
        uuid, ending = line.info.uuid, line.ending
        if ending is None:
            return
        self._lines.pop(uuid, None)
        self.admission.leave(uuid, ending)
        is_over = leaving.is_over(line, ending)
        self._spawn(self._record(self._book.gone if is_over else self._book.left, uuid, ending))

    async def _record(self, write: Callable[[str, Any], None], uuid: str, what: object) -> None:
        try:
            await asyncio.to_thread(write, uuid, what)
        except Exception:
            log.exception("call_not_recorded", call_uid=uuid)

    def _spawn(self, work: Awaitable[object]) -> None:
        task: asyncio.Future[object] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
