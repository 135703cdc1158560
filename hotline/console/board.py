"""The live board of the supervisor: who waits, who speaks, who is where, what is dangerous."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from flask import Blueprint
from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import access
from hotline.agents.models import Person
from hotline.agents.rules import DESK_ROLES, Presence, Role
from hotline.calls import alerts as dangers
from hotline.calls import figures, queries
from hotline.calls.models import Call
from hotline.calls.rules import State
from hotline.clock import day_bounds, local, now, today
from hotline.console.shell import with_calls
from hotline.db import transaction
from hotline.web import render

bp = Blueprint("board", __name__, url_prefix="/live-board")
VIEWERS = (Role.SUPERVISOR, Role.MANAGER)
ORDER = (Presence.TALKING, Presence.WRAP_UP, Presence.READY, Presence.BUSY, Presence.BREAK)
QUEUE_NAMELESS = "未分队列"


@bp.get("")
@access.allowed(*VIEWERS)
def index() -> str:
    """The whole board."""
    with transaction() as session:
        return render("board/index.html", chart=_by_hour(session), **_now(session))


@bp.get("/now")
@access.passive
@access.allowed(*VIEWERS)
def part() -> str:
    """What changes by the second."""
    with transaction() as session:
        return render("board/_now.html", **_now(session))


def _now(session: Session) -> dict[str, Any]:
    waiting, live = queries.waiting_calls(session), queries.live_calls(session)
    people = _people(session)
    return {
        "board": figures.board(session),
        "queues": _queues(waiting),
        "live": [call for call in live if call not in waiting],
        "people": people,
        "presences": Counter(person.presence for person in people),
        "rung": {call.agent_id for call in waiting if call.state is State.RINGING},
        "names": {person.id: person.name for person in people},
        "alerts": with_calls(session, dangers.open_alerts(session)[:12]),
    }


def _queues(waiting: list[Call]) -> list[dict[str, Any]]:
    """Each queue with how many wait and since when the first."""
    found: dict[str, list[Call]] = {}
    for call in waiting:
        found.setdefault(call.queue or QUEUE_NAMELESS, []).append(call)
    return [
        {"name": name, "count": len(calls), "since": calls[0].waiting_since or calls[0].started_at}
        for name, calls in sorted(found.items(), key=lambda pair: -len(pair[1]))
    ]


def _people(session: Session) -> list[Person]:
    query = select(Person).where(
        col(Person.is_active),
        col(Person.role).in_(DESK_ROLES),
        Person.presence != Presence.OFFLINE,
    )
    place = {presence: number for number, presence in enumerate(ORDER)}
    return sorted(
        session.exec(query), key=lambda one: (place.get(one.presence, 9), one.presence_since)
    )


_HOURS = text(
    """
    SELECT extract(hour FROM started_at AT TIME ZONE 'Asia/Shanghai')::int, count(*) FROM call
    WHERE direction = 'inbound' AND started_at >= :start AND started_at < :end GROUP BY 1
    """
)


def _by_hour(session: Session) -> dict[str, Any]:
    """Calls by hour today beside the same day a week ago, as the chart macro takes it."""
    hour, day = local(now()).hour, today()
    counted = [_hours(session, day), _hours(session, day - timedelta(days=7))]
    so_far = [sum(each[at] for at in range(hour + 1)) for each in counted]
    return {
        "finding": _finding(*so_far),
        "spec": {
            "kind": "bar",
            "unit": "通",
            "x": [f"{at}时" for at in range(24)],
            "series": [
                {"name": "今天", "values": [*counted[0][: hour + 1], *[None] * (23 - hour)]},
                {"name": "上周同日", "values": counted[1], "kind": "line", "dashed": True},
            ],
        },
    }


def _hours(session: Session, day: date) -> list[int]:
    start, end = day_bounds(day)
    found = session.execute(_HOURS, {"start": start, "end": end})
    counts = [0] * 24
    for hour, count in found:
        counts[hour] = count
    return counts


def _finding(so_far: int, week_ago: int) -> str:
    if not week_ago:
        return f"今天到现在 {so_far:,} 通，上周同日没有数据可比"
    change = round((so_far - week_ago) / week_ago * 100)
    if abs(change) < 3:
        return f"今天到现在 {so_far:,} 通，与上周同日同一时段持平"
    return (
        f"今天到现在 {so_far:,} 通，比上周同日同一时段{'多' if change > 0 else '少'} {abs(change)}%"
    )
