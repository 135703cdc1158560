"""A call of the voice line in the hotline's records: the same events a PBX would tell.

The call's uid is the UUID it carries. These functions wait for the database: call them in a
thread. Told twice, or in another order, they say the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

import structlog

from hotline.calls import aliases, callbacks, turns
from hotline.calls.rules import EventType
from hotline.calls.service import get_call
from hotline.clock import now
from hotline.db import transaction
from hotline.telephony.service import take_events
from ivr.media.line import Ending
from ivr.media.transport import CallInfo, Reason

log = structlog.get_logger(__name__)

DEFAULT_QUEUE = "hotline"
BOOKED, DONE = "booked", "done"
CALL_BACK, BY_DESK, DRAINING = "callback", "desk", "draining"  # causes of an end


class Book(Protocol):
    """Where calls are recorded; this module is one. What is written is told below."""

    def began(self, info: CallInfo) -> None: ...

    def entered(self, uuid: str) -> None: ...

    def queued(self, uuid: str, queue: str) -> None: ...

    def left(self, uuid: str, ending: Ending) -> None: ...

    def handed_over(self, uuid: str, queue: str) -> None: ...

    def gone(self, uuid: str, ending: Ending) -> None: ...

    def ringing(self, uuid: str, agent: str, channel: str) -> None: ...

    def answered(self, uuid: str, agent: str, channel: str) -> None: ...

    def ended(self, uuid: str, cause: str, agent: str = "", spoke: float = 0.0) -> None: ...


def began(info: CallInfo) -> None:
    """A call has come."""
    _tell(info.uuid, [_event(info.uuid, EventType.STARTED, caller=info.caller, called=info.called)])
    if info.pbx_uid:
        with transaction() as session:
            aliases.remember(session, info.pbx_uid, info.uuid)


def entered(uuid: str) -> None:
    """The voice line has answered."""
    _tell(uuid, [_event(uuid, EventType.IVR_ENTERED)])
    with transaction() as session:
        turns.record_begun(session, uuid)


def queued(uuid: str, queue: str) -> None:
    """The call waits for a person without having been with us."""
    _tell(uuid, [_event(uuid, EventType.QUEUED, queue=queue or DEFAULT_QUEUE)])


def served(uuid: str) -> None:
    """The caller has got what he wanted, and may hang up: that is no call given up."""
    _tell(uuid, [_event(uuid, EventType.IVR_LEFT, next=DONE)])


def left(uuid: str, ending: Ending) -> None:
    """The voice line has done its part."""
    if ending.reason is Reason.CALLER:
        events = [_event(uuid, EventType.ENDED, by="caller")]
    elif ending.reason is Reason.ENDED:
        served = BOOKED if ending.cause == BOOKED else DONE
        events = [
            _event(uuid, EventType.IVR_LEFT, next=served),
            _event(uuid, EventType.ENDED, by="system", cause=ending.cause or None),
        ]
    elif ending.reason is not Reason.TRANSFERRED:
        # A PBX that asks where to go on says that the caller is still there; a connection that
        # was reset may just as well have been a caller who hung up.
        events = [_event(uuid, EventType.IVR_LEFT, next="queue")]
    else:  # the dialplan goes on to a person
        queue = ending.target or DEFAULT_QUEUE
        events = [
            _event(uuid, EventType.IVR_LEFT, next="queue"),
            _event(uuid, EventType.QUEUED, queue=queue),
        ]
    _tell(uuid, events)


def handed_over(uuid: str, queue: str) -> None:
    """The voice line has done its part, and the caller waits here for one of ours."""
    _tell(
        uuid,
        [
            _event(uuid, EventType.IVR_LEFT, next="queue"),
            _event(uuid, EventType.QUEUED, queue=queue or DEFAULT_QUEUE),
        ],
    )


def gone(uuid: str, ending: Ending) -> None:
    """A caller who waited here for one of ours, or spoke with one, is gone."""
    if ending.cause == BY_DESK:
        return  # the desk has said so itself
    by = "system" if ending.reason is Reason.ENDED and ending.cause != CALL_BACK else "caller"
    _tell(uuid, [_event(uuid, EventType.ENDED, by=by, cause=ending.cause or None)])
    if ending.cause == CALL_BACK:
        with transaction() as session:
            callbacks.ask(session, get_call(session, uuid))


def ringing(uuid: str, agent: str, channel: str) -> None:
    """The PBX lets this telephone ring; ``channel`` is the ring's own id."""
    told = _event(uuid, EventType.RINGING, agent=agent)
    _tell(uuid, [told | {"event_id": f"ivr-{uuid}-ringing-{channel}"}])


def answered(uuid: str, agent: str, channel: str) -> None:
    """Somebody has picked up there."""
    told = _event(uuid, EventType.ANSWERED, agent=agent)
    _tell(uuid, [told | {"event_id": f"ivr-{uuid}-answered-{channel}"}])


def ended(uuid: str, cause: str, agent: str = "", spoke: float = 0.0) -> None:
    """The PBX says that the call is over, and why; and which telephone spoke with the caller for
    how many seconds, should nobody have been here to hear who answered."""
    told = _event(uuid, EventType.ENDED, cause=cause or None)
    _tell(uuid, [told | {"event_id": f"ivr-{uuid}-pbx-ended"}])
    if agent and not _was_answered(uuid):
        since = (now() - timedelta(seconds=spoke)).isoformat()
        _tell(uuid, [_event(uuid, EventType.ANSWERED, agent=agent) | {"at": since}])


def _was_answered(uuid: str) -> bool:
    with transaction() as session:
        return get_call(session, uuid).answered_at is not None


def _event(uuid: str, kind: EventType, **fields: str | None) -> dict[str, Any]:
    said = {name: text for name, text in fields.items() if text is not None}
    return {
        "event_id": f"ivr-{uuid}-{kind}",
        "call_uid": uuid,
        "type": kind.value,
        "at": now().isoformat(),
        **said,
    }


def _tell(uuid: str, events: list[dict[str, Any]]) -> None:
    with transaction() as session:
        answer = take_events(session, events)
    if answer["refused"]:
        codes = [refusal["code"] for refusal in answer["refused"]]
        log.warning("call_events_refused", call_uid=uuid, codes=codes)
