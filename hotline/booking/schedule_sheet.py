"""The sheet of schedules: one slot a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation

from hotline.booking.rules import ClinicKind, HalfDay, ResourceKind
from hotline.booking.sheet import Line

MOST_UNITS = 9999
MOST_YUAN = Decimal(99999)
FURTHEST = timedelta(days=800)


@dataclass(frozen=True)
class Where:
    """The clinic, examination or bed a row is about, by the names of its parts.

    A clinic has a ``kind``; anything else has an ``item`` instead. ``city`` may be empty.
    """

    hospital: str
    campus: str
    department: str
    doctor: str
    kind: ClinicKind | None
    category: ResourceKind = ResourceKind.CLINIC
    item: str = ""
    city: str = ""


@dataclass(frozen=True)
class Row:
    """One slot of a sheet."""

    line: Line
    where: Where
    title: str
    day: date
    half: HalfDay
    starts_at: time | None
    ends_at: time | None
    capacity: int
    fee: Decimal | None


def read(lines: Iterable[Line], today: date) -> list[Row]:
    """The rows that hold together; faults stand in the report."""
    return list(_without_repetition(row for line in lines if (row := _row(line, today))))


def _without_repetition(rows: Iterable[Row]) -> Iterator[Row]:
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = (row.where, row.day, row.half, row.starts_at)
        first = seen.setdefault(key, row.line.number)
        if first != row.line.number:
            row.line.wrong("整行", f"与第 {first} 行是同一个号源（医院到开始时间都相同）。")
        else:
            yield row


def _row(line: Line, today: date) -> Row | None:
    faults = len(line.report.faults)
    half = line.one_of("午别", HalfDay)
    where = _where(line)
    day, capacity, fee = _day(line, today), _units(line), _fee(line)
    title = line.text("职称", 30, needed=False)
    starts_at, ends_at = line.clock("开始"), line.clock("结束")
    _check_segment(line, starts_at, ends_at)
    if len(line.report.faults) > faults or day is None or capacity is None:
        return None
    if not isinstance(half, HalfDay):
        return None
    return Row(line, where, title, day, half, starts_at, ends_at, capacity, fee)


def _where(line: Line) -> Where:
    category = _category(line)
    is_clinic = category is ResourceKind.CLINIC
    kind = line.one_of("号别", ClinicKind) if is_clinic else None
    return Where(
        line.text("医院", 60),
        line.text("院区", 40, needed=False),
        line.text("科室", 60),
        line.text("医生", 40, needed=False),
        kind if isinstance(kind, ClinicKind) else None,
        category,
        "" if is_clinic else line.text("项目", 60),
        line.text("城市", 20, needed=False),
    )


def _category(line: Line) -> ResourceKind:
    """类别; a sheet without it is one of clinics."""
    found = line.one_of("类别", ResourceKind) if line.cells.get("类别") else None
    return found if isinstance(found, ResourceKind) else ResourceKind.CLINIC


def _day(line: Line, today: date) -> date | None:
    day = line.day("日期")
    if day is not None and not today - FURTHEST < day < today + FURTHEST:
        line.wrong("日期", f"{day} 离今天太远，请核对年份。")
    return day


def _units(line: Line) -> int | None:
    value = line.text("号源数", 10)
    if value.isascii() and value.isdecimal() and int(value) <= MOST_UNITS:
        return int(value)
    if value:
        line.wrong("号源数", f"“{value}”应为 0 到 {MOST_UNITS} 的整数。")
    return None


def _fee(line: Line) -> Decimal | None:
    value = line.text("挂号费", 12, needed=False).removesuffix("元")
    if not value:
        return None
    try:
        fee = Decimal(value)
    except InvalidOperation:
        fee = Decimal(-1)
    if not fee.is_finite() or not 0 <= fee <= MOST_YUAN or fee != fee.quantize(Decimal("0.01")):
        line.wrong("挂号费", f"“{value}”应为金额（元），最多两位小数。")
        return None
    return fee


def _check_segment(line: Line, starts_at: time | None, ends_at: time | None) -> None:
    if ends_at and not starts_at and not line.cells.get("开始"):
        line.wrong("开始", "填了结束时间就要填开始时间。")
    if starts_at and ends_at and ends_at <= starts_at:
        line.wrong("结束", "应晚于开始时间。")
