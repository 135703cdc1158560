"""Which clocks an order's steps start and stop. The clocks themselves are ``deadlines``'."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from workorders.deadlines import service as clocks
from workorders.deadlines.rules import ClockKind
from workorders.deadlines.service import extended_until, require_extension, require_return
from workorders.models import Order, OrderUnit
from workorders.rules import HANDLING, SELF, RequestKind

__all__ = ["extended_until", "require_extension", "require_return"]


def begin_new(session: Session, order: Order, at: datetime) -> None:
    """As ``begin``, of an order just filed: no clock is there yet."""
    due = {ClockKind.SIGN: None, ClockKind.RETURN_BY: None, ClockKind.FINISH: order.remote_due_at}
    if order.platform == SELF:  # our own orders have nobody to be returned to
        del due[ClockKind.RETURN_BY]
    clocks.begin(session, order, due, at)


def begin(session: Session, order: Order, at: datetime) -> None:
    """Received (again): 签收, 退单 and 办结 run, 办结 no later than the platform says."""
    clocks.restart(session, order, ClockKind.SIGN, at)
    if order.platform != SELF:  # our own orders have nobody to be returned to
        clocks.restart(session, order, ClockKind.RETURN_BY, at)
    clocks.restart(session, order, ClockKind.FINISH, at, remote_due=order.remote_due_at)


def accepted(session: Session, order: Order, at: datetime) -> None:
    """Signed for; who wants an answer is to be called soon."""
    clocks.stop(session, order, ClockKind.SIGN, at)
    if order.reply_wanted:
        clocks.start(session, order, ClockKind.FIRST_CONTACT, at)


def contacted(session: Session, order: Order, at: datetime) -> None:
    """The caller was reached."""
    clocks.stop(session, order, ClockKind.FIRST_CONTACT, at)


def assigned(session: Session, order: Order, part: OrderUnit) -> None:
    """A unit has it, until its own deadline or the order's."""
    clocks.restart(session, order, ClockKind.UNIT, part.assigned_at, remote_due=part.due_at,
                   unit=part.unit_id)  # fmt: skip


def unit_done(session: Session, order: Order, part: OrderUnit) -> None:
    """The unit has answered, or it is no longer theirs."""
    clocks.stop(session, order, ClockKind.UNIT, part.settled_at or order.updated_at,
                unit=part.unit_id)  # fmt: skip


def units_over(session: Session, order: Order, at: datetime) -> None:
    """What units have not answered by now is not theirs any more: their clocks go unjudged."""
    clocks.drop(session, order, at, only=ClockKind.UNIT)


def replied(session: Session, order: Order, at: datetime) -> None:
    """The answer is out: 办结 is met or not, 回访 runs."""
    for kind in (ClockKind.SIGN, ClockKind.RETURN_BY, ClockKind.FIRST_CONTACT, ClockKind.FINISH):
        clocks.stop(session, order, kind, at)
    clocks.restart(session, order, ClockKind.CALLBACK, at)


def called_back(session: Session, order: Order, at: datetime) -> None:
    """The call-back has its answer."""
    clocks.stop(session, order, ClockKind.CALLBACK, at)


def reworked(session: Session, order: Order, at: datetime) -> None:
    """Another round: 办结 runs anew."""
    clocks.drop(session, order, at)
    clocks.restart(session, order, ClockKind.FINISH, at, remote_due=order.remote_due_at)


def split_off(session: Session, order: Order) -> None:
    """Handled by itself again: 办结 counts from when it came, as if it had never been merged."""
    clocks.restart(session, order, ClockKind.FINISH, order.received_at,
                   remote_due=order.remote_due_at)  # fmt: skip


def over(session: Session, order: Order, at: datetime) -> None:
    """Nothing is timed any more."""
    clocks.drop(session, order, at)


def requested(session: Session, order: Order, kind: RequestKind, at: datetime) -> None:
    """A request waits for the platform, or the order is suspended: what the rules say stands."""
    clocks.pause(session, order, at, kind)


def request_over(session: Session, order: Order, kind: RequestKind, at: datetime) -> None:
    """It was decided, or the order is handled again."""
    clocks.resume(session, order, at, kind)


def extended(session: Session, order: Order, days: int, at: datetime) -> None:
    """延期 was granted: checked when it was asked for, or decided by the platform."""
    clocks.extend(session, order, days, at, granted=True, remote_due=order.remote_due_at)


def corrected(session: Session, order: Order, at: datetime, *, answer: bool) -> None:
    """Its kind or urgency was put right: what runs is reckoned by what holds now, from when it
    began. ``answer``: so was whether the caller wants one."""
    clocks.renew(session, order, at)
    if answer and not order.reply_wanted:
        clocks.drop(session, order, at, only=ClockKind.FIRST_CONTACT)
    elif answer and order.state in HANDLING and not order.caller_contacted:
        clocks.restart(session, order, ClockKind.FIRST_CONTACT, at)


def remote_due(session: Session, order: Order, at: datetime) -> None:
    """The platform's words changed the order: its kind, its urgency, its deadline."""
    clocks.renew(session, order, at, remote_due=order.remote_due_at)
