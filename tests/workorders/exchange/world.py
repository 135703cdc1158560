"""A platform and us: connected, made to work, compared at the end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from rq import SimpleWorker
from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import queues
from hotline.db import transaction
from tests.workorders.orders import LEADER
from workorders import moving, service
from workorders.exchange import bells, health, jobs, queries, rounds, stuck
from workorders.exchange.models import Incoming, Outgoing
from workorders.models import Order, Platform
from workorders.platforms import mapping
from workorders.standin import platform as far
from workorders.standin.running import StandIn


def connect(standin: StandIn, code: str = "city", **given: Any) -> Platform:
    """The platform's row, committed."""
    there = standin.city if code == "city" else standin.province
    settings = {"read_seconds": 2, "whole_seconds": 4, "send_per_second": 200}
    row = Platform(
        code=code, name="市12345" if code == "city" else "省12345", adapter="rest",
        base_url=standin.url, app_id=there.account.app_id, secret=there.account.secret,
        mapping=mapping.template(mapping.Template(code)).column(),
        settings=settings | given.pop("settings", {}),
    )  # fmt: skip
    for name, value in given.items():
        setattr(row, name, value)
    with transaction() as session:
        session.merge(row)
    return row


def ring_and_work() -> None:
    """One turn of the schedule, and every job that is waiting or comes up meanwhile."""
    for row in rounds.platforms():
        bells.ring(bells.PULL, row.code)
    jobs.sweep()
    work()


def work() -> None:
    """Do what is in the queues, with real jobs from the real queue."""
    connection = queues.connection()
    names = [queues.named(name) for name in queues.ALL]
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    SimpleWorker(names, connection=connection).work(burst=True, logging_level="ERROR")
    for each, handler in before.items():  # the worker's own would keep the test run from ending
        signal.signal(each, handler)


def sweep_at_once() -> None:
    """What the schedule rings for, without the queue between."""
    for row in rounds.platforms():
        jobs.pull(row.code)
        jobs.apply(row.code)
        jobs.send(row.code)


def time_passes() -> None:
    """Every pause and lease is over."""
    with transaction() as session:
        for statement in (
            "UPDATE work_order_outgoing SET next_attempt_at = now() - interval '1 second'"
            " WHERE state = 'due'",
            "UPDATE work_order_incoming SET next_attempt_at = now() - interval '1 second'"
            " WHERE state = 'due'",
            "UPDATE work_order_platform_health SET pull_after = NULL,"
            " open_until = CASE WHEN open_until IS NULL THEN NULL ELSE now() END",
        ):
            session.execute(text(statement))


def until_quiet(rounds: int = 30) -> None:
    """Let time pass and work until nothing is due and nothing more comes."""
    quiet = 0
    for _ in range(rounds):
        time_passes()
        ring_and_work()
        quiet = 0 if pending() else quiet + 1
        if quiet == 2:  # what was told there changed the order there
            return
    raise AssertionError("it never came to rest")


def until_quiet_or(fact: Callable[[], bool], rounds: int = 30) -> None:
    """Let time pass and work until something is so."""
    for _ in range(rounds):
        if fact():
            return
        time_passes()
        ring_and_work()
    raise AssertionError("it did not come true")


def pending() -> int:
    """Rows that wait to be sent or applied."""
    with transaction() as session:
        count = "SELECT (SELECT count(*) FROM work_order_outgoing WHERE state = 'due')"
        count += " + (SELECT count(*) FROM work_order_incoming WHERE state = 'due')"
        return int(session.execute(text(count)).scalar_one())


def deed(no: str, what: str = "progress", words: str = "已联系诉求人") -> None:
    """Somebody of ours does something to the order with this remote number."""
    with transaction() as session:
        order = _by_remote(session, no)
        order = moving.locked(session, order.order_no)
        if what == "accept":
            service.accept(session, order, LEADER)
        else:
            service.progress(session, order, words, LEADER)


def order(no: str) -> Order:
    """Ours, by its remote number."""
    with transaction() as session:
        return _by_remote(session, no)


def _by_remote(session: Session, no: str) -> Order:
    return session.exec(select(Order).where(Order.remote_no == no)).one()


def orders() -> list[Order]:
    """All of ours, oldest first."""
    with transaction() as session:
        return list(session.exec(select(Order).order_by(col(Order.id))))


def lose_cursor() -> None:
    """We no longer know how far we have asked."""
    with transaction() as session:
        health.of(session, "city").cursor = None


def settle_refusals(there: far.Platform) -> None:
    """Let everything come to rest, a person dismissing what the platform refuses."""
    for _ in range(200):
        until_quiet_or_stuck()
        with transaction() as session:
            rows = queries.stuck_outgoing(session).rows
            for row, _order in rows:
                stuck.dismiss_outgoing(session, row.key, "已电话告知", LEADER)
        if not rows and not pending():
            return
    raise AssertionError(f"refusals of {there.code} never end")


def until_quiet_or_stuck() -> None:
    """Work until what is due only waits behind what a person must settle."""
    for _ in range(6):
        time_passes()
        sweep_at_once()


def told_twice(there: far.Platform) -> list[str]:
    """Events that both sides count, but not the same number of times."""
    heard = [event["event_id"] for no in there.numbers() for event in there.events(no)]
    ours = {str(row.event_id): row.state.value for row in outgoing()}
    doubled = [each for each in set(heard) if heard.count(each) > 1]
    return doubled + [each for each in heard if ours.get(each) != "sent"]


def outgoing(no: str | None = None) -> list[Outgoing]:
    """Our events, of one order or of all, oldest first."""
    with transaction() as session:
        query = select(Outgoing).order_by(col(Outgoing.id))
        if no is not None:
            query = query.where(Outgoing.order_id == _by_remote(session, no).key)
        return list(session.exec(query))


def incoming() -> list[Incoming]:
    """What came, oldest first."""
    with transaction() as session:
        return list(session.exec(select(Incoming).order_by(col(Incoming.id))))


def differences(there: far.Platform) -> list[str]:
    """What the platform's side and ours do not agree on: orders, versions, statuses, events."""
    found: list[str] = []
    with transaction() as session:
        query = select(Order).where(Order.platform == there.code)
        ours = {each.remote_no: each for each in session.exec(query)}
        shown = {each["no"]: each for each in there.orders()}
        if ours.keys() != shown.keys():
            found.append(f"orders: {sorted(ours.keys() ^ shown.keys())}")
        for no in ours.keys() & shown.keys():
            found += _of_one(session, ours[no], shown[no], there.events(no))
    return found


def _of_one(
    session: Session, ours: Order, shown: dict[str, Any], events: list[dict[str, Any]]
) -> list[str]:
    found = []
    have = (ours.remote_version, ours.remote_status, ours.title)
    if have != (shown["version"], shown["status"], shown["title"][:200]):
        found.append(f"{ours.remote_no}: {have} != {shown['version'], shown['status']}")
    query = select(Outgoing).where(Outgoing.order_id == ours.key).order_by(col(Outgoing.id))
    told = [str(row.event_id) for row in session.exec(query) if row.state.value == "sent"]
    heard = [event["event_id"] for event in events]
    if told != heard:
        found.append(f"{ours.remote_no}: told {told}, heard {heard}")
    return found
