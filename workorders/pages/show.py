"""An order's page: it reads like a file, and what may be done opens in place."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit, phone
from hotline.agents.rules import DESK_ROLES
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, safe_path
from workorders import actors, confidential, moving
from workorders.confidential import reader, require_readable
from workorders.models import Order
from workorders.pages import opening, record
from workorders.pages.blueprint import READERS, bp
from workorders.pages.deeds import deed_called
from workorders.pages.listing import clock_tone
from workorders.pages.offering import Deed
from workorders.pages.typed import typed
from workorders.pages.words import left
from workorders.rules import Step

__all__ = ["bp"]
REVEALED = {"name": "姓名", "number": "号码", "content": "正文里的号码"}


@bp.get("/<order_no>")
@access.allowed(*READERS)
def show(order_no: str) -> str:
    """One order with everything that happened to it."""
    with transaction() as session:
        order = confidential.opened(session, get_order(session, order_no), reader())
        return _page(session, order, _asked_for(session, order))


@bp.get("/<order_no>/now")
@access.passive
@access.allowed(*READERS)
def now_of(order_no: str) -> str:
    """The live part of the page: all but the form that is open."""
    with transaction() as session:
        order = get_order(session, order_no)
        require_readable(order, reader())
        return render("workorders/_file.html", **_values(session, order))


@bp.get("/<order_no>/form/<name>")
@access.allowed(*DESK_ROLES)
def form(order_no: str, name: str) -> str:
    """The form of one deed."""
    with transaction() as session:
        order = get_order(session, order_no)
        require_readable(order, reader())
        opened = opening.opened(session, order, deed_called(name), request.args)
        return render("workorders/_deed.html", order=order, opened=opened)


@bp.post("/<order_no>/do/<name>")
@access.allowed(*DESK_ROLES)
def do(order_no: str, name: str) -> AnyResponse | tuple[str, int]:
    """Do it, unless the order moved since the form was opened; what was typed is kept."""
    deed = deed_called(name)
    try:
        with transaction() as session:
            named = {order_no, request.form.get("master", "").strip().upper()}
            moving.lock_in_turn(session, col(Order.order_no).in_(named))  # of 并单: both at once
            order = moving.locked(session, order_no)
            require_readable(order, reader())
            opening.require_unmoved(session, order, deed, request.form.get("seen", ""))
            said = deed.do(session, order, typed(), actors.at_hand())
    except Refused as refusal:
        return _again(order_no, deed, refusal)
    flash(said)
    back = safe_path(request.form.get("back"))
    return redirect(back or url_for("workorders.show", order_no=order_no))


def _again(order_no: str, deed: Deed, refusal: Refused) -> tuple[str, int]:
    with transaction() as session:
        order = get_order(session, order_no)
        require_readable(order, reader())
        opened = opening.opened(session, order, deed, request.form, refusal)
        return _page(session, order, opened), refusal.status


def _asked_for(session: Session, order: Order) -> opening.Opened | None:
    """The form that the address names, so that an opened form can be sent to a colleague."""
    name = request.args.get("do")
    works = access.person().role in DESK_ROLES
    return (
        opening.opened(session, order, deed_called(name), request.args) if name and works else None
    )


def _page(session: Session, order: Order, opened: opening.Opened | None) -> str:
    likely = record.repeats(session, order, reader())
    return render("workorders/show.html", opened=opened, likely=likely, **_values(session, order))


def _values(session: Session, order: Order) -> dict[str, Any]:
    which = request.args.get("line", "")
    return {
        **record.values(session, order, reader(), which),
        "left": left,
        "clock_tone": clock_tone,
        "may_reveal": access.person().role in DESK_ROLES,
        "numbers": order.content != phone.redact(order.content),
    }


def get_order(session: Session, order_no: str) -> Order:
    """The order with this number. Raises Refused 404."""
    order = session.exec(select(Order).where(Order.order_no == order_no)).first()
    if order is None:
        raise Refused("order_unknown", "没有这张工单，请核对工单号。", 404)
    return order


@bp.post("/<order_no>/reveal/<any(name, number, content):what>")
@access.allowed(*DESK_ROLES)
def reveal(order_no: str, what: str) -> dict[str, str]:
    """The caller's name or number, or the numbers in the text, for a reason that goes on record."""
    reason = request.form.get("reason", "").strip()
    if not 2 <= len(reason) <= 200:
        sentence = "请填写查看的原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    with transaction() as session:
        order = get_order(session, order_no)
        require_readable(order, reader())
        audit.record(session, audit.Action.NUMBER_REVEALED, order.subject, reason=reason,
                     detail={"what": REVEALED[what]})  # fmt: skip
        return {"value": _whole(order, what)}


def _whole(order: Order, what: str) -> str:
    if what == "name":
        return order.caller_name or ""
    if what == "number":
        return phone.national(order.caller_phone) if order.caller_phone else ""
    return order.content


@bp.get("/<order_no>/sheet")
@access.allowed(*DESK_ROLES)
def sheet(order_no: str) -> str:
    """交办单, as a unit may see the order."""
    with transaction() as session:
        order = confidential.opened(session, get_order(session, order_no), reader())
        actors.at_hand().require(Step.PROGRESS, order)
        return render("workorders/sheet.html", order=order, said=confidential.for_unit(order),
                      **_of_sheet(session, order))  # fmt: skip


def _of_sheet(session: Session, order: Order) -> dict[str, Any]:
    known = record.values(session, order, reader(), "steps")
    return {name: known[name] for name in ("source", "clocks", "parts", "attachments")}
