"""An order's way from 签收 to 归档. Each verb takes a locked order (``moving.locked``)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, exists, select

from hotline.clock import now
from hotline.errors import Refused
from workorders import handing_out, leaving, moving, timing
from workorders.actors import Actor
from workorders.exchange.models import Outgoing
from workorders.exchange.outbox import tell_platform
from workorders.models import Order
from workorders.platforms.wire import EventType
from workorders.rules import SELF, State, Step

LONGEST_REPLY = 10_000


def accept(session: Session, order: Order, actor: Actor, *, at: datetime | None = None) -> None:
    """签收: we take the order."""
    moment = at or now()
    moving.move(session, order, Step.ACCEPT, actor, at=moment)
    timing.accepted(session, order, moment)
    tell_platform(session, order, EventType.ACCEPT, actor, at=moment)


def hand_to(session: Session, order: Order, handler_id: int, name: str, actor: Actor) -> None:
    """Give an open order to one of our people to handle (经办人)."""
    actor.require(Step.ASSIGN, order)
    _require_open(order)
    order.handler_id = handler_id
    session.add(order)
    moving.note(session, order, Step.HAND, actor, content=name)


def start(session: Session, order: Order, actor: Actor) -> None:
    """开始办理: we handle it ourselves."""
    moving.move(session, order, Step.START, actor)


def progress(session: Session, order: Order, content: str, actor: Actor) -> None:
    """办理进展: said to the platform too."""
    words = required(content, "content", "请填写办理进展。")
    moving.move(session, order, Step.PROGRESS, actor, content=words)
    tell_platform(session, order, EventType.PROGRESS, actor, content=words)


def contact(session: Session, order: Order, reached: bool, content: str, actor: Actor) -> None:
    """联系诉求人: the first contact stops its clock, reached or not is kept."""
    words = required(content, "content", "请填写联系情况。")
    detail = {"reached": reached}
    moving.move(session, order, Step.CONTACT, actor, content=words, detail=detail)
    order.caller_contacted = order.caller_contacted or reached
    if reached:
        timing.contacted(session, order, now())


def reply(
    session: Session, order: Order, content: str, actor: Actor, *, public: str | None = None
) -> None:
    """回复: what was found and done. A supervisor looks at it before the platform does."""
    words = required(content, "reply", "请填写回复内容：查明的情况、处理结果、告知诉求人的情况。")
    order.reply, order.public_reply = words, optional(public or "", "public", LONGEST_REPLY)
    moving.move(session, order, Step.REPLY, actor, content=words)


def send_reply_back(session: Session, order: Order, reason: str, actor: Actor) -> None:
    """审核退回."""
    words = required(reason, "reason", "请填写退回修改的原因。")
    moving.move(session, order, Step.REPLY_SENT_BACK, actor, content=words)


def pass_reply(session: Session, order: Order, actor: Actor, *, at: datetime | None = None) -> None:
    """审核通过: the reply goes to the platform, for the orders merged into this one too."""
    moment = at or now()
    moving.move(session, order, Step.REPLY_PASSED, actor, at=moment)
    timing.replied(session, order, moment)
    for each in [order, *_unanswered(session, order)]:
        kind = EventType.REWORK_DONE if each.round > 1 else EventType.REPLY
        tell_platform(session, each, kind, actor, at=moment, content=order.reply,
                      attachments=handing_out.along(session, each, order))  # fmt: skip


def _unanswered(session: Session, master: Order) -> list[Order]:
    """The orders that follow this one and were not answered yet: a second round is the master's,
    their own platforms asked for none."""
    told = exists().where(
        col(Outgoing.order_id) == col(Order.id), col(Outgoing.type).in_(handing_out.ANSWERS)
    )
    query = select(Order).where(col(Order.master_id) == master.key, ~told).order_by(col(Order.id))
    return list(session.exec(query.with_for_update()))


def close(
    session: Session, order: Order, reason: str, actor: Actor, *, at: datetime | None = None
) -> None:
    """办结 by hand: of our own orders only; a platform closes its own."""
    if order.platform != SELF:
        raise Refused("platform_closes", "平台工单由平台办结，请等待平台的回访结果。", 409)
    words = required(reason, "reason", "请填写办结说明。")
    finish(session, order, actor, words, at or now())


def finish(session: Session, order: Order, actor: Actor, words: str | None, at: datetime) -> None:
    """办结, and every clock that still runs stops."""
    moving.move(session, order, Step.CLOSE, actor, at=at, content=words)
    timing.over(session, order, at)


def archive(session: Session, order: Order, actor: Actor, *, at: datetime | None = None) -> None:
    """归档 of our own order; a platform's is archived by the platform."""
    if order.platform != SELF:
        raise Refused("platform_archives", "平台工单由平台归档。", 409)
    moving.move(session, order, Step.ARCHIVE, actor, at=at)


def rework(session: Session, order: Order, reason: str | None, actor: Actor, at: datetime) -> None:
    """重办: another round with clocks of its own; what was replied stays in the timeline."""
    moving.move(session, order, Step.REWORK, actor, at=at, content=reason)
    leaving.begin_round(session, order, at)


def required(words: str, field: str, sentence: str, longest: int = LONGEST_REPLY) -> str:
    """What was written, without spaces around it. Raises Refused naming the field."""
    written = words.strip()
    if not written or len(written) > longest or "\x00" in written:
        told = sentence if not written else f"不能超过 {longest} 字。"
        raise Refused(f"{field}_needed", told, fields={field: told})
    return written


def optional(words: str, field: str, longest: int) -> str | None:
    """The same where nothing need be written."""
    return required(words, field, "", longest) if words.strip() else None


def _require_open(order: Order) -> None:
    if order.state not in (State.RECEIVED, State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS,
                           State.REPLIED, State.CALLBACK):  # fmt: skip
        raise Refused("order_over", f"工单已是“{order.state.label}”，不能再改经办人。", 409)
