"""Who is free to answer: the desks of one day, longest idle first, with breaks. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hotline.agents.rules import Presence, Role
from hotline.demo.duty import Duty
from hotline.demo.plan import Stretch, seconds

_BREAKS = ((2.0, 12), (4.2, 30), (6.3, 12))  # hours into the shift, minutes


@dataclass
class Seat:
    """One person's day at the desk."""

    duty: Duty
    free_at: datetime
    breaks: list[tuple[datetime, timedelta]]
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def agent(self) -> str:
        """How the PBX calls this seat."""
        return self.duty.worker.extension or self.duty.worker.username

    def rest(self, at: datetime) -> None:
        """Take the breaks that are due by ``at``."""
        while self.breaks and self.breaks[0][0] <= at:
            due, length = self.breaks.pop(0)
            starts = max(due, self.free_at)
            self._be(Presence.BREAK, starts, starts + length)
            self.free_at = starts + length

    def talk(self, answered: datetime, left: datetime, free: datetime) -> None:
        """A call, and what is written after it."""
        self._be(Presence.TALKING, answered, left)
        self._be(Presence.WRAP_UP, left, free)
        self.free_at = max(self.free_at, free)

    def _be(self, presence: Presence, starts: datetime, ends: datetime) -> None:
        begun = self.stretches[-1].ends if self.stretches else self.duty.starts
        name = self.duty.worker.username
        if starts > begun:
            self.stretches.append(Stretch(name, Presence.READY, begun, starts))
        if ends > max(starts, begun):
            self.stretches.append(Stretch(name, presence, max(starts, begun), ends))

    def day(self) -> list[Stretch]:
        """The whole shift, ready to the end."""
        self._be(Presence.READY, self.duty.ends, self.duty.ends)
        return self.stretches


class Desk:
    """All seats of a day."""

    def __init__(self, duties: list[Duty], rng: random.Random) -> None:
        self.seats = [Seat(duty, duty.starts, _breaks(duty, rng)) for duty in duties]

    def next_free(self, at: datetime, role: Role = Role.AGENT, but: str = "") -> Seat | None:
        """The seat that can ring first for a call waiting since ``at``; None when nobody is in."""
        present = [
            seat
            for seat in self.seats
            if seat.duty.starts <= at < seat.duty.ends
            and seat.duty.worker.role is role
            and seat.agent != but
        ]
        for seat in present:
            seat.rest(at)
        # Before the end of the shift someone who would be late leaves the call to others.
        return min(present, key=lambda seat: seat.free_at, default=None)


def _breaks(duty: Duty, rng: random.Random) -> list[tuple[datetime, timedelta]]:
    hours = (duty.ends - duty.starts) / timedelta(hours=1)
    return [
        (duty.starts + seconds((after + rng.uniform(-0.4, 0.4)) * 3600), timedelta(minutes=minutes))
        for after, minutes in _BREAKS
        if after < hours - 1
    ]
