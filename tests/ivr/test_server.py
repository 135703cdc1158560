"""Calls through the real doors, with a stand-in for Asterisk and the real records."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlmodel import Session, select
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hotline import db
from hotline import voice_line as beats
from hotline.calls.models import Call, CallLeg
from hotline.calls.rules import AbandonedIn, State
from hotline.clock import now
from hotline.telephony.service import take_events
from hotline.voice_line import Health
from ivr.hearing import Digits, Expects, HungUp, PersonWanted
from ivr.media.transport import Audio, Dtmf, Hangup, Played, Reason, seconds_of
from ivr.turn import Turns
from tests.ivr.asterisk import Asterisk
from tests.ivr.lines import Unwritten, voice_line
from tests.ivr.sounds import noise

pytestmark = pytest.mark.usefixtures("committed", "redis")
PROMPT = noise(0.5, level=0.05)
MENU = Expects("menu", no_input=1.0)


async def menu(transport) -> None:
    """1: good-bye; 2: a queue; 3: a bug; 0 or anything else: a person."""
    outcome = await Turns(transport).ask(MENU, PROMPT)
    if outcome == Digits("1"):
        transport.hangup("booked")
    elif outcome == Digits("2"):
        transport.transfer("crisis")
    elif outcome == Digits("3"):
        raise RuntimeError("鼓楼医院")


async def settled(line) -> None:
    """All that is recorded after calls is recorded."""
    while line._tasks:
        await asyncio.wait(set(line._tasks))


def browser_door(line) -> str:
    return f"ws://127.0.0.1:{line.ports['browser']}/call"


def recorded(uuid: str) -> Call:
    with Session(db.engine()) as session:
        return session.exec(select(Call).where(Call.call_uid == uuid)).one()


async def test_a_call_that_ends_with_us():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        assert await pbx.call(0.2, "1") == "hangup"
        await settled(line)
    call = recorded(pbx.variables["IVR_UUID"])
    assert (call.caller, call.called, call.state) == ("+8613800001111", "12320", State.CLOSED)
    assert call.abandoned_in is None


@pytest.mark.parametrize(
    ("deeds", "queue"),
    [(("2",), "crisis"), (("0",), None), (("3",), None), ((2.0,), None)],
    ids=["to a queue", "to a person", "a bug", "nothing said"],
)
async def test_a_call_that_goes_on_to_a_person(deeds, queue):
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        assert await pbx.media(*deeds) == "SUCCESS"
        await pbx.agi("next", "SUCCESS")
        await settled(line)
    assert pbx.variables["IVR_NEXT"] == "queue"
    assert pbx.variables.get("IVR_QUEUE") == queue
    call = recorded(pbx.variables["IVR_UUID"])
    assert (call.state, call.queue) == (State.QUEUED, queue or "hotline")


async def test_who_rings_and_who_answers_in_the_pbx_queue_is_on_record():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        await pbx.agi("next", await pbx.media("0"))
        await settled(line)
        for script, channel in (
            ("ringing", "PJSIP/8001-00000002"),
            ("ringing", "PJSIP/8002-00000003"),
            ("answered", "PJSIP/8002-00000003"),
        ):
            await pbx.queue(script, channel)
            await settled(line)
        assert recorded(pbx.variables["IVR_UUID"]).state is State.TALKING
        await pbx.agi("end", pbx.variables["IVR_UUID"], "0")  # Asterisk knows no cause
    call = recorded(pbx.variables["IVR_UUID"])
    assert (call.state, call.agent, call.abandoned_in) == (State.WRAP_UP, "8002", None)
    assert call.answered_at is not None
    assert call.end_cause is None
    with Session(db.engine()) as session:
        legs = session.exec(select(CallLeg).where(CallLeg.call_id == call.id)).all()
    assert {leg.agent: leg.answered_at is not None for leg in legs} == {"8001": False, "8002": True}


async def test_what_the_pbx_says_of_a_call_under_its_own_id_is_said_of_ours():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start", channel="PJSIP/trunk-0000000a")
        await pbx.agi("next", await pbx.media("0"))
        await settled(line)
        event = {"event_id": "ami-1", "call_uid": "1763600400.10", "type": "held",
                 "at": now().isoformat()}  # fmt: skip
        answered = event | {"event_id": "ami-0", "type": "answered", "agent": "PJSIP/8001-0000000b"}
        with db.transaction() as session:
            assert take_events(session, [answered, event])["accepted"] == ["ami-0", "ami-1"]
    with Session(db.engine()) as session:
        assert session.exec(select(Call)).one().state is State.HELD


async def test_an_answer_nobody_heard_of_is_made_good_at_the_end():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        await pbx.agi("next", await pbx.media("0"))
        await settled(line)
        await pbx.agi("end", pbx.variables["IVR_UUID"], "16", "PJSIP/8001", "0")
    call = recorded(pbx.variables["IVR_UUID"])
    assert (call.state, call.agent, call.abandoned_in) == (State.WRAP_UP, "8001", None)


async def test_an_answer_that_was_heard_of_is_not_told_twice():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        await pbx.queue("answered", "PJSIP/8001-00000002")
        await settled(line)
        await pbx.agi("end", pbx.variables["IVR_UUID"], "16", "PJSIP/8001", "900")
        before = recorded(pbx.variables["IVR_UUID"])
    assert before.talk_seconds < 900
    assert before.answered_at
    assert before.answered_at > before.started_at


async def test_a_telephone_that_rings_for_nobody_we_know_changes_nothing():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports, variables={"IVR_UUID": ""})
        await pbx.queue("ringing", "PJSIP/8001-00000002")
        await settled(line)
    with Session(db.engine()) as session:
        assert session.exec(select(Call)).all() == []


async def test_hanging_up_in_the_voice_line_is_on_record():
    seen = []

    async def listen(transport) -> None:
        seen.append(await Turns(transport).ask(MENU, PROMPT))

    async with voice_line(listen) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        await pbx.media(0.2, "hangup")
        await pbx.agi("end", "16")
        await settled(line)
    assert seen == [HungUp(Reason.CALLER)]
    assert recorded(pbx.variables["IVR_UUID"]).abandoned_in is AbandonedIn.IVR


async def test_a_connection_that_is_reset_was_a_caller_who_hung_up_or_one_who_still_waits():
    async with voice_line(menu) as line:
        gone, waits = Asterisk(line.ports), Asterisk(line.ports)
        for pbx in (gone, waits):
            await pbx.agi("start")
            await pbx.media(0.2, "break")
        await settled(line)
        await gone.agi("end", "16")
        await waits.agi("next", "FAILED")
        assert waits.variables["IVR_NEXT"] == "queue"
        await settled(line)
    assert recorded(gone.variables["IVR_UUID"]).abandoned_in is AbandonedIn.IVR
    assert recorded(waits.variables["IVR_UUID"]).state is State.QUEUED


async def test_the_caller_hears_the_prompt_whole_framed_and_in_time():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        await pbx.call(1.0, "1")
    assert PROMPT in bytes(pbx.heard)
    played = pbx.arrivals[-1] - pbx.arrivals[0]
    assert seconds_of(bytes(pbx.heard)) <= played + 0.06  # never more than 40 ms ahead


async def test_events_come_in_order_and_time_never_goes_back():
    seen = []

    async def watch(transport) -> None:
        transport.play(PROMPT, "a")
        transport.play(b"", "b")
        async for event in transport.events():
            seen.append(event)
            if isinstance(event, Dtmf):
                assert transport.flush() == 0
                transport.hangup()

    async with voice_line(watch) as line:
        await Asterisk(line.ports).call(0.8, "5")
    assert [event.at for event in seen] == sorted(event.at for event in seen)
    marks = [event for event in seen if not isinstance(event, Audio)]
    assert [type(event) for event in marks] == [Played, Played, Dtmf, Hangup]
    assert [event.mark for event in marks[:2]] == ["a", "b"]
    assert marks[-1].reason is Reason.ENDED


async def test_where_there_is_no_room_callers_queue_and_are_on_record():
    async with voice_line(menu, most=1) as line:
        first, second = Asterisk(line.ports), Asterisk(line.ports)
        await first.agi("start")
        assert await second.call() == "queue"
        await first.agi("next", await first.media("1"))
        assert first.variables["IVR_NEXT"] == "hangup"
        await settled(line)
        third = Asterisk(line.ports)
        assert await third.call("1") == "hangup"
    assert recorded(second.variables["IVR_UUID"]).queue == "hotline"


async def test_a_uuid_is_good_once_and_not_for_long():
    async with voice_line(menu) as line:
        pbx = Asterisk(line.ports)
        await pbx.agi("start")
        assert await pbx.media("1") == "SUCCESS"
        assert await pbx.media("1") == "FAILED"  # used
        stranger = Asterisk(
            line.ports, variables={"IVR_UUID": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
        )
        assert await stranger.media("1") == "FAILED"
        await stranger.agi("next", "FAILED")
        assert stranger.variables["IVR_NEXT"] == "queue"
        late = Asterisk(line.ports)
        await late.agi("start")
        line.admission._seconds = -1
        assert await late.media("1") == "FAILED"


async def test_who_was_with_a_process_that_is_gone_waits_in_the_queue_on_record():
    async with voice_line(menu) as gone, voice_line(menu) as successor:
        pbx = Asterisk(gone.ports)
        await pbx.agi("start")
        pbx.ports = successor.ports
        await pbx.agi("next", "FAILED")
        await settled(successor)
    assert pbx.variables["IVR_NEXT"] == "queue"
    call = recorded(pbx.variables["IVR_UUID"])
    assert (call.state, call.queue) == (State.QUEUED, "hotline")


async def test_draining_lets_calls_end_sends_the_rest_to_people_and_takes_no_new_ones():
    async def patient(transport) -> None:
        outcome = await Turns(transport).ask(Expects("x", no_input=60))
        transport.hangup() if outcome == Digits("1") else transport.transfer()

    async with voice_line(patient) as line:
        quick, slow = Asterisk(line.ports), Asterisk(line.ports)
        calls = [
            asyncio.ensure_future(one.call(0.5, key)) for one, key in ((quick, "1"), (slow, ""))
        ]
        while line.admission.inside < 2:
            await asyncio.sleep(0.02)
        draining = asyncio.ensure_future(line.drain(4.0))
        await asyncio.sleep(0.1)
        assert await Asterisk(line.ports).call() == "queue"
        assert await asyncio.gather(*calls) == ["hangup", "queue"]
        await draining
        assert line.admission.inside == 0


async def test_without_a_database_callers_go_to_people():
    async with voice_line(menu, book=Unwritten(torn=True)) as line:
        pbx = Asterisk(line.ports)
        assert await pbx.call() == "queue"
        assert "IVR_UUID" not in pbx.variables


async def test_a_browser_calls_and_is_shown_what_happens():
    async def talk(transport) -> None:
        turns = Turns(transport)
        transport.show({"expects": "menu", "prompt": "请按键"})
        assert await turns.ask(Expects("x", no_input=60), noise(30)) == PersonWanted()
        transport.transfer("hotline")

    async with voice_line(talk) as line:
        async with connect(browser_door(line)) as browser:
            await browser.send(json.dumps({"type": "start", "caller": "13800001111"}))
            said, sound = [], b""
            await browser.send(bytes(320))
            while seconds_of(sound) < 0.2:
                message = await browser.recv()
                if isinstance(message, bytes):
                    sound += message
                else:
                    said.append(json.loads(message))
            await browser.send(json.dumps({"type": "dtmf", "digit": "0"}))
            said += [json.loads(message) async for message in browser if isinstance(message, str)]
        await settled(line)
    assert [one["type"] for one in said] == ["turn", "flush", "transfer", "end"]
    assert said[0]["prompt"] == "请按键"
    with Session(db.engine()) as session:
        call = session.exec(select(Call)).one()
    assert (call.caller, call.state) == ("+8613800001111", State.QUEUED)


async def test_a_browser_is_told_when_there_is_no_room():
    async with voice_line(menu, most=0) as line, connect(browser_door(line)) as browser:
        await browser.send('{"type": "start", "caller": null}')
        said = [json.loads(message) async for message in browser]
    assert [one["type"] for one in said] == ["transfer", "end"]
    assert said[1]["cause"] == "busy"


async def test_only_our_own_pages_may_call():
    async with voice_line(menu) as line:
        address = f"ws://127.0.0.1:{line.ports['browser']}"
        with pytest.raises(InvalidStatus, match="404"):
            await connect(f"{address}/other").__aenter__()
        with pytest.raises(InvalidStatus, match="403"):
            await connect(f"{address}/call", origin="https://elsewhere.example").__aenter__()
        async with connect(f"{address}/call", origin="http://127.0.0.1:8320"):
            pass


async def test_the_voice_line_shows_that_it_lives(redis):
    async with voice_line(menu, health=lambda: Health.KEYPAD) as line:
        assert beats.health(redis) is Health.DOWN
        beating = asyncio.ensure_future(line.beat(redis))
        while beats.health(redis) is Health.DOWN:
            await asyncio.sleep(0.02)
        assert beats.health(redis) is Health.KEYPAD
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
    assert beats.health(redis) is Health.DOWN
