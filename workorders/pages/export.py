"""Exactly the orders that are filtered, as CSV or XLSX; numbers masked, what is secret hidden."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from flask import Response, request

from hotline import access, audit, phone
from hotline.calls.export import BOM, safe_cell
from hotline.clock import local, now
from hotline.db import transaction
from workorders.confidential import HIDDEN, Reader, reader
from workorders.pages import export_counts, listing, narrowing
from workorders.pages.blueprint import READERS, bp
from workorders.pages.export_counts import Counts
from workorders.pages.listing import Row
from workorders.pages.words import left
from workorders.rules import SELF

__all__ = ["bp"]
HEADERS = (
    "工单号", "平台", "平台工单号", "平台状态", "状态", "轮次", "诉求类型", "分类代码", "紧急程度",
    "标记", "标题", "诉求内容", "地点", "被反映对象", "诉求人", "联系电话", "承办单位", "经办人",
    "收到时间", "派发时间", "最近时限", "时限种类", "时限情况", "回复", "公开答复", "回复时间",
    "首次满意度", "满意度", "办结时间", "保密", *export_counts.HEADERS,
)  # fmt: skip
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/export.csv")
@access.allowed(*READERS)
def export_csv() -> Response:
    """The list as CSV, streamed."""
    asked, reading = _asked(), reader()

    def pieces() -> Iterator[str]:
        yield BOM + _lines([HEADERS])
        for rows in _rows(asked, reading):
            yield _lines(rows)

    return Response(pieces(), mimetype="text/csv; charset=utf-8", headers=_named("csv"))


@bp.get("/export.xlsx")
@access.allowed(*READERS)
def export_xlsx() -> Response:
    """The list as a workbook; it lies in a file until it is sent, not in memory."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("工单")
    sheet.append(HEADERS)
    for rows in _rows(_asked(), reader()):
        for cells in rows:
            sheet.append([cell if isinstance(cell, int) else safe_cell(cell) for cell in cells])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    book.save(file)
    return Response(_pieces(file), mimetype=_SHEET, headers=_named("xlsx"))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while piece := file.read(1 << 16):
            yield piece


def _asked() -> dict[str, str]:
    """The conditions; that they were exported is on record."""
    asked = request.args.to_dict()
    with transaction() as session:
        said = narrowing.in_words(session, asked)
        detail = {narrowing.NAMES[name]: words for name, words in said.items()}
        audit.record(session, audit.Action.EXPORTED, "work_order", detail=detail)
    return asked


def _rows(asked: dict[str, str], reading: Reader) -> Iterator[list[list[object]]]:
    with transaction() as session:
        wanted = narrowing.conditions(asked, reading, now())
        platforms = dict(narrowing.platforms(session))
        for rows in listing.every_page(session, wanted, reading, asked.get("sort", "")):
            counted = export_counts.counts(session, [row.order.key for row in rows])
            yield [[*_cells(row, platforms), *_counts(row, counted)] for row in rows]
            session.expunge_all()


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


def _lines(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _named(ending: str) -> dict[str, Any]:
    name = f"work-orders-{local(now()):%Y%m%d-%H%M}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _time(instant: datetime | None) -> str:
    return f"{local(instant):%Y-%m-%d %H:%M:%S}" if instant else ""
