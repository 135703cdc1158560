"""Calls as a CSV file that Excel opens: streamed, numbers masked, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlmodel import Session

from hotline import phone
from hotline.calls import queries
from hotline.calls.confidential import Reader, content
from hotline.calls.filters import Filters
from hotline.calls.models import Call
from hotline.classification.vocabulary import Category
from hotline.clock import local

BOM = "\ufeff"
ROWS_AT_ONCE = 500
HEADERS = (
    "来电编号", "方向", "状态", "来电号码", "姓名", "开始时间", "接听时间", "结束时间",
    "队列", "坐席",
    "等待秒", "通话秒", "保持秒", "放弃阶段", "短放弃", "转接次数",
    "一级分类", "二级分类", "处理结果",
    "摘要", "办理结果", "跟进", "保密",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "\uff20")


def safe_cell(value: object) -> str:
    """A cell a spreadsheet shows and never computes: an apostrophe goes before a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA) else text


def export_rows(session: Session, filters: Filters, reading: Reader) -> Iterator[str]:
    """Pieces of the file, a few hundred rows at a time, newest first."""
    yield BOM + _lines([HEADERS])
    for calls in queries.every_page(session, filters, reading, ROWS_AT_ONCE):
        yield _lines(_row(call, reading) for call in calls)


def _lines(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _row(call: Call, reading: Reader) -> list[object]:
    said = content(call, reading)
    category = Category.known(call.category)
    return [
        call.call_no, call.direction.label, call.state.label, said["caller"], said["caller_name"],
        _time(call.started_at), _time(call.answered_at), _time(call.ended_at), call.queue,
        call.agent, call.wait_seconds, call.talk_seconds, call.hold_seconds,
        call.abandoned_in.label if call.abandoned_in else "", "是" if call.short_abandon else "",
        call.transfers, category.label if category else "", call.subcategory,
        call.disposition.label if call.disposition else "",
        *(phone.redact(said[name] or "") for name in ("summary", "result", "follow_up")),
        "是" if call.confidential else "",
    ]  # fmt: skip


def _time(instant: datetime | None) -> str:
    return local(instant).strftime("%Y-%m-%d %H:%M:%S") if instant else ""
