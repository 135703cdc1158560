"""退单, 延期, 重办, 挂起: asked for with a reason, decided by a supervisor, then by the platform.

Only a granted request changes the order. A platform decides on 退单 and 延期 of its orders; 挂起
stays between us, where the platform allows it; 重办 of a platform's order is the platform's.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.errors import Refused
from workorders import granting, moving, service, timing
from workorders.actors import Actor
from workorders.asking import days_of_extension, first, require_possible, require_state, undecided
from workorders.exchange.outbox import tell_platform
from workorders.models import Order, OrderRequest
from workorders.platforms.wire import EventType
from workorders.rules import (
    OPEN,
    SELF,
    Origin,
    RequestKind,
    RequestState,
    Step,
)
from workorders.service import optional, required
from workorders.side_models import CallBackAttempt

EVENTS = {RequestKind.RETURN: EventType.RETURN, RequestKind.EXTEND: EventType.EXTEND}


def ask(
    session: Session,
    order: Order,
    kind: RequestKind,
    reason: str,
    actor: Actor,
    *,
    days: int | None = None,
    at: datetime | None = None,
) -> OrderRequest:
    """Ask for something. ``days`` are the working days of an 延期. Raises Refused."""
    actor.require(Step.REQUESTED, order)
    moment, words = at or now(), required(reason, "reason", "请填写申请理由。", 500)
    require_possible(session, order, kind)
    if kind is RequestKind.RETURN:
        timing.require_return(session, order, moment)
    if kind is RequestKind.EXTEND:
        days = days_of_extension(session, order, days, moment)
    request = OrderRequest(
        order_id=order.key, kind=kind, reason=words, asked_at=moment,
        days=days if kind is RequestKind.EXTEND else None,
        asked_by=actor.person_id, asked_by_name=actor.name, is_demo=order.is_demo,
    )  # fmt: skip
    session.add(request)
    moving.note(session, order, Step.REQUESTED, actor, at=moment, content=words,
                detail={"request": kind.value, "days": request.days})  # fmt: skip
    return request


def approve(
    session: Session, order: Order, request_id: int, actor: Actor, *, words: str = ""
) -> OrderRequest:
    """A supervisor agrees: it happens, or goes to the platform that decides."""
    actor.require(Step.REQUEST_APPROVED, order)
    request = _asked(session, order, request_id)
    require_state(order, request.kind)
    _decide(request, RequestState.APPROVED, actor, optional(words, "words", 500))
    moving.note(session, order, Step.REQUEST_APPROVED, actor, content=request.decision,
                detail={"request": request.kind.value})  # fmt: skip
    if order.platform == SELF or request.kind not in EVENTS:
        granting.grant(session, order, request, actor)
    else:
        _tell(session, order, request, actor)
    return request


def refuse(
    session: Session, order: Order, request_id: int, reason: str, actor: Actor
) -> OrderRequest:
    """A supervisor does not agree."""
    actor.require(Step.REQUEST_REFUSED, order)
    request = _asked(session, order, request_id)
    words = required(reason, "reason", "请填写不同意的理由。", 500)
    _decide(request, RequestState.REFUSED, actor, words)
    moving.note(session, order, Step.REQUEST_REFUSED, actor, content=words,
                detail={"request": request.kind.value})  # fmt: skip
    if request.kind is RequestKind.REWORK:
        _close_unsatisfied(session, order, actor, words)
    return request


def _close_unsatisfied(session: Session, order: Order, actor: Actor, words: str) -> None:
    """An unsatisfied caller's order that is not worked on again is over; one whose caller was not
    asked yet waits for that."""
    if order.state in OPEN and is_answered(session, order):
        service.finish(session, order, actor, f"不重办：{words}", now())


def is_answered(session: Session, order: Order) -> bool:
    """Whether the caller was reached in this round's call-back."""
    query = select(CallBackAttempt.id).where(
        CallBackAttempt.order_id == order.key,
        CallBackAttempt.round == order.round,
        col(CallBackAttempt.connected),
    )
    return session.exec(query).first() is not None


def withdraw(session: Session, order: Order, request_id: int, actor: Actor) -> OrderRequest:
    """Who asked thinks better of it, as long as nobody has decided."""
    actor.require(Step.REQUEST_WITHDRAWN, order)
    request = _asked(session, order, request_id)
    if not actor.leads and request.asked_by != actor.person_id:
        raise Refused("not_your_request", "申请由提出人或班长撤回。", 403)
    _decide(request, RequestState.WITHDRAWN, actor, None)
    moving.note(session, order, Step.REQUEST_WITHDRAWN, actor,
                detail={"request": request.kind.value})  # fmt: skip
    return request


def platform_decided(
    session: Session,
    order: Order,
    kind: RequestKind,
    granted: bool,
    actor: Actor,
    *,
    at: datetime | None = None,
    words: str | None = None,
) -> bool:
    """What the platform decided, heard from it or written down by a supervisor who was told.

    Returns whether there was such a request.
    """
    if actor.origin is Origin.PERSON:
        actor.require(Step.REQUEST_GRANTED, order)
    request = undecided(session, order, kind)
    if request is None or request.state is not RequestState.APPROVED:
        return False
    request.platform_decided_at = at or now()
    if granted:
        granting.grant(session, order, request, actor, words)
    else:
        request.state = RequestState.DENIED
        moving.note(session, order, Step.REQUEST_DENIED, actor, content=words,
                    detail={"request": kind.value})  # fmt: skip
        timing.request_over(session, order, kind, now())
    return True


def asked_at_platform(
    session: Session, order: Order, kind: RequestKind, actor: Actor, at: datetime
) -> None:
    """Somebody asked at the platform itself: we keep it as a request that waits for it."""
    if undecided(session, order, kind) is None:
        days = 1 if kind is RequestKind.EXTEND else None
        session.add(
            OrderRequest(
                order_id=order.key, kind=kind, state=RequestState.APPROVED, days=days,
                reason="在平台上提出", asked_at=at, asked_by_name=actor.name, is_demo=order.is_demo,
            )
        )  # fmt: skip
        timing.requested(session, order, kind, at)


def resume(session: Session, order: Order, actor: Actor) -> None:
    """恢复办理 after 挂起: the clocks run on."""
    actor.require(Step.RESUMED, order)
    if order.suspended_at is None:
        raise Refused("not_suspended", "这张工单没有挂起。", 409)
    order.suspended_at = None
    timing.request_over(session, order, RequestKind.SUSPEND, now())
    moving.note(session, order, Step.RESUMED, actor)


def _asked(session: Session, order: Order, request_id: int) -> OrderRequest:
    request = first(session, OrderRequest.id == request_id, order)
    if request is None or request.state is not RequestState.ASKED:
        raise Refused("request_decided", "这条申请已有人处理，请刷新页面。", 409)
    return request


def _decide(request: OrderRequest, state: RequestState, actor: Actor, words: str | None) -> None:
    request.state, request.decision = state, words
    request.decided_at, request.decided_by = now(), actor.person_id


def _tell(session: Session, order: Order, request: OrderRequest, actor: Actor) -> None:
    until = None
    if request.kind is RequestKind.EXTEND:
        until = timing.extended_until(session, order, request.days or 0)
        request.until = until.date() if until else None
    timing.requested(session, order, request.kind, now())
    tell_platform(session, order, EVENTS[request.kind], actor, content=request.reason,
                  until=until)  # fmt: skip
