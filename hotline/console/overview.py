"""本月概览: the month so far beside the same part of others, and what stands out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response
from sqlmodel import Session

from hotline import access
from hotline.calendar_models import known_days
from hotline.clock import local, today
from hotline.console import statistics_asked as asked
from hotline.console.filters import category_label
from hotline.console.overview_sheets import sheets_of
from hotline.console.statistics_charts import (
    OFF_NOTE,
    Series,
    chart,
    days_finding,
    days_off,
    every_day,
    short,
)
from hotline.console.statistics_sheet import file_of
from hotline.db import still
from hotline.statistics import service
from hotline.statistics.bulletin import names
from hotline.statistics.bulletin.months import open_months
from hotline.statistics.bulletin.rules import Kind
from hotline.statistics.overview import Overview, overview
from hotline.statistics.rules import Measured, change
from hotline.web import render
from hotline.working_days import Assuming

bp = Blueprint("overview", __name__, url_prefix="/overview")


@bp.get("")
@access.allowed(*asked.LEADERS)
def index() -> str:
    """One month, the present one unless said."""
    month = asked.month()
    with still() as session:
        found = overview(session, month)
        days = _days_chart(session, found)
        months = asked.months(session)
        waiting = open_months(session)
    return render(
        "statistics/overview.html",
        found=found,
        month=asked.in_words(month),
        form={"month": month},
        months=months,
        waiting=waiting,
        kinds=len(Kind),
        in_words=asked.in_words,
        until=local(found.before.stretch.end - timedelta(seconds=1)) if found.is_open else None,
        sheets=sheets_of(found),
        tiles=_tiles(found),
        charts=[one for one in (_categories_chart(found), days) if one],
    )


@bp.get(f"/{asked.FILES}")
@access.allowed(*asked.LEADERS)
def file(file_format: str) -> Response:
    """The page's tables as a file."""
    month = asked.month()
    with still() as session:
        found = overview(session, month)
        return file_of(session, sheets_of(found), f"{asked.in_words(month)}概览", file_format)


def _tiles(found: Overview) -> dict[str, Any]:
    """What stands at the top: metrics by code, the total's change, orders with their names."""
    return {
        "metrics": {each.what.value: each for each in found.metrics},
        "change": change(found.now.headline.total, found.before.headline.total),
        "orders": {names.ORDERS[by]: n for by, n in found.orders.items() if n is not None},
        "before": {
            what.value: found.before.metric(what) for what in (Measured.CONNECTED, Measured.IN_TIME)
        },
    }


def _categories_chart(found: Overview) -> dict[str, Any] | None:
    """The month's published categories beside the same part of the month before."""
    counted = found.now.headline
    if not counted.total:
        return None
    top = max(counted.categories, key=lambda code: counted.categories[code])
    label = category_label(top)
    many = counted.categories[top]
    series = [Series(asked.in_words(counted.month), list(counted.categories.values()))]
    before = found.before.headline
    if before.version == counted.version and before.total:
        name = f"{asked.in_words(before.month)}{'同期' if found.is_open else ''}"
        series.append(Series(name, [before.categories[code] for code in counted.categories]))
    return chart(
        f"{label}最多：{many:,}，占 {many / counted.total:.1%}",
        "bar",
        [category_label(code) for code in counted.categories],
        series,
        across=True,
    )


def _days_chart(session: Session, found: Overview) -> dict[str, Any] | None:
    span = found.now.stretch
    tallies = service.tallies(session, "day", span.start, span.end)
    if not tallies:
        return None
    last = min(today(), (local(span.end) - timedelta(hours=1)).date())
    days = every_day(local(span.start).date(), last)
    counts = {day: tallies[day].calls if day in tallies else 0 for day in days}
    answered = [tallies[day].answered if day in tallies else 0 for day in days]
    return chart(
        days_finding(counts, today()),
        "line",
        [short(day) for day in days],
        [Series("全部来电", list(counts.values())), Series("接起", answered)],
        marks=days_off(Assuming(known_days(session)), days),
        note=OFF_NOTE + ("，今天未完" if last == today() else ""),
    )
