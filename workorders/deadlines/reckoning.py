"""When a deadline falls, by rule and calendar, and what it comes from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from hotline.clock import SHANGHAI, local
from hotline.working_days import (
    Assuming,
    Calendar,
    Office,
    add_office_time,
    add_workdays,
    is_workday,
    office_time_between,
    workdays_between,
    workdays_from,
)
from workorders.deadlines.rules import Counting, RemoteDue, Rule, SpanUnit
from workorders.deadlines.skipped import Rest, skipped
from workorders.rules import RequestKind

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True)
class Pause:
    """The clock stood still; it still does without ``until``."""

    reason: RequestKind
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Course:
    """What a clock is reckoned from. ``given_at`` is the deadline somebody else gave: the
    platform, or for a unit's clock whoever assigned it; ``outdated_at`` one that binds no more."""

    started_at: datetime
    given_at: datetime | None = None
    extended_days: int = 0
    pauses: tuple[Pause, ...] = ()
    outdated_at: datetime | None = None


@dataclass(frozen=True)
class Due:
    """A deadline and its reasons. ``own_at`` is what the rule says, None without a rule.

    ``counts_from`` differs from the start where the clock started outside office hours.
    ``assumed`` are the years whose holidays nobody knows yet: the deadline is provisional.
    """

    at: datetime
    own_at: datetime | None
    warn_at: datetime
    escalate_at: datetime
    counts_from: datetime
    paused: timedelta = timedelta(0)
    paused_days: int = 0
    rests: tuple[Rest, ...] = ()
    made_up: tuple[date, ...] = ()
    assumed: tuple[int, ...] = ()


def reckon(rule: Rule | None, course: Course, known: Calendar, office: Office) -> Due | None:
    """The deadline of a clock; None when there is neither a rule nor a given deadline.

    An open pause does not move it: it moves when the clock goes on.
    """
    calendar = Assuming(known)
    begin = _begin(rule, course.started_at, calendar, office)
    paused = _paused(rule, course, calendar, office)
    own = _own(rule, begin, course.extended_days, paused, calendar, office) if rule else None
    due = _weigh(rule, own, course.given_at)
    if due is None:
        return None
    shift = partial(_shift, rule, due, calendar, office)
    warn_at = max(shift(-rule.warn_before if rule else -4), course.started_at)
    escalate_at = shift(rule.escalate_after if rule else 0)
    assumed = tuple(sorted(calendar.years))
    by_days = rule is not None and rule.unit is not SpanUnit.HOURS
    rests, made_up = skipped(begin, own or due, calendar) if by_days else ((), ())
    return Due(due, own, warn_at, escalate_at, begin, *paused, rests, made_up, assumed)


def _weigh(rule: Rule | None, own: datetime | None, given: datetime | None) -> datetime | None:
    if own is None or given is None:
        return own or given
    worth = rule.remote if rule else RemoteDue.REMOTE
    return {RemoteDue.EARLIER: min(own, given), RemoteDue.OURS: own}.get(worth, given)


def _begin(rule: Rule | None, at: datetime, calendar: Calendar, office: Office) -> datetime:
    """From when a deadline at the same time of day is counted: a moment when the office is open."""
    if rule is None or not rule.unit.is_days or rule.counting is not Counting.SAME_TIME:
        return at
    here = local(at)
    if is_workday(calendar, here.date()) and here <= office.close_on(here.date()):
        return max(here, office.open_on(here.date()))
    return office.open_on(next(workdays_from(calendar, here.date() + timedelta(days=1))))


def _own(
    rule: Rule,
    begin: datetime,
    extended: int,
    paused: tuple[timedelta, int],
    calendar: Calendar,
    office: Office,
) -> datetime:
    span, days = paused
    if rule.unit is SpanUnit.WORKING_DAYS:
        last = add_workdays(calendar, local(begin).date(), rule.amount + days + extended)
        return _ends(rule, last, begin, office)
    if rule.unit is SpanUnit.DAYS:
        falls = local(begin).date() + timedelta(days=rule.amount + days)
        last = add_workdays(calendar, next(workdays_from(calendar, falls)), extended)
        return _ends(rule, last, begin, office)
    hours = timedelta(hours=rule.amount) + span
    at_once = rule.unit is SpanUnit.HOURS
    end = begin + hours if at_once else add_office_time(calendar, office, begin, hours)
    return _days_later(calendar, end, extended)


def _ends(rule: Rule, day: date, begin: datetime, office: Office) -> datetime:
    if rule.counting is Counting.CLOSE:
        return office.close_on(day)
    is_same = rule.counting is Counting.SAME_TIME
    return datetime.combine(day, local(begin).time() if is_same else END_OF_DAY, SHANGHAI)


def _days_later(calendar: Calendar, at: datetime, days: int) -> datetime:
    here = local(at)
    return datetime.combine(add_workdays(calendar, here.date(), days), here.time(), SHANGHAI)


def _paused(
    rule: Rule | None, course: Course, calendar: Calendar, office: Office
) -> tuple[timedelta, int]:
    """How long the clock stood still: as time for hours, as days begun and left for days."""
    if rule is None:
        return timedelta(0), 0
    ended = [(max(one.since, course.started_at), one.until) for one in course.pauses
             if one.until is not None and one.reason in rule.pause_in]  # fmt: skip
    total, days = timedelta(0), 0
    for since, until in _merged(ended):
        first, last = local(since).date(), local(until).date()
        days += ((last - first).days if rule.unit is SpanUnit.DAYS
                 else workdays_between(calendar, first, last))  # fmt: skip
        total += (until - since if rule.unit is SpanUnit.HOURS
                  else office_time_between(calendar, office, since, until))  # fmt: skip
    return total, days


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Two reasons at once stop the clock once."""
    merged: list[tuple[datetime, datetime]] = []
    for since, until in sorted(span for span in spans if span[0] < span[1]):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged


def _shift(
    rule: Rule | None, at: datetime, calendar: Calendar, office: Office, hours: int
) -> datetime:
    span = timedelta(hours=hours)
    if rule is not None and rule.unit is SpanUnit.HOURS:
        return at + span
    return add_office_time(calendar, office, at, span)
