"""A stand-in on a real socket, a database with real commits, a real queue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.workorders.exchange import world
from workorders.standin import platform as far
from workorders.standin.running import StandIn


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """Both platforms; nothing happens by itself."""
    with StandIn() as running:
        yield running


@pytest.fixture
def city(standin: StandIn, committed: str, redis: Redis) -> far.Platform:
    """The city's platform, connected to an empty database of ours."""
    world.connect(standin)
    return standin.city
