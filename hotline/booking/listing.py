"""Lists for outside channels: their bookings, and who waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from hotline.booking.finding import Booker
from hotline.booking.models import Booking
from hotline.booking.rules import State
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor


@dataclass(frozen=True)
class Listed:
    """What a list of bookings is narrowed by; both days of visit are included."""

    first: date
    last: date
    channel: str | None = None
    hospital: int | None = None
    state: State | None = None


def bookings(
    session: Session, wanted: Listed, by: Booker, cursor: str | None, limit: int
) -> Page[Booking]:
    """One's own bookings that have a number, by day of visit."""
    asked = ((Booking.channel, wanted.channel), (Booking.hospital_id, wanted.hospital),
             (Booking.state, wanted.state))  # fmt: skip
    narrowed = [column == value for column, value in asked if value is not None]
    days = col(Booking.day).between(wanted.first, wanted.last)
    numbered = col(Booking.booking_no).is_not(None)
    return page(session, [days, numbered, *narrowed, *by.own()], cursor, limit)


def page(
    session: Session, conditions: Sequence[Any], cursor: str | None, limit: int
) -> Page[Booking]:
    """Bookings that meet the conditions, by day of visit."""
    query = select(Booking).where(*conditions)
    if (after := decode_cursor(cursor, 2)) is not None:
        day, key = _read(after)
        query = query.where(
            or_(col(Booking.day) > day, and_(Booking.day == day, col(Booking.id) > key))
        )
    rows = list(session.exec(query.order_by(col(Booking.day), col(Booking.id)).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor(last.day.isoformat(), last.key) if last else None)


def _read(values: list[Any]) -> tuple[date, int]:
    try:
        return date.fromisoformat(str(values[0])), int(values[1])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None


def waiting(
    session: Session, slot_id: int | None, by: Booker, cursor: str | None, limit: int
) -> Page[tuple[Booking, int]]:
    """One's own places on waiting lists, the oldest first, each with how many are before it."""
    before = aliased(Booking)
    ahead = (
        select(func.count())
        .where(
            before.slot_id == Booking.slot_id,
            before.state == State.WAITING,
            col(before.id) < Booking.id,
        )
        .scalar_subquery()
    )
    conditions = [col(Booking.state).in_((State.WAITING, State.OFFERED)), *by.own()]
    if slot_id is not None:
        conditions.append(Booking.slot_id == slot_id)
    if (after := decode_cursor(cursor, 1)) is not None:
        conditions.append(col(Booking.id) > _read(["2000-01-01", *after])[1])
    query = select(Booking, ahead).where(*conditions).order_by(col(Booking.id)).limit(limit + 1)
    rows = [(booking, int(count)) for booking, count in session.exec(query)]
    following = encode_cursor(rows[limit - 1][0].key) if len(rows) > limit else None
    return Page(rows[:limit], following)
