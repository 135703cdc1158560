"""What a forecast needs from the tables, and how many people it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from hotline.calendar_models import known_days
from hotline.clock import day_bounds, local, today
from hotline.statistics import erlang, forecasting, service
from hotline.statistics.forecasting import HOURS, PROFILE_DAYS, Day, Past
from hotline.statistics.rules import PROMISED_SECONDS, PROMISED_SHARE, together
from hotline.working_days import Assuming

JUDGED_WEEKS = 6
HANDLING_DAYS = 28
USUAL_HANDLING = 240.0  # seconds, where nothing was handled yet
HISTORY_DAYS = PROFILE_DAYS + 7 * JUDGED_WEEKS


@dataclass(frozen=True)
class Plan:
    """``staff`` is on the line by day and hour; ``rostered`` also covers who is away. ``recent``
    are the calls of the last four weeks by day; ``weeks`` went into the means."""

    days: list[Day]
    staff: list[tuple[int, ...]]
    rostered: list[tuple[int, ...]]
    past: list[Past]
    recent: dict[date, float]
    level: float
    weeks: int
    handling_seconds: float
    away: float
    calendar: Assuming

    @property
    def assumed(self) -> list[int]:
        """Years among its days of which nobody has said what is a holiday."""
        return sorted(self.calendar.years)

    @property
    def error(self) -> float | None:
        """How far days of past forecasts were off on average, as a share of the calls."""
        calls = sum(one.calls for one in self.past)
        return sum(one.daily_error * one.calls for one in self.past) / calls if calls else None

    @property
    def naive_error(self) -> float | None:
        """The same, had one always said that next week will be as this one."""
        calls = sum(one.calls for one in self.past)
        return sum(one.naive_error * one.calls for one in self.past) / calls if calls else None


def plan(session: Session, weeks: int, away: float, first: date | None = None) -> Plan | None:
    """From tomorrow on; None with less than two weeks of calls to go by."""
    first = first or today() + timedelta(days=1)
    calendar, past_days = Assuming(known_days(session)), history(session, first)
    if not forecasting.is_enough(past_days, first):
        return None
    days = forecasting.forecast(past_days, calendar, first, 7 * weeks)
    handling = _handling(session, first)
    staff = [tuple(erlang.agents_needed(calls, handling, PROMISED_SECONDS, PROMISED_SHARE)
                   for calls in day.hours) for day in days]  # fmt: skip
    return Plan(
        days,
        staff,
        [tuple(erlang.on_the_roster(count, away) for count in row) for row in staff],
        forecasting.past(past_days, calendar, min(first, today()), JUDGED_WEEKS),
        {day: sum(past_days[day]) for day in sorted(past_days)[-28:]},
        forecasting.level(past_days, calendar, first),
        min(len(past_days), PROFILE_DAYS) // 7,
        handling,
        away,
        calendar,
    )


def history(session: Session, first: date) -> dict[date, tuple[float, ...]]:
    """Calls offered by day and hour over whole days before ``first`` and before today; the day
    of the first call ever is not whole."""
    last = min(first, today())
    begin = last - timedelta(days=HISTORY_DAYS)
    start, end = day_bounds(begin)[0], day_bounds(last)[0]
    hours = {
        (local(at).date(), local(at).hour): tally.offered
        for at, tally in service.tallies(session, "day_hour", start, end).items()
    }
    known = sorted({day for day, _ in hours})
    if not known:
        return {}
    since = known[0] if known[0] == begin else known[0] + timedelta(days=1)
    days = (since + timedelta(days=n) for n in range((last - since).days))
    return {day: tuple(float(hours.get((day, hour), 0)) for hour in HOURS) for day in days}


def _handling(session: Session, first: date) -> float:
    end = _midnight(min(first, today()))
    found = service.tallies(session, "all", end - timedelta(days=HANDLING_DAYS), end)
    whole = together(found.values())
    return whole.handling_seconds / whole.handled if whole.handled else USUAL_HANDLING


def _midnight(day: date) -> datetime:
    return day_bounds(day)[0]
