"""What cannot be decrypted any more is set aside for a person; everything else flows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline.db import transaction
from tests.workorders.exchange import world
from tests.workorders.orders import LEADER
from workorders.exchange import jobs, lost, stuck
from workorders.exchange.models import Incoming, Outgoing, PlatformHealth
from workorders.exchange.rules import IncomingState, OutgoingState
from workorders.standin import platform as far
from workorders.standin.running import StandIn


def altered(table: str, column: str, where: str) -> None:
    """One bit of what is kept is not what it was."""
    _set(table, where, f"{column} = set_byte({column}, 20, get_byte({column}, 20) # 1)")


def under_a_lost_key(table: str, column: str, where: str) -> None:
    """It names a key that nobody has."""
    _set(table, where, f"{column} = set_byte({column}, 1, 200)")


def _set(table: str, where: str, change: str) -> None:
    with transaction() as session:
        session.execute(text(f"UPDATE {table} SET {change} WHERE {where}"))


def came(no: str, version: int = 1) -> Incoming:
    with transaction() as session:
        query = select(Incoming).where(Incoming.remote_no == no, Incoming.version == version)
        return session.exec(query.options(lost.NO_RAW)).one()


def ours() -> set[str | None]:
    return {each.remote_no for each in world.orders()}


@pytest.fixture
def three(standin: StandIn, city: far.Platform) -> list[str]:
    """Orders at the platform."""
    return [str(standin.place(city)["no"]) for _ in range(3)]


@pytest.mark.parametrize("spoil", [altered, under_a_lost_key])
def test_one_that_came_and_does_not_open_keeps_no_other(
    city: far.Platform, three: list[str], spoil: Callable[[str, str, str], None]
) -> None:
    first, second, third = three
    jobs.pull("city")
    spoil("work_order_incoming", "raw", f"remote_no = '{second}'")
    jobs.apply("city")
    assert ours() == {first, third}
    assert (came(second).state, came(second).reason) == (IncomingState.UNREADABLE, lost.CAME)

    with transaction() as session:  # pressed before the key is there again
        stuck.retry_incoming(session, came(second).key, LEADER)
    jobs.apply("city")
    assert (came(second).state, came(second).reason) == (IncomingState.UNREADABLE, lost.CAME)

    world.lose_cursor()  # the platform tells it once more: that one opens
    jobs.pull("city")
    jobs.apply("city")
    assert ours() == set(three)
    assert [came(no).times for no in three] == [2, 2, 2]
    assert world.differences(city) == []


def test_an_order_that_does_not_open_keeps_no_other(city: far.Platform, three: list[str]) -> None:
    first, second, _ = three
    world.sweep_at_once()
    altered("work_order", "caller_name", f"remote_no = '{first}'")
    for no in (first, second):
        city.note(no, "urged", "请尽快")
    world.sweep_at_once()
    assert (came(first, 2).state, came(first, 2).reason) == (IncomingState.PARKED, lost.ORDER)
    assert came(second, 2).state is IncomingState.APPLIED


def test_an_event_that_does_not_open_keeps_no_other_orders(
    city: far.Platform, three: list[str]
) -> None:
    first, second, _ = three
    world.sweep_at_once()
    for no in (first, second):
        world.deed(no, "accept")
    altered("work_order_outgoing", "body",
            f"order_id = (SELECT id FROM work_order WHERE remote_no = '{first}')")  # fmt: skip
    jobs.send("city")
    assert [event["type"] for event in city.events(second)] == ["accept"]
    assert city.events(first) == []
    with transaction() as session:
        query = select(Outgoing.state, Outgoing.last_error).order_by(Outgoing.id)  # type: ignore[arg-type]
        assert session.exec(query).all() == [
            (OutgoingState.GIVEN_UP, lost.GOES), (OutgoingState.SENT, None),
        ]  # fmt: skip


def test_an_order_that_does_not_open_is_told_about_all_the_same(
    city: far.Platform, three: list[str]
) -> None:
    world.sweep_at_once()
    world.deed(three[0], "accept")
    altered("work_order", "caller_name", "true")
    jobs.send("city")
    assert [event["type"] for event in city.events(three[0])] == ["accept"]


def test_a_platform_whose_secret_does_not_open_keeps_no_other_platform(
    standin: StandIn, city: far.Platform, three: list[str]
) -> None:
    world.connect(standin, "province")
    there = standin.place(standin.province)["no"]
    under_a_lost_key("work_order_platform", "secret", "code = 'city'")
    jobs.pull_all()
    world.work()
    assert ours() == {there}
    with transaction() as session:
        assert session.get_one(PlatformHealth, "city").last_error == lost.SECRET
