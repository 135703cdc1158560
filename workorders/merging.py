"""Is it the same matter again? And 并单: several orders are handled as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import phone, security, settings
from hotline.calls import grams
from hotline.clock import now
from hotline.errors import Refused
from workorders import handing_out, moving, timing
from workorders.actors import Actor
from workorders.exchange.outbox import tell_platform
from workorders.models import Order
from workorders.platforms.wire import EventType
from workorders.rules import OPEN, State, Step

_ALONE = text("SELECT pg_advisory_xact_lock(12345, hashtext('file an order'))")
LOOK_BACK = timedelta(days=90)
MOST = 5
ENOUGH = 0.45
# What each sign is worth; words alone are enough only when they are nearly all the same.
WORTH = {"同一号码": 0.4, "同一地点": 0.2, "同一被反映对象": 0.25}
WORTH_OF_WORDS = 0.5


@dataclass(frozen=True)
class Matter:
    """What an order is about, as far as it is known."""

    title: str = ""
    content: str = ""
    caller_phone: str | None = None
    place: str | None = None
    target: str | None = None

    @classmethod
    def of(cls, order: Order) -> Matter:
        """The matter of an order that is filed."""
        return cls(order.title, order.content, order.caller_phone, order.place, order.target)


@dataclass(frozen=True)
class Likeness:
    """An order that may be the same, how sure that is (0 to 1), and by which signs."""

    order: Order
    score: float
    signs: list[str]


def one_at_a_time(session: Session) -> None:
    """Whoever files waits here for who is filing: a form sent twice, or the same matter told to two
    of us, is a repetition that the second one sees."""
    session.execute(_ALONE)


def repeats(
    session: Session, matter: Matter, *, except_id: int = 0, at: datetime | None = None
) -> list[Likeness]:
    """Orders of the last 90 days that may be about the same, the surest first, at most five."""
    found = [
        likeness(matter, order) for order in _candidates(session, matter, except_id, at or now())
    ]
    sure = [each for each in found if each.score >= ENOUGH]
    return sorted(sure, key=lambda each: (-each.score, -each.order.key))[:MOST]


def likeness(matter: Matter, order: Order) -> Likeness:
    """How much an order is like a matter."""
    same = {
        "同一号码": _hash(matter.caller_phone) is not None
        and _hash(matter.caller_phone) == order.phone_hash,
        "同一地点": _same(matter.place, order.place),
        "同一被反映对象": _same(matter.target, order.target),
    }
    signs = [sign for sign, holds in same.items() if holds]
    alike = _overlap(_words(matter), _words(Matter.of(order)))
    score = sum(WORTH[sign] for sign in signs) + WORTH_OF_WORDS * alike
    if alike >= 0.5:
        signs.append(f"内容相近 {alike:.0%}")
    return Likeness(order, min(score, 1.0), signs)


def merge(session: Session, order: Order, master: Order, reason: str, actor: Actor) -> None:
    """并入 ``master``: it is answered with it. Both are locked. Raises Refused."""
    if order.key == master.key:
        raise Refused("merge_with_itself", "不能并入工单自己。", fields={"master": "请另选主单。"})
    if master.state not in OPEN:
        told = f"主单 {master.order_no} 是“{master.state.label}”，请选择仍在办理的工单。"
        raise Refused("master_over", told, fields={"master": told})
    if not reason.strip():
        raise Refused("reason_needed", "请填写并单理由。", fields={"reason": "请填写并单理由。"})
    unsigned = order.state is State.RECEIVED
    order.master_id = master.key
    moving.move(session, order, Step.MERGE, actor, content=reason.strip()[:500],
                detail={"master": master.order_no})  # fmt: skip
    for each in session.exec(select(Order).where(col(Order.master_id) == order.key)):
        each.master_id = master.key  # one level: who followed it follows the new master
        session.add(each)
    timing.over(session, order, now())
    moving.note(session, master, Step.MERGE, actor, detail={"merged": order.order_no})
    if unsigned:
        tell_platform(session, order, EventType.ACCEPT, actor)
    if master.state is State.CALLBACK:
        tell_platform(session, order, EventType.REPLY, actor, content=master.reply,
                      attachments=handing_out.along(session, order, master))  # fmt: skip


def _candidates(session: Session, matter: Matter, except_id: int, at: datetime) -> list[Order]:
    """By any one sign; the words must share their rarer half, or everything would be alike."""
    wanted = []
    number = _hash(matter.caller_phone)
    if number:
        wanted.append(col(Order.phone_hash) == number)
    if matter.target and matter.target.strip():
        wanted.append(col(Order.target) == matter.target.strip())
    if matter.place and matter.place.strip():
        wanted.append(col(Order.place) == matter.place.strip())
    pairs = grams.codes_of(grams.words(matter.title))
    if pairs:
        wanted.append(col(Order.grams).contains(pairs))
    if not wanted:
        return []
    recent = (col(Order.received_at) >= at - LOOK_BACK, col(Order.id) != except_id,
              col(Order.master_id).is_(None))  # fmt: skip
    found: dict[int, Order] = {}
    for sign in wanted:
        query = select(Order).where(sign, *recent).order_by(col(Order.received_at).desc())
        found |= {order.key: order for order in session.exec(query.limit(50))}
    return list(found.values())


def _hash(number: str | None) -> bytes | None:
    known = phone.normalise(number or "", settings.current().area_code)
    return security.lookup_hash("phone", known) if known else None


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and grams.normalised(one or "") == grams.normalised(other or "")


def _words(matter: Matter) -> set[int]:
    parts = (matter.title, matter.content, matter.place, matter.target)
    plain = phone.redact(" ".join(part for part in parts if part))
    return set(grams.codes_of(grams.normalised(plain).split()))


def _overlap(one: set[int], other: set[int]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
