"""Callers and agents through the real door: order, ring, answer, hold, hang up; all on record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis import Redis
from sqlmodel import Session, select
from websockets.asyncio.client import connect

from hotline import db, voice_line, voice_tickets
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence
from hotline.calls import desk
from hotline.calls.models import Call, Callback
from hotline.calls.rules import AbandonedIn, State
from hotline.voice_tickets import Door
from ivr.gate import Gate
from ivr.media.transport import FRAME_BYTES
from ivr.persons.office import Office
from tests.ivr.lines import voice_line as line_of
from tests.people import make_person, sign_in_row

pytestmark = pytest.mark.usefixtures("committed")
TONE, OTHER = b"\x00\x20" * (FRAME_BYTES // 2), b"\x00\x40" * (FRAME_BYTES // 2)


async def to_person(transport) -> None:
    """Whoever calls wants a person."""
    transport.transfer()


@asynccontextmanager
async def office(redis: Redis) -> AsyncIterator[dict[str, str]]:
    """A voice line whose callers wait here; the addresses of its doors."""
    ours = Office(lambda _: b"\x00\x10" * 160)
    gate = Gate(open_calls=True)
    async with line_of(to_person, office=ours, gate=gate) as line:
        looking = asyncio.ensure_future(ours.run(redis))
        port = line.ports["browser"]
        yield {door: f"ws://127.0.0.1:{port}/{door}" for door in ("call", "desk")}
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


class Browser:
    """One end of a call: what it was told, what it heard."""

    def __init__(self, socket) -> None:
        self.socket = socket
        self.news: list[dict] = []
        self.heard = bytearray()
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            if isinstance(message, bytes):
                self.heard += message
            else:
                self.news.append(json.loads(message))

    async def told(self, kind: str, **said) -> dict:
        """Wait for this message."""
        while True:
            for one in self.news:
                if one["type"] == kind and said.items() <= one.items():
                    return one
            await asyncio.sleep(0.02)

    async def speak(self, frame: bytes, seconds: float = 0.4) -> None:
        for _ in range(round(seconds / 0.02)):
            await self.socket.send(frame)
            await asyncio.sleep(0.02)

    async def say(self, **said) -> None:
        await self.socket.send(json.dumps(said))


async def calling(doors, number: str | None = "13800001111") -> Browser:
    socket = await connect(doors["call"])
    await socket.send(json.dumps({"type": "start", "caller": number}))
    return Browser(socket)


async def answering(doors, person_id: int, uid: str) -> Browser:
    socket = await connect(doors["desk"])
    ticket = voice_tickets.issue(Door.DESK, person_id, uid)
    await socket.send(json.dumps({"type": "start", "ticket": ticket}))
    return Browser(socket)


def ready(username: str = "wang") -> int:
    """Somebody at the desk, ready; the id."""
    with Session(db.engine()) as session:
        person = make_person(session, username)
        sign_in_row(session, person)
        set_presence(session, person.key, Presence.READY)
        session.commit()
        return person.key


def at_desk(deed, uid: str, *more) -> None:
    with db.transaction() as session:
        call = session.exec(select(Call).where(Call.call_uid == uid)).one()
        deed(session, call, *more)


async def in_state(state: State, caller: str = "+8613800001111") -> Call:
    while True:
        with Session(db.engine()) as session:
            found = session.exec(select(Call).where(Call.caller_hash.is_not(None))).all()
            for call in found:
                if call.caller == caller and call.state is state:
                    return call
        await asyncio.sleep(0.05)


async def test_a_caller_and_an_agent_speak_and_the_agent_ends_it(redis):
    async with asyncio.timeout(20), office(redis) as doors:
        caller = await calling(doors)
        await caller.told("waiting", position=1, call_back=True)
        me = ready()
        call = await in_state(State.RINGING)
        assert call.agent_id == me
        assert voice_line.has_call(redis, call.call_uid)
        at_desk(desk.answer, call.call_uid, "wang")
        agent = await answering(doors, me, call.call_uid)
        await caller.told("talking")
        await asyncio.gather(agent.speak(TONE), caller.speak(OTHER))
        assert TONE in bytes(caller.heard)
        assert OTHER in bytes(agent.heard)
        at_desk(desk.hold, call.call_uid)
        await asyncio.gather(caller.told("held"), agent.told("held"))
        at_desk(desk.end, call.call_uid)
        await asyncio.gather(caller.told("end", cause="desk"), agent.told("end", cause="desk"))
    ended = await in_state(State.WRAP_UP)
    assert (ended.ended_by, ended.holds, ended.abandoned_in) == ("agent", 1, None)


async def test_the_caller_hangs_up_on_an_agent(redis):
    async with asyncio.timeout(20), office(redis) as doors:
        me = ready()
        caller = await calling(doors)
        call = await in_state(State.RINGING)
        at_desk(desk.answer, call.call_uid, "wang")
        agent = await answering(doors, me, call.call_uid)
        await caller.told("talking")
        await caller.say(type="hangup")
        await agent.told("end", cause="caller")
        ended = await in_state(State.WRAP_UP)
    assert ended.ended_by == "caller"


async def test_who_came_first_is_next_and_hears_so(redis):
    async with asyncio.timeout(20), office(redis) as doors:
        first = await calling(doors)
        await first.told("waiting", position=1)
        second = await calling(doors, "13800002222")
        await second.told("waiting", position=2)
        await first.say(type="hangup")
        await second.told("waiting", position=1)
        gone = await in_state(State.CLOSED)
    assert gone.abandoned_in is AbandonedIn.QUEUE


async def test_who_asks_is_on_the_list_of_call_backs_at_once(redis):
    async with asyncio.timeout(20), office(redis) as doors:
        caller = await calling(doors)
        await caller.told("waiting", position=1)
        await caller.say(type="dtmf", digit="1")
        await caller.told("end", cause="callback")
        call = await in_state(State.CLOSED)
        while not (duties := listed()):
            await asyncio.sleep(0.05)
    assert [(duty.call_id, duty.calls, bool(duty.asked_at)) for duty in duties] == [
        (call.id, 1, True)
    ]


def listed() -> list[Callback]:
    with Session(db.engine()) as session:
        return list(session.exec(select(Callback).where(Callback.asked_at.is_not(None))).all())


async def test_a_withheld_number_is_not_offered_what_cannot_be_kept(redis):
    async with asyncio.timeout(20), office(redis) as doors:
        caller = await calling(doors, None)
        assert (await caller.told("waiting", position=1))["call_back"] is False


async def test_a_page_for_a_call_that_is_not_here_is_told_so(redis):
    async with asyncio.timeout(20), office(redis) as doors:
        agent = await answering(doors, 1, "no-such-call")
        assert (await agent.told("end"))["cause"] == "busy"


async def test_passed_on_to_a_colleague_whose_page_then_speaks(redis):
    async with asyncio.timeout(20), office(redis) as doors:
        me = ready()
        caller = await calling(doors)
        call = await in_state(State.RINGING)
        at_desk(desk.answer, call.call_uid, "wang")
        mine = await answering(doors, me, call.call_uid)
        await caller.told("talking")
        other = ready("li")
        at_desk(desk.transfer, call.call_uid, "wang", "li")
        await mine.told("end", cause="elsewhere")
        at_desk(desk.ring, call.call_uid, "li")
        at_desk(desk.answer, call.call_uid, "li")
        theirs = await answering(doors, other, call.call_uid)
        await theirs.told("talking")
        await theirs.speak(TONE)
        assert TONE in bytes(caller.heard)
