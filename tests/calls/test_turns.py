"""Turns of the voice line."""

from __future__ import annotations

from sqlmodel import select

from hotline.calls.confidential import SYSTEM
from hotline.calls.detail import call_detail
from hotline.calls.models import DangerAlert
from hotline.calls.turns import record_turn
from tests.calls.events import event
from tests.calls.test_intake import get_call, tell


def test_turns_follow_each_other_and_show_their_slots(session, redis):
    tell(session, [event("started", 0), event("ivr_entered", 1)])
    record_turn(session, "call-1", expects="hospital", prompt="您要去哪家医院？", heard="鼓楼医院")
    record_turn(session, "call-1", expects="date", heard="", slots={"hospital": "鼓楼医院"})
    turns = call_detail(session, get_call(session), SYSTEM).turns
    assert [(turn.expects, turn.heard, turn.slots) for turn in turns] == [
        ("hospital", "鼓楼医院", {}),
        ("date", "", {"hospital": "鼓楼医院"}),
    ]


def test_numbers_said_to_the_voice_line_are_masked(session, redis):
    tell(session, [event("started", 0)])
    record_turn(session, "call-1", expects="mobile", heard="我的电话是13800001111")
    assert call_detail(session, get_call(session), SYSTEM).turns[0].heard == "我的电话是138****1111"


def test_words_of_danger_on_the_line_raise_an_alert(session, redis):
    tell(session, [event("started", 0)])
    record_turn(session, "call-1", heard="我不想活了我已经吃了一瓶安眠药")
    assert session.exec(select(DangerAlert)).one().seen_in == "ivr"


def test_a_turn_may_come_before_its_call(session, redis):
    assert record_turn(session, "not yet", heard="你好").position == 1
