"""An order's timeline: its steps, and beside them what went over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from hotline.phone import redact
from workorders.exchange import lost
from workorders.exchange.models import Exchange, Incoming, Outgoing
from workorders.exchange.rules import OutgoingState
from workorders.models import Order, OrderStep, Unit
from workorders.platforms.adapter import Result, Trouble
from workorders.rules import FlagKind, Origin, RequestKind, Satisfaction, Step

TONES = {
    Step.REPLY_PASSED: "done", Step.CLOSE: "done", Step.ARCHIVE: "done", Step.ACCEPT: "action",
    Step.ASSIGN: "action", Step.REPLY: "action", Step.REWORK: "danger", Step.OVERDUE: "danger",
}  # fmt: skip
LINES = (("", "全部"), ("steps", "办理"), ("exchange", "平台往来"))


@dataclass(frozen=True)
class Line:
    """One line: what happened, who did it, and what was written."""

    at: datetime
    title: str
    who: str = ""
    words: str = ""
    beside: str = ""
    tone: str = ""
    attempts: list[tuple[Exchange, str, str]] = field(default_factory=list)
    is_exchange: bool = False


def lines(session: Session, order: Order, which: str, *, with_exchange: bool) -> list[Line]:
    """The timeline, the oldest first: ``steps``, ``exchange`` or everything."""
    found: list[Line] = []
    if which != "exchange":
        found += _steps(session, order)
    if with_exchange and which != "steps":
        found += [*_sent(session, order), *_came(session, order)]
    return sorted(found, key=lambda line: line.at)


def _steps(session: Session, order: Order) -> Iterator[Line]:
    units = dict(session.exec(select(Unit.id, Unit.name)).all())
    query = select(OrderStep).where(OrderStep.order_id == order.key)
    for step in session.exec(query.order_by(col(OrderStep.at), col(OrderStep.id))):
        moved = step.before is not None and step.before is not step.after
        who = step.person_name if step.origin is not Origin.SYSTEM else "系统"
        yield Line(
            step.at, _title(step, units.get(step.unit_id)), who, redact(step.content or ""),
            f"{step.before.label} → {step.after.label}" if moved and step.before else "",
            TONES.get(step.step, ""),
        )  # fmt: skip


def _title(step: OrderStep, unit: str | None) -> str:
    said = [say(step.detail[name]) for name, say in _SAID.items() if name in step.detail]
    parts = [unit or "", *said]
    more = "，".join(part for part in parts if part)
    return f"{step.step.label}：{more}" if more else step.step.label


def _known(codes: Any) -> Callable[[Any], str]:
    def say(value: Any) -> str:
        code = codes.known(str(value)) if value is not None else None
        return str(code.label) if code else ""

    return say


def _whether(yes: str, no: str) -> Callable[[Any], str]:
    return lambda value: "" if value is None else (yes if value else no)


# How what a step kept beside its words is said.
_SAID: dict[str, Callable[[Any], str]] = {
    "reached": _whether("已联系上", "未联系上"),
    "connected": _whether("已接通", "未接通"),
    "truthful": _whether("属实", "不属实"),
    "solved": _whether("已解决", "未解决"),
    "satisfaction": _known(Satisfaction),
    "request": _known(RequestKind),
    "days": lambda value: f"{value} 个工作日" if value else "",
    "flag": _known(FlagKind),
    "with": lambda value: f"随主单 {value} 一并回访",
    "master": lambda value: f"并入 {value}",
    "merged": lambda value: f"{value} 并入本单",
    "status": lambda value: f"平台状态 {value}",
}


def _sent(session: Session, order: Order) -> Iterator[Line]:
    query = select(Outgoing).where(Outgoing.order_id == order.key).order_by(col(Outgoing.id))
    for row in session.exec(query.options(lost.NO_BODY)).all():
        tried = select(Exchange).where(Exchange.outgoing_id == row.key).options(lost.NO_ANSWER)
        beside = f"{row.state.label}，{row.attempts} 次"
        stuck = row.state in (OutgoingState.REFUSED, OutgoingState.GIVEN_UP)
        yield Line(
            row.created_at, f"发给平台：{row.type.label}", "", redact(row.last_error or ""),
            beside, "danger" if stuck else "done" if row.settled_at else "",
            [(one, _outcome(one), one.error or lost.opened(one, "answer", lost.WHY))
             for one in session.exec(tried.order_by(col(Exchange.id)))], True,
        )  # fmt: skip


def _outcome(attempt: Exchange) -> str:
    code = Result.known(attempt.outcome) or Trouble.known(attempt.outcome)
    said = code.label if code else attempt.outcome
    return f"{said}（{attempt.status}）" if attempt.status else said


def _came(session: Session, order: Order) -> Iterator[Line]:
    query = select(Incoming).where(Incoming.order_id == order.key).order_by(col(Incoming.id))
    for row in session.exec(query.options(lost.NO_RAW)).all():
        version = f"，版本 {row.version}" if row.version is not None else ""
        times = f"，共 {row.times} 次" if row.times > 1 else ""
        title, beside = f"平台来件：{row.via.label}{version}", f"{row.state.label}{times}"
        why = redact(row.reason or "")
        yield Line(row.received_at, title, "", why, beside, is_exchange=True)
