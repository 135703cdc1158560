"""Who works in the demonstration city: 200 made-up people in teams. Pure but for reading them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hotline.agents.rules import Role

FILE = Path(__file__).parent / "data" / "people.csv"
CALL_TEAMS = tuple(f"话务{number}组" for number in "一二三四五六七八")
CALL_BACK_TEAM = CALL_TEAMS[-1]
# The first of each role is a sign-in the newcomer is told: agent1, counsellor1, ...
WELL_KNOWN = {
    role: f"{role.value}1"
    for role in (Role.AGENT, Role.COUNSELLOR, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
}


@dataclass(frozen=True)
class Worker:
    """One made-up person."""

    username: str
    name: str
    role: Role
    team: str
    extension: str | None

    @property
    def is_well_known(self) -> bool:
        """Is this one of the sign-ins a newcomer is told?"""
        return self.username in WELL_KNOWN.values()


@cache
def staff() -> tuple[Worker, ...]:
    """All 200, always the same: what was half written is recognised."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Worker(
                row["username"],
                row["name"],
                Role(row["role"]),
                row["team"],
                row["extension"] or None,
            )
            for row in csv.DictReader(file)
        )
