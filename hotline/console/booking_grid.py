"""What is left: two weeks of half-days at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline.booking.policy import Policy
from hotline.booking.rules import HalfDay
from hotline.booking.windows import When, refusal
from hotline.clock import local, now
from hotline.console.booking_choice import Where
from hotline.console.booking_slots import RUN_OUT, Policies, place_of
from hotline.labels import Labelled

DAYS = 14


class CellState(Labelled):
    """What a half-day is to somebody who wants to book; the label is said where no number is."""

    OPEN = "open", "有号"
    FULL = "full", "满"
    EARLY = "early", "未放"
    LATE = "late", "停约"
    STOPPED = "stopped", "停诊"
    NONE = "none", "无"


@dataclass(frozen=True)
class Cell:
    """One half-day of the places chosen."""

    day: date
    half: HalfDay
    state: CellState = CellState.NONE
    left: int = 0

    @property
    def is_open(self) -> bool:
        """Whether there is something to take."""
        return self.state is CellState.OPEN

    @property
    def can_be_seen(self) -> bool:
        """Whether there are slots to look at."""
        return self.state is not CellState.NONE


@dataclass(frozen=True)
class Grid:
    """Half-days as rows, days as columns."""

    days: list[date]
    rows: list[tuple[HalfDay, list[Cell]]]

    @property
    def first_open(self) -> Cell | None:
        """The soonest half-day with something left."""
        cells = [cell for _, row in self.rows for cell in row if cell.is_open]
        return min(cells, key=lambda cell: cell.day, default=None)


_GROUPS = text(
    f"""
    SELECT s.day, s.half_day, s.clinic_kind, s.is_stopped, min(s.id) AS slot_id,
           max(s.starts_at) AS starts_at,
           sum(s.capacity - s.taken + coalesce(x.units, 0)) AS left_over
    FROM slot s JOIN resource r ON r.id = s.resource_id {RUN_OUT}
    WHERE s.hospital_id = :hospital AND s.department_id = :department
    AND s.day BETWEEN :first AND :last
    AND (CAST(:doctor AS bigint) IS NULL OR r.doctor_id = :doctor)
    AND (CAST(:item AS bigint) IS NULL OR r.id = :item)
    GROUP BY s.day, s.half_day, s.clinic_kind, s.is_stopped
    """  # noqa: S608 - a constant of ours
)


def grid(session: Session, place: Where, at: datetime | None = None) -> Grid:
    """Two weeks of a department, or of one doctor in it."""
    moment = at or now()
    first = local(moment).date()
    days = [first + timedelta(days=n) for n in range(DAYS)]
    rows = session.execute(
        _GROUPS, place_of(place) | {"first": first, "last": days[-1], "at": moment}
    )
    cells = _cells(session, rows.mappings().all(), moment)
    shown = [half for half in HalfDay if half is not HalfDay.EVENING or _has(cells, half)]
    return Grid(
        days, [(half, [cells.get((day, half), Cell(day, half)) for day in days]) for half in shown]
    )


def _has(cells: Iterable[tuple[date, HalfDay]], half: HalfDay) -> bool:
    return any(each is half for _, each in cells)


def _cells(
    session: Session, rows: Iterable[RowMapping], at: datetime
) -> dict[tuple[date, HalfDay], Cell]:
    policies = Policies(session, at)
    found: dict[tuple[date, HalfDay], Cell] = {}
    for row in rows:
        cell = _cell(row, policies.of(row["slot_id"], row["clinic_kind"]), at)
        other = found.get((cell.day, cell.half))
        found[cell.day, cell.half] = _better(cell, other) if other else cell
    return found


_CLOSED = {"too_early": CellState.EARLY}


def _cell(row: RowMapping, policy: Policy, at: datetime) -> Cell:
    when = When(row["day"], HalfDay(row["half_day"]), row["starts_at"])
    if row["is_stopped"]:
        return Cell(when.day, when.half, CellState.STOPPED)
    if (against := refusal(policy, when, at)) is not None:
        return Cell(when.day, when.half, _CLOSED.get(against.code, CellState.LATE))
    left = max(int(row["left_over"]), 0)
    return Cell(when.day, when.half, CellState.OPEN if left else CellState.FULL, left)


def _better(one: Cell, other: Cell) -> Cell:
    """Several kinds of clinic in one half-day: what can be had counts."""
    order = list(CellState)
    best = min(one, other, key=lambda cell: order.index(cell.state))
    return Cell(best.day, best.half, best.state, one.left + other.left)
