"""The list of who is to be called back: in pieces, and never stuck with who went home."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.calls import callbacks, desk
from hotline.calls.models import Callback
from hotline.clock import now
from hotline.errors import Refused
from tests.people import make_person, signed_in


@pytest.fixture
def duties(session):
    """120 callers who gave up."""
    call = desk.start(session, "13900001234", called="12320")
    for number in range(120):
        at = now() - timedelta(minutes=120 - number // 2)  # two at each instant
        session.add(
            Callback(
                call_id=call.key,
                caller_hash=number.to_bytes(16, "big"),
                first_at=at,
                last_at=at,
            )
        )
    session.commit()


def test_pages_follow_one_another_without_gap_or_repetition(session, duties):
    seen, cursor, page = [], None, None
    while page is None or cursor:
        page = callbacks.open_callbacks(session, cursor)
        seen += [duty.id for duty in page.rows]
        cursor = page.next_cursor
    assert page.total == 120
    assert len(seen) == len(set(seen)) == 120


def test_the_page_says_how_many_there_are_and_leads_on(app, session, client, duties):
    text = signed_in(app, session, Role.AGENT).get("/callbacks").text
    assert "共 120 条" in text
    assert 'rel="next"' in text


def test_a_supervisor_takes_over_from_who_went_home_and_it_is_on_record(session, duties):
    agent, chief = make_person(session), make_person(session, "li", Role.SUPERVISOR)
    duty = callbacks.open_callbacks(session).rows[0]
    callbacks.claim_callback(session, duty.id, agent.key)
    with pytest.raises(Refused, match="callback_claimed"):
        callbacks.claim_callback(session, duty.id, chief.key)
    callbacks.claim_callback(session, duty.id, chief.key, may_take_over=True)
    assert duty.claimed_by == chief.key
    entry = session.exec(
        select(AuditEntry).where(AuditEntry.subject == f"callback:{duty.id}")
    ).one()
    assert entry.detail == {"taken_over_from": agent.key}
