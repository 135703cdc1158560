"""What waits for a person, how the exchange stands, and the patience that is pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from sqlmodel import Session, select

from hotline.audit import AuditEntry
from hotline.clock import now
from hotline.errors import Refused
from tests.workorders.orders import LEADER, agent, platform, received, remote
from workorders import call_backs, service
from workorders.call_backs import Answer
from workorders.exchange import health, inbox, outbox, queries, rules, stuck
from workorders.exchange.models import Incoming, Outgoing
from workorders.exchange.queries import Standing
from workorders.exchange.rules import IncomingState, OutgoingState, Via
from workorders.platforms.adapter import Trouble
from workorders.platforms.wire import Unreadable
from workorders.rules import Satisfaction


@pytest.fixture(autouse=True)
def _queue(redis: Redis) -> None:
    """Doorbells have somewhere to ring."""


def refused_event(session: Session, **given: Any) -> Outgoing:
    order = received(session, platform(session) if not given else given["source"])
    service.accept(session, order, LEADER)
    row = session.exec(select(Outgoing)).one()
    row.state = OutgoingState.REFUSED
    session.flush()
    return row


def test_only_a_supervisor_settles_and_it_is_on_record(session: Session) -> None:
    row = refused_event(session)
    with pytest.raises(Refused, match="not_for_you"):
        stuck.retry_outgoing(session, row.key, agent(1))
    with pytest.raises(Refused, match="reason_needed"):
        stuck.dismiss_outgoing(session, row.key, "  ", LEADER)
    stuck.dismiss_outgoing(session, row.key, "已电话 13800001111 告知", LEADER)
    assert row.state is OutgoingState.DISMISSED
    with pytest.raises(Refused, match="exchange_settled"):
        stuck.retry_outgoing(session, row.key, LEADER)
    line = session.exec(select(AuditEntry).order_by(AuditEntry.id.desc())).first()  # type: ignore[union-attr]
    assert line is not None
    assert line.subject.startswith("work_order:WO")
    assert line.detail == {"exchange": "已人工处理", "event": "签收"}
    assert "13800001111" not in (line.reason or "") + (row.last_error or "")


def test_what_came_is_settled_too(session: Session) -> None:
    source = platform(session)
    arrived = inbox.from_item(Unreadable("没有版本号", {"no": "NJ-1"}, "NJ-1"))
    assert inbox.store(session, source, [arrived, arrived], Via.PULL, now()) == 1
    row = session.exec(select(Incoming)).one()
    assert (row.state, row.times, row.reason) == (IncomingState.UNREADABLE, 2, "没有版本号")
    stuck.retry_incoming(session, row.key, LEADER)
    assert row.state is IncomingState.DUE
    row.state = IncomingState.PARKED
    session.flush()
    stuck.dismiss_incoming(session, row.key, "平台已重发", LEADER)
    assert (row.state, row.reason) == (IncomingState.DISMISSED, "平台已重发")


def test_pages_of_what_is_stuck(session: Session) -> None:
    source = platform(session)
    each = [inbox.from_item(Unreadable("坏", {"no": str(n)}, str(n))) for n in range(5)]
    inbox.store(session, source, each, Via.PULL, now())
    session.flush()
    first = queries.stuck_incoming(session, limit=3)
    second = queries.stuck_incoming(session, "city", first.next_cursor, limit=3)
    numbers = [row.remote_no for row in [*first.rows, *second.rows]]
    assert numbers == ["4", "3", "2", "1", "0"]
    assert second.next_cursor is None
    with pytest.raises(Refused, match="cursor_invalid"):
        queries.stuck_incoming(session, cursor="WyJ4Il0")


def test_how_a_platform_stands(session: Session) -> None:
    source = platform(session)
    standing = lambda: queries.healths(session)[0].standing  # noqa: E731
    assert standing() is Standing.UNASKED
    found = health.of(session, "city")
    health.pulled(found, now())
    session.flush()
    assert standing() is Standing.WELL
    health.failed(found, now(), Trouble.DOWN, "连不上", None)
    session.flush()
    assert standing() is Standing.TRYING
    for _ in range(rules.FAILURES_TO_OPEN):
        health.failed(found, now(), Trouble.DOWN, "连不上", None)
    session.flush()
    assert standing() is Standing.RESTING
    health.answered(found, now())
    session.flush()
    assert standing() is Standing.WELL
    source.is_active = False
    session.flush()
    assert standing() is Standing.OFF


def test_lag_and_backlog_are_told(session: Session) -> None:
    row = refused_event(session)
    row.state, row.created_at = OutgoingState.DUE, now() - timedelta(hours=2)
    session.flush()
    (found,) = queries.healths(session)
    assert (found.backlog, found.stuck) == (1, 0)
    assert 7200 <= found.lag_seconds(now()) < 7260


def test_waiting_for_a_receipt_is_nobodys_fault(session: Session) -> None:
    platform(session)
    found = health.of(session, "city")
    for _ in range(20):
        health.failed(found, now(), Trouble.WAITING, "还没有回执", None)
    assert (found.failures, found.open_until) == (0, None)


def test_an_event_has_the_same_body_at_every_attempt(session: Session) -> None:
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    service.reply(session, order, "已核实。\n“处理”完毕", LEADER)
    service.pass_reply(session, order, LEADER)
    answer = Answer(True, True, False, Satisfaction.DISSATISFIED, "没有解决")
    call_backs.record(session, order, answer, LEADER)
    rows = session.exec(select(Outgoing)).all()
    assert len(rows) == 3
    for row in rows:
        event = outbox.event_of(row)
        assert event.body().decode() == row.body
        assert event.event_id == row.event_id
    assert '"不满意"' in rows[-1].body


def test_the_same_order_written_otherwise_is_the_same() -> None:
    one, other = remote(), remote()
    shuffled = other.model_copy(update={"raw": dict(reversed(other.raw.items()))})
    assert inbox.from_item(one).digest == inbox.from_item(shuffled).digest
    assert inbox.from_item(one).digest != inbox.from_item(remote(version=2)).digest


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_and_end(attempts: int, luck: float) -> None:
    pause = rules.pause(attempts, luck).total_seconds()
    assert 1 <= pause <= rules.LONGEST_PAUSE
    assert rules.pause(attempts, 1) <= rules.pause(attempts + 1, 1)
    rest = rules.rest(attempts, luck)
    assert (rest is None) == (attempts < rules.FAILURES_TO_OPEN)
    if rest is not None:
        assert rules.FIRST_OPEN / 2 <= rest.total_seconds() <= rules.LONGEST_OPEN


def test_a_day_without_the_platform_is_no_reason_to_give_up() -> None:
    two_days = timedelta(hours=48)
    assert not rules.is_hopeless(500, timedelta(hours=25), 12, two_days)
    assert not rules.is_hopeless(3, timedelta(days=9), 12, two_days)
    assert rules.is_hopeless(12, two_days, 12, two_days)
