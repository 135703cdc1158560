"""The trickle on a real database: it lives, it stops clean, it heals what was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from hotline import db, security
from hotline.agents.models import Person, SignIn
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence
from hotline.calls import desk
from hotline.calls.models import Call, CallTurn
from hotline.calls.rules import LIVE, EventType, State
from hotline.clock import now
from hotline.demo import locks
from hotline.demo.remove import remove
from hotline.demo.staffing import ensure_people
from hotline.demo.trickle import Trickle, run
from tests.house.machine import wait_for


@pytest.fixture
def people(committed: str, redis: Redis) -> dict[str, int]:
    """The 200, and no history."""
    with db.transaction() as session:
        return ensure_people(session)


@pytest.fixture
def session(people: dict[str, int]) -> Iterator[Session]:
    """To look with."""
    with Session(db.engine()) as session:
        yield session


def _live_for(trickle: Trickle, seconds: int, ago: int = 0) -> datetime:
    """As if so many seconds had gone by until now, or until some time ago; that time."""
    begun = now() - timedelta(seconds=seconds + ago)
    trickle.begin(begun)
    for second in range(seconds):
        trickle.look(begun + timedelta(seconds=second))
    return begun + timedelta(seconds=seconds)


def _calls(session: Session) -> list[Call]:
    session.rollback()
    return list(session.exec(select(Call)))


def test_calls_come_are_answered_and_written_up(session: Session) -> None:
    _live_for(Trickle(rate=4, seed="one"), 240)
    calls = _calls(session)
    assert 15 < len(calls) < 60
    assert all(call.is_demo for call in calls)
    done = [call for call in calls if call.wrapped_up_at]
    assert done
    assert all(call.category and call.summary and call.agent_id for call in done)
    turns = session.exec(select(CallTurn)).all()
    assert {turn.call_uid for turn in turns} <= {call.call_uid for call in calls}
    assert turns


def test_made_up_people_are_where_their_calls_are(session: Session) -> None:
    _live_for(Trickle(rate=4, seed="one"), 120)
    talking = {call.agent_id for call in _calls(session) if call.state is State.TALKING}
    present = session.exec(select(Person).where(Person.presence == Presence.TALKING)).all()
    assert {person.id for person in present} == talking != set()
    at_work = session.exec(select(Person).where(Person.presence != Presence.OFFLINE)).all()
    assert 10 <= len(at_work) <= 40
    assert not any(person.username.endswith("1") and person.password_hash for person in at_work)


def test_a_person_who_signs_in_and_is_ready_gets_a_call(
    session: Session, people: dict[str, int]
) -> None:
    trickle = Trickle(seed="one")
    begun = _live_for(trickle, 5, ago=60)
    with db.transaction() as own:
        own.add(SignIn(token_hash=security.token_hash("x"), person_id=people["agent1"]))
        person = own.get_one(Person, people["agent1"])
        person.presence, person.presence_since = Presence.READY, begun
    for second in range(10):
        trickle.look(begun + timedelta(seconds=second))
    mine = [call for call in _calls(session) if call.agent_id == people["agent1"]]
    assert [call.state for call in mine] == [State.RINGING]
    _answer(mine[0].call_uid)
    trickle.look(now())
    session.expire_all()
    session.rollback()
    assert session.get_one(Call, mine[0].id).state is State.TALKING


def _answer(uid: str) -> None:
    with db.transaction() as own:
        desk.answer(own, own.exec(select(Call).where(Call.call_uid == uid)).one(), "agent1")


def test_a_person_who_is_ready_but_not_signed_in_gets_none(
    session: Session, people: dict[str, int]
) -> None:
    with db.transaction() as own:
        set_presence(own, people["agent1"], Presence.READY)
    _live_for(Trickle(rate=4, seed="one"), 60)
    assert not any(call.agent_id == people["agent1"] for call in _calls(session))


def test_at_the_end_nobody_is_on_the_line(session: Session) -> None:
    trickle = Trickle(rate=4, seed="one")
    trickle.end(_live_for(trickle, 60))
    assert _nobody_is_left(session)


def test_what_a_kill_left_is_cleared_away(session: Session) -> None:
    killed = Trickle(rate=4, seed="one")
    at = _live_for(killed, 60)
    assert not _nobody_is_left(session)
    Trickle().begin(at + timedelta(hours=3))
    assert _nobody_is_left(session)
    assert all(
        call.ended_at <= at + timedelta(minutes=2) for call in _calls(session) if call.ended_at
    )


def _nobody_is_left(session: Session) -> bool:
    live = [call for call in _calls(session) if call.state in LIVE]
    present = session.exec(select(Person).where(Person.presence != Presence.OFFLINE)).all()
    return not live and not present


def test_removal_under_a_living_city_leaves_nothing(session: Session) -> None:
    trickle = Trickle(rate=4, seed="one")
    at = _live_for(trickle, 60)
    assert trickle.stage.guests
    remove()
    for second in range(30):
        trickle.look(at + timedelta(seconds=second))
    assert _calls(session) == []
    assert trickle.stage.guests == {}


def test_one_trickle_a_database(people: dict[str, int]) -> None:
    with (
        locks.held(locks.Lock.TRICKLE, wait=False) as first,
        locks.held(locks.Lock.TRICKLE, wait=False) as second,
    ):
        assert first is not None
        assert second is None
    with locks.held(locks.Lock.TRICKLE, wait=False) as again:
        assert again is not None


def _has_more(session: Session, before: int) -> bool:
    """Our own connections are lost like everybody's."""
    try:
        return len(_calls(session)) > before
    except OperationalError:
        session.rollback()
        return False


def test_lost_connections_are_made_anew(
    session: Session, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.demo.trickle.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("hotline.demo.trickle.AWAY_SECONDS", 0.05)
    trickle, stop = Trickle(rate=20, seed="one"), threading.Event()
    thread = threading.Thread(target=run, args=(trickle, stop))
    thread.start()
    try:
        wait_for(lambda: len(_calls(session)) >= 1)
        before = len(_calls(session))
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        wait_for(lambda: _has_more(session, before), 20)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert _nobody_is_left(session)


def test_the_process_stops_clean_when_asked(session: Session, people: dict[str, int]) -> None:
    command = [sys.executable, "-P", "-m", "hotline.demo.trickle", "--rate", "20", "--seed", "one"]
    process = subprocess.Popen(command, env=os.environ | {"HOTLINE_DEMO": "1"})
    try:
        wait_for(lambda: len(_calls(session)) >= 2, 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
    assert _nobody_is_left(session)
    kinds = session.execute(text("SELECT type FROM call_event")).scalars().all()
    assert EventType.STARTED in kinds
    ended = select(Call).where(col(Call.end_cause) == "demonstration_stopped")
    assert session.exec(ended).all()


def test_outside_a_demonstration_it_does_not_start(people: dict[str, int]) -> None:
    plain = {name: value for name, value in os.environ.items() if name != "HOTLINE_DEMO"}
    command = [sys.executable, "-P", "-m", "hotline.demo.trickle"]
    refused = subprocess.run(command, env=plain, capture_output=True, text=True, check=False)
    assert refused.returncode == 78
    assert "演示模式" in refused.stderr
    assert "Traceback" not in refused.stderr
