"""医院与渠道: where bookings go and how they come, beside the month before."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlmodel import Session

from hotline import access
from hotline.agents.rules import Role
from hotline.booking import month as booking_month
from hotline.booking.month_tables import ChannelTable, HospitalTable
from hotline.clock import month_bounds, month_of, now
from hotline.console import statistics_asked as asked
from hotline.console.statistics_charts import Series, chart
from hotline.console.statistics_sheet import Column, Holds, Sheet, file_of
from hotline.console.statistics_trends import bp
from hotline.db import transaction
from hotline.statistics import service
from hotline.statistics.bulletin.comparing import REDEFINED, earlier_months, same_definition
from hotline.statistics.rules import change
from hotline.web import render

__all__ = ["bp"]
MOST_BARS = 15
Tables = tuple[HospitalTable, ChannelTable]


@bp.get("/hospitals")
@access.allowed(Role.MANAGER)
def hospitals() -> str:
    """One month, the present one unless said."""
    month = asked.month()
    with transaction() as session:
        tables, before, sums = _read(session, month)
        months = [(one, asked.in_words(one)) for one in booking_month.months(session)]
    return render(
        "statistics/hospitals.html",
        month=asked.in_words(month),
        form={"month": month},
        months=months,
        is_open=month == month_of(now()),
        total=tables[0].totals.total,
        sheets=_sheets(month, tables, before),
        charts=[one for one in (_hospitals_chart(tables[0]), _months_chart(sums)) if one],
    )


@bp.get(f"/hospitals/{asked.FILES}")
@access.allowed(Role.MANAGER)
def hospitals_file(file_format: str) -> Response:
    """The page's tables as a file."""
    month = asked.month()
    with transaction() as session:
        tables, before, _ = _read(session, month)
        name = f"{asked.in_words(month)}医院与渠道"
        return file_of(session, _sheets(month, tables, before), name, file_format)


def _read(session: Session, month: str) -> tuple[Tables, Tables, dict[str, int]]:
    """The month's tables, those of the month before, and a year of totals."""
    last, year_ago = earlier_months(month)
    start, end = month_bounds(year_ago)[1], month_bounds(month)[1]
    sums = service.bookings_by_month(session, start, end)
    return booking_month.tables(session, month), booking_month.tables(session, last), sums


def _sheets(month: str, tables: Tables, before: Tables) -> list[Sheet]:
    return [
        _hospitals_sheet(month, tables[0], before[0]),
        _channels_sheet(month, tables[1], before[1]),
    ]


def _hospitals_sheet(month: str, table: HospitalTable, before: HospitalTable) -> Sheet:
    last = asked.in_words(earlier_months(month)[0])
    columns = [
        Column("医院", Holds.TEXT), *(Column(each.label) for each in table.layout.columns),
        Column("小计"), Column("占比", Holds.SHARE), Column(last), Column("环比", Holds.CHANGE),
    ]  # fmt: skip
    then = {row.name: row.total for row in before.rows}
    rows = [_line(row, table.totals.total, then.get(row.name, 0)) for row in table.rows]
    rows.append(_line(table.totals, table.totals.total, before.totals.total))
    gone = [name for name in then if name not in {row.name for row in table.rows}]
    note = f"上月有预约、本月没有的：{'、'.join(gone)}。" if gone else ""
    return Sheet(f"{asked.in_words(month)}按医院", columns, rows, note)


def _line(row: Any, whole: int, before: int) -> list[Any]:
    share = row.total / whole if whole else None
    return [row.name, *row.counts, row.total, share, before, change(row.total, before)]


def _channels_sheet(month: str, table: ChannelTable, before: ChannelTable) -> Sheet:
    other = earlier_months(month)[0]
    columns = [
        Column("渠道", Holds.TEXT), Column("计入", Holds.TEXT), Column("预约"),
        Column("占比", Holds.SHARE), Column(asked.in_words(other)), Column("环比", Holds.CHANGE),
    ]  # fmt: skip
    then = {row.code: row.bookings for row in before.rows}
    rows: list[list[Any]] = []
    for row in table.rows:
        same = same_definition(f"booking/{row.column.value}", month, other)
        was = then.get(row.code, 0)
        rows.append(
            [row.name, row.column.label, row.bookings,
             row.bookings / table.total if table.total else None, was,
             change(row.bookings, was) if same else REDEFINED]
        )  # fmt: skip
    note = "不含电话预约和诊间预约，它们在上表各栏。预约成功即计入当月，以后退号、爽约不减。"
    return Sheet(f"{asked.in_words(month)}按渠道", columns, rows, note)


def _hospitals_chart(table: HospitalTable) -> dict[str, Any] | None:
    if not table.rows:
        return None
    shown, whole = table.rows[:MOST_BARS], table.totals.total
    first = shown[0]
    finding = f"{first.name}最多，占 {first.total / whole:.1%}"
    if len(table.rows) > 3:
        top = sum(row.total for row in table.rows[:3])
        finding += f"；前三家占 {top / whole:.1%}"
    series = [
        Series(each.label, [row.counts[place] for row in shown], stack="all")
        for place, each in enumerate(table.layout.columns)
        if any(row.counts[place] for row in shown)
    ]
    note = f"前 {MOST_BARS} 家" if len(table.rows) > MOST_BARS else ""
    return chart(finding, "bar", [_short(row.name) for row in shown], series, "个",
                 across=True, note=note)  # fmt: skip


def _short(name: str) -> str:
    return name.removeprefix("南京市").removeprefix("南京") or name


def _months_chart(sums: dict[str, int]) -> dict[str, Any] | None:
    if not any(sums.values()):
        return None
    most = max(sums, key=lambda month: sums[month])
    return chart(
        f"近 12 个月 {asked.in_words(most)}预约最多：{sums[most]:,} 个",
        "bar", list(sums), [Series("预约", list(sums.values()))], "个",
        note="本月未完" if month_of(now()) in sums else "",
    )  # fmt: skip
