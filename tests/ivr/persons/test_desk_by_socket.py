"""A caller of the PBX who is kept at our desk, through the real sockets: AudioSocket and FastAGI on
his side, the agent's page on ours; recorded, and given back to the PBX when we stop."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis import Redis
from sqlmodel import Session

from hotline import db, settings
from hotline.calls import desk
from hotline.calls.rules import AbandonedIn, State
from ivr.gate import Gate
from ivr.persons.music import music
from ivr.persons.office import Office
from ivr.recording import Recorder
from tests.ivr.asterisk import Asterisk
from tests.ivr.lines import voice_line
from tests.ivr.persons.test_office import (
    OTHER,
    TONE,
    answering,
    at_desk,
    in_state,
    ready,
    to_person,
)
from tests.ivr.test_recording import sides

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def place() -> Path:
    directory = settings.current().data_dir.absolute() / "recordings"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def desk_line(redis: Redis, place: Path, page_seconds: float = 15.0) -> AsyncIterator:
    """A voice line of a site whose agents answer on their pages."""
    ours, recorder = Office(lambda _: b"\x00\x10" * 160, page_seconds=page_seconds), Recorder(place)
    options = {"office": ours, "gate": Gate(open_calls=True), "pbx_stays": True}
    async with voice_line(to_person, tap=recorder.tap, **options) as line:
        looking = asyncio.ensure_future(ours.run(redis))
        yield line
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    recorder.close()


def doors(line) -> dict[str, str]:
    return {"desk": f"ws://127.0.0.1:{line.ports['browser']}/desk"}


async def heard(pbx: Asterisk, sound: bytes) -> None:
    """Wait until the caller hears it."""
    while sound not in bytes(pbx.heard):
        await asyncio.sleep(0.02)


async def settled(line) -> None:
    while line._tasks:
        await asyncio.wait(set(line._tasks))


async def test_a_caller_of_the_pbx_waits_speaks_and_is_recorded_until_the_agent_ends_it(
    redis, place
):
    async with asyncio.timeout(40), desk_line(redis, place) as line:
        pbx = Asterisk(line.ports)
        calling = asyncio.ensure_future(pbx.call(OTHER * 400))
        await heard(pbx, music()[:3200])
        me = ready()
        call = await in_state(State.RINGING)
        assert (call.agent_id, call.queue) == (me, "hotline")
        at_desk(desk.answer, call.call_uid, "wang")
        agent = await answering(doors(line), me, call.call_uid)
        await asyncio.gather(agent.speak(TONE, 1.0), heard(pbx, TONE))
        while OTHER not in bytes(agent.heard):
            await asyncio.sleep(0.02)
        at_desk(desk.end, call.call_uid)
        assert await calling == "hangup"  # the dialplan does not queue him again
        await agent.told("end", cause="desk")
        ended = await in_state(State.WRAP_UP)
        await settled(line)
    assert (ended.ended_by, ended.abandoned_in) == ("agent", None)
    with Session(db.engine()) as session:
        caller, us = sides(session, call.call_uid)
    assert abs(caller).max() > 10_000
    assert abs(abs(us).max() - 0x2000) < 1000  # the agent's tone, louder than music and words


async def test_the_caller_hangs_up_on_the_agent(redis, place):
    async with asyncio.timeout(40), desk_line(redis, place) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        hang_up = asyncio.Event()
        calling = asyncio.ensure_future(until(hang_up, pbx))
        me = ready()
        call = await in_state(State.RINGING)
        at_desk(desk.answer, call.call_uid, "wang")
        agent = await answering(doors(line), me, call.call_uid)
        await agent.speak(TONE, 0.2)
        hang_up.set()
        await calling
        await agent.told("end", cause="caller")
        await settled(line)
        ended = await in_state(State.WRAP_UP)
    assert ended.ended_by == "caller"


async def until(hang_up: asyncio.Event, pbx: Asterisk) -> None:
    """A caller on the line until told to hang up."""
    await pbx.media(hang_up, "hangup")
    await pbx.agi("end", "16")


async def test_who_gives_up_waiting_was_lost_in_the_queue(redis, place):
    async with asyncio.timeout(40), desk_line(redis, place) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        hang_up = asyncio.Event()
        calling = asyncio.ensure_future(until(hang_up, pbx))
        await heard(pbx, music()[:3200])
        hang_up.set()
        await calling
        call = await in_state(State.CLOSED)
    assert call.abandoned_in is AbandonedIn.QUEUE


async def test_a_page_that_never_comes_back_costs_the_caller_seconds_and_not_the_call(redis, place):
    async with asyncio.timeout(40), desk_line(redis, place, page_seconds=1.0) as line:
        pbx = Asterisk(line.ports)
        calling = asyncio.ensure_future(pbx.call(OTHER * 800))
        me = ready()
        call = await in_state(State.RINGING)
        at_desk(desk.answer, call.call_uid, "wang")
        agent = await answering(doors(line), me, call.call_uid)
        await agent.speak(TONE, 0.2)
        await agent.socket.close()
        other = ready("li")
        rung = await in_state(State.RINGING)
        assert rung.agent_id == other
        at_desk(desk.answer, call.call_uid, "li")
        agent = await answering(doors(line), other, call.call_uid)
        before = len(pbx.heard)
        await agent.speak(TONE, 1.0)
        assert TONE in bytes(pbx.heard[before:])
        at_desk(desk.end, call.call_uid)
        assert await calling == "hangup"


async def test_a_line_that_stops_gives_its_callers_back_to_the_pbx(redis, place):
    async with asyncio.timeout(40), desk_line(redis, place) as line:
        pbx = Asterisk(line.ports)
        calling = asyncio.ensure_future(pbx.call(OTHER * 400))
        await heard(pbx, music()[:3200])
        await line.drain(0)
        assert await calling == "queue"
        await settled(line)
        call = await in_state(State.CLOSED)
    assert call.abandoned_in is AbandonedIn.QUEUE  # as the PBX told: it hung up on him at last
