"""Our own sheet of calls (CSV or XLSX): the headers of CONTRACTS, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from hotline.calls.facts import CallEvent, Heard
from hotline.calls.rules import AbandonedIn, Direction, Disposition, EventType, bare_agent
from hotline.telephony.files import Report, Settlement, Told, instant
from hotline.telephony.reading import party

HEADERS = (
    "call_uid", "direction", "caller", "called", "started_at", "answered_at", "ended_at",
    "queue", "agent", "abandoned_in", "category", "subcategory", "disposition",
)  # fmt: skip
MANDATORY = ("call_uid", "started_at", "ended_at")
TIMES = ("started_at", "answered_at", "ended_at")
LONGEST = {"call_uid": 100, "queue": 64, "agent": 64, "called": 32}
Times = dict[str, datetime | None]


def read(rows: Iterable[tuple[int, list[str]]], report: Report, area_code: str) -> Iterator[Told]:
    """One call a row."""
    iterator = iter(rows)
    line, first = next(iterator, (1, []))
    names = [cell.lower() for cell in first]
    if not _headers_fit(names, line, report):
        return
    for line, cells in iterator:
        row = dict.fromkeys(HEADERS, "") | dict(zip(names, cells, strict=False))
        told = _told(line, row, report, area_code)
        if told is not None:
            yield told


def _headers_fit(names: list[str], line: int, report: Report) -> bool:
    lacking = [name for name in MANDATORY if name not in names]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    for name in lacking:
        report.fault(line, name, "缺少这一列。")
    for name in twice:
        report.fault(line, name, "这一列出现了两次。")
    if more := [name for name in names if name and name not in HEADERS]:
        report.notes.append("未使用的列：" + "、".join(more))
    return not (lacking or twice)


def _told(line: int, row: dict[str, str], report: Report, area_code: str) -> Told | None:
    faults = len(report.faults)
    times = {name: _time(row, name, line, report) for name in TIMES}
    for name, message in _mistakes(row, times):
        report.fault(line, name, message)
    start, answer, end = (times[name] for name in TIMES)
    if len(report.faults) > faults or start is None or end is None:
        return None
    heard = [
        Heard(row["call_uid"], CallEvent(f"csv:{row['call_uid']}:{kind}", kind, at, **said))
        for kind, at, said in _story(row, start, answer, end, area_code)
    ]
    return Told(line, heard, _settlement(row))


def _time(row: dict[str, str], name: str, line: int, report: Report) -> datetime | None:
    try:
        return instant(row[name])
    except ValueError:
        report.fault(line, name, f"时间“{row[name][:30]}”看不懂，应为 2026-11-20 09:30:00。")
        return None


def _mistakes(row: dict[str, str], times: Times) -> Iterator[tuple[str, str]]:
    for name in MANDATORY:
        if not row[name]:
            yield name, "不能为空。"
    for name, longest in LONGEST.items():
        if len(row[name]) > longest:
            yield name, f"不能超过 {longest} 个字符。"
    yield from _unknown_codes(row)
    yield from _impossible(row, times)


def _unknown_codes(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, codes in (("direction", Direction), ("abandoned_in", AbandonedIn)):
        if row[name] and codes.known(row[name].lower()) is None:
            yield name, f"“{row[name][:20]}”不认识，应为 {'、'.join(codes)}。"
    if row["disposition"] and code_of(Disposition, row["disposition"]) is None:
        yield "disposition", f"“{row['disposition'][:20]}”不在处理结果中。"
    if row["subcategory"] and not row["category"]:
        yield "category", "填了 subcategory 就要填 category。"


def _impossible(row: dict[str, str], times: Times) -> Iterator[tuple[str, str]]:
    start, answer, end = (times[name] for name in TIMES)
    if start and end and end < start:
        yield "ended_at", "早于开始时间。"
    if start and answer and end and not start <= answer <= end:
        yield "answered_at", "应在开始与结束之间。"
    if answer and row["abandoned_in"]:
        yield "abandoned_in", "已接听的通话不能有放弃阶段。"


def code_of(codes: type[Disposition], text: str) -> Disposition | None:
    """A member by its code or its Chinese label."""
    return codes.known(text) or next((each for each in codes if each.label == text), None)


def _story(
    row: dict[str, str], start: datetime, answer: datetime | None, end: datetime, area_code: str
) -> Iterator[tuple[EventType, datetime, dict[str, Any]]]:
    direction = Direction.known(row["direction"].lower()) or Direction.INBOUND
    caller, called = party(row["caller"], row["called"] or None, direction, area_code)
    yield EventType.STARTED, start, {"caller": caller, "called": called, "direction": direction}
    stage, agent = row["abandoned_in"].lower(), bare_agent(row["agent"])
    if stage == AbandonedIn.IVR:
        yield EventType.IVR_ENTERED, start, {}
    elif row["queue"] or stage == AbandonedIn.QUEUE:
        yield EventType.QUEUED, start, {"queue": row["queue"] or None}
    if stage == AbandonedIn.RINGING:
        yield EventType.RINGING, start, {"agent": agent}
    if answer:
        yield EventType.ANSWERED, answer, {"agent": agent}
    yield EventType.ENDED, end, {"by": "caller" if stage else None}


def _settlement(row: dict[str, str]) -> Settlement | None:
    if not row["category"] and not row["disposition"]:
        return None
    return Settlement(
        row["call_uid"],
        row["category"] or None,
        row["subcategory"] or None,
        code_of(Disposition, row["disposition"]) if row["disposition"] else None,
    )
