"""Callers who wait for one of ours: their order, whose page rings, and who speaks with whom.

What agents do at their desk is on record a moment later; the records are looked at twice a
second, so nothing depends on a message that may be lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog
from redis import Redis, RedisError

from hotline import voice_line
from hotline.calls.rules import State
from hotline.voice_tickets import Ticket
from ivr import callers
from ivr.callbook import BY_DESK, DEFAULT_QUEUE
from ivr.media.line import Line, Wire
from ivr.media.pacer import Pacer
from ivr.media.transport import Audio
from ivr.persons import records, words
from ivr.persons.guest import Guest, Standing
from ivr.persons.records import CRISIS, RING_SECONDS, Seen

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
SHOWN_EVERY = 8  # looks
PAGE_SECONDS = 15.0
RUNG_AT_ONCE = 5  # of those who wait, the first
_STANDINGS = {State.TALKING: Standing.TALKING, State.HELD: Standing.HELD}
Speak = Callable[[Sequence[str]], bytes]


class Records(Protocol):
    """What is known of calls; ``ivr.persons.records`` is one."""

    def look(self, uids: list[str]) -> dict[str, Seen]: ...

    def ring(self, uid: str, queue: str) -> bool: ...

    def requeue(self, uid: str, queue: str) -> None: ...


class Office:
    """The callers in this process who want a person. ``speak`` gives words a sound. An agent's
    page that stays away for ``page_seconds`` does not come back: its caller waits again."""

    def __init__(
        self, speak: Speak, known: Records = records, page_seconds: float = PAGE_SECONDS
    ) -> None:
        self._speak = speak
        self._known = known
        self._page_seconds = page_seconds
        self._guests: dict[str, Guest] = {}
        self._seen: dict[str, Seen] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._look_now = asyncio.Event()

    async def attend(self, line: Line) -> None:
        """A caller from the dialogue's end to the end of the call."""
        guest = await self._guest(line)
        uid = line.info.uuid
        self._guests[uid] = guest
        self._look_now.set()
        try:
            await guest.attend()
        finally:
            del self._guests[uid]
            self._seen.pop(uid, None)

    async def _guest(self, line: Line) -> Guest:
        queue = line.waits_in or DEFAULT_QUEUE
        may_be_called = queue != CRISIS and callers.mobile_of(line.info.caller) is not None
        kept = await asyncio.to_thread(self._speak, words.kept()) if may_be_called else b""
        return Guest(line, queue, kept)

    def join(self, ticket: Ticket, wire: Wire, pacer: Pacer) -> Line | None:
        """An agent's page comes to its call; None when the call is not here (any more)."""
        guest = self._guests.get(ticket.call_uid)
        if guest is None:
            return None
        line = Line(guest.line.info, wire, pacer, lambda _: guest.left(line))
        seen = self._seen.get(ticket.call_uid)
        guest.joined(line, seen.extension if seen else "")
        self._spawn(self._listen(guest, line))
        self._look_now.set()
        return line

    async def _listen(self, guest: Guest, line: Line) -> None:
        async for event in line.events():
            if isinstance(event, Audio) and guest.agent is line:
                guest.heard_from_agent(event.pcm)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Looking at the records

    async def run(self, redis: Redis) -> None:
        """Look, until cancelled."""
        for number in range(2**62):
            await self._pause()
            try:
                await self._look()
                if number % SHOWN_EVERY == 0 or self._look_now.is_set():
                    await asyncio.to_thread(voice_line.show_calls, redis, list(self._guests))
            except RedisError as error:
                log.warning("calls_not_shown", error=type(error).__name__)
            except Exception:  # the database may be away for a while; callers hear music
                log.exception("office_cannot_look")

    async def _pause(self) -> None:
        self._look_now.clear()
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._look_now.wait()
        except TimeoutError:
            return

    async def _look(self) -> None:
        if not self._guests:
            return
        self._seen = await asyncio.to_thread(self._known.look, list(self._guests))
        for uid, guest in list(self._guests.items()):
            if seen := self._seen.get(uid):
                _follow(guest, seen)
            if guest.alone_for > self._page_seconds:
                await self._back_to_queue(uid, guest)
        await self._give_places()
        await self._ring()

    async def _back_to_queue(self, uid: str, guest: Guest) -> None:
        log.warning("agents_page_gone", call_uid=uid, seconds=round(guest.alone_for))
        await asyncio.to_thread(self._known.requeue, uid, guest.queue)
        guest.stands(Standing.WAITING)

    async def _give_places(self) -> None:
        for queue in {guest.queue for guest in self._guests.values()}:
            for place, guest in enumerate(self._waiting(queue), 1):
                if place != guest.place:
                    said = words.announcement(place, queue, can_be_called=guest.can_be_called)
                    guest.moved_to(place, await asyncio.to_thread(self._speak, said))

    def _waiting(self, queue: str) -> list[Guest]:
        found = [
            guest for guest in self._guests.values()
            if guest.queue == queue and guest.standing is Standing.WAITING
            and not guest.wants_call_back
        ]  # fmt: skip
        return sorted(found, key=lambda guest: guest.since)

    async def _ring(self) -> None:
        """In a crisis first, then as they came."""
        queues = sorted({guest.queue for guest in self._guests.values()}, key=lambda q: q != CRISIS)
        waiting = [guest for queue in queues for guest in self._waiting(queue)]
        for guest in waiting[:RUNG_AT_ONCE]:
            seen = self._seen.get(guest.line.info.uuid)
            if seen is None or _rings(seen):
                continue
            await asyncio.to_thread(self._known.ring, guest.line.info.uuid, guest.queue)


def _rings(seen: Seen) -> bool:
    return seen.state is State.RINGING and seen.still_for < RING_SECONDS


def _follow(guest: Guest, seen: Seen) -> None:
    """Let a call be as the records have it."""
    if seen.state in (State.WRAP_UP, State.CLOSED):
        guest.line.hangup(BY_DESK)
        return
    guest.stands(_STANDINGS.get(seen.state, Standing.WAITING), seen.extension)
