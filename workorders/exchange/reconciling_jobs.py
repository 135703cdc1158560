"""Every night, yesterday of every platform; a day that could not be compared is tried again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from hotline import queues
from hotline.clock import local, now
from hotline.db import after_commit, transaction
from workorders.exchange import reconciling, rounds
from workorders.exchange.reconciling_models import Reconciliation
from workorders.exchange.reconciling_rules import DAYS_BACK, NIGHTLY_AT, RunState

RUN = "workorders.exchange.reconciling_jobs.run"


def nightly() -> None:
    """Compare what has no report yet: each platform in a job of its own."""
    for code in rounds.codes():
        with transaction() as session:
            days = due(session, code, now())
        for day in days:
            ask_for(code, day)


def ask_for(platform: str, day: date, by: str = "系统") -> None:
    """Put the comparison into the queue; one that waits there already is the same one."""
    job_id = f"reconcile-{platform}-{day}"
    queues.enqueue(queues.SLOW, RUN, platform, day.isoformat(), by, job_id=job_id)


def ask_for_after_commit(session: Session, platform: str, day: date, by: str) -> None:
    """The same once the run is written down."""
    after_commit(session, lambda: ask_for(platform, day, by))


def run(platform: str, day: str, by: str = "系统") -> None:
    """Compare one day of one platform."""
    row = rounds.platform(platform)
    if row is not None:
        reconciling.reconcile(row, date.fromisoformat(day), by=by)


def due(session: Session, platform: str, at: datetime) -> list[date]:
    """The days that want a report: yesterday from 02:40 on, and those of a week that have none,
    back to the first report there ever was."""
    here = local(at)
    yesterday = here.date() - timedelta(days=1)
    if here.time() < NIGHTLY_AT:
        yesterday -= timedelta(days=1)
    mine = Reconciliation.platform == platform
    earliest = (
        select(col(Reconciliation.day)).where(mine).order_by(col(Reconciliation.day)).limit(1)
    )
    first = session.exec(earliest).first()
    if first is None:
        return [yesterday] if here.time() >= NIGHTLY_AT else []
    start = max(first, yesterday - timedelta(days=DAYS_BACK - 1))
    done = set(session.exec(
        select(col(Reconciliation.day)).where(
            mine, Reconciliation.state == RunState.DONE, col(Reconciliation.day) >= start
        )
    ))  # fmt: skip
    days = (start + timedelta(days=number) for number in range((yesterday - start).days + 1))
    return [day for day in days if day not in done]
