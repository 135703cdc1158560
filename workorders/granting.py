"""What a granted request does to its order."""

from __future__ import annotations

from sqlmodel import Session

from hotline.clock import now
from workorders import moving, service, splitting, timing
from workorders.actors import SYSTEM, Actor
from workorders.models import Order, OrderRequest
from workorders.rules import OPEN, RequestKind, RequestState, State, Step


def grant(
    session: Session,
    order: Order,
    request: OrderRequest,
    actor: Actor,
    words: str | None = None,
) -> None:
    """退单, 延期, 挂起 or 重办 happens. ``words`` are the platform's, where it decided."""
    request.state, moment = RequestState.GRANTED, now()
    if request.platform_decided_at is not None:
        moving.note(session, order, Step.REQUEST_GRANTED, actor, content=words,
                    detail={"request": request.kind.value})  # fmt: skip
    match request.kind:
        case RequestKind.RETURN:
            _return(session, order, request)
            timing.over(session, order, moment)
            splitting.free_unanswered(session, order, moment)
        case RequestKind.EXTEND:
            timing.request_over(session, order, request.kind, moment)
            timing.extended(session, order, request.days or 0, moment)
        case RequestKind.SUSPEND:
            order.suspended_at = moment
            timing.requested(session, order, request.kind, moment)
        case RequestKind.REWORK:
            service.rework(session, order, request.reason, actor, moment)


def _return(session: Session, order: Order, request: OrderRequest) -> None:
    """A platform may take its order back even when the answer is written."""
    if request.platform_decided_at is not None and order.state in OPEN:
        moving.put(session, order, Step.RETURN, State.RETURNED, SYSTEM, content=request.reason)
    else:
        moving.move(session, order, Step.RETURN, SYSTEM, content=request.reason)
