"""我的统计: an agent's own figures, and nobody else's."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlmodel import Session

from hotline import access
from hotline.agents.rules import Role
from hotline.calendar_models import known_days
from hotline.classification.vocabulary import Category
from hotline.clock import today
from hotline.console import period
from hotline.console import statistics_asked as asked
from hotline.console.filters import category_label
from hotline.console.period import Period
from hotline.console.statistics_charts import (
    OFF_NOTE,
    Series,
    chart,
    days_finding,
    days_off,
    every_day,
    short,
)
from hotline.console.statistics_sheet import Column, Holds, Sheet, file_of
from hotline.console.statistics_trends import bp
from hotline.db import transaction
from hotline.statistics import own
from hotline.statistics.own import Own
from hotline.statistics.rules import Measured, of_tally, shown_count
from hotline.web import render
from hotline.working_days import Assuming, Calendar

__all__ = ["bp"]
AGENTS = (Role.AGENT, Role.COUNSELLOR)


@bp.get("/mine")
@access.allowed(*AGENTS)
def mine() -> str:
    """Of who asks, over thirty days up to today unless said."""
    days = period.asked()
    with transaction() as session:
        found = _read(session, days)
        calendar = Assuming(known_days(session))
    return render(
        "statistics/mine.html",
        asked=days,
        found=found,
        metrics={each.what.value: each for each in of_tally(found.tally)},
        sheets=_sheets(found),
        charts=_charts(found, days, calendar) if found.tally.calls else [],
    )


@bp.get(f"/mine/{asked.FILES}")
@access.allowed(*AGENTS)
def mine_file(file_format: str) -> Response:
    """The page's tables as a file."""
    days = period.asked()
    with transaction() as session:
        name = f"我的统计{days.first}至{days.last}"
        return file_of(session, _sheets(_read(session, days)), name, file_format)


def _read(session: Session, days: Period) -> Own:
    return own.of(session, access.person().key, days.since, days.until)


def _sheets(found: Own) -> list[Sheet]:
    categories = Sheet("我接起的来电", [Column("分类", Holds.TEXT), Column("来电")], [
        [category_label(code) if code else "未登记", _shown(code, count)]
        for code, count in found.categories.items()
    ])  # fmt: skip
    columns = [
        Column("日期", Holds.TEXT), Column("来电"), Column("接起"),
        Column("15 秒接起率", Holds.SHARE), Column("平均处理", Holds.SECONDS), Column("已接未登记"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for day, tally in sorted(found.by_day.items(), key=lambda pair: str(pair[0]), reverse=True):
        by = {each.what: each.value for each in of_tally(tally)}
        rows.append([str(day), tally.calls, tally.answered, by[Measured.IN_TIME],
                     by[Measured.HANDLING], tally.unsettled])  # fmt: skip
    note = "一通来电计在最后接听的人名下；转给同事的不在这张表里，但在上面的“接起”里。"
    return [categories, Sheet("按日", columns, rows, note)]


def _shown(code: str, count: int) -> int | str:
    is_crisis = code == Category.CRISIS.value
    return shown_count(count, is_crisis=True) if is_crisis else count


def _charts(found: Own, days: Period, calendar: Calendar) -> list[dict[str, Any]]:
    span = every_day(days.first, min(days.last, today()))
    counts = {day: _calls(found.by_day, day) for day in span}
    by_hour = [_calls(found.by_hour, hour) for hour in range(24)]
    busiest = max(range(24), key=lambda hour: by_hour[hour])
    return [
        chart(days_finding(counts, today()), "bar", [short(day) for day in span],
              [Series("来电", list(counts.values()))], marks=days_off(calendar, span),
              note=OFF_NOTE),
        chart(f"{busiest} 时接得最多：{by_hour[busiest]:,} 通", "bar",
              [f"{hour}时" for hour in range(24)], [Series("来电", by_hour)]),
    ]  # fmt: skip


def _calls(tallies: dict[Any, Any], key: Any) -> int:
    return int(tallies[key].calls) if key in tallies else 0
