"""What can be booked now, by the names people use: read from the pool, kept for half a minute."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline.classification import departments
from ivr.dialogue.places import Catalogue, Place
from ivr.dialogue.understand import EARLIEST_DAYS
from ivr.hospital_names import ways_to_call
from ivr.speech.nearest import near_enough

NICKNAMES = Path(__file__).parent / "data" / "nicknames.csv"
KEPT_SECONDS = 30.0
_OPEN = text(
    """
    SELECT s.hospital_id, h.name AS hospital, h.short_name, h.city, s.department_id,
           d.name AS department, r.doctor_id, o.name AS doctor, sum(s.taken) AS used
    FROM slot s JOIN resource r ON r.id = s.resource_id JOIN hospital h ON h.id = s.hospital_id
    JOIN department d ON d.id = s.department_id LEFT JOIN doctor o ON o.id = r.doctor_id
    WHERE s.day BETWEEN :first AND :last AND NOT s.is_stopped AND s.taken < s.capacity
    AND r.kind = 'clinic' AND h.is_active AND d.is_active
    GROUP BY s.hospital_id, h.name, h.short_name, h.city, s.department_id, d.name, r.doctor_id,
             o.name
    """
)


def read(session: Session, today: date) -> Catalogue:
    """Hospitals, departments and doctors with a free slot in the days callers may book."""
    given = {"first": today + timedelta(days=1), "last": today + timedelta(days=EARLIEST_DAYS)}
    rows = session.execute(_OPEN, given).mappings().all()
    return Catalogue(
        _places(rows, "hospital_id", lambda row: Place(
            row["hospital_id"], row["hospital"], 0, hospital_forms(row))),
        _places(rows, "department_id", lambda row: Place(
            row["department_id"], row["department"], row["hospital_id"],
            department_forms(row["department"]))),
        _places((row for row in rows if row["doctor_id"]), "doctor_id", lambda row: Place(
            row["doctor_id"], row["doctor"], row["department_id"], (row["doctor"],))),
        nearest=near_enough,
    )  # fmt: skip


def _places(rows: Iterable[RowMapping], key: str, make: Any) -> tuple[Place, ...]:
    """One place for each key; its weight is how many units of it are taken."""
    used: dict[int, int] = {}
    first: dict[int, RowMapping] = {}
    for row in rows:
        used[row[key]] = used.get(row[key], 0) + int(row["used"])
        first.setdefault(row[key], row)
    found = []
    for id_, row in first.items():
        place = make(row)
        found.append(Place(place.id, place.name, place.within, place.forms, used[id_]))
    return tuple(found)


@cache
def _nicknames() -> Mapping[str, tuple[str, ...]]:
    with NICKNAMES.open(encoding="utf-8", newline="") as file:
        return {row["医院"]: tuple(row["说法"].split()) for row in csv.DictReader(file)}


def hospital_forms(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The full name, those that follow from it, the short one, and what else people say."""
    name = row["hospital"]
    ways = (*ways_to_call(name, row["city"]), row["short_name"] or "", *_nicknames().get(name, ()))
    return tuple(dict.fromkeys(way for way in ways if len(way) >= 2))


@cache
def department_forms(name: str) -> tuple[str, ...]:
    """The name on the door, and what callers call a department of that kind."""
    plain = re.sub(r"（.*?）|\(.*?\)|门诊$", "", name)
    kinds = departments.called(name)
    ways = [name, plain, *(way for kind in kinds[:1] for way in departments.ways_to_call(kind))]
    return tuple(dict.fromkeys(way for way in ways if len(way) >= 2))


class Living:
    """The catalogue of this process, read anew when it is half a minute old."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._day = date.min
        self._kept = Catalogue()

    def current(self, session: Session, today: date) -> Catalogue:
        """As it was at most half a minute ago: what is gone meanwhile, the hold refuses."""
        if time.monotonic() - self._read_at > KEPT_SECONDS or today != self._day:
            self._kept = read(session, today)
            self._read_at, self._day = time.monotonic(), today
        return self._kept
