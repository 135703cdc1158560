"""Asterisk's queue_log: ``epoch|callid|queue|agent|EVENT|data1|data2|...``

The call's end after a transfer is not in this file: such a call stays open until a CDR or the
sweep closes it. ``callid`` is the caller's unique id, the linkedid of the CDR: both files may be
imported, in any order, and make one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hotline.calls.facts import CallEvent, Heard
from hotline.calls.rules import EventType, bare_agent
from hotline.telephony.files import Report, Told
from hotline.telephony.reading import number

Step = tuple[EventType, datetime, dict[str, Any]]
# Written for the queue itself or for an agent, not for a call.
NOT_A_CALL = {"NONE", "REALTIME", "MANAGER", ""}
FIELDS = 5


@dataclass(frozen=True)
class Line:
    """One line, read. ``data`` has what follows the event's name."""

    at: datetime
    callid: str
    queue: str
    agent: str | None
    event: str
    data: list[str]
    area_code: str

    def given(self, place: int) -> str:
        """One piece of data, or an empty text."""
        return self.data[place] if place < len(self.data) else ""

    def seconds(self, place: int) -> timedelta:
        """A piece of data in whole seconds."""
        return timedelta(seconds=int(self.given(place) or 0))


def read(lines: list[str], report: Report, area_code: str, *, cut: bool) -> Iterator[Told]:
    """Events line by line; lines about agents and queues are counted and left."""
    for place, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        cells = [cell.strip() for cell in raw.replace("\x00", "").split("|")]
        if cut and place == len(lines) and (len(cells) < FIELDS or cells[4] not in KNOWN):
            report.skipped["最后一行不完整（日志正在写入）"] += 1
            continue
        yield from _told(place, cells, report, area_code)


def _told(place: int, cells: list[str], report: Report, area_code: str) -> Iterable[Told]:
    if len(cells) < FIELDS:
        report.fault(place, "整行", f"应以“|”分成至少 5 段，实有 {len(cells)} 段。")
        return []
    at = _time(cells[0])
    if at is None:
        report.fault(place, "第 1 段", f"时间戳“{cells[0][:20]}”看不懂，应为秒数。")
        return []
    agent = None if cells[3] == "NONE" else bare_agent(cells[3])
    line = Line(at, cells[1], cells[2], agent, cells[4], cells[5:], area_code)
    story = _STORIES.get(line.event)
    if line.callid in NOT_A_CALL or story is None:
        report.skipped[f"{line.event}（与通话无关或不认识）"] += 1
        return []
    try:
        steps = enumerate(story(line))
        return [Told(place, [_heard(line, step_no, step) for step_no, step in steps])]
    except ValueError:
        report.fault(place, line.event, "时长应为数字。")
        return []


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _heard(line: Line, place: int, step: Step) -> Heard:
    kind, at, said = step
    name = f"ql:{line.callid}:{line.at.timestamp():.3f}:{line.event}:{line.agent or ''}:{place}"
    return Heard(line.callid[:100], CallEvent(name[:128], kind, at, **said))


def _entered(line: Line) -> Iterator[Step]:
    yield EventType.STARTED, line.at, {"caller": number(line.given(1), line.area_code)}
    yield EventType.QUEUED, line.at, {"queue": line.queue}


def _connected(line: Line) -> Iterator[Step]:
    yield EventType.RINGING, line.at - line.seconds(2), {"agent": line.agent}
    yield EventType.ANSWERED, line.at, {"agent": line.agent, "queue": line.queue}


def _not_answered(line: Line) -> Iterator[Step]:
    """The ring is given in milliseconds; afterwards the caller waits on."""
    rang = timedelta(milliseconds=int(line.given(0) or 0))
    yield EventType.RINGING, line.at - rang, {"agent": line.agent}
    yield EventType.QUEUED, line.at, {"queue": line.queue}


def _transferred(line: Line) -> Iterator[Step]:
    yield EventType.TRANSFERRED, line.at, {"from_agent": line.agent, "to": line.given(0) or None}


def _attended(line: Line) -> Iterator[Step]:
    """data1 says how (BRIDGE, APP, LINK); what follows is a bridge's id, not a person."""
    to = line.given(1) if line.given(0) == "APP" else None
    yield EventType.TRANSFERRED, line.at, {"from_agent": line.agent, "to": to}


def _ended(by: str, cause: str) -> Callable[[Line], Iterator[Step]]:
    def story(line: Line) -> Iterator[Step]:
        yield EventType.ENDED, line.at, {"by": by, "cause": cause}

    return story


_STORIES: dict[str, Callable[[Line], Iterator[Step]]] = {
    "ENTERQUEUE": _entered,
    "CONNECT": _connected,
    "RINGNOANSWER": _not_answered,
    "TRANSFER": _transferred,
    "BLINDTRANSFER": _transferred,
    "ATTENDEDTRANSFER": _attended,
    "ABANDON": _ended("caller", "abandon"),
    "COMPLETECALLER": _ended("caller", "normal"),
    "COMPLETEAGENT": _ended("agent", "normal"),
    "AGENTDUMP": _ended("agent", "dump"),
    "EXITWITHTIMEOUT": _ended("system", "timeout"),
    "EXITEMPTY": _ended("system", "empty"),
    "EXITWITHKEY": _ended("caller", "key"),
}
KNOWN = frozenset(_STORIES) | {
    "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "AGENTLOGIN",
    "AGENTLOGOFF", "CONFIGRELOAD", "QUEUESTART", "DID", "CALLERENTER", "PENALTY", "RINGCANCELED",
}  # fmt: skip
