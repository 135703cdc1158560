"""What goes on beside the calls: shifts, breaks, call-backs, alerts; and tidying up."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence, Role
from hotline.calls import alerts
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.intake import record_events
from hotline.calls.rules import LIVE, EventType
from hotline.clock import local
from hotline.demo import clinic_load, duties_done, live_store, stories
from hotline.demo.duty import on_duty
from hotline.demo.people import CALL_TEAMS, staff

FEWEST = 10
BREAK = timedelta(minutes=6)
BREAK_SHARE = 0.12
NOTICED_AFTER = timedelta(minutes=4)
# A call that was forgotten ends soon after the last that was heard of it.
FORGOTTEN = timedelta(seconds=60)


def keep_shifts(session: Session, at: datetime, rng: random.Random) -> None:
    """Who should be at the desk comes, who should not goes; now and then one takes a break."""
    wanted = _wanted(at)
    for username, (key, presence, since) in sorted(live_store.made_up_people(session).items()):
        change = _change(username in wanted, presence, at - since, rng)
        if change:
            set_presence(session, key, change, at)


def _change(
    is_wanted: bool, presence: Presence, for_so_long: timedelta, rng: random.Random
) -> Presence | None:
    if presence is Presence.OFFLINE and is_wanted:
        return Presence.READY
    if presence is Presence.BREAK and for_so_long > BREAK:
        return Presence.READY if is_wanted else Presence.OFFLINE
    if presence is Presence.WRAP_UP and for_so_long > BREAK:  # the call went away meanwhile
        return Presence.READY
    if presence is Presence.READY and not is_wanted:
        return Presence.OFFLINE
    tired = for_so_long > BREAK and rng.random() < BREAK_SHARE
    return Presence.BREAK if presence is Presence.READY and tired else None


def _wanted(at: datetime) -> set[str]:
    """Those on the rota, and at night enough others that the demonstration is never dead."""
    names = [worker.username for worker in on_duty(at, staff()) if not worker.is_well_known]
    others = [w.username for w in staff() if w.team in CALL_TEAMS and w.role is Role.AGENT]
    random.Random(f"{local(at):%Y-%m-%d}").shuffle(others)
    missing = max(0, FEWEST - len(names))
    return {*names, *others[:missing]}


def work_lists(session: Session, at: datetime, rng: random.Random) -> None:
    """Call-backs are made, alerts noticed."""
    people = live_store.made_up_people(session)
    at_work = [(people[w.username][0], w.role) for w in staff() if w.username in people]
    agents = [key for key, role in at_work if role is Role.AGENT]
    supervisors = [key for key, role in at_work if role is Role.SUPERVISOR]
    duties_done.work_off(session, at, agents, rng)
    for alert_id in _unnoticed(session, at) if supervisors else ():
        alerts.acknowledge(session, alert_id, rng.choice(supervisors))


def _unnoticed(session: Session, at: datetime) -> list[int]:
    query = text(
        "SELECT a.id FROM danger_alert a JOIN call c ON c.id = a.call_id WHERE c.is_demo"
        " AND a.acknowledged_at IS NULL AND a.raised_at < :before"
    )
    return list(session.execute(query, {"before": at - NOTICED_AFTER}).scalars())


def keep_clinics(session: Session, at: datetime, rng: random.Random) -> None:  # noqa: ARG001
    """A new day: its clinics are on offer and partly booked, yesterday's patients have come."""
    clinic_load.keep_up(session, at)


def tidy(session: Session, at: datetime) -> int:
    """End every live demonstration call and send the made-up people home; how many calls.

    At the start (of whatever was killed before) and at the end.
    """
    query = text(
        "SELECT call_uid, last_event_at FROM call WHERE is_demo AND state = ANY(:live)"
        " ORDER BY call_uid"
    )
    rows = session.execute(query, {"live": [state.value for state in LIVE]}).all()
    ends = [Heard(uid, _end(uid, min(at, last + FORGOTTEN))) for uid, last in rows]
    if ends:
        record_events(session, ends, is_demo=True)
    _write_up(session, random.Random(str(at)))
    for key, presence, _ in live_store.made_up_people(session).values():
        if presence is not Presence.OFFLINE:
            set_presence(session, key, Presence.OFFLINE, at)
    return len(ends)


def _write_up(session: Session, rng: random.Random) -> None:
    """Made-up people do not go home before their calls are written down."""
    made_up = [key for key, _, _ in live_store.made_up_people(session).values()]
    query = text(
        "SELECT call_uid, caller_name FROM call WHERE is_demo AND state = 'wrap_up'"
        " AND source <> 'demo' AND agent_id = ANY(:made_up) ORDER BY call_uid"
    )
    for uid, name in session.execute(query, {"made_up": made_up}).all():
        slots = stories.words(rng)
        live_store.settle(session, uid, name, rng, stories.pick_kind(rng), slots)


def _end(uid: str, at: datetime) -> CallEvent:
    event_id = f"{uid}-tidy-{at:%Y%m%d%H%M%S}"
    return CallEvent(event_id, EventType.ENDED, at, by="system", cause="demonstration_stopped")
