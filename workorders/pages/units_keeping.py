"""承办单位 come, change and go. A unit with work at hand does not go: who would do it?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from hotline import audit
from hotline.errors import Refused
from workorders.models import Order, OrderUnit, Unit
from workorders.rules import HANDLING, UnitState

LONGEST = {"name": 60, "contact": 60, "phone": 32}
LABELS = {"name": "名称", "contact": "联系人", "phone": "电话"}
AT_WORK = (UnitState.ASSIGNED, UnitState.IN_PROGRESS)
NAMED = 5


@dataclass(frozen=True)
class Said:
    """What the form says of a unit."""

    name: str
    contact: str = ""
    phone: str = ""


def add(session: Session, said: Said) -> Unit:
    """A new unit. Raises Refused naming the fields at fault."""
    _require(session, said, 0)
    unit = Unit(name=said.name, contact=said.contact or None, phone=said.phone or None)
    session.add(unit)
    session.flush()
    audit.record(session, audit.Action.RECORD_CHANGED, _subject(unit), detail={"added": unit.name})
    return unit


def change(session: Session, unit_id: int, said: Said) -> Unit:
    """Other words for a unit. Who it is reached by is not repeated in the audit log."""
    unit = locked(session, unit_id)
    _require(session, said, unit.key)
    given = {"name": said.name, "contact": said.contact or None, "phone": said.phone or None}
    changed = [name for name, value in given.items() if getattr(unit, name) != value]
    if not changed:
        return unit
    before = {"name": unit.name}
    for name in changed:
        setattr(unit, name, given[name])
    session.add(unit)
    audit.record(
        session, audit.Action.RECORD_CHANGED, _subject(unit),
        detail={"before": before, "after": {"name": unit.name},
                "changes": [LABELS[name] for name in changed]},
    )  # fmt: skip
    return unit


def stop(session: Session, unit_id: int, reason: str) -> Unit:
    """停用: nothing is assigned to it any more. Raises Refused while it has work at hand."""
    unit = locked(session, unit_id)
    if len(reason.strip()) < 2:
        raise Refused(
            "reason_needed", "请填写停用的原因。", fields={"reason": "请填写停用的原因。"}
        )
    _require_idle(session, unit)
    return _set(session, unit, False, reason.strip()[:200])


def resume(session: Session, unit_id: int) -> Unit:
    """恢复."""
    return _set(session, locked(session, unit_id), True, None)


def locked(session: Session, unit_id: int) -> Unit:
    """The unit, locked: nothing is assigned to it meanwhile. Raises Refused 404."""
    query = select(Unit).where(Unit.id == unit_id).with_for_update()
    unit = session.exec(query.execution_options(populate_existing=True)).first()
    if unit is None:
        raise Refused("unit_unknown", "没有这个承办单位，请刷新页面。", 404)
    return unit


def at_work(session: Session, unit_id: int) -> list[str]:
    """The numbers of the orders that lie there undone, the oldest first."""
    query = select(Order.order_no).join(OrderUnit, col(OrderUnit.order_id) == col(Order.id))
    found = query.where(
        OrderUnit.unit_id == unit_id,
        col(OrderUnit.state).in_(AT_WORK),
        col(Order.state).in_(HANDLING),
    )
    return list(session.exec(found.order_by(col(OrderUnit.assigned_at))))


def at_work_by_unit(session: Session, unit_ids: list[int]) -> dict[int, int]:
    """How many orders lie undone with each of these units."""
    query = select(OrderUnit.unit_id, func.count()).join(
        Order, col(OrderUnit.order_id) == col(Order.id)
    )
    found = query.where(
        col(OrderUnit.unit_id).in_(unit_ids),
        col(OrderUnit.state).in_(AT_WORK),
        col(Order.state).in_(HANDLING),
    )
    return dict(session.exec(found.group_by(col(OrderUnit.unit_id))).all())


def _require_idle(session: Session, unit: Unit) -> None:
    orders = at_work(session, unit.key)
    if orders:
        more = f" 等 {len(orders)} 张" if len(orders) > NAMED else ""
        raise Refused(
            "unit_at_work",
            f"{unit.name}还有工单没有办完：{'、'.join(orders[:NAMED])}{more}。请先改派或登记回复。",
            409,
        )


def _set(session: Session, unit: Unit, active: bool, reason: str | None) -> Unit:
    if unit.is_active is not active:
        unit.is_active = active
        session.add(unit)
        audit.record(session, audit.Action.RECORD_CHANGED, _subject(unit), reason=reason,
                     detail={"name": unit.name, "active": active})  # fmt: skip
    return unit


def _require(session: Session, said: Said, but: int) -> None:
    wrong = {} if said.name else {"name": "请填写承办单位的名称。"}
    for name, longest in LONGEST.items():
        given = getattr(said, name)
        if len(given) > longest or "\x00" in given:
            wrong[name] = f"不能超过 {longest} 个字符。"
    same = select(Unit.id).where(Unit.name == said.name, Unit.id != but)
    if not wrong and session.exec(same).first() is not None:
        wrong["name"] = "已有同名的承办单位；如已停用，请恢复它。"
    if wrong:
        raise Refused("unit_invalid", "没有保存：" + next(iter(wrong.values())), fields=wrong)


def _subject(unit: Unit) -> str:
    return f"work_unit:{unit.key}"
