"""签收, 派单 and 催办 of chosen orders: each in a transaction of its own, each refusal named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for
from sqlmodel import Session, col, select

from hotline import access
from hotline.agents.rules import Role
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, safe_path
from workorders import actors, flags, moving, service
from workorders.confidential import reader
from workorders.models import Order, Unit
from workorders.pages import doing, listing
from workorders.pages.blueprint import bp
from workorders.pages.typed import typed
from workorders.rules import FlagKind

__all__ = ["bp"]
MOST = 200
Deed = Callable[[Session, Order], object]


@dataclass(frozen=True)
class Done:
    """What became of one order; ``refusal`` says why it was left as it was."""

    order_no: str
    refusal: str | None = None


@bp.post("/bulk")
@access.allowed(Role.SUPERVISOR)
def bulk() -> str | tuple[str, int]:
    """Do it to each of the chosen orders; 派单 asks for the unit first."""
    if request.form.get("action") == "assign":
        return _ask_unit(None)
    label, deed = _plain()
    return _summary(label, [_one(order_no, deed) for order_no in _chosen()])


@bp.post("/bulk/assign")
@access.allowed(Role.SUPERVISOR)
def bulk_assign() -> str | tuple[str, int]:
    """派单 of the chosen orders to one unit."""
    form, actor = typed(), actors.at_hand()
    try:
        with transaction() as session:
            doing.unit_of(session, form)
        form.instant("due_at")
    except Refused as refusal:
        return _ask_unit(refusal), 422
    return _summary("派单", [
        _one(order_no, lambda session, order: doing.assign(session, order, form, actor))
        for order_no in _chosen()
    ])  # fmt: skip


def _plain() -> tuple[str, Deed]:
    action, reason = request.form.get("action"), request.form.get("reason", "")
    actor = actors.at_hand()
    if action == "accept":
        return "签收", lambda session, order: service.accept(session, order, actor)
    if action == "urge":
        return "催办", lambda session, order: _urge(session, order, reason)
    raise Refused("action_unknown", "请选择要做的操作。")


def _urge(session: Session, order: Order, reason: str) -> None:
    if order.closed_at is not None or order.master_id is not None:
        raise Refused("order_over", f"工单已是“{order.state.label}”，不需要催办。", 409)
    flags.raise_flag(session, order, FlagKind.URGED, actors.at_hand(), reason)


def _chosen() -> list[str]:
    chosen = list(dict.fromkeys(request.form.getlist("selected")))
    if not chosen:
        raise Refused("nothing_chosen", "请先勾选工单。")
    if len(chosen) > MOST:
        raise Refused("too_many", f"一次最多处理 {MOST} 张工单，请分批勾选。")
    return chosen


def _one(order_no: str, deed: Deed) -> Done:
    try:
        with transaction() as session:
            deed(session, moving.locked(session, order_no))
    except Refused as refusal:
        return Done(order_no, refusal.message)
    return Done(order_no)


def _summary(label: str, done: list[Done]) -> str:
    return render("workorders/bulk_done.html", label=label, back=_back(),
                  refused=[one for one in done if one.refusal],
                  kept=[one for one in done if not one.refusal])  # fmt: skip


def _back() -> str:
    """The list as it stood, with its conditions."""
    came = urlsplit(request.referrer or "")
    list_ = url_for("workorders.index")
    from_list = f"{list_}?{came.query}" if came.path == list_ and came.query else list_
    return safe_path(request.form.get("back")) or from_list


def _ask_unit(refusal: Refused | None) -> str:
    with transaction() as session:
        found = session.exec(
            select(Order.id).where(col(Order.order_no).in_(_chosen())).order_by(col(Order.id))
        )
        rows = listing.rows_of(session, [key for key in found if key is not None], reader())
        choices: list[Any] = [
            (unit.id, unit.name)
            for unit in session.exec(select(Unit).where(col(Unit.is_active)).order_by(Unit.name))
        ]
        return render("workorders/bulk_assign.html", rows=rows, back=_back(), units=choices,
                      form=request.form, errors=refusal.fields if refusal else {},
                      notice=refusal.message if refusal else None)  # fmt: skip
