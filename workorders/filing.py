"""An order comes to be: from a call (自接), by hand, or from a platform."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from hotline import phone, security, settings
from hotline.calls import grams
from hotline.calls.models import Call
from hotline.clock import local, now
from hotline.errors import Refused
from workorders import flags, moving, timing
from workorders.actors import Actor
from workorders.models import Order
from workorders.rules import SELF, FlagKind, Kind, Step, Urgency

LONGEST = {"title": 200, "content": 20_000, "place": 200, "target": 200, "caller_name": 60,
           "category_code": 64}  # fmt: skip
NEEDED = {"title": "请填写标题。", "content": "请填写诉求内容：时间、地点、起因、经过。"}


@dataclass(frozen=True)
class Draft:
    """What an order says when it is filed. ``caller_phone`` as it was given."""

    kind: Kind
    title: str
    content: str
    urgency: Urgency = Urgency.NORMAL
    category_code: str | None = None
    place: str | None = None
    target: str | None = None
    caller_name: str | None = None
    caller_sex: str | None = None
    caller_phone: str | None = None
    caller_tags: list[str] = field(default_factory=list)
    confidential: bool = False
    reply_wanted: bool = True
    called_at: datetime | None = None


def file_own(
    session: Session,
    draft: Draft,
    actor: Actor,
    *,
    call: Call | None = None,
    at: datetime | None = None,
    is_demo: bool = False,
) -> Order:
    """File a 自接工单; a call becomes one order, never two.

    Raises Refused naming the fields at fault, or order_of_call_exists.
    """
    actor.require(Step.FILED)
    require(draft)
    if call is not None:
        _require_first(session, call)
    made_up = is_demo or (call is not None and call.is_demo)
    order = _stored(session, SELF, draft, at or now(), is_demo=made_up)
    order.call_id = call.id if call else None
    order.filed_by, order.handler_id = actor.person_id, None
    return filed(session, order, actor, at or now(), draft.confidential)


def filed(session: Session, order: Order, actor: Actor, at: datetime, confidential: bool) -> Order:
    """The first line of the timeline, the clocks, the flag of a confidential caller."""
    moving.note(session, order, Step.FILED, actor, at=at)
    timing.begin_new(session, order, at)
    if confidential:
        flags.raise_flag(session, order, FlagKind.CONFIDENTIAL, actor, "诉求人要求保密")
    return order


def from_platform(
    session: Session, platform: str, remote_no: str, draft: Draft, at: datetime,
    given: dict[str, Any], is_demo: bool,
) -> Order:  # fmt: skip
    """Store an order a platform dispatched; ``given`` are its columns of the platform's own."""
    return _stored(
        session, platform, draft, at, remote_no=remote_no, is_demo=is_demo, given=given
    )  # fmt: skip


def _stored(
    session: Session, platform: str, draft: Draft, at: datetime, *,
    remote_no: str | None = None, is_demo: bool, given: dict[str, Any] | None = None,
) -> Order:  # fmt: skip
    order = Order(
        order_no=_next_number(session, at), platform=platform, remote_no=remote_no,
        kind=draft.kind, title=draft.title, content=draft.content, received_at=at, is_demo=is_demo,
    )  # fmt: skip
    describe(order, draft)
    for name, value in (given or {}).items():
        setattr(order, name, value)
    session.add(order)
    session.flush()
    return order


def describe(order: Order, draft: Draft) -> None:
    """Write what the draft says into the order, with what it is found by."""
    number = phone.normalise(draft.caller_phone or "", settings.current().area_code)
    order.kind, order.urgency = draft.kind, draft.urgency
    order.title, order.content = draft.title.strip(), draft.content.strip()
    order.category_code, order.place = draft.category_code, _text(draft.place)
    order.target = _text(draft.target)
    order.caller_name, order.caller_sex = _text(draft.caller_name), draft.caller_sex
    order.caller_phone = number or _text(draft.caller_phone)
    order.phone_hash = security.lookup_hash("phone", number) if number else None
    order.caller_tags, order.reply_wanted = list(draft.caller_tags), draft.reply_wanted
    order.called_at = draft.called_at or order.called_at
    order.grams = grams.codes(searchable(order))


def searchable(order: Order) -> str:
    """The words an order is found by, numbers hidden; a confidential one's are looked at only
    by who may read it."""
    parts = (order.title, order.content, order.place, order.target, order.remote_no)
    return phone.redact(" ".join(part for part in parts if part))


def _next_number(session: Session, at: datetime) -> str:
    number = session.execute(text("SELECT nextval('work_order_number')")).scalar_one()
    return f"WO{local(at):%Y%m%d}-{number:06d}"


def _text(given: str | None) -> str | None:
    return (given or "").strip() or None


def require(draft: Draft, only: Collection[str] | None = None) -> None:
    """Refuse what cannot be kept so, naming the fields; with ``only``, just these are looked at."""
    wrong = {name: words for name, words in NEEDED.items() if not getattr(draft, name).strip()}
    for name, longest in LONGEST.items():
        given = getattr(draft, name) or ""
        if len(given) > longest or "\x00" in given:
            wrong[name] = f"不能超过 {longest} 个字符。"
    number = (draft.caller_phone or "").strip()
    if number and phone.normalise(number, settings.current().area_code) is None:
        wrong["caller_phone"] = "号码格式不正确，请检查；未留号码时请留空。"
    if draft.reply_wanted and not number:
        wrong["caller_phone"] = "诉求人要求回复，请填写联系电话。"
    if only is not None:
        wrong = {name: words for name, words in wrong.items() if name in only}
    if wrong:
        raise Refused("order_incomplete", "工单没有保存：" + next(iter(wrong.values())),
                      fields=wrong)  # fmt: skip


def _require_first(session: Session, call: Call) -> None:
    found = session.exec(select(Order.order_no).where(Order.call_id == call.id)).first()
    if found:
        raise Refused("order_of_call_exists", f"这通来电已转为工单 {found}，请打开该工单。", 409)
