"""A call whose voice-line process was killed is on record all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.calls import turns, voice_figures, voice_queries
from hotline.calls.models import VoiceCall
from hotline.calls.rules import Disposition, State
from hotline.calls.sweep import sweep_stale
from hotline.calls.voice_figures import End
from hotline.calls.voice_rules import Achieved, Left
from hotline.calls.voice_sweep import SILENT, finish_cut_off, sort_booked
from hotline.clock import now
from tests.calls.events import NINE, event
from tests.calls.test_intake import get_call, tell
from tests.calls.voices import called, ended, said

DAY = (NINE - timedelta(hours=9), NINE + timedelta(hours=15))


@pytest.fixture
def under_way(session, redis) -> VoiceCall:
    """A call that came at nine and of which two turns are stored."""
    called(session)
    turns.record_begun(session, "call-1")
    row = session.exec(select(VoiceCall)).one()
    row.started_at = NINE
    session.flush()
    said(session, expects="hospital", missed=True, seconds=10)
    said(session, expects="department", seconds=20)
    return row


def test_a_call_under_way_is_in_no_figure(session, under_way):
    assert voice_figures.groups(session, "all", *DAY) == []
    assert voice_queries.calls(session, *DAY, {}).rows == []


def test_it_is_let_be_while_turns_come(session, under_way):
    assert finish_cut_off(session, NINE + timedelta(seconds=20) + SILENT / 2) == 0
    assert under_way.went is Left.UNDER_WAY


def test_what_is_left_of_it_is_what_was_stored(session, under_way):
    assert finish_cut_off(session, NINE + timedelta(seconds=21) + SILENT) == 1
    session.expire_all()
    whole = (under_way.went, under_way.achieved, under_way.turns, under_way.missed)
    assert whole == (Left.CUT_OFF, Achieved.NOTHING, 2, 1)
    assert (under_way.last_step, under_way.model, under_way.seconds) == (
        "department",
        "small 1.0",
        6,
    )
    (every,) = voice_figures.groups(session, "all", *DAY)
    assert every.ends[End.CUT_OFF] == every.calls == 1
    (gone,) = voice_queries.calls(session, *DAY, {"end": "cut_off"}).rows
    assert gone.voice is under_way
    assert finish_cut_off(session, NINE + timedelta(days=1)) == 0


def test_a_process_that_was_only_slow_has_the_last_word(session, under_way):
    finish_cut_off(session, NINE + timedelta(hours=1))
    ended(session, "call-1", "booked", "done", seconds=400, turns=9)
    session.flush()
    row = session.exec(select(VoiceCall)).one()
    assert (row.went, row.achieved, row.turns) == (Left.DONE, Achieved.BOOKED, 9)


def test_one_that_was_killed_before_its_first_turn(session, redis):
    called(session)
    turns.record_begun(session, "call-1")
    turns.record_begun(session, "call-1")  # told twice
    assert finish_cut_off(session, now() + SILENT + timedelta(seconds=1)) == 1
    row = session.exec(select(VoiceCall)).one()
    session.refresh(row)
    assert (row.turns, row.seconds, row.last_step) == (0, 0, None)


def cut_off_when_booked(session, *more):
    """Its process died when the booking was made."""
    called(session)
    tell(session, list(more))
    ended(session, "call-1", "booked", "cut_off", seconds=90)
    session.flush()


def test_one_that_had_booked_counts_as_a_booking(session, redis):
    cut_off_when_booked(session)
    assert sort_booked(session, NINE + timedelta(minutes=10)) == 0, "it may still go on"
    sweep_stale(session, now() + timedelta(days=1))
    assert sort_booked(session, NINE + timedelta(hours=30)) == 1
    session.expire_all()
    call = get_call(session)
    sorted_as = (call.category, call.subcategory, call.disposition)
    assert sorted_as == ("booking", "book", Disposition.BOOKED)
    assert (call.state, call.abandoned_in, call.self_served) == (State.CLOSED, None, True)
    assert sort_booked(session, NINE + timedelta(hours=30)) == 0


def test_one_that_somebody_answered_afterwards_is_sorted_by_them(session, redis):
    cut_off_when_booked(session, event("queued", 100), event("answered", 120, agent="8001"),
                        event("ended", 200))  # fmt: skip
    assert sort_booked(session, NINE + timedelta(hours=1)) == 0
    assert get_call(session).disposition is None
