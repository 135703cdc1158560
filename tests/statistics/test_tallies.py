"""Tallies are what the calls say, whatever became of these and in whatever order."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text, update
from sqlmodel import Session, col, select

from hotline import audit
from hotline.calls import figures
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.intake import record_events
from hotline.calls.models import Call
from hotline.calls.rules import EventType
from hotline.clock import SHANGHAI, day_bounds
from hotline.statistics import headline, tallies
from hotline.statistics.models import MEASURES
from tests.people import make_person
from tests.statistics.days import sort_call, told

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2026, 11, 1, tzinfo=SHANGHAI)


def now_(session: Session, table: str = "call_tally") -> dict[str, int]:
    """All that the tally and its waiting changes add up to."""
    sums = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in MEASURES)
    row = session.execute(text(f"SELECT {sums} FROM {table}_now")).mappings().one()
    return dict(row)


def proven(session: Session) -> bool:
    """Are both months what their calls say?"""
    months = ("2026-10", "2026-11", "2026-12")
    return all(tallies.compare(session, month).is_equal for month in months)


def life(uid: str, start: datetime, rng: random.Random) -> list[Heard]:
    """A call with transfers, holds, queues and an end that may be missing."""
    steps: list[tuple[EventType, dict[str, Any]]] = [
        (EventType.STARTED, {"caller": "13800001111"}), (EventType.QUEUED, {"queue": "hotline"}),
        (EventType.RINGING, {"agent": "8001"}), (EventType.ANSWERED, {"agent": "8001"}),
        (EventType.HELD, {}), (EventType.RESUMED, {}),
        (EventType.TRANSFERRED, {"from_agent": "8001", "to": "8002"}),
        (EventType.ANSWERED, {"agent": "8002"}), (EventType.ENDED, {"by": "caller"}),
    ]  # fmt: skip
    kept = [step for step in steps if rng.random() < 0.75] or steps[:1]
    seconds = sorted(rng.uniform(0, 900) for _ in kept)
    return [
        Heard(uid, CallEvent(f"{uid}-{n}", kind, start + timedelta(seconds=after), **more))
        for n, ((kind, more), after) in enumerate(zip(kept, seconds, strict=True))
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_tallies_are_what_a_rebuild_makes(session: Session, seed: int) -> None:
    rng = random.Random(seed)
    session.begin_nested()
    starts = {f"c{n}": MIDNIGHT + timedelta(minutes=rng.uniform(-30, 90)) for n in range(6)}
    events = [one for uid, start in starts.items() for one in life(uid, start, rng)]
    rng.shuffle(events)
    while events:
        batch, events = events[: rng.randint(1, 9)], events[9:]
        late = timedelta(hours=rng.choice([0, 1, 30]))
        record_events(session, batch, received_at=MIDNIGHT + timedelta(hours=3) + late)
        _meddle(session, rng)
    assert proven(session)
    while tallies.take_in(session, most=rng.randint(1, 9)):
        assert proven(session)
    assert not tallies.waiting(session)
    assert now_(session)["calls"] == now_(session, "agent_tally")["calls"]
    session.rollback()


def _meddle(session: Session, rng: random.Random) -> None:
    """What people, imports and jobs do in between."""
    uids = list(session.exec(select(Call.call_uid)))
    closed = list(session.exec(select(Call.call_uid).where(col(Call.ended_at).is_not(None))))
    if closed and rng.random() < 0.5:
        at = MIDNIGHT + timedelta(minutes=rng.randint(60, 200))
        sort_call(session, rng.choice(closed), rng.choice(["booking", "non_business"]), at)
    if rng.random() < 0.1:
        session.execute(delete(Call).where(col(Call.call_uid) == rng.choice(uids)))
    if rng.random() < 0.3:
        tallies.take_in(session, most=rng.randint(1, 5))


def test_the_day_agrees_with_the_figures_of_the_board(session: Session) -> None:
    told(session, "a", NOON, category="booking", wait=4)
    told(session, "b", NOON, wait=40, talk=200)
    told(session, "c", NOON, answered=False, wait=2)
    told(session, "d", NOON, answered=False, wait=90)
    day = figures.metrics(session, *day_bounds(NOON.date()))
    found = now_(session)
    assert [found["offered"] - found["short_offered"], found["answered"], found["in_time"]] == [
        day.connected.denominator, day.answered, day.answered_in_time.numerator,
    ]  # fmt: skip
    assert found["waited_ms"] / 1000 == day.speed_of_answer.numerator == 44
    handling = found["talk_seconds"] + found["hold_seconds"] + found["wrapped_ms"] / 1000
    assert handling == day.handling_time.numerator == 60 + 200 + 20
    assert (found["abandoned_queue"], found["short_abandons"]) == (2, 1)
    assert found["unsettled"] == day.unsettled == 1


def test_a_call_transferred_to_nobody_is_no_transferred_one(session: Session) -> None:
    """A menu that passes calls on blindly: one is answered, two never are. Of one answered call
    one was transferred, not three."""
    steps = [(EventType.STARTED, 0), (EventType.TRANSFERRED, 20), (EventType.ENDED, 60)]
    for uid in ("a", "b", "c"):
        more = [(EventType.ANSWERED, 30)] if uid == "c" else []
        for kind, after in [*steps[:2], *more, steps[2]]:  # told one by one: updates, too
            event = CallEvent(f"{uid}-{kind}", kind, NOON + timedelta(seconds=after))
            record_events(session, [Heard(uid, event)], received_at=event.at)
    found = now_(session)
    assert (found["calls"], found["answered"], found["transferred"]) == (3, 1, 1)
    assert proven(session)


def test_a_transferred_call_counts_once_and_for_who_had_it_last(session: Session) -> None:
    first = make_person(session, "first", extension="8001")
    last = make_person(session, "last", extension="8002")
    events = [
        CallEvent("e1", EventType.STARTED, NOON),
        CallEvent("e2", EventType.ANSWERED, NOON + timedelta(seconds=5), agent="8001"),
        CallEvent("e3", EventType.TRANSFERRED, NOON + timedelta(seconds=60), from_agent="8001"),
        CallEvent("e4", EventType.ANSWERED, NOON + timedelta(seconds=70), agent="8002"),
        CallEvent("e5", EventType.ENDED, NOON + timedelta(seconds=170)),
    ]
    for event in events:  # told one by one, as a PBX does
        record_events(session, [Heard("t", event)], received_at=event.at)
    assert (now_(session)["answered"], now_(session)["transferred"]) == (1, 1)
    tallies.take_in(session)
    by_agent = session.execute(text("SELECT agent_id, answered FROM agent_tally")).all()
    assert {key: count for key, count in by_agent if count} == {last.key: 1}
    assert first.key in dict(by_agent).keys() | {first.key}
    assert proven(session)


def test_an_event_that_moves_the_start_moves_the_call_to_the_other_month(session: Session) -> None:
    told(session, "a", MIDNIGHT + timedelta(minutes=1), category="booking")
    assert headline.counted(session, "2026-11").total == 1
    earlier = CallEvent("early", EventType.STARTED, MIDNIGHT - timedelta(minutes=2))
    record_events(session, [Heard("a", earlier)], received_at=MIDNIGHT + timedelta(days=3))
    assert [headline.counted(session, month).total for month in ("2026-10", "2026-11")] == [1, 0]
    assert headline.counted(session, "2026-10").late == 1
    assert proven(session)


def test_a_call_that_goes_takes_its_share_along(session: Session) -> None:
    told(session, "a", NOON, category="booking")
    tallies.take_in(session)
    session.execute(text("DELETE FROM call"))
    assert not any(now_(session).values())


def test_what_touches_no_figure_leaves_no_change(session: Session) -> None:
    told(session, "a", NOON, category="booking")
    before = tallies.waiting(session)
    session.execute(update(Call).values(summary="同一通", updated_at=NOON))
    assert tallies.waiting(session) == before


@pytest.mark.parametrize("table", ["call_tally", "agent_tally"])
def test_a_rebuild_says_and_mends_what_is_wrong(session: Session, table: str) -> None:
    told(session, "a", NOON, category="booking")
    tallies.take_in(session)
    told(session, "b", NOON, category="booking")
    wrong_row = f"UPDATE {table} SET calls = calls + 3, late = late - 1 WHERE calls > 0"
    session.execute(text(wrong_row))
    (wrong,) = tallies.compare(session, "2026-11").differences
    assert (wrong.table, wrong.hour, wrong.off) == (table, NOON, {"calls": -3, "late": 1})
    found = tallies.rebuild(session, "2026-11")
    assert (found.calls, found.differences) == (2, [wrong])
    assert tallies.compare(session, "2026-11").is_equal
    line = session.exec(select(audit.AuditEntry)).one()
    assert (line.action, line.detail) == ("figures_rebuilt", {"month": "2026-11", "rows": 1})


def test_a_rebuild_of_what_is_right_changes_nothing(session: Session) -> None:
    told(session, "a", NOON, category="booking")
    assert tallies.rebuild(session, "2026-11").is_equal
    assert session.exec(select(audit.AuditEntry)).all() == []


def test_a_lost_tally_is_made_anew(session: Session) -> None:
    told(session, "a", NOON, category="booking")
    tallies.take_in(session)
    session.execute(text("DELETE FROM call_tally"))
    assert headline.counted(session, "2026-11").total == 0
    assert not tallies.rebuild(session, "2026-11").is_equal
    assert headline.counted(session, "2026-11").total == 1
