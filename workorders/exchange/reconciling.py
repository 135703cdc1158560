"""A day of a platform compared with ours: read its digest, find what differs, fetch what we lack.

Nothing is open while the platform is asked. A run that was killed while it read begins anew under
its number; one that was killed while it fetched goes on. A day that has its report gets another
only when somebody asks for it, under the next number.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import structlog
from sqlmodel import Session

from hotline.clock import now
from hotline.db import transaction
from hotline.errors import Refused
from workorders.exchange import health, reconciling_comparing, reconciling_fetching
from workorders.exchange import reconciling_runs as runs
from workorders.exchange.adapters import opened
from workorders.exchange.locks import only_one
from workorders.exchange.models import Exchange
from workorders.exchange.reconciling_fetching import Fetcher
from workorders.exchange.reconciling_models import Reconciliation
from workorders.exchange.reconciling_rules import RunState
from workorders.models import Platform
from workorders.platforms import adapter as ways
from workorders.platforms.adapter import Adapter, NoAnswer

log = structlog.get_logger(__name__)
MOST_PAGES = 2_000
STOPPED = "由人停止。"
Told = Callable[[Reconciliation, int, int], None]


class Stopped(Exception):
    """Somebody asked it to stop."""


def reconcile(
    platform: Platform,
    day: date,
    *,
    by: str = "系统",
    again: bool = False,
    told: Told = lambda _run, _done, _total: None,
) -> Reconciliation | None:
    """Compare one day; the report, or None when it has one (and not ``again``) or another
    process is at it. ``told`` hears how far it is: (run, done, total or 0).

    What the platform does not answer is written at the report, which is not finished then.
    """
    runs.require_past(day)
    with only_one("reconcile", platform.code) as alone:
        if not alone:
            return None
        with transaction() as session:
            run = runs.begin(session, platform, day, by=by, again=again)
            if run is not None:
                run.attempts += 1
        return _work(platform, run, told) if run is not None else None


def _work(platform: Platform, run: Reconciliation, told: Told) -> Reconciliation:
    kept: list[ways.Exchange] = []
    try:
        with opened(platform, kept.append) as adapter:
            if run.state is RunState.READING:
                _read(platform, run.key, adapter, kept, told)
            _fetch(platform, run.key, adapter, kept, told)
    except NoAnswer as none:
        return _end(run.key, RunState.FAILED, none.message)
    except Refused as refusal:
        return _end(run.key, RunState.FAILED, refusal.message)
    except Stopped:
        return _end(run.key, RunState.FAILED, STOPPED)
    return _end(run.key, RunState.DONE, None)


def _read(
    platform: Platform, run_id: int, adapter: Adapter, kept: list[ways.Exchange], told: Told
) -> None:
    cursor, seen = "", {""}
    with transaction() as session:
        day = heard(session, run_id).day
    for _ in range(MOST_PAGES):
        kept.clear()
        try:
            page = adapter.digest(day, cursor)
        except NoAnswer as none:
            _note(platform, kept, none)
            raise
        with transaction() as session:
            run = heard(session, run_id)
            reconciling_comparing.store_lines(session, run, page.items)
            run.theirs = reconciling_comparing.count_lines(session, run)
            told(run, run.theirs, 0)
        cursor = page.next_cursor
        if not page.more or cursor in seen:  # a cursor that goes in circles ends the list
            break
        seen.add(cursor)
    _note(platform, kept, None)
    with transaction() as session:
        run = heard(session, run_id)
        reconciling_comparing.write_differences(session, run, platform)
        run.state = RunState.FETCHING


def _fetch(
    platform: Platform, run_id: int, adapter: Adapter, kept: list[ways.Exchange], told: Told
) -> None:
    with transaction() as session:
        run = heard(session, run_id)
        pending = reconciling_fetching.pending(session, run)
    fetcher = Fetcher(platform, adapter, kept)
    for done, (key, no) in enumerate(pending, 1):
        with transaction() as session:
            run = heard(session, run_id)
        fetcher.fetch(key, no)
        told(run, done, len(pending))


def heard(session: Session, run_id: int) -> Reconciliation:
    """The run, locked, with a sign of life. Raises Stopped."""
    run = session.get_one(Reconciliation, run_id, with_for_update=True, populate_existing=True)
    if run.is_to_stop:
        raise Stopped
    run.heard_at = now()
    session.add(run)
    return run


def _end(run_id: int, state: RunState, error: str | None) -> Reconciliation:
    with transaction() as session:
        run = session.get_one(Reconciliation, run_id, with_for_update=True, populate_existing=True)
        run.differences = reconciling_fetching.count(session, run)
        run.state, run.ended_at, run.heard_at, run.is_to_stop = state, now(), now(), False
        run.error = health.said(error) if error else None
        session.add(run)
        runs.tell(session)
    log.info("reconciled", platform=run.platform, day=str(run.day), number=run.number,
             state=run.state.value, differences=run.differences, error=run.error)  # fmt: skip
    return run


def _note(platform: Platform, kept: list[ways.Exchange], none: NoAnswer | None) -> None:
    last_one = kept[-1] if kept else None
    with transaction() as session:
        session.add(Exchange(
            platform=platform.code, what="digest", at=last_one.at if last_one else now(),
            milliseconds=round(last_one.seconds * 1000) if last_one else 0,
            outcome=none.trouble.value if none else "read",
            status=last_one.status if last_one else None,
            error=health.said(none.message) if none else None, is_demo=platform.is_demo,
        ))  # fmt: skip
