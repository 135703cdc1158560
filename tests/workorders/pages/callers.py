"""Calls for tests of pages: settled by somebody at the desk."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from hotline import security
from hotline.calls.models import Call, CallNote
from hotline.calls.rules import Disposition, State
from hotline.clock import now

_numbers = itertools.count(1)
CALLER = "13900007788"


def settled(session: Session, agent_id: int, note: str = "", **given: Any) -> Call:
    """A call that was taken and wrapped up as 转工单, unless something else is given."""
    number = next(_numbers)
    start = now() - timedelta(minutes=20)
    said: dict[str, Any] = {
        "category": "complaint", "disposition": Disposition.WORK_ORDER, "caller": CALLER,
        "wrapped_up_at": start + timedelta(minutes=6), "wrapped_up_by": agent_id,
        "summary": "反映鼓楼医院门诊多收二十元。要求退还。",
    } | given  # fmt: skip
    call = Call(
        call_uid=f"filing-{number}", call_no=f"20261121-{90000 + number:05d}", state=State.CLOSED,
        agent_id=agent_id, started_at=start, answered_at=start + timedelta(seconds=20),
        ended_at=start + timedelta(minutes=5), last_event_at=start + timedelta(minutes=5),
        caller_hash=security.lookup_hash("phone", said["caller"]) if said["caller"] else None,
        **said,
    )  # fmt: skip
    session.add(call)
    session.flush()
    if note:
        session.add(CallNote(call_id=call.key, version=1, text=note, saved_by=agent_id))
    session.commit()
    return call
