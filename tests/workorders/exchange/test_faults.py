"""Whatever a platform does wrong, nothing is lost and nothing is doubled."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text
from sqlmodel import col, select

from hotline import queues, settings
from hotline.clock import now
from hotline.db import transaction
from tests.workorders.exchange import world
from tests.workorders.orders import LEADER
from tests.workorders.platforms.speaker import certificate
from workorders.exchange import health, queries, rounds, rules, stuck
from workorders.exchange.models import Exchange, PlatformHealth
from workorders.exchange.queries import Standing
from workorders.exchange.rules import IncomingState, OutgoingState
from workorders.models import Platform
from workorders.rules import Meaning, State
from workorders.standin import machine
from workorders.standin import platform as far
from workorders.standin.faults import Fault
from workorders.standin.running import StandIn


@pytest.fixture
def no(standin: StandIn, city: far.Platform) -> str:
    """An order that is with us, signed for here but not yet told there."""
    number = str(standin.place(city, confidential=False)["no"])
    world.ring_and_work()
    world.deed(number, "accept")
    return number


def state_of(code: str = "city") -> PlatformHealth:
    with transaction() as session:
        return health.of(session, code)


@pytest.mark.parametrize(
    "fault",
    [Fault.DOWN, Fault.DROPPED, Fault.SLOW, Fault.BUSY, Fault.ERROR_AFTER_APPLYING,
     Fault.HALF_ANSWER, Fault.NOT_JSON],
)  # fmt: skip
def test_an_event_arrives_once_whatever_was_answered(
    standin: StandIn, city: far.Platform, no: str, fault: Fault
) -> None:
    world.connect(standin, settings={"read_seconds": 0.5})
    world.deed(no)
    city.faults.set(fault, times=3, seconds=1.0)
    world.work()
    assert world.outgoing(no)[0].state is OutgoingState.DUE
    assert world.outgoing(no)[1].attempts == 0, "the second waits for the first"
    world.until_quiet()
    city.faults.clear()
    world.until_quiet()
    assert world.differences(city) == []
    assert [event["type"] for event in city.events(no)] == ["accept", "progress"]
    with transaction() as session:
        tried = session.execute(text("SELECT outcome FROM work_order_exchange WHERE what LIKE"
                                     " 'send:%' ORDER BY id")).scalars().all()  # fmt: skip
    assert tried[0] == "unknown"
    assert len(tried) >= 3


@pytest.mark.parametrize(
    "fault",
    [Fault.DOWN, Fault.DROPPED, Fault.SLOW, Fault.BUSY, Fault.HALF_ANSWER, Fault.NOT_JSON,
     Fault.REPEATED, Fault.OUT_OF_ORDER, Fault.CURSOR_BACK, Fault.CHANGED_TYPES],
)  # fmt: skip
def test_orders_come_once_whatever_the_page_was_like(
    standin: StandIn, city: far.Platform, fault: Fault
) -> None:
    world.connect(standin, settings={"read_seconds": 0.5})
    numbers = [standin.place(city)["no"] for _ in range(3)]
    city.act(numbers[0], lambda filed, at: machine.changed(filed, at, meaning=Meaning.SIGNED))
    city.faults.set(fault, times=2, seconds=1.0)
    world.until_quiet()
    city.act(numbers[0], lambda filed, at: machine.changed(filed, at, meaning=Meaning.DOING))
    city.act(numbers[1], lambda filed, at: machine.changed(filed, at, meaning=Meaning.DONE))
    city.faults.set(fault, times=1, seconds=1.0)
    world.until_quiet()
    city.faults.clear()
    world.until_quiet()
    assert world.differences(city) == []
    assert world.order(numbers[1]).state is State.CLOSED


def test_a_platform_that_is_away_is_left_alone_then_tried_with_one(
    standin: StandIn, city: far.Platform
) -> None:
    numbers = [standin.place(city)["no"] for _ in range(8)]
    world.ring_and_work()
    for number in numbers:
        world.deed(number, "accept")
    city.faults.set(Fault.DOWN)
    row = rounds.platform("city")
    assert row is not None
    assert rounds.tell(row) == rules.FAILURES_TO_OPEN
    assert rounds.tell(row) == 0, "it is left alone"
    with transaction() as session:
        (found,) = queries.healths(session)
    assert (found.standing, found.backlog) == (Standing.RESTING, 8)
    world.time_passes()
    assert rounds.tell(row) == 1, "one goes ahead"
    city.faults.clear()
    world.time_passes()
    assert rounds.tell(row) == 8
    assert world.differences(city) in ([], _behind(city))
    world.until_quiet()
    assert world.differences(city) == []


def _behind(city: far.Platform) -> list[str]:
    """What is left to be pulled."""
    return [each for each in world.differences(city) if "told" not in each]


def test_retry_after_is_heeded(city: far.Platform, no: str) -> None:
    city.faults.set(Fault.BUSY, times=1, seconds=120)
    at = now()
    world.work()
    assert (state_of().open_until or at) >= at + timedelta(seconds=119)
    assert world.outgoing(no)[0].next_attempt_at >= at + timedelta(seconds=119)
    row = rounds.platform("city")
    assert row is not None
    assert rounds.tell(row) == 0


def test_what_is_never_taken_is_given_up_and_waits_for_a_person(
    city: far.Platform, no: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_WORKORDERS_GIVE_UP_ATTEMPTS", "3")
    monkeypatch.setenv("HOTLINE_WORKORDERS_GIVE_UP_HOURS", "0")
    settings.current.cache_clear()
    world.deed(no)
    city.faults.set(Fault.DOWN)
    world.until_quiet_or(lambda: world.outgoing(no)[0].state is OutgoingState.GIVEN_UP)
    assert [row.attempts for row in world.outgoing(no)] == [3, 0]
    with transaction() as session:
        (stuck_one,) = queries.stuck_outgoing(session).rows
        stuck.retry_outgoing(session, stuck_one[0].key, LEADER)
    city.faults.clear()
    monkeypatch.undo()
    settings.current.cache_clear()
    world.until_quiet()
    assert world.differences(city) == []


def test_what_is_refused_keeps_the_rest_of_its_order_and_nothing_else(
    standin: StandIn, city: far.Platform, no: str
) -> None:
    city.act(no, lambda filed, at: machine.changed(filed, at, meaning=Meaning.DONE))
    other = standin.place(city)["no"]
    world.deed(no)
    world.until_quiet_or(lambda: bool(world.outgoing(no)[0].settled_at is None
                                      and world.outgoing(no)[0].attempts))  # fmt: skip
    world.deed(other, "accept")
    world.work()
    assert [row.state for row in world.outgoing(no)] == [OutgoingState.REFUSED, OutgoingState.DUE]
    assert world.outgoing(no)[1].attempts == 0
    assert [row.state for row in world.outgoing(other)] == [OutgoingState.SENT]
    with transaction() as session:
        (found,) = queries.stuck_outgoing(session).rows
        assert "42201" in (found[0].last_error or "")
        stuck.dismiss_outgoing(session, found[0].key, "已电话告知平台", LEADER)
    world.work()
    first, second = world.outgoing(no)
    assert (first.state, second.state) == (OutgoingState.DISMISSED, OutgoingState.REFUSED)


def test_an_unknown_status_is_parked_until_it_is_explained(city: far.Platform, no: str) -> None:
    world.until_quiet()
    city.mark(no, "99")
    world.ring_and_work()
    order = world.order(no)
    assert (order.state, order.remote_status) == (State.ACCEPTED, "99")
    with transaction() as session:
        (row,) = queries.stuck_incoming(session).rows
        assert "99" in (row.reason or "")
        platform = session.get_one(Platform, "city")
        platform.mapping = {**platform.mapping, "99": Meaning.DONE.value}
        stuck.retry_incoming(session, row.key, LEADER)
    world.work()
    assert world.order(no).state is State.CLOSED
    with transaction() as session:
        assert queries.stuck_incoming(session).rows == []
    assert {row.state for row in world.incoming()} == {IncomingState.APPLIED}


def test_clocks_apart_keep_everything_until_they_agree(committed: str, redis: Redis) -> None:
    apart = [timedelta(minutes=10)]
    with StandIn(now=lambda: now() + apart[0]) as standin:
        world.connect(standin)
        no = standin.place(standin.city)["no"]
        world.ring_and_work()
        assert world.incoming() == []
        assert "签名" in (state_of().last_error or "")
        apart[0] = timedelta(0)
        world.until_quiet()
        world.deed(no, "accept")
        apart[0] = timedelta(minutes=-10)
        world.work()
        assert world.outgoing(no)[0].state is OutgoingState.DUE
        apart[0] = timedelta(0)
        world.until_quiet()
        assert world.differences(standin.city) == []


def test_a_wrong_secret_loses_nothing(standin: StandIn, city: far.Platform, no: str) -> None:
    with transaction() as session:
        session.get_one(Platform, "city").secret = "x" * 32
    world.ring_and_work()
    assert world.outgoing(no)[0].state is OutgoingState.DUE
    with transaction() as session:
        assert session.get_one(PlatformHealth, "city").failures
    world.connect(standin)
    world.until_quiet()
    assert world.differences(city) == []


def test_an_expired_certificate_loses_nothing(committed: str, redis: Redis, tmp_path: Path) -> None:
    context, pem = certificate(tmp_path, days_left=-1)
    standin = StandIn().start(tls=context)
    try:
        world.connect(standin, settings={"ca_file": str(pem)})
        standin.place(standin.city)
        world.ring_and_work()
        assert "证书已过期" in (state_of().last_error or "")
        assert world.incoming() == []
    finally:
        standin.stop()


def test_a_row_that_breaks_keeps_none_of_the_others(standin: StandIn, city: far.Platform) -> None:
    with transaction() as session:
        session.execute(text(
            "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'of 13800001111'; END $$"))  # fmt: skip
        session.execute(text(
            "CREATE TRIGGER boom BEFORE INSERT ON work_order FOR EACH ROW"
            " WHEN (NEW.title = 'boom') EXECUTE FUNCTION boom()"))  # fmt: skip
    good = [standin.place(city)["no"] for _ in range(2)]
    bad = standin.place(city, title="boom")["no"]
    good.append(standin.place(city)["no"])
    world.ring_and_work()
    for number in good:
        assert world.order(number).state is State.RECEIVED
    for _ in range(rules.TRIES_TO_APPLY):
        world.time_passes()
        world.ring_and_work()
    with transaction() as session:
        (row,) = queries.stuck_incoming(session).rows
        assert (row.remote_no, row.attempts) == (bad, rules.TRIES_TO_APPLY)
        assert "13800001111" not in (row.reason or "")
        session.execute(text("DROP TRIGGER boom ON work_order"))
        stuck.retry_incoming(session, row.key, LEADER)
    world.work()
    assert world.differences(city) == []


def test_an_emptied_redis_loses_only_doorbells(
    standin: StandIn, city: far.Platform, no: str, redis: Redis
) -> None:
    standin.place(city)
    redis.flushdb()
    world.work()
    assert world.outgoing(no)[0].state is OutgoingState.DUE, "nobody rang"
    world.until_quiet()
    assert world.differences(city) == []


def test_redis_gone_for_an_hour(
    standin: StandIn, city: far.Platform, no: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_REDIS_URL", "unix:///nowhere.sock")
    settings.current.cache_clear()
    for _ in range(3):
        world.deed(no)
    row = rounds.platform("city")
    assert row is not None
    standin.place(city)
    assert rounds.ask(row) is not None, "what came is stored, though nobody can be rung for"
    monkeypatch.undo()
    settings.current.cache_clear()
    assert len(world.incoming()) >= 2
    world.until_quiet()
    assert world.differences(city) == []
    assert len(city.events(no)) == 4


def test_every_attempt_is_kept_encrypted(city: far.Platform, no: str) -> None:
    city.faults.set(Fault.ERROR_AFTER_APPLYING, times=1)
    world.until_quiet()
    with transaction() as session:
        rows = [
            row
            for row in session.exec(select(Exchange).order_by(col(Exchange.id)))
            if row.outgoing_id
        ]
        raw = session.execute(text("SELECT answer FROM work_order_exchange WHERE answer IS NOT"
                                   " NULL")).scalars().all()  # fmt: skip
    assert [(row.outcome, row.attempt, row.status) for row in rows] == [
        ("unknown", 1, 500), ("applied_before", 2, 409),
    ]  # fmt: skip
    assert "40901" in (rows[1].answer or "")
    assert not any(b"40901" in bytes(each) for each in raw)


def test_a_doorbell_rings_once_for_many_deeds(city: far.Platform, no: str) -> None:
    for _ in range(5):
        world.deed(no)
    assert queues.named(queues.DEFAULT).count == 1
    world.work()
    world.deed(no)
    assert queues.named(queues.DEFAULT).count == 1
