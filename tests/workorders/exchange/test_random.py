"""A platform and we live side by side for a while, with faults; in the end both know the same."""

from __future__ import annotations

import os
import random
from contextlib import suppress

import pytest
from redis import Redis

from hotline.clock import now
from hotline.errors import Refused
from tests.workorders.exchange import world
from workorders.rules import Meaning, State
from workorders.standin import machine
from workorders.standin import platform as far
from workorders.standin.faults import Fault
from workorders.standin.machine import Refusal
from workorders.standin.pushing import Pusher
from workorders.standin.running import StandIn

SEEDS = range(int(os.environ.get("SEEDS", "2")))
STEPS = 40
# Slow is tried elsewhere: here it would only take long.
FAULTS = [each for each in Fault if each not in {Fault.SLOW, Fault.WRONG_SIGNATURE}]


class Life:
    """What may happen, drawn by lot."""

    def __init__(self, standin: StandIn, seed: int) -> None:
        self.standin, self.city = standin, standin.city
        self.lot = random.Random(seed)
        self.deeds = [
            self.placed, self.placed, self.changed, self.urged, self.done_by_us, self.done_by_us,
            self.done_by_us, self.fault, self.fault, self.worked, self.worked, self.time_passed,
            self.redis_emptied, self.cursor_lost,
        ]  # fmt: skip

    def step(self) -> None:
        """One thing happens."""
        self.lot.choice(self.deeds)()

    def placed(self) -> None:
        self.standin.place(self.city, confidential=False)

    def changed(self) -> None:
        if numbers := self.city.numbers():
            meaning = self.lot.choice(list(Meaning))
            self.city.act(
                self.lot.choice(numbers),
                lambda filed, at: machine.changed(filed, at, meaning=meaning, before=None),
            )

    def urged(self) -> None:
        if numbers := self.city.numbers():
            with suppress(Refusal):
                self.city.note(self.lot.choice(numbers), "urged", f"请尽快 {self.lot.random()}")

    def done_by_us(self) -> None:
        numbers = [row.remote_no for row in world.orders() if row.remote_no]
        if not numbers:
            return
        no = self.lot.choice(numbers)
        with suppress(Refused):
            world.deed(no, "accept" if world.order(no).state is State.RECEIVED else "progress")

    def fault(self) -> None:
        self.city.faults.set(self.lot.choice(FAULTS), times=self.lot.randint(1, 4), seconds=1)

    def worked(self) -> None:
        world.sweep_at_once()

    def time_passed(self) -> None:
        world.time_passes()

    def redis_emptied(self) -> None:
        world.queues.connection().flushdb()

    def cursor_lost(self) -> None:
        world.lose_cursor()


@pytest.mark.parametrize("seed", SEEDS)
def test_both_sides_agree_in_the_end(
    standin: StandIn, city: far.Platform, redis: Redis, seed: int
) -> None:
    life = Life(standin, seed)
    for _ in range(STEPS):
        life.step()
    city.faults.clear()
    world.settle_refusals(city)
    assert world.differences(city) == []
    numbers = [row.remote_no for row in world.orders()]
    assert len(numbers) == len(set(numbers)) == len(city.numbers())
    assert not world.told_twice(city)


def test_pushed_and_pulled_at_once_is_one_order(
    standin: StandIn, city: far.Platform, redis: Redis
) -> None:
    """A platform that pushes while we pull, through a real web server."""
    from threading import Thread

    from werkzeug.serving import make_server

    import wsgi

    server = make_server("127.0.0.1", 0, wsgi.build(), threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    pusher = Pusher(f"http://127.0.0.1:{server.port}")
    try:
        for _ in range(5):
            standin.place(city)
            city.note(city.numbers()[0], "urged", f"请尽快 {now()}")
            city.faults.set(Fault.REPEATED, times=1)
            pusher.push_changes(city)
            world.sweep_at_once()
        city.faults.set(Fault.WRONG_SIGNATURE, times=1)
        no = standin.place(city)["no"]
        assert pusher.push(city, city.order(no))[0] == 401
    finally:
        pusher.close()
        server.shutdown()
        thread.join(10)
        server.server_close()
    world.until_quiet()
    assert world.differences(city) == []
    assert {row.via.value for row in world.incoming()} == {"push", "pull"}
