"""What the desk shows: the call at hand, what helps with it, how my day goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from hotline.agents.models import Person, PresenceChange
from hotline.agents.rules import DESK_ROLES, Presence
from hotline.calls import queries
from hotline.calls.confidential import Reader
from hotline.calls.filters import Filters
from hotline.calls.models import Call, CallNote, DangerAlert
from hotline.calls.rules import State
from hotline.calls.voice_models import CallTurn
from hotline.classification import service as sorting
from hotline.clock import day_bounds, month_of, now, today
from hotline.errors import Refused

# Between a PBX's word for the end of a call and our note of the agent's state.
CLOCKS_DIFFER = timedelta(minutes=1)
AT_HAND = (State.TALKING, State.HELD, State.TRANSFERRING)
# Words for what the voice line filled in.
SLOT_LABELS = {
    "hospital": "医院",
    "department": "科室",
    "doctor": "医生",
    "date": "日期",
    "half_day": "午别",
    "part_of_day": "午别",
    "weekday": "星期",
    "name": "姓名",
    "id_number": "证件",
    "intent": "来意",
    "kind": "号别",
    "period": "午别",
    "time": "时段",
    "patient": "就诊人",
    "mobile": "手机",
    "district": "区",
}


def get_call(session: Session, call_no: str) -> Call:
    """The call with this number. Raises Refused 404."""
    call = session.exec(select(Call).where(Call.call_no == call_no)).first()
    if call is None:
        raise Refused("call_unknown", f"没有编号为 {call_no[:20]} 的来电。", 404)
    return call


def ringing_call(session: Session, person_id: int) -> Call | None:
    """The call that rings at this person's telephone."""
    return _latest(session, person_id, State.RINGING)


def call_at_hand(session: Session, person_id: int) -> Call | None:
    """The call this person speaks on, or is wrapping up."""
    if speaking := _latest(session, person_id, *AT_HAND):
        return speaking
    person = session.get(Person, person_id)
    if person is None or person.presence is not Presence.WRAP_UP:
        return None
    last = _latest(session, person_id, State.WRAP_UP)
    is_this = last and last.ended_at and last.ended_at >= person.presence_since - CLOCKS_DIFFER
    return last if is_this else None  # older ones wait on the list of the unsettled


def _latest(session: Session, person_id: int, *states: State) -> Call | None:
    query = select(Call).where(
        Call.agent_id == person_id, col(Call.state).in_(states), col(Call.state) != State.CLOSED
    )
    return session.exec(query.order_by(col(Call.started_at).desc()).limit(1)).first()


def note_of(session: Session, call: Call) -> CallNote:
    """The draft so far, version 0 when nothing was saved."""
    return session.get(CallNote, call.id) or CallNote(call_id=call.key, version=0, text="")


def heard_slots(session: Session, call_uid: str) -> dict[str, str]:
    """What the voice line already understood, so that the caller repeats nothing."""
    turns = session.exec(
        select(CallTurn).where(CallTurn.call_uid == call_uid).order_by(col(CallTurn.position))
    )
    found: dict[str, str] = {}
    for turn in turns:
        found |= _slots(turn.slots)
    return {SLOT_LABELS[name]: value for name, value in found.items() if name in SLOT_LABELS}


def _slots(packed: str | None) -> dict[str, str]:
    try:
        slots = json.loads(packed or "{}")
    except ValueError:
        return {}
    pairs = slots.items() if isinstance(slots, dict) else ()
    return {str(name): str(value) for name, value in pairs if value}


def alerts_of(session: Session, call: Call) -> list[DangerAlert]:
    """Alerts this call has raised, the gravest words first."""
    query = select(DangerAlert).where(DangerAlert.call_id == call.id)
    return sorted(session.exec(query), key=lambda alert: alert.level)


def choices(session: Session, call: Call) -> list[dict[str, str]]:
    """Everything the call may be put under, flat, for the picker that is typed at."""
    found: list[dict[str, str]] = []
    for branch in sorting.tree(session, month_of(call.started_at)):
        found += [
            _choice(branch.category.value, leaf.code, leaf.group.label, leaf.label, leaf.initials)
            for leaf in branch.leaves
        ]
        if not branch.leaves:
            found.append(_choice(branch.category.value, "", "", branch.label, branch.initials))
    return found


def _choice(category: str, code: str, group: str, label: str, initials: str) -> dict[str, str]:
    return {"category": category, "subcategory": code, "group": group, "label": label,
            "initials": initials}  # fmt: skip


def colleagues(session: Session, but: int) -> list[Person]:
    """Who a call could be passed to: at the desk now, the ready first."""
    query = select(Person).where(
        col(Person.is_active),
        Person.id != but,
        col(Person.role).in_(DESK_ROLES),
        Person.presence != Presence.OFFLINE,
    )
    found = session.exec(query.order_by(Person.name).limit(60))
    return sorted(found, key=lambda person: person.presence is not Presence.READY)


@dataclass(frozen=True)
class MyDay:
    """One person's day so far. Spans in seconds."""

    calls: int
    talk_seconds: int
    presence: dict[Presence, float]

    @property
    def average_talk(self) -> float | None:
        """Seconds of talk a call."""
        return self.talk_seconds / self.calls if self.calls else None


def my_day(session: Session, person_id: int) -> MyDay:
    """What this person did since midnight."""
    start, _ = day_bounds(today())
    row = session.exec(
        select(func.count(), func.coalesce(func.sum(Call.talk_seconds), 0)).where(
            Call.agent_id == person_id,
            col(Call.started_at) >= start,
            col(Call.answered_at).is_not(None),
        )
    ).one()
    return MyDay(row[0], int(row[1]), presence_spans(session, person_id))


def presence_spans(session: Session, person_id: int) -> dict[Presence, float]:
    """Seconds in each state since midnight."""
    start, moment = day_bounds(today())[0], now()
    query = select(PresenceChange).where(
        PresenceChange.person_id == person_id,
        func.coalesce(PresenceChange.until_at, moment) > start,
    )
    spans = dict.fromkeys(Presence, timedelta(0))
    for stretch in session.exec(query):
        spans[stretch.presence] += (stretch.until_at or moment) - max(stretch.from_at, start)
    return {presence: span.total_seconds() for presence, span in spans.items()}


def idle(session: Session, person_id: int, reading: Reader) -> dict[str, Any]:
    """Everything the desk shows while nobody is on the line."""
    mine = Filters(agent_id=person_id)
    unsettled = Filters(agent_id=person_id, unsettled=True)
    waiting = queries.waiting_calls(session)
    return {
        "day": my_day(session, person_id),
        "waiting": waiting,
        "latest": queries.search_calls(session, mine, reading, limit=8, count=False).rows,
        "unsettled": queries.search_calls(session, unsettled, reading, limit=8),
    }
