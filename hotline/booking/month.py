"""The month's tables: bookings by hospital, bookings by channel, the total to date.

A booking belongs to the Shanghai month in which it was confirmed ([start, end)), whatever day the
visit is on, and to the hospital and channel it has now. It counts once and for good: cancelled,
missed or called off later, it was made all the same. Holds, waiting lists and offers nobody
confirmed do not count; moving a booking to another slot makes no second one. Figures of an open
month can therefore move between hospitals; closing the month (the bulletin) freezes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline.booking.models import Channel, Hospital
from hotline.booking.month_layouts import layout_of
from hotline.booking.month_tables import (
    ChannelTable,
    Counts,
    HospitalTable,
    channel_table,
    hospital_table,
)
from hotline.clock import month_bounds, month_of, now

# One range of one index. Names are joined to the few groups, not to the million rows.
_GROUPS = text(
    """
    SELECT hospital_id, channel, count(*) AS bookings FROM booking
    WHERE confirmed_at >= :start AND confirmed_at < :end GROUP BY 1, 2
    """
)
_BETWEEN = text(
    "SELECT count(*) FROM booking WHERE (CAST(:start AS timestamptz) IS NULL"
    " OR confirmed_at >= :start) AND confirmed_at < :end"
)
_FIRST = text("SELECT min(confirmed_at) FROM booking")


@dataclass(frozen=True)
class Start:
    """The total at the end of a month, from which on bookings are counted here."""

    total: int = 0
    through: str = ""

    @classmethod
    def read(cls, written: str) -> Start:
        """``2020-04:19238954``; empty means that everything is counted here."""
        month, _, total = written.partition(":")
        return cls(int(total), month) if total else cls()


def tables(session: Session, month: str) -> tuple[HospitalTable, ChannelTable]:
    """Both tables, the bookings read once."""
    counts, channels = _counts(session, month), _channels(session)
    hospitals = _hospitals(session, counts)
    by_place = hospital_table(counts, hospitals, channels, layout_of(month))
    return by_place, channel_table(counts, channels)


def by_hospital(session: Session, month: str) -> HospitalTable:
    """A row per hospital with bookings, ranked by 小计, in the month's form."""
    return tables(session, month)[0]


def by_channel(session: Session, month: str) -> ChannelTable:
    """The channels of the bulletin's second table, also those nobody used."""
    return tables(session, month)[1]


def total_to_date(session: Session, month: str, start: Start) -> int:
    """总预约挂号量 at the end of a month: the start value, and what was counted since."""
    after = month_bounds(start.through)[1] if start.through else None
    end = month_bounds(month)[1]
    if after is not None and end <= after:
        return start.total
    counted: int = session.execute(_BETWEEN, {"start": after, "end": end}).scalar_one()
    return start.total + counted


def months(session: Session, until: datetime | None = None) -> list[str]:
    """Every month from that of the first booking to the present one, the newest first."""
    first: datetime | None = session.execute(_FIRST).scalar()
    month = month_of(until or now())
    found = [month]
    while first is not None and month > month_of(first):
        month = month_before(month)
        found.append(month)
    return found


def month_before(month: str) -> str:
    """The month before one, both ``YYYY-MM``."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year:04}-{number - 1:02}" if number > 1 else f"{year - 1:04}-12"


def _counts(session: Session, month: str) -> Counts:
    start, end = month_bounds(month)
    rows = session.execute(_GROUPS, {"start": start, "end": end})
    return {(hospital, channel): bookings for hospital, channel, bookings in rows}


def _channels(session: Session) -> list[Channel]:
    return list(session.exec(select(Channel).order_by(col(Channel.position))))


def _hospitals(session: Session, counts: Counts) -> dict[int, str]:
    wanted = {hospital for hospital, _ in counts}
    found = session.exec(select(Hospital).where(col(Hospital.id).in_(wanted)))
    return {each.key: each.name for each in found}
