"""What the dialplan asks by FastAGI, and what it is told. In doubt the caller goes to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog

from ivr.admission import Admission, Next, Way
from ivr.agi import Answer, Talk
from ivr.callbook import Book
from ivr.media.transport import CallInfo

log = structlog.get_logger(__name__)

RECORD_SECONDS = 3.0  # the caller hears nothing meanwhile
NO_CAUSE = {"", "0"}
Spawn = Callable[[Awaitable[object]], None]


class Dialplan:
    """The scripts ``start``, ``next``, ``ringing``, ``answered`` and ``end``. ``spawn`` takes what
    nobody waits for: two people who want to speak wait for no database."""

    def __init__(self, admission: Admission, book: Book, spawn: Spawn) -> None:
        self._admission = admission
        self._book = book
        self._spawn = spawn
        self.scripts: dict[str, Answer] = {
            "start": self._start,
            "next": self._next,
            "ringing": self._ringing,
            "answered": self._answered,
            "end": self._end,
        }

    async def _start(self, talk: Talk) -> None:
        caller = talk.number("agi_callerid")
        called = talk.number("agi_dnid") or talk.number("agi_extension")
        pbx_uid = talk.env.get("agi_uniqueid", "")[:100] or None
        info = self._admission.announce(caller, called, pbx_uid)
        if info is None:  # on record all the same: somebody called
            refused = CallInfo(str(uuid4()), caller, called, pbx_uid)
            await _recorded(self._book.began, refused)
            await _recorded(self._book.queued, refused.uuid, "")
            await talk.set("IVR_UUID", refused.uuid)
            await talk.set("IVR_NEXT", Next.QUEUE)
        elif await _recorded(self._book.began, info):
            await talk.set("IVR_UUID", info.uuid)
        else:  # without a database nobody can be served by a machine
            self._admission.withdraw(info.uuid)
            await talk.set("IVR_NEXT", Next.QUEUE)

    async def _next(self, talk: Talk) -> None:
        uuid = await talk.uuid()
        way = self._admission.way_of(uuid)
        if way is None:
            self._admission.withdraw(uuid)  # announced, and never here
            way = Way(is_told=not uuid)  # or known to a process that is gone
        if not way.is_told:
            await _recorded(self._book.queued, uuid, way.queue)
        await talk.set("IVR_NEXT", way.next)
        if way.queue:
            await talk.set("IVR_QUEUE", way.queue)

    async def _ringing(self, talk: Talk) -> None:
        await self._at_a_phone(talk, self._book.ringing)

    async def _answered(self, talk: Talk) -> None:
        await self._at_a_phone(talk, self._book.answered)

    async def _at_a_phone(self, talk: Talk, write: Callable[[str, str, str], None]) -> None:
        """It speaks of the telephone's channel, and says whose call that is."""
        uuid = await talk.uuid()
        agent = next(iter(_besides(uuid, talk)), "") or talk.env.get("agi_channel", "")
        if uuid and agent:
            self._spawn(_recorded(write, uuid, agent[:64], talk.env.get("agi_uniqueid", "")[:40]))

    async def _end(self, talk: Talk) -> None:
        uuid = await talk.uuid()
        cause, agent, seconds = [*_besides(uuid, talk), "", "", ""][:3]
        if uuid:
            self._admission.withdraw(uuid)
            cause = "" if cause in NO_CAUSE else cause[:64]
            spoke = float(seconds) if seconds.isdecimal() else 0.0
            await _recorded(self._book.ended, uuid, cause, agent[:64], spoke)


def _besides(uuid: str, talk: Talk) -> list[str]:
    """What was passed apart from the call's UUID."""
    return [text for text in talk.arguments if text.lower() != uuid]


async def _recorded(write: Callable[..., None], *given: object) -> bool:
    """Write to the records; whether it could be done in time."""
    try:
        async with asyncio.timeout(RECORD_SECONDS):
            await asyncio.to_thread(write, *given)
    except Exception as error:
        log.error("call_not_recorded", error=type(error).__name__)
        return False
    return True
