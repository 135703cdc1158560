"""What is kept of a call: whole turns with their times, nobody's numbers, and how it left."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import col, select

from hotline.booking.models import Hospital
from hotline.calls import voice_rules
from hotline.calls.models import CallTurn, DangerAlert, VoiceCall
from hotline.calls.voice_rules import Achieved, AgeBand, Left
from hotline.clock import now, today
from hotline.db import transaction
from hotline.telephony.service import take_events
from ivr import catalogue, turn_store
from ivr.dialogue.state import PRIVATE, State, Step
from ivr.dialogue.state import Leave as LeaveCode
from ivr.hearing import Heard, Speech
from ivr.media.memory import HangUp, HearOut, MemoryTransport, Pause, Press, Say
from ivr.media.transport import CallInfo
from ivr.session import Session
from ivr.turn_kept import Turn
from tests.booking.places import make_department, make_slot, person
from tests.ivr.recognisers import Scripted, Utterance
from tests.ivr.sounds import voice as sound
from tests.ivr.test_session import CALLER, Murmur, answers, registered  # noqa: F401

UID = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def hospitals(session):
    for name, short in (("南京市儿童医院分院", "儿医分院"), ("南京鼓楼医院分院", "鼓医分院")):
        hospital = Hospital(city="南京", name=name, short_name=short)
        session.add(hospital)
        session.flush()
        heart = make_department(session, "心内科", hospital)
        make_slot(session, day=today() + timedelta(days=3), department=heart)


async def call(session, script, *heard, keep=None):
    kept, ended = [], []
    city = catalogue.read(session, today())
    transport = MemoryTransport(script, CallInfo(UID, CALLER))
    one = Session(transport, Scripted(*heard), Murmur(), keep or kept.append, lambda: city,
                  lambda whole, state: ended.append((whole, state)), "small 1.0")  # fmt: skip
    await one.run()
    return transport, kept, ended


def heard(text, sure, *others):
    return Utterance(
        Heard(text, tuple(other for other, _ in others), sure, tuple(s for _, s in others))
    )


async def test_a_turn_is_kept_with_its_readings_and_its_times(session, hospitals):
    script = [HearOut(), Pause(0.4), Say(sound(0.6)), HearOut(), HangUp()]
    _, kept, _ = await call(session, script, heard("儿医分院", 0.55, ("儿医", 0.3)))
    detail = kept[0].detail
    assert (detail.confidence, detail.alternatives) == (0.55, (("儿医", 0.3),))
    assert (detail.model, detail.slow, detail.missed) == ("small 1.0", False, False)
    at = detail.times
    assert at.began < at.asked < at.spoke < at.ended < at.ready <= at.replied
    assert at.asked - at.began == pytest.approx(100, abs=60)  # the prompt lasts a tenth of a second
    assert at.spoke - at.asked == pytest.approx(400 + 160, abs=120)
    assert at.ready - at.ended == pytest.approx(700, abs=120)  # the silence that ends speech


async def test_who_speaks_into_the_prompt_interrupts(session, hospitals):
    class Long(Murmur):
        def speak(self, pieces, *, slow=False):
            return super().speak(pieces, slow=slow) * 30

    city = catalogue.read(session, today())
    kept = []
    transport = MemoryTransport([Pause(1.0), Say(sound(0.8)), Pause(1.5), HangUp()],
                                CallInfo(UID, CALLER))  # fmt: skip
    await Session(transport, Scripted("儿医分院"), Long(), kept.append, lambda: city).run()
    assert kept[0].detail.interrupted
    assert kept[0].detail.times.asked == pytest.approx(1240, abs=150)


async def test_whoever_takes_back_marks_the_turn_that_misheard(session, hospitals):
    _, kept, _ = await call(session, answers(3), "鼓医分院", "不是，是儿医分院", "心内科")
    assert [turn.slots.get("hospital") for turn in kept[:2]] == [
        "南京鼓楼医院分院", "南京市儿童医院分院",
    ]  # fmt: skip
    assert [turn.detail.corrects for turn in kept[:3]] == [None, 1, None]


@pytest.mark.parametrize("said", ["一二三四", "张小三"])
async def test_what_the_caller_owns_is_counted_not_written(session, hospitals, registered, said):  # noqa: F811
    script = [*answers(3), HearOut(), Say(sound(0.9)), HearOut(), Press("9"), HangUp()]
    said_four = heard(said, 0.9, ("四三二一", 0.1))
    transport, kept, _ = await call(
        session, script, "儿医分院心内科普通号大后天上午", "可以", "我自己", said_four
    )
    asked = next(turn for turn in kept if turn.expects == "last_four")
    assert asked.heard == f"口述 {len(said)} 字"
    assert asked.detail.alternatives == ()
    everything = str([vars(turn) for turn in kept]) + str(transport.turns)
    assert said not in everything
    assert "四三二一" not in everything


async def test_danger_is_seen_whatever_was_asked_and_not_written_down(committed, redis):
    words = "我不想活了我已经吃了一瓶安眠药"
    asked = State(step=Step.NAME)
    turn = Turn(asked, "请问姓名？", Speech(words), asked)
    take_events_of(UID)
    turn_store.keep(UID, turn)
    with transaction() as session:
        assert session.exec(select(DangerAlert)).one().seen_in == "ivr"
        assert session.exec(select(CallTurn)).one().heard == "口述 15 字"
    assert Turn(asked, "请问姓名？", Speech("张小三"), asked).danger is None


def take_events_of(uid):
    started = {"event_id": uid, "call_uid": uid, "type": "started", "at": now().isoformat()}
    with transaction() as session:
        take_events(session, [started])


async def test_misses_and_silence_are_missed_and_then_a_person_comes(session, hospitals):
    _, kept, ended = await call(session, [*answers(1)], "完全不相干的话")
    assert [turn.detail.missed for turn in kept] == [True] * 3
    whole, _ = ended[0]
    assert (whole.achieved, whole.went, whole.reason) == (Achieved.NOTHING, Left.PERSON, "silence")
    assert (whole.turns, whole.missed, whole.last_step) == (3, 3, "menu")
    assert 12 <= whole.seconds <= 25


async def test_a_booking_is_what_the_call_achieved_however_it_ends(session, hospitals, registered):  # noqa: F811
    number = person(1).id_number
    script = [*answers(3), HearOut(), Press(number[-4:].replace("X", "*")), *answers(2)]
    _, _, ended = await call(
        session, script, "我想挂儿医分院心内科普通号大后天上午", "可以", "我自己", "对的", "转人工"
    )
    whole, state = ended[0]
    assert (whole.achieved, whole.went, whole.reason) == (Achieved.BOOKED, Left.PERSON, "asked")
    assert state.person is not None


async def test_when_turns_cannot_be_stored_the_caller_does_not_notice(session, hospitals):
    def broken(_turn):
        raise ConnectionError("gone")

    transport, _, ended = await call(session, answers(2), "儿医分院", "转人工", keep=broken)
    assert transport.ending.reason.value == "transferred"
    assert ended[0][0].reason == "asked"


async def test_storing_holds_up_nobody_and_keeps_its_order(session, hospitals):
    order, gate = [], threading.Event()

    def slow(turn):
        gate.wait(5)  # until the call has gone on
        order.append(turn.position)

    class Opening(Murmur):
        def speak(self, pieces, *, slow=False):
            if len(self.said) == 2:  # the third question is asked while nothing is stored yet
                assert order == []
                gate.set()
            return super().speak(pieces, slow=slow)

    city = catalogue.read(session, today())
    transport = MemoryTransport(answers(3), CallInfo(UID, CALLER))
    await Session(transport, Scripted("儿医分院", "心内科", "转人工"), Opening(), slow,
                  lambda: city).run()  # fmt: skip
    assert order == [1, 2, 3]


async def test_it_is_stored_as_it_was_kept(committed, redis):
    with transaction() as session:
        hospital = Hospital(city="南京", name="南京市儿童医院分院", short_name="儿医分院")
        session.add(hospital)
        session.flush()
        heart = make_department(session, "心内科", hospital)
        make_slot(session, day=today() + timedelta(days=3), department=heart)
        city = catalogue.read(session, today())
    transport = MemoryTransport(answers(3), CallInfo(UID, CALLER))
    hears = Scripted(heard("儿医分院", 0.4, ("儿医", 0.3)), "内内内", "转人工")
    await Session(transport, hears, Murmur(), lambda turn: turn_store.keep(UID, turn),
                  lambda: city, lambda whole, state: turn_store.close(UID, whole, state),
                  "small 1.0").run()  # fmt: skip
    with transaction() as session:
        first, second, _ = session.exec(select(CallTurn).order_by(col(CallTurn.position))).all()
        assert (first.doubt, second.doubt) == ("unsure", "missed")
        assert first.alternatives == '[["儿医", 0.3]]'
        assert first.latency_ms > 600
        whole = session.exec(select(VoiceCall)).one()
        assert (whole.call_uid, whole.went, whole.turns, whole.missed) == (UID, "person", 3, 1)
        assert whole.age_band is None


def test_age_is_of_the_patient_and_only_a_band_is_kept(session, registered):  # noqa: F811
    number = person(1).id_number
    born = int(number[6:10])
    age = turn_store._age(session, State(id_number=number), today())
    assert today().year - born - 1 <= age <= today().year - born
    assert turn_store._age(session, State(id_number=number[:7]), today()) is None
    assert turn_store._age(session, State(), today()) is None


@pytest.mark.parametrize(
    ("years", "band"),
    [(0, "child"), (17, "child"), (18, "young"), (44, "young"), (45, "middle"), (59, "middle"),
     (60, "sixties"), (69, "sixties"), (70, "old"), (104, "old")],
)  # fmt: skip
def test_bands_of_age(years, band):
    assert voice_rules.age_band(years) is AgeBand(band)


def test_the_records_words_are_those_of_the_dialogue():
    assert {step.value: step.label for step in Step} == voice_rules.STEPS
    assert {step.value for step in PRIVATE} <= voice_rules.PERSONAL
    of_the_record = {Left.UNDER_WAY.value, Left.CUT_OFF.value}  # no conversation ends so
    assert {leave.value for leave in LeaveCode} == {left.value for left in Left} - of_the_record
