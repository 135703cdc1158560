"""Who is to be told that a clinic does not take place: the list, and who is calling whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, cast, col, func, or_, select, tuple_

from hotline.booking.models import Booking
from hotline.booking.stop_models import CallState, StopCall, StopCallAttempt
from hotline.clock import now
from hotline.columns import Instant
from hotline.web import Page, decode_cursor, encode_cursor

# A claim that was forgotten holds nobody up for longer than this.
CLAIM_LASTS = timedelta(minutes=30)
MANY_ATTEMPTS = 3
# When the visit would have been: a booking has an hour to pick up its number by.
VISIT: Any = func.coalesce(Booking.pick_up_by, cast(Booking.day, Instant))


@dataclass(frozen=True)
class Wanted:
    """Which duties. ``whose`` is ``mine``, ``free``, ``hard`` (tried often) or ``done``."""

    stop: int | None = None
    hospital: int | None = None
    day: date | None = None
    whose: str = ""
    me: int | None = None


def duties(
    session: Session, wanted: Wanted, cursor: str | None = None, limit: int = 50
) -> Page[StopCall]:
    """The duties that fit, the soonest visit first; those done, the latest first."""
    query = narrowed(wanted, now())
    total = session.exec(select(func.count()).select_from(query.subquery())).one()
    is_done = wanted.whose == "done"
    mark = col(StopCall.closed_at) if is_done else VISIT
    if after := decode_cursor(cursor, 2):
        place = tuple_(mark, col(StopCall.id))
        last = (datetime.fromisoformat(str(after[0])), int(after[1]))
        query = query.where(place < last if is_done else place > last)
    order = [each.desc() if is_done else each.asc() for each in (mark, col(StopCall.id))]
    found = session.execute(query.add_columns(mark).order_by(*order).limit(limit + 1)).all()
    rows, more = found[:limit], len(found) > limit
    onward = encode_cursor(rows[-1][1].isoformat(), rows[-1][0].key) if more else None
    return Page([row[0] for row in rows], onward, total)


def narrowed(wanted: Wanted, at: datetime) -> Any:
    """The duties that fit, as a query joined to their bookings."""
    query = select(StopCall).join(Booking, col(Booking.id) == col(StopCall.booking_id))
    is_open = StopCall.state == CallState.OPEN
    query = query.where(StopCall.state != CallState.OPEN if wanted.whose == "done" else is_open)
    equal = (
        (StopCall.stop_id, wanted.stop),
        (Booking.hospital_id, wanted.hospital),
        (Booking.day, wanted.day),
    )
    query = query.where(*[column == value for column, value in equal if value is not None])
    if wanted.whose == "mine":
        query = query.where(StopCall.claimed_by == wanted.me, ~is_free(at))
    elif wanted.whose == "free":
        query = query.where(is_free(at))
    elif wanted.whose == "hard":
        query = query.where(col(StopCall.attempts) >= MANY_ATTEMPTS)
    return query


def is_free(at: datetime) -> Any:
    """Nobody is calling: the condition."""
    return or_(col(StopCall.claimed_by).is_(None), col(StopCall.claimed_at) <= at - CLAIM_LASTS)


def is_held(duty: StopCall, at: datetime) -> bool:
    """Whether somebody is calling now."""
    if duty.claimed_by is None or duty.claimed_at is None:
        return False
    return duty.claimed_at > at - CLAIM_LASTS


def how_many(session: Session) -> int:
    """How many are still to be told."""
    is_open = select(StopCall.id).where(StopCall.state == CallState.OPEN)
    return session.exec(select(func.count()).select_from(is_open.subquery())).one()


def in_hand(session: Session, by: int, at: datetime | None = None) -> StopCall | None:
    """The duty this person has taken on and not settled, the latest one."""
    query = select(StopCall).where(
        StopCall.claimed_by == by, StopCall.state == CallState.OPEN, ~is_free(at or now())
    )
    return session.exec(query.order_by(col(StopCall.claimed_at).desc())).first()


def attempts_of(session: Session, of: Iterable[StopCall]) -> dict[int, list[StopCallAttempt]]:
    """The calls made for each duty, the first first."""
    keys = [duty.key for duty in of]
    query = select(StopCallAttempt).where(col(StopCallAttempt.stop_call_id).in_(keys))
    found: dict[int, list[StopCallAttempt]] = {}
    for attempt in session.exec(query.order_by(col(StopCallAttempt.id))):
        found.setdefault(attempt.stop_call_id, []).append(attempt)
    return found
