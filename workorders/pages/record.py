"""Everything an order's page shows, read for one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from hotline.agents.models import Person
from hotline.calls.models import Call
from workorders import actors, attaching, calling_merged, handing_out, merging, requests, units
from workorders.actors import Actor
from workorders.confidential import Reader, can_read, content
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.queries import clocks_of
from workorders.exchange import lost
from workorders.merging import Likeness, Matter
from workorders.models import Order, OrderRequest, OrderUnit, Platform, Unit
from workorders.pages import deeds, timeline
from workorders.pages.offering import Deed, Facts
from workorders.rules import HANDLING, SELF, RequestState, State
from workorders.side_models import CallBackAttempt, FlagNote, OrderFlag


@dataclass(frozen=True)
class Flagged:
    """A flag with its thread and what may be done to it."""

    flag: OrderFlag
    notes: list[FlagNote]
    deeds: list[Deed]


@dataclass(frozen=True)
class Asked:
    """A request and what may be done to it."""

    request: OrderRequest
    decided_by: str
    deeds: list[Deed]


def facts_of(session: Session, order: Order) -> Facts:
    """What decides which deeds are offered."""
    asked = select(OrderRequest).where(OrderRequest.order_id == order.key)
    raised = select(OrderFlag).where(OrderFlag.order_id == order.key)
    return Facts(
        order,
        units.parts(session, order),
        list(session.exec(asked.order_by(col(OrderRequest.asked_at)))),
        list(session.exec(raised.order_by(col(OrderFlag.raised_at)))),
        requests.is_answered(session, order),
        calling_merged.is_waiting(session, order),
    )


def values(session: Session, order: Order, reading: Reader, which: str) -> dict[str, Any]:
    """The live part of the page: everything but the form that is open."""
    facts, actor = facts_of(session, order), actors.at_hand()
    source = session.get(Platform, order.platform, options=[lost.NO_SECRET])
    with_exchange = reading.leads and order.platform != SELF
    return {
        "order": order,
        "said": content(order, reading),
        "source": source.name if source else "自接工单",
        "handler": name_of(session, order.handler_id),
        "filed_by": name_of(session, order.filed_by),
        "clocks": (clocks := _clocks(session, order)),
        "late": sum(clock.met is False for clock, _ in clocks),
        "parts": _parts(session, facts.parts),
        "requests": [_asked(session, request, facts, actor) for request in facts.requests],
        "flags": _flags(session, facts, actor),
        "call_backs": _call_backs(session, order),
        "master": session.get(Order, order.master_id) if order.master_id else None,
        "merged": _merged(session, order),
        "attachments": attaching.of(session, order),
        "files_go": handing_out.words(session, order),
        "lines": timeline.lines(session, order, which, with_exchange=with_exchange),
        "line_choices": timeline.LINES if with_exchange else (),
        "which": which,
        "offered": deeds.offered(facts, actor),
        "call": session.get(Call, order.call_id) if order.call_id else None,
    }


def repeats(session: Session, order: Order, reading: Reader) -> list[Likeness]:
    """Orders that may be the same matter, of which this reader may know."""
    if order.state not in (State.RECEIVED, *HANDLING):
        return []
    found = merging.repeats(session, Matter.of(order), except_id=order.key)
    return [each for each in found if can_read(each.order, reading)]


def name_of(session: Session, person_id: int | None) -> str:
    """A person's name, or nothing."""
    person = session.get(Person, person_id) if person_id else None
    return person.name if person else ""


def _clocks(session: Session, order: Order) -> list[tuple[WorkOrderClock, str]]:
    """Clocks with whose they are: those that run first, by when they are due."""
    found = clocks_of(session, order.key)
    found.sort(key=lambda clock: (not clock.is_running, clock.due_at))
    return [(clock, _unit_name(session, clock.unit_id)) for clock in found]


def _unit_name(session: Session, unit_id: int | None) -> str:
    unit = session.get(Unit, unit_id) if unit_id else None
    return unit.name if unit else ""


def _parts(session: Session, parts: list[OrderUnit]) -> list[tuple[OrderUnit, str]]:
    return [(part, _unit_name(session, part.unit_id)) for part in parts]


def _asked(session: Session, request: OrderRequest, facts: Facts, actor: Actor) -> Asked:
    fit = {
        RequestState.ASKED: ("approve", "refuse", "withdraw"),
        RequestState.APPROVED: ("platform",),
    }
    names: tuple[str, ...] = fit.get(request.state, ())
    return Asked(request, name_of(session, request.decided_by), _offered(names, facts, actor))


def _flags(session: Session, facts: Facts, actor: Actor) -> list[Flagged]:
    keys = [flag.key for flag in facts.flags]
    written = select(FlagNote).where(col(FlagNote.flag_id).in_(keys)).order_by(col(FlagNote.id))
    notes = list(session.exec(written)) if keys else []
    return [
        Flagged(
            flag,
            [note for note in notes if note.flag_id == flag.key],
            _offered(("note",) if flag.cleared_at else ("note", "unflag"), facts, actor),
        )
        for flag in facts.flags
    ]


def _offered(names: tuple[str, ...], facts: Facts, actor: Actor) -> list[Deed]:
    found = [deeds.DEEDS[name] for name in names]
    return [deed for deed in found if deed.is_offered(facts, actor)]


def _call_backs(session: Session, order: Order) -> list[CallBackAttempt]:
    query = select(CallBackAttempt).where(CallBackAttempt.order_id == order.key)
    return list(session.exec(query.order_by(col(CallBackAttempt.id))))


def _merged(session: Session, order: Order) -> list[Order]:
    query = select(Order).where(Order.master_id == order.key).order_by(col(Order.id))
    return list(session.exec(query))
