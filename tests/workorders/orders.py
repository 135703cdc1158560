"""Orders for tests: filed, received and brought along."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from hotline.agents.rules import Role
from hotline.clock import now
from workorders import filing, following, service, units
from workorders.actors import Actor
from workorders.filing import Draft
from workorders.models import Order, Platform, Unit
from workorders.platforms import mapping
from workorders.platforms.reading import read
from workorders.rules import Kind, Origin

LEADER = Actor(Origin.PERSON, "班长", None, Role.SUPERVISOR, "127.0.0.1")
AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # a Wednesday, ten in the morning


def agent(person_id: int) -> Actor:
    """Somebody at the desk."""
    return Actor(Origin.PERSON, "坐席", person_id, Role.AGENT, "127.0.0.1")


def platform(session: Session, code: str = "city", **settings: Any) -> Platform:
    """A platform's row."""
    which = mapping.Template.PROVINCE if code == "province" else mapping.Template.CITY
    name = "省12345" if code == "province" else "市12345"
    row = Platform(
        code=code, name=name, adapter="rest", base_url="http://127.0.0.1:1", app_id="a",
        secret="s" * 32, mapping=mapping.template(which).column(), settings=settings,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def remote(**given: Any) -> Any:
    """An order as a platform tells it."""
    body = {
        "no": "NJ-1", "version": 1, "status": "10", "kind": "投诉", "category_code": "0301",
        "urgency": "一般", "confidential": False, "reply_wanted": True,
        "caller": {"name": "林晓", "sex": "女", "phone": "13800001111"},
        "title": "门诊排队时间过长", "content": "上午在门诊排队三小时没有看上病", "place": "鼓楼区",
        "target": "鼓楼医院", "called_at": "2026-11-18T09:00:00+08:00",
        "dispatched_at": "2026-11-18T10:00:00+08:00", "due_at": "2026-11-25T18:00:00+08:00",
        "urged": [], "supervised": [], "attachments": [],
    }  # fmt: skip
    return read(body | given)


def received(session: Session, source: Platform, **given: Any) -> Order:
    """An order that has just come from a platform."""
    return following.follow(session, source, remote(**given), now()).order


def own(session: Session, actor: Actor = LEADER, **given: Any) -> Order:
    """A 自接工单."""
    said = {
        "kind": Kind.COMPLAINT, "title": "收费与公示不一致", "content": "今天挂号被多收二十元",
        "caller_phone": "13800002222", "place": "玄武区", "target": "某医院",
    } | given  # fmt: skip
    return filing.file_own(session, Draft(**said), actor)


def unit(session: Session, name: str = "医政科") -> Unit:
    """A 承办单位."""
    row = Unit(name=name)
    session.add(row)
    session.flush()
    return row


def replied(session: Session, order: Order) -> Order:
    """The same order, assigned, answered and passed: it waits for its call-back."""
    service.accept(session, order, LEADER)
    units.assign(session, order, unit(session, f"医政科{order.order_no}"), LEADER)
    service.reply(session, order, "已核实并整改，已电话告知诉求人。", LEADER)
    service.pass_reply(session, order, LEADER)
    return order
