"""An order's way, as forms on its page ask for it. Each returns what to say when it is done."""

from __future__ import annotations

from sqlmodel import Session

from hotline.agents.models import Person
from hotline.agents.rules import DESK_ROLES
from workorders import service, units
from workorders.actors import Actor
from workorders.models import Order, Unit
from workorders.pages.typed import Typed, choose
from workorders.rules import SELF


def accept(session: Session, order: Order, _: Typed, actor: Actor) -> str:
    """签收."""
    service.accept(session, order, actor)
    return "已签收。"


def hand_to(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """指定经办人."""
    key = typed.number("handler")
    person = session.get(Person, key) if key else None
    if person is None or person.role not in DESK_ROLES or not person.is_active:
        raise choose("handler", "请选择经办人。")
    service.hand_to(session, order, person.key, person.name, actor)
    return f"经办人是{person.name}。"


def assign(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """派单."""
    unit = unit_of(session, typed)
    units.assign(
        session, order, unit, actor, instruction=typed.words("instruction"),
        due_at=typed.instant("due_at"), is_main=typed.words("part") != "help",
    )  # fmt: skip
    return f"已派给{unit.name}。"


def start(session: Session, order: Order, _: Typed, actor: Actor) -> str:
    """开始办理."""
    service.start(session, order, actor)
    return "已开始办理。"


def progress(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """办理进展."""
    service.progress(session, order, typed.words("content"), actor)
    return "办理进展已登记。"


def contact(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """联系诉求人."""
    reached = typed.require_yes_or_no("reached", "请选择是否联系上诉求人。")
    service.contact(session, order, reached, typed.words("content"), actor)
    return "联系情况已登记。"


def reply(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """回复."""
    service.reply(session, order, typed.words("reply"), actor, public=typed.words("public"))
    return "回复已提交，待班长审核。"


def pass_reply(session: Session, order: Order, _: Typed, actor: Actor) -> str:
    """审核通过."""
    service.pass_reply(session, order, actor)
    return "审核通过，待回访。" if order.platform == SELF else "审核通过，回复正在发给平台。"


def send_reply_back(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """审核退回."""
    service.send_reply_back(session, order, typed.words("reason"), actor)
    return "已退回修改。"


def unit_started(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """承办单位开始办理."""
    unit = unit_of(session, typed)
    units.start(session, order, unit, actor)
    return f"{unit.name}已开始办理。"


def unit_replied(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """承办单位回复."""
    unit = unit_of(session, typed)
    units.take_reply(session, order, unit, typed.words("content"), actor)
    return f"{unit.name}的回复已登记。"


def unit_returned(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """承办单位退回."""
    unit = unit_of(session, typed)
    units.take_back(session, order, unit, typed.words("reason"), actor)
    return f"{unit.name}已退回，请另派。"


def close(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """办结."""
    service.close(session, order, typed.words("reason"), actor)
    return "已办结。"


def archive(session: Session, order: Order, _: Typed, actor: Actor) -> str:
    """归档."""
    service.archive(session, order, actor)
    return "已归档。"


def unit_of(session: Session, typed: Typed) -> Unit:
    """The unit that was chosen. Raises Refused."""
    key = typed.number("unit")
    unit = session.get(Unit, key) if key else None
    if unit is None:
        raise choose("unit", "请选择承办单位。")
    return unit
