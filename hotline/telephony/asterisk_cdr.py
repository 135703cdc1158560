"""Asterisk's Master.csv: one row a bridge, several rows a call.

Columns by cdr_csv, without a header: the sixteen below, then uniqueid and userfield
(``loguniqueid``, ``loguserfield``), then peeraccount, linkedid and sequence
(``newcdrcolumns``). Times are wall-clock. Rows of one linkedid are one call.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.calls.facts import CallEvent, Heard
from hotline.calls.rules import Direction, EventType, bare_agent
from hotline.telephony.files import CDR_COLUMNS, Report, Told, instant
from hotline.telephony.reading import number, party

BASE = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp",
    "lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
TAILS = {
    0: (),
    1: ("uniqueid",),
    2: ("uniqueid", "userfield"),
    3: ("uniqueid", "userfield", "linkedid"),
    4: ("uniqueid", "userfield", "linkedid", "sequence"),
    5: ("uniqueid", "userfield", "peeraccount", "linkedid", "sequence"),
}
VOICE_LINE = {"background", "playback", "read", "waitexten", "agi", "audiosocket", "stasis"}
_UNIQUE = re.compile(r"(?:[\w.-]+-)?\d+\.\d+")


@dataclass(frozen=True)
class Row:
    """One row, read. ``key`` tells it from every other row of its call."""

    line: int
    uid: str
    key: str
    cells: dict[str, str]
    start: datetime
    answer: datetime | None
    end: datetime

    direction: Direction

    @property
    def agent(self) -> str | None:
        """Whose telephone it was: the near end when we dialled, else the far end."""
        is_out = self.direction is Direction.OUTBOUND
        return bare_agent(self.cells["channel" if is_out else "dstchannel"])

    @property
    def was_answered(self) -> bool:
        """Did somebody behind a telephone answer?"""
        is_answered = self.cells["disposition"].upper() == "ANSWERED"
        return is_answered and self.answer is not None and self.agent is not None


def read(
    rows: Iterable[tuple[int, list[str]]], report: Report, area_code: str, *, cut: bool
) -> Iterator[Told]:
    """Events row by row. ``cut`` says that the file's last line has no end: a log being written."""
    names: tuple[str, ...] = ()
    spoken: dict[str, Row] = {}
    pending = list(rows)
    for place, (line, cells) in enumerate(pending):
        if [cell.lower() for cell in cells[:3]] == ["accountcode", "src", "dst"]:
            names = tuple(cell.lower() for cell in cells)
            continue
        if cut and place == len(pending) - 1 and len(cells) < CDR_COLUMNS:
            report.skipped["最后一行不完整（日志正在写入）"] += 1
            continue
        row = _row(line, cells, names, report, area_code)
        if row is not None:
            yield Told(line, list(_events(row, spoken, area_code)))


def _row(
    line: int, cells: list[str], names: tuple[str, ...], report: Report, area_code: str
) -> Row | None:
    names = names or _names(len(cells))
    if len(cells) < CDR_COLUMNS or not names:
        report.fault(line, "整行", f"应有 16 至 21 列，实有 {len(cells)} 列。")
        return None
    found = dict.fromkeys(BASE, "") | dict(zip(names, cells, strict=False))
    times = {name: _time(found, name, line, report) for name in ("start", "answer", "end")}
    start, end = times["start"], times["end"]
    if start is None or end is None:
        return None
    if end < start:
        report.fault(line, "end", "结束时间早于开始时间。")
        return None
    uid, key = _ids(found)
    return Row(line, uid, key, found, start, times["answer"], end, _direction(found, area_code))


def _names(columns: int) -> tuple[str, ...]:
    return BASE + TAILS[columns - CDR_COLUMNS] if columns - CDR_COLUMNS in TAILS else ()


def _time(found: dict[str, str], name: str, line: int, report: Report) -> datetime | None:
    try:
        at = instant(found[name])
    except ValueError:
        report.fault(line, name, f"时间“{found[name][:30]}”看不懂，应为 2026-11-20 09:30:00。")
        return None
    if at is None and name != "answer":
        report.fault(line, name, "时间不能为空。")
    return at


def _ids(found: dict[str, str]) -> tuple[str, str]:
    """(the call, the row within it). A log without unique ids gets one from what it says."""
    print_ = "|".join(found[name] for name in ("src", "channel", "dstchannel", "start"))
    made = hashlib.sha256(print_.encode()).hexdigest()[:16]
    unique = found.get("uniqueid", "")
    linked = found.get("linkedid", "")
    uid = linked if _UNIQUE.fullmatch(linked) else unique or f"cdr-{made}"
    return uid[:100], f"{unique or made}:{found.get('sequence') or made}"[:60]


def _events(row: Row, spoken: dict[str, Row], area_code: str) -> Iterator[Heard]:
    for kind, at, said in _story(row, spoken.get(row.uid), area_code):
        # The row's key, not its place in the file: the same row in another file is the same.
        event_id = f"cdr:{hashlib.sha256(f'{row.uid}|{row.key}'.encode()).hexdigest()[:24]}:{kind}"
        yield Heard(row.uid, CallEvent(event_id, kind, at, **said))
    if row.was_answered:
        spoken[row.uid] = row


def _story(
    row: Row, before: Row | None, area_code: str
) -> Iterator[tuple[EventType, datetime, dict[str, Any]]]:
    caller, called = party(row.cells["src"], row.cells["dst"], row.direction, area_code)
    said: dict[str, Any] = {"caller": caller, "called": called, "direction": row.direction}
    yield EventType.STARTED, row.start, said
    app = row.cells["lastapp"].lower()
    if app == "queue":
        yield EventType.QUEUED, row.start, {"queue": row.cells["lastdata"].split(",")[0][:64]}
    elif app in VOICE_LINE and row.agent is None:
        yield EventType.IVR_ENTERED, row.start, {}
    if row.agent and before and before.agent != row.agent and row.start >= before.start:
        yield EventType.TRANSFERRED, row.start, {"from_agent": before.agent, "to": row.agent}
    if row.agent and row.direction is not Direction.OUTBOUND:
        yield EventType.RINGING, row.start, {"agent": row.agent}
    if row.was_answered and row.answer:
        yield EventType.ANSWERED, row.answer, {"agent": row.agent}
    yield EventType.ENDED, row.end, {"cause": row.cells["disposition"][:64] or None}


def _direction(found: dict[str, str], area_code: str) -> Direction:
    """Out when an extension dials a number, in when a number dials us."""
    source, target = number(found["src"], area_code), number(found["dst"], area_code)
    if source is None or source.startswith("+"):
        return Direction.INBOUND
    is_out = target is not None and target.startswith("+")
    return Direction.OUTBOUND if is_out else Direction.INTERNAL
