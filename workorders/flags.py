"""催办, 督办, 疑难, 保密: raised, talked about, cleared."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.errors import Refused
from workorders import moving
from workorders.actors import Actor
from workorders.models import Order
from workorders.rules import OPEN, FlagKind, Origin, State, Step
from workorders.side_models import FlagNote, OrderFlag

MORE_THAN_ONE = (FlagKind.URGED, FlagKind.SUPERVISED)  # each is one more demand to be quick


def raise_flag(
    session: Session,
    order: Order,
    kind: FlagKind,
    actor: Actor,
    content: str,
    *,
    remote_key: str | None = None,
    at: datetime | None = None,
) -> OrderFlag | None:
    """Put a flag on a locked order. One a platform sent before is not raised again."""
    actor.require(Step.FLAGGED if kind is not FlagKind.CONFIDENTIAL else Step.FILED)
    is_late = order.state not in (*OPEN, State.CLOSED) and kind is not FlagKind.CONFIDENTIAL
    if actor.origin is Origin.PERSON and is_late:  # a secret may be asked for at any time
        raise Refused("order_over", f"工单已是“{order.state.label}”，不能再加标记。", 409)
    if not content.strip():
        raise Refused("flag_without_words", f"请写明{kind.label}的内容。",
                      fields={"content": "请写明内容。"})  # fmt: skip
    if remote_key and _is_known(session, order, kind, remote_key):
        return None
    if kind not in MORE_THAN_ONE and kind.value in order.flags:
        raise Refused("flag_there", f"这张工单已标为{kind.label}。", 409)
    if actor.origin is Origin.PERSON and _has_just(session, order, kind, actor, content.strip()):
        raise Refused("flag_there", f"您已用同样的话标过{kind.label}，没有重复添加。", 409)
    flag = OrderFlag(
        order_id=order.key, kind=kind, content=content.strip()[:1000], remote_key=remote_key,
        raised_at=at or now(), raised_by=actor.person_id, raised_by_name=actor.name,
        is_demo=order.is_demo,
    )  # fmt: skip
    session.add(flag)
    order.flags = sorted({*order.flags, kind.value})
    order.confidential = order.confidential or kind is FlagKind.CONFIDENTIAL
    moving.note(session, order, Step.FLAGGED, actor, content=content.strip(),
                detail={"flag": kind.value})  # fmt: skip
    return flag


def _is_known(session: Session, order: Order, kind: FlagKind, remote_key: str) -> bool:
    query = select(OrderFlag.id).where(
        OrderFlag.order_id == order.key,
        OrderFlag.kind == kind,
        OrderFlag.remote_key == remote_key,
    )
    return session.exec(query).first() is not None


def _has_just(session: Session, order: Order, kind: FlagKind, actor: Actor, content: str) -> bool:
    """Whether the same person said the same, and it still stands: a form that was sent twice."""
    query = select(OrderFlag.id).where(
        OrderFlag.order_id == order.key, OrderFlag.kind == kind,
        OrderFlag.raised_by == actor.person_id, OrderFlag.content == content[:1000],
        col(OrderFlag.cleared_at).is_(None),
    )  # fmt: skip
    return session.exec(query).first() is not None


def known_keys(session: Session, order: Order) -> set[tuple[FlagKind, str]]:
    """Which flags the platform has sent so far."""
    query = select(OrderFlag.kind, OrderFlag.remote_key).where(
        OrderFlag.order_id == order.key, col(OrderFlag.remote_key).is_not(None)
    )
    return {(FlagKind(kind), key) for kind, key in session.exec(query) if key}


def add_note(session: Session, order: Order, flag_id: int, actor: Actor, content: str) -> FlagNote:
    """Write in a flag's thread."""
    actor.require(Step.NOTED, order)
    flag = _get(session, order, flag_id)
    if not content.strip() or len(content) > 2000:
        raise Refused("note_empty", "请填写留言（不超过 2000 字）。",
                      fields={"content": "请填写留言（不超过 2000 字）。"})  # fmt: skip
    last = _last_note(session, flag)
    if last and (last.person_id, last.content) == (actor.person_id, content.strip()):
        return last  # the form was sent twice
    written = FlagNote(flag_id=flag.key, person_id=actor.person_id, person_name=actor.name,
                       content=content.strip(), is_demo=order.is_demo)  # fmt: skip
    session.add(written)
    moving.note(session, order, Step.NOTED, actor, detail={"flag": flag.kind.value})
    return written


def _last_note(session: Session, flag: OrderFlag) -> FlagNote | None:
    query = select(FlagNote).where(FlagNote.flag_id == flag.key)
    return session.exec(query.order_by(col(FlagNote.id).desc()).limit(1)).first()


def clear(session: Session, order: Order, flag_id: int, actor: Actor, reason: str) -> None:
    """Take a flag off; its thread stays. A confidential order opens only with a reason."""
    actor.require(Step.UNFLAGGED, order)
    flag = _get(session, order, flag_id)
    if flag.cleared_at is not None:
        raise Refused("flag_cleared", "这个标记已由他人取消。", 409)
    if not reason.strip():
        raise Refused("reason_needed", "请填写取消标记的原因。",
                      fields={"reason": "请填写取消标记的原因。"})  # fmt: skip
    flag.cleared_at, flag.cleared_by_name = now(), actor.name
    session.add(flag)
    session.flush()
    order.flags = sorted({one.kind.value for one in standing(session, order)})
    order.confidential = FlagKind.CONFIDENTIAL.value in order.flags
    moving.note(session, order, Step.UNFLAGGED, actor, content=reason.strip(),
                detail={"flag": flag.kind.value})  # fmt: skip


def standing(session: Session, order: Order, kind: FlagKind | None = None) -> list[OrderFlag]:
    """The flags that nobody has taken off; of one kind, or all."""
    query = select(OrderFlag).where(
        OrderFlag.order_id == order.key, col(OrderFlag.cleared_at).is_(None)
    )
    return [flag for flag in session.exec(query) if kind in (None, flag.kind)]


def fingerprint(words: str) -> str:
    """A short name for a text, so that the same demand is known again."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _get(session: Session, order: Order, flag_id: int) -> OrderFlag:
    flag = session.get(OrderFlag, flag_id, populate_existing=True)
    if flag is None or flag.order_id != order.key:
        raise Refused("flag_unknown", "没有这个标记，请刷新页面。", 404)
    return flag
