"""A whole call through the real socket, the real recogniser, the real voice, the real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from hotline import settings
from hotline.booking import service
from hotline.booking.models import Booking, Doctor, Hospital, Resource, Slot
from hotline.booking.rules import HalfDay, State
from hotline.calls.models import Call, CallTurn
from hotline.calls.rules import State as CallState
from hotline.clock import now, today
from hotline.db import transaction
from hotline.voice_line import Health
from ivr.caller import Answer, FileCaller, Manner
from ivr.deeds import BY
from ivr.media import wav
from ivr.serve import conversation
from ivr.server import Doors
from ivr.serving import serve
from ivr.speech import engine
from tests.booking.places import assert_counted, make_department, make_slot, person, set_rule

AUDIO = Path(__file__).parent / "audio"
CALLER = "13800000001"
pytestmark = pytest.mark.usefixtures("committed", "redis")


@pytest.fixture(scope="module")
def ears():
    found = engine.load(settings.current())
    assert found is not None
    yield found
    found.close()


def next_friday():
    """What 下周五 means: Friday of next calendar week."""
    monday = today() - timedelta(days=today().weekday())
    return monday + timedelta(days=11)


@pytest.fixture
def clinic():
    """A free afternoon of next Friday at an eye department, and a caller known by his mobile."""
    with transaction() as session:
        hospital = session.exec(select(Hospital).where(Hospital.name == "南京鼓楼医院")).one()
        department = make_department(session, "眼科", hospital)
        make_department(session, "呼吸内科", hospital)
        set_rule(session, "window_days", "14", hospital_id=hospital.id)
        slot = make_slot(session, 2, next_friday(), department=department, half=HalfDay.AFTERNOON)
        doctor = Doctor(department_id=department.id, name="王建国", title="主任医师")
        session.add(doctor)
        session.flush()
        session.get_one(Resource, slot.resource_id).doctor_id = doctor.id
        register(session)
        return slot.key


def register(session: Session) -> None:
    other = make_slot(session, 3, today() + timedelta(days=2))
    held = service.hold(session, other.key, person(1), "agent", BY, at=now())
    service.release(session, held.hold_id, BY, at=now())


def says(name: str) -> Answer:
    return Answer(name, wav.read(AUDIO / f"{name}.wav"))


def presses(keys: str) -> Answer:
    return Answer(keys, keys=keys)


STALLED = 0.4  # seconds between two frames: this machine was busy with something else


async def called(ears, *answers: Answer, ends: str) -> FileCaller:
    """One call from greeting to end; once more when the machine stalled in the middle of it, for
    sound that comes in bursts is no telephone call."""
    for _ in range(3):
        caller = await _call(ears, *answers)
        if caller.goes_on.startswith(ends) or max(caller.hearing.gaps) < STALLED:
            break
    return caller


async def _call(ears, *answers: Answer) -> FileCaller:
    """Through a server of its own."""
    site, opened = settings.current(), asyncio.get_running_loop().create_future()
    with conversation(site, ears) as talk:
        serving = asyncio.ensure_future(
            serve(site, talk, lambda: Health.OK,
                  listen=Doors(audiosocket=0, agi=0, browser=0), opened=opened.set_result)
        )  # fmt: skip
        line = await opened
        caller = FileCaller("127.0.0.1", line.ports["agi"], line.ports["audiosocket"], CALLER,
                            answers, Manner(think=0.2, patience=20))  # fmt: skip
        await caller.call()
        await line.drain(0)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    return caller


def turns_of(caller: FileCaller) -> list[tuple[str | None, str | None]]:
    with transaction() as session:
        asked = select(CallTurn).where(CallTurn.call_uid == caller.uuid)
        kept = session.exec(asked.order_by(col(CallTurn.position))).all()
        return [(turn.expects, turn.heard) for turn in kept]


async def test_an_appointment_by_speech_and_keys(ears, clinic):
    last_four = person(1).id_number[-4:].replace("X", "*")
    caller = await called(
        ears, presses("1"), says("hospital-1-yunyang"), says("department-2-xiaoyi"), presses("3"),
        says("date-2-xiaoyi"), presses("1"), presses("1"), presses(last_four),
        says("command-1-xiaoyi"), presses("9"), ends="hangup",
    )  # fmt: skip
    turns = turns_of(caller)
    assert caller.goes_on == "hangup", turns
    assert turns == [
        ("menu", "按键 1"), ("hospital", "南京鼓楼医院"), ("department", "眼科"),
        ("doctor", "按键 3"), ("date", "下周五下午"), ("offer", "按键 1"), ("patient", "按键 1"),
        ("last_four", "按键 4 位"), ("confirm", "确认"), ("anything_else", "按键 9"),
    ]  # fmt: skip
    with transaction() as session:
        booking = session.exec(select(Booking).where(Booking.slot_id == clinic)).one()
        assert (booking.state, booking.channel) == (State.CONFIRMED, "voice")
        assert booking.call_uid == caller.uuid
        call = session.exec(select(Call).where(Call.call_uid == caller.uuid)).one()
        assert call.state is CallState.CLOSED
        assert_counted(session)


async def test_a_spoken_person_ends_in_the_queue_with_what_was_understood(ears, clinic):
    caller = await called(
        ears, presses("1"), says("hospital-1-yunyang"), says("command-2-xiaoyi"), ends="queue"
    )
    assert caller.goes_on.startswith("queue")
    assert turns_of(caller)[-1] == ("department", "人工")
    with transaction() as session:
        call = session.exec(select(Call).where(Call.call_uid == caller.uuid)).one()
        assert call.queued_at is not None
        assert session.get_one(Slot, clinic).taken == 0
