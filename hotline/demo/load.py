"""A month of calls up to now, day by day: each day whole or not at all, so that a load that was
killed goes on where it stopped, and a city that slept for a while catches up."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from hotline import audit
from hotline.agents.models import Person, PresenceChange
from hotline.calls.models import Call
from hotline.calls.sweep import sweep_stale
from hotline.clock import day_bounds, local, now
from hotline.db import transaction
from hotline.demo import duties_done, locks, small_rows, store
from hotline.demo.day import City, plan_day
from hotline.demo.people import CALL_BACK_TEAM
from hotline.demo.plan import CallPlan, Stretch
from hotline.demo.staffing import ensure_people, workers_in
from hotline.demo.upkeep import tidy
from hotline.demo.volume import PER_DAY
from hotline.errors import Refused

DAYS = 30
# A pause shorter than this is no gap: the trickle begins again where it stopped.
GAP = timedelta(minutes=20)
# A call without an end is loaded only when the sweep will close it at once.
STALE = timedelta(hours=12)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """What to load: how many days back, how many calls on an average day."""

    days: int = DAYS
    per_day: float = PER_DAY
    force: bool = False


def load(
    order: Order,
    progress: Progress = lambda _done, _total: None,
    at: datetime | None = None,
) -> int:
    """Bring the demonstration up to now; how many calls were added.

    Raises Refused when real calls are there and nothing was loaded before (unless forced).
    """
    with locks.held(locks.Lock.DATA):
        at = at or now()
        _tidy_after_the_dead(at)
        with transaction() as session:
            since = loaded_until(session)
            if since is None:
                _require_no_real_calls(session, order)
            people = ensure_people(session)
        if since is not None and at - since < GAP:
            return 0
        begin = since or day_bounds(local(at).date() - timedelta(days=order.days))[0]
        loading = _Loading(City(workers_in(people), order.per_day), people, begin, at)
        return loading.run(progress)


def _tidy_after_the_dead(at: datetime) -> None:
    """When no trickle runs, nobody is on the line: whatever says so was left by a kill."""
    with locks.held(locks.Lock.TRICKLE, wait=False) as alone:
        if alone is not None:
            with transaction() as session:
                tidy(session, at)


def loaded_until(session: Session) -> datetime | None:
    """The start of the newest demonstration call."""
    newest = select(Call.started_at).where(col(Call.is_demo))
    return session.exec(newest.order_by(col(Call.started_at).desc()).limit(1)).first()


def _require_no_real_calls(session: Session, order: Order) -> None:
    if not order.force and has_real_calls(session):
        raise Refused(
            "real_calls",
            "数据库里已有真实来电，不载入演示数据。"
            "确实要混在一起，请运行 hotline demo load --force。",
            409,
        )


def has_real_calls(session: Session) -> bool:
    """Does this database know calls that nobody made up?"""
    return session.exec(select(Call.id).where(~col(Call.is_demo)).limit(1)).first() is not None


@dataclass(frozen=True)
class _Loading:
    """One load: from where to where, in which city."""

    city: City
    people: dict[str, int]
    begin: datetime
    end: datetime

    def run(self, progress: Progress) -> int:
        days, added = self._days(), 0
        for done, day in enumerate(days):
            progress(done, len(days))
            added += self._load_day(day)
        progress(len(days), len(days))
        return added

    def _days(self) -> list[date]:
        first, last = local(self.begin).date(), local(self.end).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _load_day(self, day: date) -> int:
        plan = plan_day(day, self.city)
        until = min(day_bounds(day)[1], self.end)
        calls = [call for call in plan.calls if self._is_told(call)]
        with transaction() as session:
            if calls:
                store.write_calls(session, calls, self.people, until, self.end)
            small_rows.write_presence(session, self._new(session, plan.presence), self.people)
            sweep_stale(session, until)
            duties_done.work_off(session, until, self._callers_back(), random.Random(str(day)))
            detail = {"calls": len(calls)}
            audit.record(session, audit.Action.IMPORTED, f"demo:{day}", detail=detail)
        return len(calls)

    def _is_told(self, call: CallPlan) -> bool:
        """New, and over: by its end, or because nobody has heard of it for long."""
        is_over = call.has_end or call.last_at < self.end - STALE
        return call.starts > self.begin and call.last_at <= self.end and is_over

    def _new(self, session: Session, stretches: list[Stretch]) -> list[Stretch]:
        """What nobody has told yet of who was where."""
        told = session.exec(
            select(func.max(PresenceChange.until_at))
            .join(Person, col(Person.id) == col(PresenceChange.person_id))
            .where(col(Person.is_demo))
        ).one()
        since = max(told, self.begin) if told else self.begin
        clipped = (
            replace(one, starts=max(one.starts, since), ends=min(one.ends, self.end))
            for one in stretches
        )
        return [one for one in clipped if one.starts < one.ends]

    def _callers_back(self) -> list[int]:
        """Who works the list of those who gave up."""
        return [self.people[w.username] for w in self.city.people if w.team == CALL_BACK_TEAM]
