"""Orders come, events go, over a real socket and a real queue."""

from __future__ import annotations

from hotline.db import transaction
from tests.workorders.exchange import world
from workorders.exchange import health
from workorders.exchange.rules import IncomingState, OutgoingState
from workorders.rules import State
from workorders.standin import platform as far
from workorders.standin.running import StandIn


def test_an_order_comes_and_what_is_done_is_told(standin: StandIn, city: far.Platform) -> None:
    no = standin.place(city)["no"]
    world.ring_and_work()
    assert world.order(no).state is State.RECEIVED
    world.deed(no, "accept")
    world.deed(no)
    world.work()  # nobody swept: the deeds rang
    assert [event["type"] for event in city.events(no)] == ["accept", "progress"]
    assert {row.state for row in world.outgoing()} == {OutgoingState.SENT}
    world.until_quiet()
    assert world.differences(city) == []


def test_what_comes_again_is_the_same_row(standin: StandIn, city: far.Platform) -> None:
    standin.place(city)
    world.ring_and_work()
    world.connect(standin)
    with transaction() as session:
        health.of(session, "city").cursor = None
    world.ring_and_work()
    (row,) = world.incoming()
    assert (row.times, row.state) == (2, IncomingState.APPLIED)
