"""What colours an order's codes have, and how its clocks are spoken of."""

from __future__ import annotations

from datetime import datetime

from hotline.clock import now
from hotline.console.filters import duration
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.rules import FlagKind, State, Urgency

# Blue waits for us, amber for a decision, green is done, grey the rest [CONSOLE].
STATES = {
    State.RECEIVED: "action",
    State.ACCEPTED: "action",
    State.ASSIGNED: "action",
    State.IN_PROGRESS: "action",
    State.REPLIED: "soon",
    State.CALLBACK: "soon",
    State.CLOSED: "done",
    State.ARCHIVED: "done",
}
URGENCIES = {Urgency.URGENT: "soon", Urgency.MOST_URGENT: "danger"}
FLAGS = {FlagKind.URGED: "soon", FlagKind.SUPERVISED: "danger", FlagKind.DIFFICULT: "soon"}
TONES: dict[str, dict[str, str]] = {
    "state": {code.value: tone for code, tone in STATES.items()},
    "urgency": {code.value: tone for code, tone in URGENCIES.items()},
    "flag": {code.value: tone for code, tone in FLAGS.items()},
}


def left(clock: WorkOrderClock, at: datetime | None = None) -> str:
    """``剩 3小时05分``, ``已超 2天3小时``, ``已暂停``, or how it ended."""
    if clock.stopped_at is not None:
        if clock.kind is ClockKind.RETURN_BY:
            return "不再计时"
        return {True: "按时", False: "超时", None: "未计"}[clock.met]
    if clock.paused_since is not None:
        return "已暂停"
    span = clock.due_at - (at or now())
    if clock.kind is ClockKind.RETURN_BY and span.total_seconds() < 0:
        return "不能再退"
    return f"剩 {duration(span)}" if span.total_seconds() >= 0 else f"已超 {duration(-span)}"
