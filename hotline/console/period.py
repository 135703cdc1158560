"""The days a page of figures is asked for: thirty up to today unless the address says others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import request

from hotline.clock import EARLIEST, day_bounds, today
from hotline.errors import Refused

USUAL_DAYS = timedelta(days=30)
MOST_DAYS = timedelta(days=366)


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both counted."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The instant it begins."""
        return day_bounds(self.first)[0]

    @property
    def until(self) -> datetime:
        """The instant after it."""
        return day_bounds(self.last)[1]


def asked() -> Period:
    """What the address says. Raises Refused 422 when it is the wrong way round or too long."""
    last = _day("to") or today()
    first = _day("from") or last - USUAL_DAYS
    if not timedelta(0) <= last - first <= MOST_DAYS:
        raise Refused("days_invalid", "起止日期应先后有序，且相差不超过一年。")
    return Period(first, last)


def _day(name: str) -> date | None:
    try:
        return max(date.fromisoformat(request.args.get(name, "")), EARLIEST + USUAL_DAYS)
    except ValueError:
        return None
