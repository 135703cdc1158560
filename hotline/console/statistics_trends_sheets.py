"""The tables of 趋势, and what its charts are drawn from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hotline.classification.vocabulary import Category, published_categories, set_version
from hotline.clock import local, month_of, now
from hotline.console.statistics_sheet import Column, Holds, Sheet
from hotline.statistics.bulletin.comparing import earlier_months
from hotline.statistics.bulletin.small_cells import HIDDEN, suppressed
from hotline.statistics.rules import Measured, Metric, Tally, change, of_tally, together

METRICS = (Measured.CONNECTED, Measured.IN_TIME, Measured.HANDLING)


@dataclass(frozen=True)
class MonthRow:
    """One month: calls by category ('' for none), and all of it."""

    month: str
    by_category: Mapping[str, Tally]
    whole: Tally

    @property
    def total(self) -> int:
        """The published categories of its set."""
        return sum(self.of(each.value) for each in published_categories(self.month))

    def of(self, code: str) -> int:
        """Calls of one category."""
        return self.by_category[code].calls if code in self.by_category else 0

    def metric(self, what: Measured) -> Metric:
        """One metric of all its calls."""
        return next(each for each in of_tally(self.whole) if each.what is what)


def categories_of(rows: list[MonthRow], queue: str | None) -> list[Category]:
    """What the months are broken down by: not within a queue, where few crisis calls would show."""
    if queue:
        return []
    return [each for each in Category if any(each in published_categories(r.month) for r in rows)]


def months_sheet(rows: list[MonthRow], queue: str | None) -> Sheet:
    """The months, the newest first."""
    codes = categories_of(rows, queue)
    columns = [
        Column("月份", Holds.TEXT), Column("分类版本", Holds.TEXT), Column("受理咨询电话"),
        *(Column(each.label.partition("（")[0]) for each in codes), Column("环比", Holds.CHANGE),
        Column("同比", Holds.CHANGE), Column("接通率", Holds.SHARE),
        Column("15 秒接起率", Holds.SHARE), Column("平均处理", Holds.SECONDS),
    ]  # fmt: skip
    totals = {row.month: row.total for row in rows}
    return Sheet(
        "按月",
        columns,
        [_line(row, codes, totals) for row in reversed(rows)],
        "环比、同比只对受理总数；分类版本不同的月份，各分类之间不可比，记“/”的分类不在当月版本中。"
        "本月未完，不算环比和同比。",
    )


def _line(row: MonthRow, codes: list[Category], totals: Mapping[str, int]) -> list[Any]:
    published = published_categories(row.month)
    counts = [row.of(each.value) if each in published else "/" for each in codes]
    metrics = [row.metric(what).value for what in METRICS]
    is_open = row.month == month_of(now())
    changes = [
        None if is_open else change(row.total, totals.get(other))
        for other in earlier_months(row.month)
    ]
    return [row.month, set_version(row.month), row.total, *counts, *changes, *metrics]


def tallies_by_day(hours: Mapping[datetime, Tally], days: list[date]) -> dict[date, Tally]:
    """Hours put together into Shanghai days, those without calls too."""
    found: dict[date, list[Tally]] = {day: [] for day in days}
    for at, tally in hours.items():
        found.setdefault(local(at).date(), []).append(tally)
    return {day: together(each) for day, each in found.items()}


def days_sheet(hours: Mapping[datetime, Tally], days: list[date], queue: str | None) -> Sheet:
    """The days of the chart."""
    columns = [Column("日期", Holds.TEXT), Column("全部来电"), Column("接起"), Column("放弃")]
    by_day = tallies_by_day(hours, days)
    counts = [
        [HIDDEN if shown is None else shown for shown in within(queue, column)]
        for column in zip(
            *([one.calls, one.answered, one.abandoned] for one in by_day.values()), strict=True
        )
    ]
    rows = [
        [day.isoformat(), *row] for day, row in zip(by_day, zip(*counts, strict=True), strict=True)
    ]
    return Sheet("按日", columns, rows)


def within(queue: str | None, counts: Sequence[int]) -> list[int | None]:
    """Counts of days: within one queue, which may be that of the crisis desk, small ones are
    hidden."""
    return suppressed(counts) if queue else list(counts)
