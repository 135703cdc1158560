"""Charts of figures, as the ``chart`` and ``heat`` macros take them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hotline.statistics.rules import Tally
from hotline.working_days import Calendar, DayKind

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
HOURS = tuple(f"{hour}" for hour in range(24))
SHADES = 8
OFF_NOTE = "灰底为周末和节假日"


@dataclass(frozen=True)
class Series:
    """One line or set of bars; ``drawn`` may be ``bar`` or ``line``."""

    name: str
    values: Sequence[float | None]
    is_dashed: bool = False
    drawn: str | None = None
    stack: str | None = None


def chart(
    finding: str,
    kind: str,
    x: Sequence[str],
    series: Sequence[Series],
    unit: str = "通",
    *,
    marks: Sequence[Mapping[str, Any]] = (),
    note: str = "",
    whole: bool = True,
    across: bool = False,
) -> dict[str, Any]:
    """A chart whose title says what one sees in it."""
    spec = {
        "kind": kind,
        "x": list(x),
        "unit": unit,
        "series": [_drawn(one) for one in series],
        "marks": list(marks),
        "whole": whole,
        "across": across,
    }
    return {"finding": finding, "spec": spec, "note": note}


def _drawn(one: Series) -> dict[str, Any]:
    found = {"name": one.name, "values": list(one.values), "dashed": one.is_dashed}
    return found | {key: said for key, said in (("kind", one.drawn), ("stack", one.stack)) if said}


def days_off(calendar: Calendar, days: Sequence[date]) -> list[dict[str, Any]]:
    """Bands over weekends and holidays, lines at single holidays and at worked weekends."""
    marks: list[dict[str, Any]] = []
    run: list[date] = []
    for day in [*days, None]:
        if day is not None and _is_off(calendar, day):
            run.append(day)
            continue
        marks += _marks(calendar, run)
        run = []
        if day is not None and calendar.day(day).kind is DayKind.MAKE_UP:
            marks.append({"label": "调休上班", "from": short(day)})
    return marks


def _is_off(calendar: Calendar, day: date) -> bool:
    said = calendar.day(day)
    return said.kind is DayKind.HOLIDAY or (said.kind is not DayKind.MAKE_UP and day.weekday() > 4)


def _marks(calendar: Calendar, run: list[date]) -> list[dict[str, Any]]:
    """A band over some days; a line at a single holiday. Half a weekend has no breadth."""
    names = [said.name for day in run if (said := calendar.day(day)).kind is DayKind.HOLIDAY]
    if len(run) > 1:
        label = names[0] if names else ""
        return [{"label": label, "from": short(run[0]), "to": short(run[-1])}]
    return [{"label": names[0], "from": short(run[0])}] if names else []


def short(day: date) -> str:
    """``11-21``."""
    return f"{day:%m-%d}"


def every_day(first: date, last: date) -> list[date]:
    """Both counted."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def days_finding(counts: Mapping[date, int], unfinished: date | None = None) -> str:
    """Which day was the busiest, and how many there are on average; today is not over."""
    whole = {day: count for day, count in counts.items() if day != unfinished}
    if not any(whole.values()):
        return "还没有来电"
    busiest = max(whole, key=lambda day: whole[day])
    mean = sum(whole.values()) / len(whole)
    name = f"{short(busiest)}（{WEEKDAYS[busiest.weekday()]}）"
    return f"平均每天 {mean:,.0f} 通，{name}最多：{whole[busiest]:,} 通"


def heat_of_week(hours: Mapping[Any, Tally], days: Sequence[date]) -> dict[str, Any] | None:
    """Average calls by weekday and hour over whole days; ``hours`` by local instant."""
    times = [sum(day.weekday() == weekday for day in days) for weekday in range(7)]
    sums = [[0] * 24 for _ in range(7)]
    for at, tally in hours.items():
        sums[at.weekday()][at.hour] += tally.calls
    means = [[total / (times[day] or 1) for total in row] for day, row in enumerate(sums)]
    most = max(max(row) for row in means)
    if not most:
        return None
    day, hour = next((d, h) for d in range(7) for h in range(24) if means[d][h] == most)
    rows = [
        (
            WEEKDAYS[d],
            f"{times[d]} 天",
            [_cell(mean, most, f"{WEEKDAYS[d]} {h} 时") for h, mean in enumerate(row)],
        )
        for d, row in enumerate(means)
    ]
    finding = f"{WEEKDAYS[day]} {hour} 时最忙：平均每小时 {most:.0f} 通"
    return {"finding": finding, "unit": "通/小时", "columns": HOURS, "rows": rows, "note": ""}


def _cell(mean: float, most: float, where: str) -> tuple[str, int, str]:
    return f"{mean:.0f}" if mean >= 0.5 else "", shade(mean, most), f"{where}：平均 {mean:.1f} 通"


def shade(value: float, most: float) -> int:
    """0 for nothing, 1 to 8 by how near the most."""
    return min(SHADES, 1 + int(value / most * SHADES)) if value > 0 and most else 0
