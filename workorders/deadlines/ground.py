"""What a deadline is reckoned with, as it is stored: the rules, the calendar, the office hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session, select

from hotline import settings
from hotline.calendar_models import known_days
from hotline.clock import local
from hotline.working_days import KnownDays, Office
from workorders.deadlines.models import DeadlineRule, WorkOrderClock, WorkOrderPause
from workorders.deadlines.reckoning import Course, Due, Pause, reckon
from workorders.deadlines.rules import Asked, ClockKind, Rule, choose
from workorders.deadlines.words import PLATFORMS, Story, why
from workorders.models import Platform

_KEPT = "deadlines_ground"


class Timed(Protocol):
    """What is timed: a work order, or anything with these four values."""

    @property
    def key(self) -> int:
        """The id of the work order."""

    @property
    def platform(self) -> str:
        """The platform's code."""

    @property
    def kind(self) -> str:
        """诉求类型."""

    @property
    def urgency(self) -> str:
        """紧急程度."""


@dataclass(frozen=True)
class Ground:
    """Everything but the clocks; ``rules`` holds ended rows too, by id."""

    rules: Mapping[int, Rule]
    calendar: KnownDays
    office: Office
    platforms: Mapping[str, str]

    def choose(self, order: Timed, kind: ClockKind, at: datetime) -> Rule | None:
        """The rule for a clock of this order that starts at an instant."""
        day = local(at).date()
        asked = Asked(kind, order.platform, order.kind, order.urgency, day)
        return choose(self.rules.values(), asked)

    def tell(
        self, kind: ClockKind, rule: Rule | None, course: Course, extended_times: int = 0
    ) -> Story | None:
        """A clock with its deadline; None where neither a rule nor anybody else gives one."""
        due = reckon(rule, course, self.calendar, self.office)
        if due is None:
            return None
        return Story(kind, rule, course, due, extended_times, self.platforms)

    def of_clock(
        self,
        clock: WorkOrderClock,
        rule: Rule | None,
        pauses: Iterable[WorkOrderPause],
        more_days: int = 0,
    ) -> Story | None:
        """The same for a clock as it is stored, by this rule, put off by ``more_days``."""
        stood = tuple(Pause(one.reason, one.since, one.until) for one in pauses)
        days = clock.extended_days + more_days
        course = Course(clock.started_at, clock.given_due_at, days, stood, clock.outdated_due_at)
        return self.tell(clock.kind, rule, course, clock.extended_times)

    def rule_of(self, clock: WorkOrderClock) -> Rule | None:
        """The rule a clock was reckoned by."""
        return self.rules[clock.rule_id] if clock.rule_id else None


def ground(session: Session) -> Ground:
    """What holds now; read once a transaction, for an order has several clocks."""
    found: Ground | None = session.info.get(_KEPT)
    if found is None:
        found = session.info[_KEPT] = _read(session)
    return found


def forget(session: Session) -> None:
    """A rule or the calendar has just changed: read again."""
    session.info.pop(_KEPT, None)


def _read(session: Session) -> Ground:
    site = settings.current()
    rows = session.exec(select(DeadlineRule))
    return Ground(
        {row.id: row.rule() for row in rows if row.id},
        known_days(session),
        Office(site.office_opens, site.office_closes),
        {**PLATFORMS, **dict(session.exec(select(Platform.code, Platform.name)).all())},
    )


def written(story: Story) -> dict[str, Any]:
    """A deadline as the columns of its clock."""
    due = story.due
    return {
        "due_at": due.at,
        "own_due_at": due.own_at,
        "warn_at": due.warn_at,
        "escalate_at": due.escalate_at,
        "is_provisional": bool(due.assumed),
        "rule_id": story.rule.id if story.rule else None,
        "explanation": {"why": why(story), **_reasons(due)},
    }


def put(clock: WorkOrderClock, story: Story, at: datetime) -> None:
    """Write a deadline into its clock. Where it moved past ``at`` it is warned of anew."""
    if story.due.warn_at > at:
        clock.warned_at = None
    if story.due.escalate_at > at:
        clock.escalated_at = None
    clock.sqlmodel_update(written(story))


def _reasons(due: Due) -> dict[str, Any]:
    return {
        "counts_from": due.counts_from.isoformat(),
        "rests": [[str(rest.first), str(rest.last), rest.name] for rest in due.rests],
        "made_up": [str(day) for day in due.made_up],
        "paused_days": due.paused_days,
        "paused_seconds": round(due.paused.total_seconds()),
        "assumed": list(due.assumed),
    }
