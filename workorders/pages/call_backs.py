"""今日回访: who is to be asked how it went, and what they said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import DESK_ROLES
from hotline.clock import now
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, render
from workorders import actors, confidential, moving
from workorders.call_backs import MOST_ATTEMPTS, attempts_made
from workorders.confidential import reader, require_readable
from workorders.models import Order
from workorders.pages import call_backs_due, doing_beside, opening
from workorders.pages.blueprint import bp
from workorders.pages.call_backs_due import Due
from workorders.pages.deeds import deed_called
from workorders.pages.listing import clock_tone
from workorders.pages.show import get_order
from workorders.pages.typed import Typed, typed
from workorders.pages.words import left
from workorders.rules import Satisfaction, State

__all__ = ["bp"]
SAID_BY_THE_CALLER = ("truthful", "solved", "satisfaction")


@bp.get("/callbacks")
@access.allowed(*DESK_ROLES)
def callbacks() -> str:
    """Who waits, what is due first on top, and the form of one of them."""
    with transaction() as session:
        return _page(session, request.args.get("order"), {"connected": "yes"}, None)


@bp.get("/callbacks/now")
@access.passive
@access.allowed(*DESK_ROLES)
def callbacks_now() -> str:
    """The live part: the list and its counts."""
    with transaction() as session:
        return render("workorders/_callbacks.html", opened=None, **_list(session))


@bp.post("/callbacks/<order_no>")
@access.allowed(*DESK_ROLES)
def callbacks_record(order_no: str) -> Response | tuple[str, int]:
    """Write an attempt down; then the next one. What was typed is kept when it is refused."""
    try:
        with transaction() as session:
            order = moving.locked(session, order_no)
            require_readable(order, reader())
            deed = deed_called("call-back")
            opening.require_unmoved(session, order, deed, request.form.get("seen", ""))
            answer = _heard(typed())
            doing_beside.call_back(session, order, answer, actors.at_hand())
            said = _outcome(session, order, answer)
    except Refused as refusal:
        with transaction() as session:
            return _page(session, order_no, request.form, refusal), refusal.status
    flash(said)
    return redirect(url_for("workorders.callbacks"))


def _heard(form: Typed) -> Typed:
    """Who was not reached has said nothing, whatever was chosen before."""
    if form.yes_or_no("connected") is not False:
        return form
    return Typed({name: form.words(name) for name in form.form if name not in SAID_BY_THE_CALLER})


def _outcome(session: Session, order: Order, answer: Typed) -> str:
    number = f"{order.order_no} 的回访已登记"
    if order.state is State.CLOSED:
        return f"{number}，工单已办结。"
    if answer.yes_or_no("connected") is False and attempts_made(session, order) < MOST_ATTEMPTS:
        still = MOST_ATTEMPTS - attempts_made(session, order)
        return f"{number}：未接通，还可再打 {still} 次。"
    if order.remote_no:
        return f"{number}，结果正在发给平台。"
    return f"{number}，重办申请待班长审批。"


def _page(session: Session, asked: str | None, form: Mapping[str, Any],
          refusal: Refused | None) -> str:  # fmt: skip
    shown = _list(session)
    opened = _opened(session, asked, shown["page"])
    return render(
        "workorders/callbacks.html", **shown, opened=opened, form=form,
        seen=opening.seen(opened.row.order) if opened else "",
        errors=refusal.fields if refusal else {}, notice=refusal.message if refusal else None,
        grades=list(enumerate(Satisfaction, 1)),
    )  # fmt: skip


def _list(session: Session) -> dict[str, Any]:
    reading = reader()
    return {
        "page": call_backs_due.page(session, reading, request.args.get("cursor")),
        "counts": call_backs_due.counts(session, reading, now()),
        "most": MOST_ATTEMPTS,
        "left": left,
        "clock_tone": clock_tone,
    }


def _opened(session: Session, asked: str | None, page: Page[Due]) -> Due | None:
    """The order that was asked for, else the first of the list; the reading is on record."""
    if asked:
        order = get_order(session, asked)
    elif page.rows:
        order = page.rows[0].row.order
    else:
        return None
    confidential.opened(session, order, reader())
    return call_backs_due.of(session, [order.key], reader())[0]
