"""Calls with the voice line, written down by hand: each test says only what it is about."""

from __future__ import annotations

from datetime import timedelta

from hotline.calls.turns import record_turn, record_whole
from hotline.calls.voice_rules import Achieved, AgeBand, Detail, Left, Times, Whole
from tests.calls.events import at, event
from tests.calls.test_intake import tell

MODEL = "small 1.0"


def said(session, uid="call-1", expects="hospital", heard="鼓楼医院", outcome="speech", *,
         wait=800, seconds=0, **given):  # fmt: skip
    """One turn: answered two seconds after the prompt, replied to ``wait`` ms later."""
    times = Times(1000, 3000, 5000, 6000, 6700, 6000 + wait)
    detail = Detail(**{"model": MODEL, "times": times} | given)
    return record_turn(
        session, uid, expects=expects, prompt="请问去哪家医院？", heard=heard, outcome=outcome,
        at=at(seconds), detail=detail,
    )  # fmt: skip


def ended(session, uid, achieved="nothing", went="person", *, seconds=60, turns=5, missed=0,
          reason="", step="hospital", age=None, model=MODEL, after=0):  # fmt: skip
    """How a call left, ``after`` seconds past nine."""
    whole = Whole(Achieved(achieved), Left(went), seconds, turns, missed, reason, step,
                  AgeBand(age) if age else None, model)  # fmt: skip
    return record_whole(session, uid, whole, at=at(after) + timedelta(seconds=seconds))


def called(session, uid="call-1", seconds=0):
    """A call that is on record."""
    tell(session, [event("started", seconds, caller="+8613800001111"),
                   event("ivr_entered", seconds)], uid)  # fmt: skip
