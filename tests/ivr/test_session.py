"""A whole call without sound cards or networks: the real dialogue, the real pool, virtual time."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.booking import service
from hotline.booking.models import Booking, Hospital, Slot
from hotline.booking.rules import State
from hotline.clock import now, today
from ivr import catalogue
from ivr.deeds import BY
from ivr.dialogue.state import Leave
from ivr.media.memory import HangUp, HearOut, MemoryTransport, Press, Say
from ivr.media.transport import CallInfo, Reason
from ivr.session import Session
from tests.booking.places import make_department, make_slot, person
from tests.ivr.recognisers import Scripted
from tests.ivr.sounds import voice as sound

CALLER = "13800000001"


class Murmur:
    """A voice of a tenth of a second a sentence; keeps the words."""

    def __init__(self):
        self.said = []
        self.slow = False

    def speak(self, pieces, *, slow=False):
        self.slow = slow
        self.said.append("".join(pieces))
        return bytes(1600)


@pytest.fixture
def slot(session):
    hospital = Hospital(city="南京", name="南京市儿童医院分院", short_name="儿医分院")
    session.add(hospital)
    session.flush()
    heart = make_department(session, "心内科", hospital)
    return make_slot(session, day=today() + timedelta(days=3), department=heart)


@pytest.fixture
def registered(session):
    other = make_slot(session, 3, today() + timedelta(days=2))
    held = service.hold(session, other.id, person(1), "agent", BY, at=now())
    service.release(session, held.hold_id, BY, at=now())


def answers(count):
    """As many spoken answers, each after the question has been heard out."""
    return [step for _ in range(count) for step in (HearOut(), Say(sound(0.6)))]


async def call(session, script, *heard, voice=None, city=None):
    transport = MemoryTransport(script, CallInfo("22222222-2222-4222-8222-222222222222", CALLER))
    kept = []
    one = Session(transport, Scripted(*heard), voice or Murmur(), kept.append,
                  city or (lambda: catalogue.read(session, today())))  # fmt: skip
    return transport, kept, await one.run()


async def test_a_call_that_books(session, slot, registered):
    number = person(1).id_number
    script = [*answers(3), HearOut(), Press(number[-4:].replace("X", "*")), *answers(2)]
    voice = Murmur()
    transport, kept, leave = await call(
        session, script, "我想挂儿医分院心内科普通号大后天上午", "可以", "我自己", "对的", "没有了",
        voice=voice,
    )  # fmt: skip
    assert leave is Leave.DONE
    assert (transport.ending.reason, transport.ending.cause) == (Reason.ENDED, "booked")
    (booking,) = session.exec(select(Booking).where(Booking.slot_id == slot.id)).all()
    assert (booking.state, booking.channel) == (State.CONFIRMED, "voice")
    assert [turn.expects for turn in kept] == [
        "menu", "offer", "patient", "last_four", "confirm", "anything_else",
    ]  # fmt: skip
    assert kept[3].heard == "按键 4 位"
    assert kept[0].slots["hospital"] == "南京市儿童医院分院"
    assert number[-4:] not in str([vars(turn) for turn in kept])
    assert "预约成功" in voice.said[-2]
    assert len(transport.turns) == len(kept)


async def test_who_hangs_up_holds_nothing(session, slot, registered):
    number = person(1).id_number
    script = [*answers(3), HearOut(), Press(number[-4:].replace("X", "*")), HearOut(), HangUp()]
    _, kept, leave = await call(
        session, script, "我想挂儿医分院心内科普通号大后天上午", "可以", "我自己"
    )
    assert leave is Leave.HUNG_UP
    assert kept[-1].outcome == "hung_up"
    session.expire_all()
    assert session.get(Slot, slot.id).taken == 0


async def test_a_person_gets_what_was_understood(session, slot):
    transport, kept, leave = await call(session, answers(2), "儿医分院心内科", "转人工")
    assert leave is Leave.PERSON
    assert transport.ending.reason is Reason.TRANSFERRED
    assert kept[-1].slots == {"hospital": "南京市儿童医院分院", "department": "心内科"}


async def test_danger_goes_to_the_crisis_desk(session, slot):
    transport, _, leave = await call(session, answers(1), "我不想活了")
    assert (leave, transport.ending.target) == (Leave.CRISIS, "crisis")


async def test_when_the_database_is_gone_a_person_comes(session, slot):
    def no_city():
        raise ConnectionError("gone")

    transport, _, leave = await call(session, [], city=no_city)
    assert leave is Leave.PERSON
    assert transport.ending.reason is Reason.TRANSFERRED


async def test_silence_ends_with_a_person(session, slot):
    voice = Murmur()
    transport, kept, leave = await call(session, [], voice=voice)
    assert leave is Leave.PERSON
    assert [turn.outcome for turn in kept] == ["no_input"] * 3
    assert transport.ending.reason is Reason.TRANSFERRED


async def test_while_it_thinks_and_speaks_the_loop_serves_the_other_calls(session, slot):
    threads = []

    class Somewhere(Murmur):
        def speak(self, pieces, *, slow=False):
            threads.append(threading.current_thread())
            return super().speak(pieces, slow=slow)

    city = catalogue.read(session, today())

    def nearest(_said, _ways):
        threads.append(threading.current_thread())
        return []

    await call(session, answers(2), "挂号", "无人知道的医院", voice=Somewhere(),
               city=lambda: replace(city, nearest=nearest))  # fmt: skip
    assert len(threads) > 4
    assert threading.main_thread() not in threads


async def test_keys_pressed_ahead_do_not_answer_a_question_asked_again(session, slot):
    _, kept, _ = await call(session, [HearOut(), Press("71"), HangUp()])
    assert [(turn.expects, turn.heard) for turn in kept] == [("menu", "按键 7"), ("menu", None)]
    _, kept, _ = await call(session, [HearOut(), Press("17"), HearOut(), HangUp()])
    assert [turn.expects for turn in kept] == ["menu", "hospital", "hospital"]


async def test_without_a_recogniser_the_keypad_serves(session, slot):
    transport = MemoryTransport(
        [HearOut(), Press("1"), HearOut(), Press("0")],
        CallInfo("33333333-3333-4333-8333-333333333333", CALLER),
    )
    kept = []
    city = catalogue.read(session, today())
    leave = await Session(transport, None, Murmur(), kept.append, lambda: city).run()
    assert leave is Leave.PERSON
    assert [turn.expects for turn in kept] == ["menu", "hospital"]
