"""When a request may be made, and the one that waits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from hotline.errors import Refused
from workorders import timing
from workorders.exchange import lost
from workorders.models import Order, OrderRequest, Platform
from workorders.rules import REQUEST_IN, SELF, UNDECIDED, RequestKind


def require_possible(session: Session, order: Order, kind: RequestKind) -> None:
    """Refuse what cannot be asked for now."""
    require_state(order, kind)
    if undecided(session, order, kind):
        raise Refused("request_there", f"已有一条{kind.label}申请在等待审批。", 409)
    if kind is RequestKind.RETURN and order.platform == SELF:
        raise Refused("own_order", "自接工单没有可退回的平台；不属实或重复的请并单或办结。", 409)
    if kind is RequestKind.REWORK and order.platform != SELF:
        raise Refused("platform_decides", "平台工单由平台决定重办；请登记回访结果。", 409)
    if kind is RequestKind.SUSPEND:
        _require_suspension(session, order)


def require_state(order: Order, kind: RequestKind) -> None:
    """Refuse what this state does not allow, when it is asked for and when it is approved."""
    if order.state not in REQUEST_IN[kind]:
        raise Refused("request_not_possible",
                      f"工单现在是“{order.state.label}”，不能{kind.label}。", 409)  # fmt: skip


def _require_suspension(session: Session, order: Order) -> None:
    if order.suspended_at is not None:
        raise Refused("suspended", "这张工单已挂起。", 409)
    platform = session.get(Platform, order.platform, options=[lost.NO_SECRET])
    if platform is not None and not platform.settings.get("may_suspend"):
        raise Refused("platform_no_suspension", f"{platform.name}不允许挂起，请申请延期。", 409)


def days_of_extension(session: Session, order: Order, days: int | None, at: datetime) -> int:
    """The working days of an 延期, checked against the rules. Raises Refused."""
    if days is None or days < 1:
        raise Refused("days_invalid", "请填写延期的工作日数，至少 1 天。",
                      fields={"days": "请填写延期的工作日数，至少 1 天。"})  # fmt: skip
    timing.require_extension(session, order, days, at)
    return days


def undecided(session: Session, order: Order, kind: RequestKind) -> OrderRequest | None:
    """The request of this kind that nobody has decided yet."""
    return first(session, OrderRequest.kind == kind, order)


def first(
    session: Session, condition: ColumnElement[bool] | bool, order: Order
) -> OrderRequest | None:
    """The undecided request of an order that fits, locked."""
    query = select(OrderRequest).where(
        condition, OrderRequest.order_id == order.key, col(OrderRequest.state).in_(UNDECIDED)
    )
    return session.exec(query.with_for_update()).first()
