"""A month beside the month before and the same month a year ago, each up to the same hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from hotline.booking import month as booking_month
from hotline.clock import month_bounds, now
from hotline.statistics import headline, returning, service
from hotline.statistics.bulletin.collecting import orders
from hotline.statistics.bulletin.comparing import earlier_months
from hotline.statistics.headline import Headline
from hotline.statistics.rules import Measured, Metric, Tally, of_tally


@dataclass(frozen=True)
class Stretch:
    """A month, or as much of it as there is to compare with."""

    month: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Side:
    """What a stretch comes to."""

    stretch: Stretch
    headline: Headline
    tally: Tally

    @property
    def has_calls(self) -> bool:
        """Whether there is anything to compare with."""
        return self.headline.calls > 0

    def metric(self, what: Measured) -> Metric | None:
        """One of the metrics that a tally can say."""
        return next((each for each in of_tally(self.tally) if each.what is what), None)


@dataclass(frozen=True)
class Overview:
    """``before`` and ``year_ago`` reach as far into their months as this one has come."""

    now: Side
    before: Side
    year_ago: Side
    metrics: list[Metric]
    orders: dict[str, int | None]
    bookings: int
    is_open: bool


def stretches(month: str, at: datetime) -> tuple[Stretch, Stretch, Stretch]:
    """The month up to ``at``, and as much of the month before and of a year ago. Raises
    ValueError."""
    start, end = month_bounds(month)
    hour = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    is_open = start <= at < end
    found = [Stretch(month, start, end)]
    for other in earlier_months(month):
        begun, over = month_bounds(other)
        found.append(Stretch(other, begun, min(over, begun + (hour - start)) if is_open else over))
    return found[0], found[1], found[2]


def overview(session: Session, month: str, at: datetime | None = None) -> Overview:
    """Everything the manager's first page says of a month. Raises ValueError."""
    at = at or now()
    spans = stretches(month, at)
    this, before, year_ago = (side(session, span) for span in spans)
    start, end = spans[0].start, spans[0].end
    return Overview(
        this,
        before,
        year_ago,
        [*of_tally(this.tally), hall_occupancy(session, start, end),
         *returning.returning(session, start, end)],
        orders(session, month),
        booking_month.tables(session, month)[0].totals.total,
        start <= at < end,
    )  # fmt: skip


def side(session: Session, span: Stretch) -> Side:
    """The headline and the sums of a stretch."""
    found = service.tallies(session, "all", span.start, span.end)
    counted = headline.counted_between(session, span.month, span.start, span.end)
    return Side(span, counted, found.get(0, Tally()))


def hall_occupancy(session: Session, start: datetime, end: datetime) -> Metric:
    """How busy everybody together was."""
    each = service.occupancies(session, start, end).values()
    busy, whole = sum(one.numerator for one in each), sum(one.denominator for one in each)
    return Metric(Measured.OCCUPANCY, busy, whole)
