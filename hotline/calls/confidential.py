"""Who may read what a caller said. Closed by default: a confidential call opens to those who
handled it and to supervisors, nobody else; lists, searches and exports show it as 保密."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlmodel import col

from hotline import access, phone
from hotline.agents.rules import Role
from hotline.calls.models import Call, CallLeg
from hotline.errors import Refused

HIDDEN = "（保密）"


@dataclass(frozen=True)
class Reader:
    """Who reads: a person's id (a machine has none) and whether they supervise."""

    person_id: int | None = None
    is_supervisor: bool = False


SYSTEM = Reader(is_supervisor=True)


def reader() -> Reader:
    """The reader behind the request at hand."""
    who = access.person()
    return Reader(who.person_id, who.role is Role.SUPERVISOR)


def is_handler(call: Call, reading: Reader) -> bool:
    """Did this reader take or wrap up the call?"""
    person = reading.person_id
    return person is not None and person in (call.agent_id, call.wrapped_up_by)


def can_read(call: Call, reading: Reader) -> bool:
    """May this reader see what was said?"""
    return not call.confidential or reading.is_supervisor or is_handler(call, reading)


def readable(reading: Reader) -> ColumnElement[bool]:
    """The same rule as a condition on ``call``."""
    if reading.is_supervisor:
        return true()
    handled: ColumnElement[bool] = false()
    if reading.person_id is not None:
        handled = or_(
            col(Call.agent_id) == reading.person_id,
            col(Call.wrapped_up_by) == reading.person_id,
        )
    return or_(col(Call.confidential).is_(False), handled)


def took_part(person_id: int) -> ColumnElement[bool]:
    """Calls in which this person spoke or was rung, also before a transfer."""
    mine = and_(col(CallLeg.agent_id) == person_id, col(CallLeg.call_id) == col(Call.id))
    return select(col(CallLeg.call_id)).where(mine).exists()


def require_readable(call: Call, reading: Reader) -> None:
    """Refuse who may not read this call."""
    if not can_read(call, reading):
        raise Refused("call_confidential", "这是保密来电，只有经办坐席和班长可以查看。", 403)


def content(call: Call, reading: Reader) -> dict[str, Any]:
    """The personal part of a call for this reader: number masked, or everything hidden."""
    if can_read(call, reading):
        return {
            "caller": phone.mask(call.caller),
            "caller_name": call.caller_name,
            "summary": call.summary,
            "result": call.result,
            "follow_up": call.follow_up,
        }
    hidden = dict.fromkeys(("caller_name", "summary", "result", "follow_up"), HIDDEN)
    return {"caller": HIDDEN} | hidden
