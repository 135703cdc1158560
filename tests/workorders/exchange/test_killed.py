"""A worker killed between any two lines: after the sweep both sides agree.

An even sample of so many lines (``LINES``, a large number for all): a suite has no hour.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.db import transaction
from tests.workorders.exchange import world
from workorders.exchange import health
from workorders.standin import platform as far
from workorders.standin.running import StandIn

MOST = int(os.environ.get("LINES", "25"))


class Mortal:
    """The process that dies for us."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.workorders.exchange.killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )

    def do(self, job: str, line: int = 0) -> str:
        """Its answer: ``died`` or ``lines N``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{job} city {line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        """Nothing more to do."""
        self.process.communicate(timeout=20)


@pytest.fixture
def mortal(city: far.Platform) -> Iterator[Mortal]:
    found = Mortal()
    yield found
    found.end()


def lines_of(answer: str) -> list[int]:
    """The lines to die at."""
    count = int(answer.removeprefix("lines "))
    print(f"{count} lines")  # noqa: T201 - shown when it fails, or with -s
    assert count > 0, answer
    step = max(1, count // MOST)
    return list(range(1, count + 1, step))


def test_killed_while_it_tells(standin: StandIn, city: far.Platform, mortal: Mortal) -> None:
    numbers = [str(standin.place(city)["no"]) for _ in range(2)]
    world.ring_and_work()
    for number in numbers:
        world.deed(number, "accept")
    for line in lines_of(mortal.do("send")):
        world.deed(numbers[0])
        world.deed(numbers[1])
        assert mortal.do("send", line) == "died"
        _recovers()
    assert world.differences(city) == []
    _no_event_was_lost(city)


def test_killed_while_it_takes_in(standin: StandIn, city: far.Platform, mortal: Mortal) -> None:
    for job in ("pull", "apply"):
        standin.place(city)
        _pull_first(job)
        for line in lines_of(mortal.do(job)):
            standin.place(city)
            city.note(city.numbers()[0], "urged", f"请尽快 {line}")
            _pull_first(job)
            answer = mortal.do(job, line)
            assert answer == "died" or answer.startswith("lines"), answer
            _recovers()
    assert world.differences(city) == []
    with transaction() as session:
        assert health.of(session, "city").cursor == str(len(city._log))
    rows = world.incoming()
    assert {row.state.value for row in rows} <= {"applied", "older"}


def _pull_first(job: str) -> None:
    """What is to be applied has come."""
    if job == "apply":
        row = world.rounds.platform("city")
        assert row is not None
        world.rounds.ask(row)


def _recovers() -> None:
    """The lease is over, the schedule ticks; whatever waits, is done."""
    for _ in range(10):
        world.time_passes()
        world.sweep_at_once()
        if not world.pending():
            return
    raise AssertionError("it never came to rest")


def _no_event_was_lost(city: far.Platform) -> None:
    told = {str(row.event_id) for row in world.outgoing()}
    heard = [event["event_id"] for no in city.numbers() for event in city.events(no)]
    assert sorted(told) == sorted(heard)
