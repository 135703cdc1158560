"""Nobody stays 通话 without a call."""

from datetime import timedelta

from hotline.agents import presence
from hotline.agents.rules import Presence
from hotline.calls import desk, sweep
from hotline.clock import now
from tests.people import make_person

LATER = timedelta(minutes=3)


def test_who_talks_to_nobody_goes_to_wrap_up(session):
    person = make_person(session)
    presence.set_presence(session, person.key, Presence.TALKING)
    assert sweep.free_stranded(session, now()) == 0, "the call's event may still be on its way"
    assert sweep.free_stranded(session, now() + LATER) == 1
    assert person.presence is Presence.WRAP_UP


def test_who_is_on_a_call_is_left_alone(session):
    person = make_person(session)
    call = desk.start(session, "13900001234", called="12320")
    desk.ring(session, call, person.username)
    desk.answer(session, call, person.username)
    session.refresh(person)
    assert person.presence is Presence.TALKING
    assert sweep.free_stranded(session, now() + LATER) == 0
