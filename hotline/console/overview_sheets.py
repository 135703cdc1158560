"""The tables of 本月概览. Pure."""

from __future__ import annotations

from typing import Any

from hotline.console.filters import category_label
from hotline.console.statistics_asked import in_words
from hotline.console.statistics_sheet import Cell, Column, Holds, Sheet
from hotline.statistics.bulletin import names
from hotline.statistics.bulletin.comparing import REDEFINED, same_definition
from hotline.statistics.headline import Headline
from hotline.statistics.overview import Overview, Side
from hotline.statistics.rules import Metric, Unit, change

NOTHING_THEN = "没有数据"
HOLDS = {Unit.SHARE: Holds.SHARE, Unit.SECONDS: Holds.SECONDS}


def sheets_of(found: Overview) -> list[Sheet]:
    """Categories, metrics, orders where they are installed."""
    orders = [[names.ORDERS[by], n] for by, n in found.orders.items() if n is not None]
    sheets = [_categories(found), _metrics(found)]
    if orders:
        title = f"{in_words(found.now.stretch.month)}受理工单"
        sheets.append(Sheet(title, [Column("平台", Holds.TEXT), Column("受理")], orders,
                            "工单不计入受理咨询电话。"))  # fmt: skip
    return sheets


def _categories(found: Overview) -> Sheet:
    same = "同期" if found.is_open else ""
    sides = (found.before, found.year_ago)
    heads = [Column("分类", Holds.TEXT), Column(in_words(found.now.stretch.month))]
    for side, name in zip(sides, ("环比", "同比"), strict=True):
        heads += [Column(in_words(side.stretch.month) + same), Column(name, Holds.CHANGE)]
    rows = [_row("受理咨询电话", found.now, sides, "headline/total", lambda one: one.total)]
    rows += [
        _row(
            category_label(code), found.now, sides, f"headline/{code}",
            lambda one, code=code: one.categories.get(code),
        )
        for code in found.now.headline.categories
    ]  # fmt: skip
    rows += [
        _row(label, found.now, sides, "", lambda one, name=name: getattr(one, name))
        for name, label in names.APART.items()
    ]
    rows.append(_row("全部呼入", found.now, sides, "", lambda one: one.calls))
    late = found.now.headline.late
    note = (
        f"“受理咨询电话”是本月分类（{found.now.headline.version} 年版）各项之和，与月报同口径；"
        "其余各项另列。"
    )
    note += f"其中 {late:,} 通有超过 24 小时才收到的话务事件（迟报）。" if late else "没有迟报。"
    return Sheet(f"{in_words(found.now.stretch.month)}来电分类", heads, rows, note)


def _row(label: str, this: Side, sides: tuple[Side, ...], key: str, of: Any) -> list[Any]:
    """A figure and what it was; a change only where it meant the same."""
    value = of(this.headline)
    row: list[Any] = [label, value]
    for side in sides:
        row += _against(value, side, key, this.stretch.month, of)
    return row


def _against(value: int, side: Side, key: str, month: str, of: Any) -> list[Any]:
    then: Headline = side.headline
    if not side.has_calls:
        return ["—", NOTHING_THEN]
    if key and not same_definition(key, month, then.month):
        return ["—", REDEFINED]
    return [of(then), change(value, of(then))]


def _metrics(found: Overview) -> Sheet:
    heads = [
        Column("指标", Holds.TEXT), Column("本月", Holds.SHARE), Column("分子"), Column("分母"),
        Column("上月同期" if found.is_open else "上月", Holds.SHARE), Column("规则", Holds.TEXT),
    ]  # fmt: skip
    rows = [metric_row(metric, found.before.metric(metric.what)) for metric in found.metrics]
    return Sheet(f"{in_words(found.now.stretch.month)}服务指标", heads, rows)


def metric_row(metric: Metric, before: Metric | None) -> list[Any]:
    """What it is, its value and parts, what it was, by which rule."""
    holds = HOLDS[metric.unit]
    return [
        metric.what.label, Cell(metric.value, holds), metric.numerator, metric.denominator,
        Cell(before.value if before else None, holds), metric.rule,
    ]  # fmt: skip
