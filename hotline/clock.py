"""One clock. Instants are aware and kept in UTC; people see Shanghai time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Nothing of ours lies outside; at the ends of the calendar its days have no bounds in UTC.
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


@contextmanager
def told(instant: datetime) -> Iterator[None]:
    """Within, it is another instant for this thread: demonstrations tell what has been."""
    before = _told.set(instant)
    try:
        yield
    finally:
        _told.reset(before)


def today() -> date:
    """Today's date in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def local(instant: datetime) -> datetime:
    """An aware instant in Shanghai time."""
    return instant.astimezone(SHANGHAI)


def from_local(naive: datetime) -> datetime:
    """The instant of a wall-clock time in Shanghai (PBX logs carry no zone)."""
    return naive.replace(tzinfo=SHANGHAI).astimezone(UTC)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """[start, end) of a Shanghai day as UTC instants; a day beyond all of ours is the last."""
    start = datetime.combine(min(max(day, EARLIEST), LATEST), time.min, SHANGHAI)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def month_of(instant: datetime) -> str:
    """The Shanghai month an instant falls in, as YYYY-MM."""
    return local(instant).strftime("%Y-%m")


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """[start, end) of a Shanghai month ``YYYY-MM`` as UTC instants. Raises ValueError."""
    first = date.fromisoformat(f"{month}-01")
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day_bounds(first)[0], day_bounds(following)[0]


def parse_day(text: str | None) -> date | None:
    """The day of a form or an address, or None when it is none; one beyond all of ours is the
    last, so that days can be counted on from it."""
    try:
        return min(max(date.fromisoformat(text or ""), EARLIEST), LATEST)
    except ValueError:
        return None


def parse_instant(text: str) -> datetime:
    """An RFC 3339 time with an offset, as UTC. Raises ValueError when the offset is missing."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("time without an offset")
    return instant.astimezone(UTC)
