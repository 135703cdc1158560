"""Loading and removing: nothing half, nothing doubled, nothing of anybody else's."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import db, settings
from hotline.agents.models import Person
from hotline.calls import event_store
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.fold import fold
from hotline.calls.intake import record_events
from hotline.calls.models import Call, CallLeg
from hotline.calls.rules import EventType, Source, state_with_wrap_up
from hotline.clock import local, now
from hotline.demo.load import Order, load
from hotline.demo.remove import remove
from hotline.errors import Refused
from tests.demo.world import SMALL


@pytest.fixture
def loaded(committed: str, redis: Redis) -> Iterator[Session]:
    """A small city in a database of its own."""
    load(SMALL)
    with Session(db.engine()) as session:
        yield session


def _uids(session: Session) -> set[str]:
    return set(session.exec(select(Call.call_uid).where(col(Call.is_demo))))


def _count(session: Session, table: str, where: str = "true") -> int:
    return int(session.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())


def _real_call(agent: str = "8001") -> None:
    moments = [now() - timedelta(minutes=3), now() - timedelta(minutes=2), now()]
    kinds = (EventType.STARTED, EventType.ANSWERED, EventType.ENDED)
    events = [
        CallEvent(f"real-{kind}", kind, at, agent=agent, caller="+8613811112222")
        for kind, at in zip(kinds, moments, strict=True)
    ]
    with db.transaction() as session:
        record_events(session, [Heard("real-1", event) for event in events])


def test_every_day_up_to_now_has_calls_and_none_is_live(loaded: Session) -> None:
    calls = loaded.exec(select(Call)).all()
    days = {local(call.started_at).date() for call in calls}
    assert len(days) >= SMALL.days  # just after midnight nobody has called yet
    assert all(call.is_demo and call.source is Source.DEMO for call in calls)
    assert all((call.ended_at and call.ended_at <= now()) or call.is_stale for call in calls)
    assert _count(loaded, "person", "is_demo") == 200
    assert _count(loaded, "person", "presence <> 'offline'") == 0


def test_a_call_says_what_its_events_say(loaded: Session) -> None:
    calls = loaded.exec(select(Call)).all()
    events = event_store.events_of(loaded, [call.call_uid for call in calls])
    for call in calls:
        facts = fold(events[call.call_uid], settings.current().short_abandon_seconds)
        wrapped = call.wrapped_up_at is not None or call.is_stale
        if not call.is_stale:
            assert call.state in (
                state_with_wrap_up(facts.state, facts.answered_at is not None, wrapped),
                "closed",
            )
        for name in ("started_at", "answered_at", "talk_seconds", "wait_seconds", "abandoned_in"):
            assert getattr(call, name) == getattr(facts, name), name
        assert call.caller == facts.caller
        assert _count_legs(loaded, call) == len(facts.legs)


def _count_legs(session: Session, call: Call) -> int:
    return len(session.exec(select(CallLeg).where(CallLeg.call_id == call.id)).all())


def test_what_was_written_can_be_searched_and_belongs_to_somebody(loaded: Session) -> None:
    written = loaded.exec(select(Call).where(col(Call.wrapped_up_at).is_not(None))).all()
    assert len(written) > 100
    assert all(call.grams and call.search_text and call.category_set == "2023" for call in written)
    by_people = [call for call in written if not call.self_served]
    assert all(call.wrapped_up_by for call in by_people)
    assert any(call.caller_name for call in written)


def test_call_backs_are_in_several_states(committed: str, redis: Redis) -> None:
    load(Order(days=3, per_day=400))
    with Session(db.engine()) as session:
        states = set(session.execute(text("SELECT state FROM callback WHERE is_demo")).scalars())
        assert {"reached", "gave_up"} <= states
        old = f"state = 'open' AND last_at < now() - interval '{24} hours'"
        assert _count(session, "callback", old) == 0


def test_a_second_load_adds_nothing(committed: str, redis: Redis) -> None:
    at = now()
    tables = ("call_event", "call_leg", "presence_change", "person", "team", "callback")
    assert load(SMALL, at=at) > 0
    with Session(db.engine()) as session:
        before, counts = _uids(session), [_count(session, table) for table in tables]
    assert load(SMALL, at=at) == 0
    with Session(db.engine()) as session:
        assert _uids(session) == before
        assert [_count(session, table) for table in tables] == counts


def test_a_city_that_slept_catches_up(committed: str, redis: Redis) -> None:
    woke, slept = now(), now() - timedelta(days=2, hours=5)
    load(SMALL, at=slept)
    with Session(db.engine()) as session:
        early = _uids(session)
        load(SMALL, at=woke)
        session.rollback()
        late = _uids(session)
        assert early < late
        assert _overlaps(session) == 0
        assert _longest_silence(session, slept - timedelta(days=1)) < timedelta(hours=9)


def _overlaps(session: Session) -> int:
    return _count(
        session,
        "presence_change a JOIN presence_change b ON a.person_id = b.person_id AND a.id < b.id",
        "a.from_at < b.until_at AND b.from_at < a.until_at",
    )


def _longest_silence(session: Session, since: datetime) -> timedelta:
    moments = sorted(session.exec(select(Call.started_at).where(col(Call.started_at) > since)))
    return max(later - sooner for sooner, later in itertools.pairwise(moments))


KILLED = """
import os, signal
from hotline.demo import small_rows
from hotline.demo.load import load
from tests.demo.world import SMALL
write, days = small_rows.write_presence, []
def dying(*given):
    days.append(1)
    if len(days) == 3:
        os.kill(os.getpid(), signal.SIGKILL)  # the day's calls are written, not committed
    write(*given)
small_rows.write_presence = dying
load(SMALL)
"""


def test_a_load_that_was_killed_goes_on_where_it_stopped(committed: str, redis: Redis) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    killed = subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    with Session(db.engine()) as session:
        half = _uids(session)
        assert len({uid[:13] for uid in half}) == 2  # two whole days
        load(SMALL)
        session.rollback()
        whole = _uids(session)
        assert half < whole
        assert _overlaps(session) == 0
        without = "NOT EXISTS (SELECT FROM call_event e WHERE e.call_uid = call.call_uid)"
        assert _count(session, "call", without) == 0
        numbered = {uid[:13]: 0 for uid in whole}
        for uid in whole:
            numbered[uid[:13]] = max(numbered[uid[:13]], int(uid[-5:]))
        past = sorted(numbered)[:-2]  # a call of last night may still be going on
        assert sum(uid[:13] in past for uid in whole) == sum(numbered[day] for day in past)


def test_real_calls_are_not_mixed_with_made_up_ones_by_accident(
    committed: str, redis: Redis
) -> None:
    _real_call()
    with pytest.raises(Refused) as refusal:
        load(SMALL)
    assert refusal.value.code == "real_calls"
    with Session(db.engine()) as session:
        assert _count(session, "person") == 0
    assert load(Order(days=1, per_day=20, force=True)) > 0


def test_real_calls_that_came_later_do_not_stop_the_city(committed: str, redis: Redis) -> None:
    load(SMALL, at=now() - timedelta(days=1))
    _real_call()
    assert load(SMALL) > 0


def test_removal_takes_all_that_was_made_up_and_nothing_else(loaded: Session) -> None:
    _real_call()
    lines = _count(loaded, "audit_entry")
    removed = remove()
    loaded.rollback()
    assert removed.people == 200
    assert removed.kept == []
    assert set(loaded.exec(select(Call.call_uid))) == {"real-1"}
    assert _count(loaded, "call_event") == 3
    for table in ("call_turn", "callback", "danger_alert", "presence_change", "person", "team"):
        assert _count(loaded, table) == 0, table
    assert _count(loaded, "audit_entry") == lines + 1


def test_no_table_with_made_up_rows_is_forgotten(loaded: Session) -> None:
    remove()
    loaded.rollback()
    marked = loaded.execute(
        text(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'is_demo' AND table_schema = 'public'"
        )
    ).scalars()
    left = {table: _count(loaded, table, "is_demo") for table in marked}
    assert {"call", "callback", "person", "team"} <= set(left)
    assert not any(left.values()), left


def test_who_handled_a_real_call_stays_and_cannot_sign_in(loaded: Session) -> None:
    person = loaded.exec(select(Person).where(Person.username == "agent1")).one()
    _real_call(agent=person.extension or "")
    removed = remove()
    loaded.expire_all()
    assert removed.kept == ["agent1"]
    real = loaded.exec(select(Call)).one()
    assert real.agent_id == person.id
    loaded.refresh(person)
    assert not person.is_active
    assert person.password_hash is None
    open_or_unreal = "until_at IS NULL OR until_at < now() - interval '1 hour'"
    assert _count(loaded, "presence_change", open_or_unreal) == 0


def test_removal_twice_is_as_good_as_once(loaded: Session) -> None:
    assert remove().calls > 0
    assert remove().calls == 0


def test_after_removal_the_city_can_be_built_again(loaded: Session) -> None:
    before = _uids(loaded)
    remove()
    load(SMALL)
    loaded.rollback()
    assert before <= _uids(loaded)
