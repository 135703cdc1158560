"""趋势: many months by category and service, the last days one by one, the week hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, request
from sqlmodel import Session

from hotline import access
from hotline.calendar_models import known_days
from hotline.classification.vocabulary import set_version
from hotline.clock import day_bounds, local, month_bounds, month_of, now, today
from hotline.console import statistics_asked as asked
from hotline.console.filters import category_label
from hotline.console.statistics_charts import (
    OFF_NOTE,
    Series,
    chart,
    days_finding,
    days_off,
    every_day,
    heat_of_week,
    short,
)
from hotline.console.statistics_sheet import file_of
from hotline.console.statistics_trends_sheets import (
    MonthRow,
    categories_of,
    days_sheet,
    months_sheet,
    tallies_by_day,
    within,
)
from hotline.db import transaction
from hotline.statistics import service
from hotline.statistics.bulletin.comparing import REDEFINED
from hotline.statistics.bulletin.rules import LEAST_SHOWN
from hotline.statistics.rules import Tally, together
from hotline.web import render
from hotline.working_days import Assuming

bp = Blueprint("statistics", __name__, url_prefix="/statistics")
SPANS = ("12", "24", "36", "60")
DAYS = 90


@bp.get("/trends")
@access.allowed(*asked.LEADERS)
def trends() -> str:
    """The whole page, for twelve months unless said."""
    with transaction() as session:
        rows, days, hours = _read(session)
        calendar = Assuming(known_days(session))
        queues = _queues(session)
    span = every_day(days[0], today() - timedelta(days=1))
    whole = {local(at): one for at, one in hours.items() if local(at).date() < today()}
    return render(
        "statistics/trends.html",
        sheets=[months_sheet(rows, _queue())] if rows else [],
        charts=[one for one in (_months_chart(rows), _days_chart(hours, days, calendar)) if one],
        # an hour of a queue may be a single caller in need
        heat=None if _queue() else heat_of_week(whole, span),
        spans=[(one, f"{one} 个月") for one in SPANS],
        queues=queues,
    )


@bp.get(f"/trends/{asked.FILES}")
@access.allowed(*asked.LEADERS)
def trends_file(file_format: str) -> Response:
    """The table of months, and the days of the chart."""
    with transaction() as session:
        rows, days, hours = _read(session)
        sheets = [months_sheet(rows, _queue()), days_sheet(hours, days, _queue())]
        return file_of(session, sheets, f"趋势{rows[0].month}至{rows[-1].month}", file_format)


def _queue() -> str | None:
    return request.args.get("queue") or None


def _queues(session: Session) -> list[tuple[str, str]]:
    start = now() - timedelta(days=366)
    return [(name, name) for name in service.tallies(session, "queue", start, now()) if name]


def _read(session: Session) -> tuple[list[MonthRow], list[date], dict[datetime, Tally]]:
    """Months with calls, the days of the chart, their hours."""
    months = service.months(session)[-int(asked.one_of("months", SPANS)) :]
    start, end = month_bounds(months[0])[0], month_bounds(months[-1])[1]
    found: dict[str, dict[str, Tally]] = {month: {} for month in months}
    for key, tally in service.tallies(session, "month_category", start, end, _queue()).items():
        month, _, category = key.partition("/")
        found[month][category] = tally
    rows = [MonthRow(month, by, together(by.values())) for month, by in found.items()]
    first = max(today() - timedelta(days=DAYS), local(start).date())
    hours = service.tallies(session, "day_hour", day_bounds(first)[0], end, _queue())
    begun = min((local(at).date() for at in hours), default=first)
    return rows, every_day(begun, today()), hours


def _months_chart(rows: list[MonthRow]) -> dict[str, Any] | None:
    if not any(row.total for row in rows):
        return None
    series = [
        Series(category_label(each.value), [row.of(each.value) for row in rows], stack="all")
        for each in categories_of(rows, _queue())
        if any(row.of(each.value) for row in rows)
    ] or [Series("受理咨询电话", [row.total for row in rows])]
    top = max(rows, key=lambda row: row.total)
    finding = f"{asked.in_words(top.month)}最多：受理 {top.total:,} 个"
    whole = [row for row in rows if row.month != month_of(now())]
    if len(whole) > 1:
        finding += f"；平均每月 {sum(row.total for row in whole) / len(whole):,.0f} 个"
    marks = [
        {"label": REDEFINED, "from": row.month}
        for before, row in pairwise(rows)
        if set_version(before.month) != set_version(row.month)
    ]
    return chart(finding, "bar", [row.month for row in rows], series, "个", marks=marks,
                 note="本月未完" if rows[-1].month == month_of(now()) else "")  # fmt: skip


def _days_chart(
    hours: Mapping[datetime, Tally], days: list[date], calendar: Assuming
) -> dict[str, Any] | None:
    if not hours:
        return None
    by_day = tallies_by_day(hours, days)
    series = [
        Series("全部来电", within(_queue(), [by_day[day].calls for day in days])),
        Series("排队或振铃中放弃", within(_queue(), [by_day[day].abandoned for day in days])),
    ]
    finding, note = days_finding({day: by_day[day].calls for day in days}, today()), ""
    if _queue():
        note = f"，少于 {LEAST_SHOWN} 的不显示"
        if max(one.calls for one in by_day.values()) < LEAST_SHOWN:
            finding = f"每天都少于 {LEAST_SHOWN} 通"
    return chart(finding, "line", [short(day) for day in days], series,
                 marks=days_off(calendar, days), note=f"{OFF_NOTE}，今天未完{note}")  # fmt: skip
