"""The dated segments that schedules stand for. Pure.

Whoever asks twice gets the same answer; what the calendar does not say is answered with "not
known", never guessed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from hotline.booking.rules import HalfDay
from hotline.booking.schedules_rules import (
    WITHHELD,
    Dated,
    Difference,
    OnHoliday,
    OnMakeUp,
    Plan,
    Segment,
    Verdict,
    Weeks,
    minute_of,
)
from hotline.working_days import Calendar, DayKind


def segments(plan: Plan, units: int | None = None) -> list[Segment]:
    """The segments of one day; those without units are left out."""
    wanted = plan.units if units is None else units
    spans = _spans(plan)
    each, more = divmod(wanted, len(spans)) if plan.is_shared_out else (wanted, 0)
    found = [Segment(plan.half, *span, each + (n < more)) for n, span in enumerate(spans)]
    return [segment for segment in found if segment.units > 0]


def _spans(plan: Plan) -> list[tuple[time | None, time | None]]:
    length, step = plan.minutes(), plan.segment_minutes
    if length is None or plan.starts_at is None or not step or length < step:
        return [(plan.starts_at, plan.ends_at)]
    marks = [_later(plan.starts_at, n * step) for n in range(length // step + 1)]
    marks[-1] = plan.ends_at or marks[-1]  # a remainder goes to the last
    return list(itertools.pairwise(marks))


def _later(at: time, minutes: int) -> time:
    return (datetime.combine(date.min, at) + timedelta(minutes=minutes)).time()


def verdict(plan: Plan, day: date, calendar: Calendar) -> Verdict:
    """Whether the clinic takes place on a day. A day that differs is asked first."""
    if not plan.holds_on(day):
        return Verdict.OUTSIDE
    differs = plan.exceptions.get(day)
    if differs is not None and differs.kind is not Difference.UNITS:
        return Verdict.OFF if differs.kind is Difference.OFF else Verdict.OPEN
    return _by_calendar(plan, day, calendar)


def _by_calendar(plan: Plan, day: date, calendar: Calendar) -> Verdict:
    falls = plan.falls_on(day)
    if not _asks_calendar(plan, day):
        return Verdict.OPEN if falls else Verdict.NOT_ITS_DAY
    known = calendar.day(day)
    if known.kind is DayKind.MAKE_UP and plan.on_make_up is OnMakeUp.FOLLOW:
        return _following(plan, known.stands_for)
    if not falls:
        return Verdict.NOT_ITS_DAY
    return _on_its_day(plan, known.kind)


def _on_its_day(plan: Plan, kind: DayKind) -> Verdict:
    if kind is DayKind.UNKNOWN:
        return Verdict.UNKNOWN
    if kind is DayKind.HOLIDAY and plan.on_holiday is OnHoliday.CLOSED:
        return Verdict.HOLIDAY
    if kind is DayKind.MAKE_UP and plan.on_make_up is OnMakeUp.CLOSED:
        return Verdict.MAKE_UP
    return Verdict.OPEN


def _asks_calendar(plan: Plan, day: date) -> bool:
    is_weekend = day.isoweekday() > 5
    return plan.on_holiday is OnHoliday.CLOSED or (
        is_weekend and plan.on_make_up is not OnMakeUp.AS_USUAL
    )


def _following(plan: Plan, stands_for: date | None) -> Verdict:
    if stands_for is None:
        return Verdict.UNDECIDED
    return Verdict.OPEN if plan.falls_on(stands_for) else Verdict.NOT_ITS_DAY


def on_day(plan: Plan, day: date, calendar: Calendar) -> list[Segment]:
    """The segments of a day, none when the clinic does not take place."""
    if verdict(plan, day, calendar) is not Verdict.OPEN:
        return []
    differs = plan.exceptions.get(day)
    return segments(plan, differs.units if differs else None)


def expand(plan: Plan, calendar: Calendar, first: date, last: date) -> Iterator[Dated]:
    """Every dated segment from the first day to the last, both included, in order."""
    begin = max(first, plan.valid_from)
    end = min(last, plan.valid_until or last)
    for ordinal in range(begin.toordinal(), end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        yield from (Dated(day, segment) for segment in on_day(plan, day, calendar))


Place = tuple[HalfDay, time | None, time | None]


def overlap(one: Place, other: Place) -> bool:
    """Whether two stretches of a day meet. Without times it is the whole half-day."""
    if one[1] is None or other[1] is None:
        return one[0] is other[0]
    return _start(one) < _end(other) and _start(other) < _end(one)


def _start(place: Place) -> int:
    return minute_of(place[1]) if place[1] else 0


def _end(place: Place) -> int:
    return minute_of(place[2]) if place[2] else _start(place) + 1


def clash(one: Plan, other: Plan) -> bool:
    """Whether two schedules of one clinic would ever want the same time."""
    days = set(one.weekdays) & set(other.weekdays)
    weeks = {one.weeks, other.weeks} != {Weeks.ODD, Weeks.EVEN}
    meet = one.valid_from <= (other.valid_until or date.max) and other.valid_from <= (
        one.valid_until or date.max
    )
    places = ((each.half, each.starts_at, each.ends_at) for each in (one, other))
    return bool(days) and weeks and meet and overlap(*places)


def together(
    plans: Mapping[int, Plan], calendar: Calendar, first: date, last: date
) -> Iterator[tuple[int, Dated]]:
    """What several schedules of one clinic come to: where two meet on a day (a clinic held in
    addition, a make-up day), the older one has it."""
    kept: dict[date, list[Place]] = {}
    for key in sorted(plans):
        taken = {day: list(places) for day, places in kept.items()}
        for dated in expand(plans[key], calendar, first, last):
            segment = dated.segment
            place = (segment.half, segment.starts_at, segment.ends_at)
            if not any(overlap(place, other) for other in taken.get(dated.day, ())):
                kept.setdefault(dated.day, []).append(place)
                yield key, dated


def withheld(plans: Iterable[Plan], calendar: Calendar, first: date, last: date) -> list[date]:
    """Days whose units wait for somebody to say what holds."""
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    wanted = list(plans)
    return [day for day in days if any(verdict(plan, day, calendar) in WITHHELD for plan in wanted)]
