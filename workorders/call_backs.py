"""回访: was the caller told the truth, is it solved, how satisfied are they."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from hotline.clock import now
from hotline.errors import Refused
from workorders import asking, calling_merged, moving, requests, service, timing
from workorders.actors import SYSTEM, Actor
from workorders.exchange.outbox import tell_platform
from workorders.models import Order
from workorders.platforms.wire import EventType
from workorders.rules import SELF, RequestKind, Satisfaction, Step
from workorders.side_models import CallBackAttempt

MOST_ATTEMPTS = 3  # default: after so many an order is closed as 无法联系


@dataclass(frozen=True)
class Answer:
    """What came of one attempt. Who was not reached has said nothing."""

    connected: bool
    truthful: bool | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    opinion: str = ""


def record(
    session: Session, order: Order, answer: Answer, actor: Actor, *, at: datetime | None = None
) -> CallBackAttempt:
    """Write an attempt down. One that reached the caller ends the round; so does the last one.

    An unsatisfied caller of our own order becomes a request to work on it again; a platform is
    told and decides itself.
    """
    _require(session, order, answer)
    _require_unsettled(session, order, answer)
    moment = at or now()
    attempt = CallBackAttempt(
        order_id=order.key, round=order.round, at=moment, person_id=actor.person_id,
        person_name=actor.name, origin=actor.origin, connected=answer.connected,
        truthful=answer.truthful, solved=answer.solved, satisfaction=answer.satisfaction,
        opinion=answer.opinion.strip()[:1000] or None, is_demo=order.is_demo,
    )  # fmt: skip
    session.add(attempt)
    moving.move(session, order, Step.CALL_BACK, actor, at=moment, content=attempt.opinion,
                detail=_detail(answer))  # fmt: skip
    if answer.connected or attempts_made(session, order) >= MOST_ATTEMPTS:
        _end(session, order, answer, actor, moment)
    return attempt


def attempts_made(session: Session, order: Order) -> int:
    """Attempts of the present round."""
    query = select(func.count()).where(
        col(CallBackAttempt.order_id) == order.key, col(CallBackAttempt.round) == order.round
    )
    return session.exec(query).one()


def _require_unsettled(session: Session, order: Order, answer: Answer) -> None:
    """One answer a round. Who was not reached so often may still call us themselves."""
    made = attempts_made(session, order)
    if requests.is_answered(session, order) or (not answer.connected and made >= MOST_ATTEMPTS):
        raise Refused("call_back_settled", "本轮回访已有结果，不能重复登记。", 409)


def _require(session: Session, order: Order, answer: Answer) -> None:
    if not calling_merged.is_waiting(session, order):
        raise Refused("no_call_back", f"工单现在是“{order.state.label}”，不需要回访。", 409)
    said = (answer.truthful, answer.solved, answer.satisfaction)
    if not answer.connected and any(each is not None for each in said):
        raise Refused("not_reached", "没有接通，不能登记诉求人的意见。",
                      fields={"connected": "没有接通时请不要选择满意度。"})  # fmt: skip
    if answer.connected and (answer.solved is None or answer.satisfaction is None):
        raise Refused("answer_incomplete", "接通后请登记是否解决和满意度。",
                      fields={"satisfaction": "请选择是否解决和满意度。"})  # fmt: skip


def _detail(answer: Answer) -> dict[str, object]:
    grade = answer.satisfaction.value if answer.satisfaction else None
    return {"connected": answer.connected, "truthful": answer.truthful,
            "solved": answer.solved, "satisfaction": grade}  # fmt: skip


def _tell(session: Session, order: Order, answer: Answer, actor: Actor, at: datetime) -> None:
    if answer.satisfaction is not None:
        order.satisfaction_first = order.satisfaction_first or answer.satisfaction
        order.satisfaction = answer.satisfaction
        session.add(order)
    tell_platform(session, order, EventType.CALLBACK, actor, at=at, content=answer.opinion or None,
                  solved=answer.solved, satisfaction=answer.satisfaction)  # fmt: skip


def _end(session: Session, order: Order, answer: Answer, actor: Actor, at: datetime) -> None:
    timing.called_back(session, order, at)
    _tell(session, order, answer, actor, at)
    for each in calling_merged.of_the_same_caller(session, order):
        moving.move(session, each, Step.CALL_BACK, SYSTEM, at=at,
                    detail=_detail(answer) | {"with": order.order_no})  # fmt: skip
        _tell(session, each, answer, actor, at)
    if order.platform != SELF:
        return
    if answer.satisfaction is not None and answer.satisfaction.is_unsatisfied:
        if asking.undecided(session, order, RequestKind.REWORK) is not None:
            return  # somebody has asked for it already: the supervisor decides on that
        why = f"回访{answer.satisfaction.label}：{answer.opinion.strip() or '未说明原因'}"
        requests.ask(session, order, RequestKind.REWORK, why[:500], actor, at=at)
    else:
        words = "回访满意" if answer.connected else f"{MOST_ATTEMPTS} 次回访未接通"
        # The system closes what an answer settles: no agent needs the right to.
        service.finish(session, order, SYSTEM, words, at)
