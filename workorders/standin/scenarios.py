"""What happens on a platform by itself: a quiet day, a busy one, an outage, a careless one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hotline.labels import Labelled
from workorders.rules import Meaning
from workorders.standin import inventing
from workorders.standin.faults import Fault
from workorders.standin.platform import Platform


class Scenario(Labelled):
    """What may be asked for."""

    QUIET = "quiet", "约两分钟一单"
    BUSY = "busy", "开始 200 单，之后每分钟 20 单"
    OUTAGE = "outage", "每十分钟停机、断开、变慢各一段"
    DIRTY = "dirty", "重复、乱序、倒退、字段改变、未知状态、半截应答"


@dataclass(frozen=True)
class Pace:
    """How fast orders come: at the start, and then one every so often."""

    burst: int
    every: timedelta


PACES = {
    Scenario.QUIET: Pace(3, timedelta(minutes=2)),
    Scenario.BUSY: Pace(200, timedelta(seconds=3)),
    Scenario.OUTAGE: Pace(5, timedelta(seconds=30)),
    Scenario.DIRTY: Pace(20, timedelta(seconds=6)),
}
# minutes into each ten: what is wrong then
OUTAGES = {4: Fault.DOWN, 5: Fault.DOWN, 6: Fault.DROPPED, 7: Fault.SLOW}
DIRT = {
    Fault.REPEATED: 0.2,
    Fault.OUT_OF_ORDER: 0.2,
    Fault.CURSOR_BACK: 0.1,
    Fault.CHANGED_TYPES: 0.2,
    Fault.HALF_ANSWER: 0.05,
    Fault.NOT_JSON: 0.02,
    Fault.ERROR_AFTER_APPLYING: 0.2,
    Fault.SLOW: 0.03,
    Fault.BUSY: 0.03,
}
UNKNOWN_STATUSES = ("99", "SUSPENDED", "45")
_URGED, _SUPERVISED, _ODD = 0.15, 0.05, 0.1
_OPEN = (Meaning.WAIT_SIGN, Meaning.SIGNED, Meaning.DOING)


class Course:
    """One scenario over some platforms, moved on by ``step``. The same seed, the same orders."""

    def __init__(self, scenario: Scenario, platforms: list[Platform], seed: int = 12345) -> None:
        self._scenario, self._platforms = scenario, platforms
        self._random = random.Random(seed)
        self._due: datetime | None = None
        self._started: datetime | None = None

    def step(self, now: datetime) -> None:
        """Do what is due by now."""
        if self._started is None or self._due is None:
            self._started = now
            self._begin(now)
            self._due = now + self._pause()
        self._fail(now - self._started)
        while self._due <= now:
            self._one_thing(now)
            self._due += self._pause()

    def _begin(self, now: datetime) -> None:
        if self._scenario is Scenario.DIRTY:
            for platform in self._platforms:
                for fault, share in DIRT.items():
                    platform.faults.set(fault, share=share, seconds=25)
        if not any(platform.numbers() for platform in self._platforms):
            for _ in range(PACES[self._scenario].burst):
                place(self._which(), self._random, now)

    def _fail(self, since: timedelta) -> None:
        if self._scenario is not Scenario.OUTAGE:
            return
        wrong = OUTAGES.get(int(since.total_seconds() // 60) % 10)
        for platform in self._platforms:
            for fault in set(OUTAGES.values()):
                if fault is wrong:
                    platform.faults.set(fault, seconds=60)
                else:
                    platform.faults.clear(fault)

    def _one_thing(self, now: datetime) -> None:
        platform = self._which()
        place(platform, self._random, now)
        chance = self._random.random()
        if chance < _URGED:
            thread = "supervised" if chance < _SUPERVISED else "urged"
            self._to_some(platform, lambda no: _say(platform, no, thread, self._random))
        if self._scenario is Scenario.DIRTY and self._random.random() < _ODD:
            odd = self._random.choice(UNKNOWN_STATUSES)
            self._to_some(platform, lambda no: platform.mark(no, odd))

    def _to_some(self, platform: Platform, what: Callable[[str], object]) -> None:
        if numbers := platform.open_numbers(_OPEN):
            what(self._random.choice(numbers))

    def _which(self) -> Platform:
        shares = [7 if platform.code == "city" else 3 for platform in self._platforms]
        return self._random.choices(self._platforms, shares)[0]

    def _pause(self) -> timedelta:
        return PACES[self._scenario].every * self._random.uniform(0.7, 1.3)


def place(platform: Platform, rng: random.Random, now: datetime, **given: Any) -> dict[str, Any]:
    """Invent an order on a platform; what is given stands. The order by the contract."""
    known = set(platform.numbers())
    sequence = len(known) + 1
    while (no := inventing.number(platform.code, now, sequence)) in known:
        sequence += 1
    return platform.dispatch(inventing.order(rng, str(given.pop("no", no)), now, **given))


def _say(platform: Platform, no: str, thread: str, rng: random.Random) -> None:
    platform.note(no, thread, inventing.sentence(rng, thread))
