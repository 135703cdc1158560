"""Events into the database: stored once, folded, heard by those who should."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from hotline import security
from hotline.agents.models import Person
from hotline.agents.rules import Presence, Role
from hotline.agents.service import create_person
from hotline.calls.facts import Heard
from hotline.calls.intake import record_events
from hotline.calls.models import Call, Callback, CallEventRow, CallLeg
from hotline.calls.rules import AbandonedIn, CallbackState, Source, State
from tests.calls.events import answered_call, at, event

NOW = at(90)


def heard(events, uid="call-1"):
    return [
        Heard(uid, replace(e, event_id=f"{uid}/{e.event_id}", received_at=None)) for e in events
    ]


def tell(session, events, uid="call-1", now=NOW, **given):
    return record_events(session, heard(events, uid), received_at=now, **given)


def get_call(session: Session, uid: str = "call-1") -> Call:
    session.expire_all()
    return session.exec(select(Call).where(Call.call_uid == uid)).one()


@pytest.fixture
def agent(session) -> Person:
    return create_person(session, "wang.min", Role.AGENT, "王敏", extension="8001")[0]


def test_a_batch_makes_a_call_with_its_facts_and_legs(session, agent):
    result = tell(session, answered_call())
    call = get_call(session)
    assert len(result.accepted) == 9
    assert (call.state, call.agent_id, call.talk_seconds) == (State.WRAP_UP, agent.id, 40)
    legs = session.exec(select(CallLeg).where(CallLeg.call_id == call.id)).all()
    assert [(leg.agent, leg.agent_id) for leg in legs] == [("8001", agent.id)]


def test_events_one_by_one_in_any_order_make_the_same_call(session, agent):
    tell(session, answered_call(), "together")
    for one in answered_call()[::-2] + answered_call()[1::2]:
        tell(session, [one], "apart")
    ours = {"id", "call_uid", "call_no", "created_at", "updated_at"}
    together = get_call(session, "together").model_dump(exclude=ours)
    assert get_call(session, "apart").model_dump(exclude=ours) == together


def test_a_repeated_batch_is_all_duplicates_and_changes_nothing(session):
    tell(session, answered_call())
    before = get_call(session).model_dump(exclude={"updated_at"})
    again = tell(session, answered_call())
    assert (len(again.accepted), len(again.duplicate)) == (0, 9)
    assert get_call(session).model_dump(exclude={"updated_at"}) == before


def test_a_duplicate_inside_a_batch_is_stored_once(session):
    result = tell(session, [event("started", 0), event("started", 0)])
    assert (len(result.accepted), len(result.duplicate)) == (1, 1)


def test_the_same_id_with_other_content_is_a_conflict_and_the_first_stands(session):
    tell(session, [event("queued", 5, event_id="x", queue="hotline")])
    result = tell(session, [event("queued", 5, event_id="x", queue="experts")])
    assert len(result.conflicting) == 1
    assert get_call(session).queue == "hotline"


def test_an_id_used_by_another_call_leaves_no_empty_call(session):
    record_events(session, [Heard("a", event("started", 0, event_id="x"))], received_at=NOW)
    result = record_events(session, [Heard("b", event("started", 0, event_id="x"))])
    assert result.conflicting == ["x"]
    assert session.exec(select(Call).where(Call.call_uid == "b")).first() is None


def test_no_number_stands_in_plain_text_anywhere(session):
    tell(
        session,
        [
            event("started", 0, caller="+8613800001111", called="12320"),
            event("ringing", 1, agent="13900002222"),
            event("transferred", 2, to="02583280000", original_caller="+8613800001111"),
            event("ended", 3, cause="moved to 13900002222"),
        ],
    )
    both = "SELECT t::text FROM call t UNION ALL SELECT t::text FROM call_event t"
    rows = session.execute(text(both))
    everything = " ".join(row for (row,) in rows)
    assert "0000111" not in everything
    assert "139000022" not in everything
    assert "83280000" not in everything


def test_the_caller_is_encrypted_and_found_by_hash(session):
    tell(session, answered_call())
    wanted = security.lookup_hash("phone", "+8613800001111")
    call = session.exec(select(Call).where(Call.caller_hash == wanted)).one()
    assert call.caller == "+8613800001111"


def test_an_unknown_agent_is_kept_as_the_pbx_named_it(session):
    tell(session, answered_call())
    call = get_call(session)
    assert (call.agent, call.agent_id) == ("8001", None)


def test_an_agent_may_be_named_by_user_name(session, agent):
    tell(session, [event("started", 0), event("ringing", 1, agent="wang.min")])
    assert get_call(session).agent_id == agent.id


def test_spoken_numbers_carry_the_day_and_count_up(session):
    for uid in ("a", "b", "c"):
        tell(session, [event("started", 0)], uid)
    numbers = sorted(get_call(session, uid).call_no for uid in "abc")
    assert numbers == ["20261120-00001", "20261120-00002", "20261120-00003"]


def test_spoken_numbers_grow_past_five_digits(session):
    session.execute(
        text("INSERT INTO call_number SELECT '2026-11-20', s, 10000 FROM generate_series(0,9) s")
    )
    tell(session, [event("started", 0)])
    assert get_call(session).call_no == "20261120-100001"


def test_events_are_only_ever_added(session):
    tell(session, [event("started", 0)])
    with pytest.raises(DBAPIError, match="only ever added"), session.begin_nested():
        session.execute(text("DELETE FROM call_event"))
    with pytest.raises(DBAPIError, match="only ever added"), session.begin_nested():
        session.execute(text("UPDATE call_event SET type = 'ended'"))


def test_numbers_may_be_encrypted_anew(session):
    tell(session, [event("started", 0, caller="+8613800001111")])
    row = session.exec(select(CallEventRow)).one()
    again = {"sealed": security.encrypt("call_event.private", row.private)}
    session.execute(text("UPDATE call_event SET private = :sealed"), again)
    session.expire_all()
    assert "+8613800001111" in session.exec(select(CallEventRow)).one().private


def test_presence_follows_the_call(session, agent):
    tell(session, answered_call()[:6])
    session.refresh(agent)
    assert agent.presence is Presence.TALKING
    tell(session, answered_call())
    session.refresh(agent)
    assert agent.presence is Presence.WRAP_UP


def test_an_import_and_yesterday_move_nobody(session, agent):
    tell(session, answered_call()[:6], "old", now=NOW + timedelta(days=1))
    tell(session, answered_call()[:6], "file", source=Source.IMPORT)
    session.refresh(agent)
    assert agent.presence is Presence.OFFLINE


def given_up(caller="+8613800001111", end=40):
    return [event("started", 0, caller=caller), event("queued", 1), event("ended", end)]


def duties(session) -> list[Callback]:
    session.expire_all()
    return list(session.exec(select(Callback)))


def test_who_gave_up_is_owed_one_call_however_often_they_tried(session):
    tell(session, given_up(), "a")
    tell(session, given_up(end=50), "b")
    assert [(d.calls, d.state) for d in duties(session)] == [(2, CallbackState.OPEN)]


def test_two_attempts_in_one_batch_make_one_duty(session):
    record_events(session, heard(given_up(), "a") + heard(given_up(), "b"), received_at=NOW)
    assert [d.calls for d in duties(session)] == [2]


def test_a_late_event_of_a_given_up_call_does_not_count_it_twice(session):
    tell(session, given_up())
    tell(session, [event("ringing", 20)])
    assert [d.calls for d in duties(session)] == [1]
    assert get_call(session).abandoned_in is AbandonedIn.RINGING


def test_who_gets_through_later_is_owed_nothing(session):
    tell(session, given_up(), "a")
    tell(session, answered_call(), "b")
    assert [d.state for d in duties(session)] == [CallbackState.CAME_BACK]


def test_who_had_got_through_before_the_news_of_giving_up_came_is_owed_nothing(session):
    tell(session, answered_call(), "b")
    tell(session, given_up(end=10), "a")
    assert duties(session) == []


@pytest.mark.parametrize(
    "events",
    [given_up(end=4), given_up(caller=None)],
    ids=["short", "number withheld"],
)
def test_a_short_abandon_or_a_withheld_number_makes_no_duty(session, events):
    tell(session, events)
    assert duties(session) == []


def test_an_archive_makes_no_duties(session):
    tell(session, given_up(), now=NOW + timedelta(days=30), source=Source.IMPORT)
    assert duties(session) == []


def test_events_keep_what_was_said(session):
    tell(session, [event("started", 0, caller="+8613800001111", called="12320")])
    row = session.exec(select(CallEventRow)).one()
    assert row.data == {"called": "12320"}
    assert row.private is not None
    assert "+8613800001111" in row.private


def test_late_news_of_an_earlier_call_leaves_the_agent_in_the_present_one(session, agent):
    tell(session, answered_call(), "earlier")
    tell(session, [event("started", 82), event("answered", 85, agent="8001")], "present")
    tell(session, [event("consulted", 30)], "earlier")
    session.refresh(agent)
    assert agent.presence is Presence.TALKING
