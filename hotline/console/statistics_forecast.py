"""排班预测: calls to come by day and hour, how many people that takes, how wrong it was before."""

from __future__ import annotations

from typing import Any

from flask import Response

from hotline import access
from hotline.console import statistics_asked as asked
from hotline.console.filters import duration, percent
from hotline.console.statistics_charts import (
    HOURS,
    OFF_NOTE,
    WEEKDAYS,
    Series,
    chart,
    days_off,
    every_day,
    shade,
    short,
)
from hotline.console.statistics_sheet import Column, Holds, Sheet, file_of
from hotline.console.statistics_trends import bp
from hotline.db import transaction
from hotline.statistics.forecasting import Day
from hotline.statistics.planning import Plan, plan
from hotline.web import render
from hotline.working_days import DayKind

__all__ = ["bp"]
AWAY = 15  # per cent of a shift on breaks and other work, unless said
SHOWN = ("staff", "calls")


@bp.get("/forecast")
@access.allowed(*asked.LEADERS)
def forecast() -> str:
    """Two weeks from tomorrow on unless said."""
    with transaction() as session:
        found = plan(session, *_asked())
    what = asked.one_of("show", SHOWN)
    return render(
        "statistics/forecast.html",
        plan=found,
        how=_sentence(found) if found else "",
        sheets=_sheets(found) if found else [],
        chart=_days_chart(found) if found else None,
        heat=_heat(found, what) if found else None,
        form={"away": _asked()[1] * 100},
    )


@bp.get(f"/forecast/{asked.FILES}")
@access.allowed(*asked.LEADERS)
def forecast_file(file_format: str) -> Response:
    """The page's tables as a file, with every hour."""
    with transaction() as session:
        found = plan(session, *_asked())
        sheets = _sheets(found) if found else []
        if found:
            calls = [day.hours for day in found.days]
            sheets.append(_hours("每小时排班人数", found.days, found.rostered))
            sheets.append(_hours("每小时来电", found.days, calls))
        return file_of(session, sheets, "排班预测", file_format)


def _asked() -> tuple[int, float]:
    return asked.number("weeks", 2, 1, 4), asked.number("away", AWAY, 0, 60) / 100


def _sentence(found: Plan) -> str:
    """How it is reckoned, and with what."""
    return (
        f"每小时来电 = 过去 {found.weeks} 周同一星期几、同一小时的平均，乘以近两周的水平"
        f"（{found.level:.2f}）；节假日按周日，调休上班日按它补的那一天。"
        f"人数按 Erlang C：平均处理 {duration(found.handling_seconds)}，"
        "95% 的来电在 15 秒内接起，每时至少 1 人；"
        f"排班人数再按 {percent(found.away, 0)} 的时间用于小休、示忙和培训放大。"
    )


def _days_chart(found: Plan) -> dict[str, Any]:
    past, coming = list(found.recent), [day.day for day in found.days]
    between = every_day(past[-1], coming[0])[1:-1]  # today is not over
    total = sum(day.calls for day in found.days)
    peak = max(found.days, key=lambda day: day.calls)
    finding = (
        f"今后 {len(found.days)} 天约 {total:,.0f} 通，"
        f"{short(peak.day)}（{WEEKDAYS[peak.day.weekday()]}）最多：约 {peak.calls:,.0f} 通"
    )
    gap: list[float | None] = [None]
    expected = [round(day.calls) for day in found.days]
    series = [
        Series("应接来电", [*found.recent.values(), *gap * len(between + coming)]),
        Series("预测", [*gap * len(past + between), *expected], is_dashed=True),
    ]
    days = [*past, *between, *coming]
    return chart(finding, "line", [short(day) for day in days], series,
                 marks=days_off(found.calendar, days), note=OFF_NOTE)  # fmt: skip


def _heat(found: Plan, what: str) -> dict[str, Any]:
    """Hours of each day: people on the roster, or calls."""
    cells = found.rostered if what == "staff" else [day.hours for day in found.days]
    most = max(max(row) for row in cells)
    rows = [
        (f"{short(day.day)} {WEEKDAYS[day.day.weekday()]}", _note(day), [
            (f"{cell:.0f}", shade(cell, most), _in_words(found, place, hour))
            for hour, cell in enumerate(cells[place])
        ])
        for place, day in enumerate(found.days)
    ]  # fmt: skip
    place, hour = max(
        ((p, h) for p in range(len(cells)) for h in range(24)), key=lambda at: cells[at[0]][at[1]]
    )
    name, unit = ("要人最多", "人") if what == "staff" else ("来电最多", "通")
    finding = f"{short(found.days[place].day)} {hour} 时{name}：{cells[place][hour]:.0f} {unit}"
    return {"finding": finding, "unit": unit, "columns": HOURS, "rows": rows,
            "note": "指到格子上看来电、在线和排班人数"}  # fmt: skip


def _in_words(found: Plan, place: int, hour: int) -> str:
    calls, staff = found.days[place].hours[hour], found.staff[place][hour]
    return f"约 {calls:.1f} 通，在线 {staff} 人，排班 {found.rostered[place][hour]} 人"


def _note(day: Day) -> str:
    if day.said.kind is DayKind.HOLIDAY:
        return day.said.name
    return day.said.kind.label if day.said.kind is DayKind.MAKE_UP else ""


def _sheets(found: Plan) -> list[Sheet]:
    error = found.error
    columns = [
        Column("日期", Holds.TEXT), Column("", Holds.TEXT), Column("预测来电"), Column("通常在"),
        Column("最忙一小时来电"), Column("最忙一小时排班"), Column("全天人时"),
    ]  # fmt: skip
    days = Sheet("按日", columns, [
        [f"{day.day} {WEEKDAYS[day.day.weekday()]}", _note(day), day.calls,
         _range(day.calls, error), max(day.hours), max(rostered), sum(rostered)]
        for day, rostered in zip(found.days, found.rostered, strict=True)
    ], "“通常在”按以往预测的平均误差。人时是每小时排班人数之和。")  # fmt: skip
    return [days, _past(found)]


def _range(calls: float, error: float | None) -> str:
    return f"{calls * (1 - error):,.0f} 至 {calls * (1 + error):,.0f}" if error is not None else "—"


def _past(found: Plan) -> Sheet:
    columns = [
        Column("一周", Holds.TEXT), Column("实际来电"), Column("当时会预测"),
        Column("全周偏差", Holds.CHANGE), Column("每日误差", Holds.SHARE),
        Column("每时误差", Holds.SHARE), Column("照搬上周的误差", Holds.SHARE),
    ]  # fmt: skip
    rows = [
        [f"{short(one.first)} 起", one.calls, sum(one.forecast), one.off, one.daily_error,
         one.hourly_error, one.naive_error]
        for one in found.past
    ]  # fmt: skip
    note = (
        "用当时以前的来电重算一遍，与实际比。误差是各日（各时）相差的绝对值之和占实际来电的比例。"
    )
    return Sheet("以往预测准不准", columns, rows, note)


def _hours(title: str, days: list[Day], cells: list[Any]) -> Sheet:
    columns = [Column("日期", Holds.TEXT), *(Column(f"{hour}时") for hour in range(24))]
    return Sheet(title, columns, [[day.day.isoformat(), *map(round, row)]
                                  for day, row in zip(days, cells, strict=True)])  # fmt: skip
