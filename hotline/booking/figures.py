"""Figures of booking over the days of visit [first, last]: use, no-shows, lead times, channels.

Counted from bookings, not from the slots' counters: a hold that has run out is not used.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import RowMapping, text
from sqlmodel import Session

LONGEST_LEAD_DAYS = 30


@dataclass(frozen=True)
class Scope:
    """Days of visit, both counted, everywhere or in one city or hospital."""

    first: date
    last: date
    hospital: int | None = None
    city: str | None = None

    @property
    def given(self) -> dict[str, Any]:
        """The parameters of the statements."""
        return asdict(self)

    @property
    def before(self) -> Scope:
        """As many days just before."""
        length = self.last - self.first + timedelta(days=1)
        return replace(self, first=self.first - length, last=self.last - length)


@dataclass(frozen=True)
class Share:
    """A part of a whole; ``rate`` is None where there is no whole."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        """Between 0 and 1."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Use:
    """One hospital, or one department: units used of units offered, no-shows, cancellations."""

    id: int
    name: str
    used: Share
    missed: Share
    cancelled: Share


@dataclass(frozen=True)
class Count:
    """How many bookings came by one channel; ``column`` is its column in the monthly table."""

    name: str
    column: str
    bookings: int


# Booked units by what may be looked at; a visit that is to come is neither kept nor missed.
_USE = """
    WITH offered AS (
        SELECT {key} AS id, sum(capacity) AS units FROM slot
        WHERE day BETWEEN :first AND :last AND NOT is_stopped AND {within} GROUP BY 1
    ), booked AS (
        SELECT {key} AS id,
               count(*) FILTER (WHERE state IN ('confirmed', 'attended', 'no_show')) AS used,
               count(*) FILTER (WHERE state = 'no_show') AS missed,
               count(*) FILTER (WHERE state IN ('attended', 'no_show')) AS settled,
               count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
               count(*) AS made
        FROM booking WHERE booking_no IS NOT NULL AND day BETWEEN :first AND :last AND {within}
        GROUP BY 1
    ) SELECT n.id, n.name, o.units, coalesce(b.used, 0) AS used, coalesce(b.missed, 0) AS missed,
             coalesce(b.settled, 0) AS settled, coalesce(b.cancelled, 0) AS cancelled,
             coalesce(b.made, 0) AS made
      FROM offered o JOIN {table} n ON n.id = o.id LEFT JOIN booked b ON b.id = o.id
      ORDER BY used DESC, n.name
"""
_WITHIN = """
    (CAST(:hospital AS bigint) IS NULL OR hospital_id = :hospital)
    AND (CAST(:city AS varchar) IS NULL
         OR hospital_id IN (SELECT id FROM hospital WHERE city = :city))
"""
_BY_HOSPITAL = text(_USE.format(key="hospital_id", table="hospital", within=_WITHIN))
_BY_DEPARTMENT = text(_USE.format(key="department_id", table="department", within=_WITHIN))


def uses(session: Session, scope: Scope) -> list[Use]:
    """Every hospital with slots in these days, or the departments of the one that is looked
    into; the most used first."""
    query = _BY_HOSPITAL if scope.hospital is None else _BY_DEPARTMENT
    return [_use(row) for row in _rows(session, query, **scope.given)]


def _use(row: RowMapping) -> Use:
    return Use(
        row["id"],
        row["name"],
        used=Share(row["used"], int(row["units"])),
        missed=Share(row["missed"], row["settled"]),
        cancelled=Share(row["cancelled"], row["made"]),
    )


def _rows(session: Session, query: Any, **given: object) -> list[RowMapping]:
    return list(session.execute(query, given).mappings())


def total(uses: list[Use]) -> Use:
    """All of them together."""

    def added(name: str) -> Share:
        shares: list[Share] = [getattr(use, name) for use in uses]
        return Share(sum(share.part for share in shares), sum(share.whole for share in shares))

    return Use(0, "合计", added("used"), added("missed"), added("cancelled"))


_LEAD = text(
    f"""
    SELECT least(day - (confirmed_at AT TIME ZONE 'Asia/Shanghai')::date, :most) AS days,
           count(*) AS bookings
    FROM booking
    WHERE state IN ('confirmed', 'attended', 'no_show') AND day BETWEEN :first AND :last
    AND {_WITHIN} GROUP BY 1
    """  # noqa: S608 - constants of ours
)


def lead_days(session: Session, scope: Scope) -> dict[int, int]:
    """Days from booking to visit -> bookings; 30 stands for 30 and more."""
    given = scope.given | {"most": LONGEST_LEAD_DAYS}
    found = {row["days"]: row["bookings"] for row in _rows(session, _LEAD, **given)}
    return {day: found.get(day, 0) for day in range(max(found, default=0) + 1)}


def median_days(leads: dict[int, int]) -> int | None:
    """The lead time half of the bookings do not exceed."""
    half, seen = sum(leads.values()) / 2, 0
    for day, bookings in sorted(leads.items()):
        seen += bookings
        if seen >= half and seen:
            return day
    return None


_CHANNELS = text(
    f"""
    SELECT c.name, c.counts_in, coalesce(b.bookings, 0) AS bookings
    FROM booking_channel c LEFT JOIN (
        SELECT channel, count(*) AS bookings FROM booking
        WHERE booking_no IS NOT NULL AND day BETWEEN :first AND :last AND {_WITHIN} GROUP BY 1
    ) b ON b.channel = c.code
    ORDER BY b.bookings DESC NULLS LAST, c.position
    """  # noqa: S608
)


def by_channel(session: Session, scope: Scope) -> list[Count]:
    """Bookings made by each channel, those cancelled later too, as the bulletin counts them."""
    rows = _rows(session, _CHANNELS, **scope.given)
    return [Count(row["name"], row["counts_in"], row["bookings"]) for row in rows]
