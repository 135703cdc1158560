"""Where agents are, and since when: one open stretch at a time."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents import presence
from hotline.agents.models import PresenceChange
from hotline.agents.rules import Presence
from hotline.clock import now
from hotline.errors import Refused
from tests.people import make_person


def stretches(session):
    query = select(PresenceChange).order_by(PresenceChange.id)
    return [(row.presence, row.until_at is None) for row in session.exec(query)]


def test_a_new_state_closes_the_one_before(session):
    person = make_person(session)
    presence.choose_presence(session, person.key, Presence.READY)
    presence.choose_presence(session, person.key, Presence.BREAK)
    assert stretches(session) == [(Presence.READY, False), (Presence.BREAK, True)]


def test_the_same_state_again_changes_nothing(session):
    person = make_person(session)
    presence.choose_presence(session, person.key, Presence.READY)
    since = person.presence_since
    presence.choose_presence(session, person.key, Presence.READY)
    assert stretches(session) == [(Presence.READY, True)]
    assert person.presence_since == since


@pytest.mark.parametrize("state", [Presence.TALKING, Presence.WRAP_UP])
def test_talking_and_wrap_up_cannot_be_chosen(session, state):
    person = make_person(session)
    with pytest.raises(Refused, match="presence_follows_call"):
        presence.choose_presence(session, person.key, state)


def test_nobody_leaves_a_call_by_a_menu(session):
    person = make_person(session)
    presence.set_presence(session, person.key, Presence.TALKING)
    with pytest.raises(Refused, match="on_a_call"):
        presence.choose_presence(session, person.key, Presence.BREAK)


def test_a_late_report_never_makes_a_stretch_end_before_it_began(session):
    person = make_person(session)
    presence.set_presence(session, person.key, Presence.READY)
    presence.set_presence(session, person.key, Presence.TALKING, now() - timedelta(minutes=5))
    rows = session.exec(select(PresenceChange)).all()
    assert all(row.until_at is None or row.until_at >= row.from_at for row in rows)
