"""Clinics that may be stopped or resumed: those of one place that are not over yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline.booking.rules import ClinicKind, HalfDay
from hotline.booking.stopping import MOST_SLOTS
from hotline.booking.windows import BEGINS, ENDS, When
from hotline.clock import local, parse_day, today
from hotline.console.booking_choice import Choice, Where, choice_of
from hotline.console.booking_slots import place_of
from hotline.errors import Refused
from hotline.labels import Labelled
from hotline.web import Page, decode_cursor, encode_cursor

PAGE = 50
AHEAD = timedelta(days=14)


class Shown(Labelled):
    """Which clinics are listed."""

    OPEN = "open", "照常的"
    STOPPED = "stopped", "已停诊的"


@dataclass(frozen=True)
class Asked:
    """What stands in the address."""

    choice: Choice
    first: date
    last: date
    half: HalfDay | None
    shown: Shown | None


def asked_of(address: Mapping[str, str]) -> Asked:
    """The question in an address; without days it is the next two weeks."""
    first = parse_day(address.get("from")) or today()
    last = parse_day(address.get("to")) or first + AHEAD
    half = HalfDay.known(address.get("half"))
    return Asked(
        choice_of(address), first, max(first, last), half, Shown.known(address.get("shown"))
    )


def _by_half(times: Mapping[HalfDay, time]) -> str:
    whens = " ".join(f"WHEN '{half}' THEN time '{at}'" for half, at in times.items())
    return f"CASE s.half_day {whens} END"


_BEGINS = f"coalesce(s.starts_at, {_by_half(BEGINS)})"
_ENDS = f"coalesce(s.ends_at, greatest({_by_half(ENDS)}, s.starts_at))"
_THOSE = f"""
    FROM slot s JOIN resource r ON r.id = s.resource_id JOIN department d ON d.id = s.department_id
    WHERE s.day BETWEEN :first AND :last AND s.hospital_id = :hospital
    AND (s.day > :today OR (s.day = :today AND {_ENDS} > :clock))
    AND (CAST(:department AS bigint) IS NULL OR s.department_id = :department)
    AND (CAST(:doctor AS bigint) IS NULL OR r.doctor_id = :doctor)
    AND (CAST(:half AS varchar) IS NULL OR s.half_day = :half)
    AND (CAST(:stopped AS bool) IS NULL OR s.is_stopped = :stopped)
"""
_KEYS = text(f"SELECT s.id {_THOSE} LIMIT :most")
_COUNT = text(f"SELECT count(*) {_THOSE}")
_ROWS = text(
    f"""
    SELECT p.*, o.name AS doctor, o.title, c.name AS campus, n.booked, n.waiting, n.held
    FROM (SELECT s.*, {_BEGINS} AS begins, d.name AS department, r.doctor_id, r.campus_id,
                 r.name AS item
          {_THOSE} AND (CAST(:after_day AS date) IS NULL OR (s.day, {_BEGINS}, s.id)
                        > (CAST(:after_day AS date), CAST(:after_time AS time), :after_id))
          ORDER BY s.day, begins, s.id LIMIT :most) p
    LEFT JOIN doctor o ON o.id = p.doctor_id LEFT JOIN campus c ON c.id = p.campus_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE b.state = 'confirmed') AS booked,
               count(*) FILTER (WHERE b.state IN ('waiting', 'offered')) AS waiting,
               count(*) FILTER (WHERE b.state = 'held' AND b.expires_at > :at) AS held
        FROM booking b WHERE b.slot_id = p.id) n
    ORDER BY p.day, p.begins, p.id
    """  # noqa: S608
)
_THESE = text(
    f"""
    SELECT s.id, s.day, s.half_day, s.starts_at, s.ends_at, s.is_stopped, h.name AS hospital,
           d.name AS department, o.name AS doctor
    FROM slot s JOIN hospital h ON h.id = s.hospital_id JOIN department d ON d.id = s.department_id
    JOIN resource r ON r.id = s.resource_id LEFT JOIN doctor o ON o.id = r.doctor_id
    WHERE s.id = ANY(:slots) ORDER BY s.day, {_BEGINS}, s.id
    """  # noqa: S608 - a constant of ours
)


@dataclass(frozen=True)
class Clinic:
    """One slot as it is listed or named."""

    row: RowMapping

    @property
    def id(self) -> int:
        """The slot's id."""
        return int(self.row["id"])

    @property
    def when(self) -> When:
        """Its day, half-day and segment."""
        return When.of(self.row)

    @property
    def kind(self) -> ClinicKind | None:
        """号别."""
        return ClinicKind.known(self.row["clinic_kind"])


def _given(asked: Asked, place: Where, at: datetime) -> dict[str, Any]:
    here = local(at)
    return {
        **place_of(place),
        "first": asked.first,
        "last": asked.last,
        "half": asked.half.value if asked.half else None,
        "stopped": None if asked.shown is None else asked.shown is Shown.STOPPED,
        "today": here.date(),
        "clock": here.time(),
        "at": at,
    }


def clinics(
    session: Session, asked: Asked, place: Where, at: datetime, cursor: str | None
) -> Page[Clinic]:
    """A piece of the clinics that fit, the soonest first."""
    after = decode_cursor(cursor, 3) or [None, None, 0]
    given = _given(asked, place, at)
    total = int(session.execute(_COUNT, given).scalar_one())
    more = {"after_day": after[0], "after_time": after[1], "after_id": after[2], "most": PAGE + 1}
    rows = session.execute(_ROWS, given | more).mappings().all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    onward = None
    if last is not None:
        onward = encode_cursor(last["day"].isoformat(), last["begins"].isoformat(), last["id"])
    return Page([Clinic(row) for row in rows[:PAGE]], onward, total)


def all_of(session: Session, asked: Asked, place: Where, at: datetime) -> list[int]:
    """Every clinic that fits. Raises Refused slots_too_many."""
    given = _given(asked, place, at) | {"most": MOST_SLOTS + 1}
    keys = list(session.execute(_KEYS, given).scalars())
    if len(keys) > MOST_SLOTS:
        sentence = f"一次最多处理 {MOST_SLOTS} 个号源，请缩短日期或分科室办理。"
        raise Refused("slots_too_many", sentence)
    return keys


def these(session: Session, slots: list[int]) -> list[Clinic]:
    """The slots by name, the soonest first."""
    found = session.execute(_THESE, {"slots": slots}).mappings()
    return [Clinic(row) for row in found]
