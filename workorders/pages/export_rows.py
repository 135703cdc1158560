"""Orders as rows of a sheet; numbers masked, what is secret hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

from hotline import phone
from hotline.calls.export import safe_cell
from hotline.clock import local, now
from hotline.db import transaction
from workorders.confidential import HIDDEN, Reader
from workorders.pages import export_counts, listing, narrowing
from workorders.pages.export_counts import Counts
from workorders.pages.listing import Row
from workorders.pages.words import left
from workorders.rules import SELF

SHORT = 2_000  # orders whose workbook is sent at once: half a second or so
HEADERS = (
    "工单号", "平台", "平台工单号", "平台状态", "状态", "轮次", "诉求类型", "分类代码", "紧急程度",
    "标记", "标题", "诉求内容", "地点", "被反映对象", "诉求人", "联系电话", "承办单位", "经办人",
    "收到时间", "派发时间", "最近时限", "时限种类", "时限情况", "回复", "公开答复", "回复时间",
    "首次满意度", "满意度", "办结时间", "保密", *export_counts.HEADERS,
)  # fmt: skip


def rows(asked: Mapping[str, str], reading: Reader) -> Iterator[list[list[object]]]:
    """Exactly the orders of a list, some hundred at a time."""
    with transaction() as session:
        wanted = narrowing.conditions(asked, reading, now())
        platforms = dict(narrowing.platforms(session))
        for found in listing.every_page(session, wanted, reading, asked.get("sort", "")):
            counted = export_counts.counts(session, [row.order.key for row in found])
            yield [[*_cells(row, platforms), *_counts(row, counted)] for row in found]
            session.expunge_all()


class Workbook:
    """A workbook that is written row by row: it lies in a file, not in memory."""

    def __init__(self) -> None:
        import openpyxl

        self._book = openpyxl.Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet("工单")
        self._sheet.append(HEADERS)
        self._is_open = True

    def add(self, rows: list[list[object]]) -> None:
        """Some rows; a text is never taken for a formula."""
        for cells in rows:
            self._sheet.append(
                [cell if isinstance(cell, int) else safe_cell(cell) for cell in cells]
            )

    def save(self, to: IO[bytes] | Path) -> None:
        """No more rows come."""
        self._book.save(to)
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """One that was given up is closed, or it would complain when it is collected."""
        if self._is_open:
            self._sheet.close()


def _cells(row: Row, platforms: dict[str, str]) -> list[object]:
    order, said, clock = row.order, row.said, row.clock
    return [
        order.order_no, platforms.get(order.platform, order.platform), order.remote_no,
        order.remote_status if order.platform != SELF else "", order.state.label, order.round,
        order.kind.label, order.category_code, order.urgency.label,
        "、".join(kind.label for kind in row.flags), said["title"], said["content"],
        said["place"], said["target"], said["caller_name"], said["caller_phone"], row.unit,
        row.handler, _time(order.received_at), _time(order.dispatched_at),
        _time(clock.due_at) if clock else "", clock.kind.label if clock else "",
        left(clock) if clock else "", said["reply"], said["public_reply"],
        _time(order.replied_at),
        order.satisfaction_first.label if order.satisfaction_first else "",
        order.satisfaction.label if order.satisfaction else "",
        _time(order.closed_at), "是" if order.confidential else "",
    ]  # fmt: skip


def _counts(row: Row, counted: dict[int, Counts]) -> list[object]:
    found = counted.get(row.order.key, Counts())
    said = phone.redact(found.opinion or "") if row.is_readable else HIDDEN
    return [
        int(found.urged), int(found.supervised), int(found.returns), int(found.extended),
        int(found.extended_days), int(found.call_backs), said if found.opinion else "",
    ]  # fmt: skip


def _time(instant: datetime | None) -> str:
    return f"{local(instant):%Y-%m-%d %H:%M:%S}" if instant else ""
