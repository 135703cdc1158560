"""Schedules as they are stored, with the days that differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import settings
from hotline.booking.policy import WITHDRAWN, Policy, RuleName, read_value
from hotline.booking.schedules_models import Schedule, ScheduleException
from hotline.booking.schedules_rules import Exceptional, Plan

_WINDOWS = text("SELECT DISTINCT value FROM booking_rule WHERE name = :name AND value <> :none")


@dataclass(frozen=True)
class Standing:
    """A schedule and the pattern it is."""

    row: Schedule
    plan: Plan


def horizon_days(session: Session) -> int:
    """How many days ahead slots are made: the setting, and always more than can be booked."""
    values = session.execute(_WINDOWS, {"name": RuleName.WINDOW_DAYS.value, "none": WITHDRAWN})
    windows: list[int] = [read_value(RuleName.WINDOW_DAYS, value) for value in values.scalars()]
    furthest = max([Policy().window_days, *windows])
    return max(settings.current().schedule_horizon_days, furthest + 1)


def last_day(session: Session, today: date) -> date:
    """The last day that slots are made for."""
    return today + timedelta(days=horizon_days(session))


def standing(session: Session, rows: Iterable[Schedule]) -> list[Standing]:
    """These schedules with the days that differ."""
    wanted = list(rows)
    differing: dict[int, dict[date, Exceptional]] = {}
    ids = [row.key for row in wanted]
    query = select(ScheduleException).where(col(ScheduleException.schedule_id).in_(ids))
    for one in session.exec(query) if ids else ():
        said = Exceptional(one.kind, one.units)
        differing.setdefault(one.schedule_id, {})[one.day] = said
    return [Standing(row, row.plan(differing.get(row.key))) for row in wanted]


def of_resources(session: Session, resources: Iterable[int], since: date) -> list[Standing]:
    """What is in force on a day or will be, by clinic and age."""
    query = select(Schedule).where(
        col(Schedule.resource_id).in_(list(resources)),
        col(Schedule.valid_until).is_(None) | (col(Schedule.valid_until) >= since),
    )
    return standing(
        session, session.exec(query.order_by(col(Schedule.resource_id), col(Schedule.id)))
    )
