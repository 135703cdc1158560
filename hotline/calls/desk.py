"""The desk without a PBX: what an agent does becomes the same events a PBX would send."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlmodel import Session

from hotline import phone, settings
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.intake import record_events
from hotline.calls.models import Call
from hotline.calls.rules import LIVE, TOGETHER, EventType, Source, State
from hotline.calls.service import get_call
from hotline.clock import now
from hotline.errors import Refused


def start(
    session: Session,
    caller: str | None,
    *,
    called: str | None = None,
    call_uid: str | None = None,
    source: Source = Source.DESK,
) -> Call:
    """A call comes in; withheld numbers are None."""
    number = phone.normalise(caller, settings.current().area_code)
    uid = call_uid or f"desk-{uuid4()}"
    return _say(session, uid, EventType.STARTED, source, caller=number, called=called)


def queue(session: Session, call: Call, queue_name: str) -> Call:
    """The caller waits for a person."""
    return _say(session, call.call_uid, EventType.QUEUED, queue=queue_name)


def ring(session: Session, call: Call, agent: str) -> Call:
    """An agent's telephone rings. ``agent`` is an extension or a user name."""
    _require(call, *LIVE)
    return _say(session, call.call_uid, EventType.RINGING, agent=agent)


def answer(session: Session, call: Call, agent: str) -> Call:
    """An agent takes the call; of two who try, one."""
    call = get_call(session, call.call_uid, lock=True)
    _require(call, State.ARRIVING, State.QUEUED, State.RINGING, State.TRANSFERRING, State.IN_IVR)
    return _say(session, call.call_uid, EventType.ANSWERED, agent=agent)


def hold(session: Session, call: Call) -> Call:
    """The caller hears music."""
    _require(call, State.TALKING)
    return _say(session, call.call_uid, EventType.HELD)


def resume(session: Session, call: Call) -> Call:
    """Back to the caller."""
    _require(call, State.HELD)
    return _say(session, call.call_uid, EventType.RESUMED)


def transfer(session: Session, call: Call, agent: str, to: str) -> Call:
    """Pass the caller on; the original number goes along."""
    _require(call, *TOGETHER)
    return _say(
        session,
        call.call_uid,
        EventType.TRANSFERRED,
        from_agent=agent,
        to=to,
        original_caller=call.caller,
    )


def end(session: Session, call: Call, by: str = "agent", cause: str = "normal") -> Call:
    """Hang up; a second time is as good as once."""
    if call.state not in LIVE:
        return call
    return _say(session, call.call_uid, EventType.ENDED, by=by, cause=cause)


def _say(
    session: Session, uid: str, kind: EventType, source: Source = Source.DESK, **said: Any
) -> Call:
    event = CallEvent(f"desk-{uuid4()}", kind, now(), **said)
    record_events(session, [Heard(uid, event)], source=source)
    return get_call(session, uid)


def _require(call: Call, *states: State) -> None:
    if call.state not in states:
        raise Refused("call_state", f"来电当前为“{call.state.label}”，不能进行此操作。", 409)
