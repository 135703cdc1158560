"""A stand-in on a free port, and the contract's client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from workorders.platforms.rest import RestAdapter
from workorders.platforms.transport import Line, Site
from workorders.standin.platform import Platform
from workorders.standin.running import StandIn

Client = Callable[..., RestAdapter]


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """Both platforms; nothing happens by itself."""
    with StandIn() as running:
        yield running


@pytest.fixture
def client(standin: StandIn) -> Iterator[Client]:
    """Makes a client of one of its platforms, impatient."""
    made: list[RestAdapter] = []

    def make(platform: Platform | None = None, **site: object) -> RestAdapter:
        of = platform or standin.city
        account = {"app_id": of.account.app_id, "secret": of.account.secret}
        given = {"platform": of.code, "base_url": standin.url, "read_seconds": 5, **account, **site}
        made.append(RestAdapter(Line(Site(**given))))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()
