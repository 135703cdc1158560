"""A new order of our own (自接工单): by hand or from a call; what may be the same is beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask import make_response as answer_of
from sqlmodel import Session, select
from werkzeug.wrappers import Response

from hotline import access, audit
from hotline.agents.rules import DESK_ROLES
from hotline.calls.confidential import reader as caller_reader
from hotline.calls.confidential import require_readable
from hotline.calls.models import Call
from hotline.console.desk_data import get_call
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from workorders import actors, filing, merging, moving
from workorders.confidential import can_read, reader
from workorders.confidential import require_readable as require_order
from workorders.merging import Likeness
from workorders.models import Order
from workorders.pages import filing_form
from workorders.pages.blueprint import bp
from workorders.pages.typed import typed
from workorders.rules import OPEN, Kind, Urgency

__all__ = ["bp"]


@bp.app_template_global()
def order_of_call(call_id: int | None) -> str | None:
    """The number of the order that a call has become, for pages that know no orders."""
    with transaction() as session:
        return filing_form.order_no_of(session, call_id)


@bp.get("/new")
@access.allowed(*DESK_ROLES)
def new() -> str | Response:
    """A form, filled from the call that the address names; a call that has an order leads there."""
    with transaction() as session:
        call = _call(session, request.args.get("call", ""))
        if there := filing_form.order_no_of(session, call.id if call else None):
            return redirect(url_for("workorders.show", order_no=there))
        form = _carried(session, call, {}) if call else filing_form.blank()
        return _form(session, form, call, panel=False)


@bp.post("/new/panel")
@access.allowed(*DESK_ROLES)
def new_panel() -> str:
    """The same beside a call at the desk; what is not saved there yet comes along."""
    with transaction() as session:
        call = get_call(session, request.form.get("call", ""))
        require_readable(call, caller_reader())
        if there := filing_form.order_no_of(session, call.id):
            return render("workorders/_filed.html", order_no=there, merged=False)
        return _form(session, _carried(session, call, request.form), call, panel=True)


@bp.post("/new/likely")
@access.allowed(*DESK_ROLES)
def new_likely() -> str:
    """What may be the same matter, while it is being typed."""
    with transaction() as session:
        call = _call(session, request.form.get("call", ""))
        found = _likely(session, request.form, call)
        if found:
            detail = {"found": len(found)}
            audit.record(session, audit.Action.SEARCHED, "work_order", detail=detail)
        return render("workorders/_likely.html", likely=found, open_states=OPEN)


@bp.post("/new")
@access.allowed(*DESK_ROLES)
def file() -> Response | tuple[str, int]:
    """File it, or file it into one that is there already."""
    form = request.form
    try:
        with transaction() as session:
            call = _call(session, form.get("call", ""), lock=True)
            order = _filed(session, form.get("master", "").strip().upper(), call)
            order_no, kind, merged = order.order_no, order.kind.value, order.master_id is not None
    except Refused as refusal:
        return _again(refusal)
    said = f"工单 {order_no} 已登记" + ("，并入了已有的工单。" if merged else "。")
    if _is_panel():
        page = render("workorders/_filed.html", order_no=order_no, merged=merged)
        told = answer_of(page)
        told.headers["HX-Trigger"] = json.dumps({"filed": {"words": f"已转工单 {order_no}。",
                                                           "kind": kind}})  # fmt: skip
        return told
    flash(said)
    return redirect(url_for("workorders.show", order_no=order_no))


def _call(session: Session, call_no: str, *, lock: bool = False) -> Call | None:
    if not call_no:
        return None
    call = get_call(session, call_no)
    require_readable(call, caller_reader())
    if lock:  # a call becomes one order, also when two people press at once
        session.exec(select(Call.id).where(Call.id == call.id).with_for_update()).one()
    return call


def _carried(session: Session, call: Call, chosen: Mapping[str, str]) -> dict[str, Any]:
    audit.record(session, audit.Action.RECORD_READ, call.subject)
    return filing_form.carried(session, call, chosen)


def _filed(session: Session, master: str, call: Call | None) -> Order:
    actor, tags = actors.at_hand(), request.form.getlist("tags")
    merging.one_at_a_time(session)
    order = filing.file_own(
        session, filing_form.draft_of(typed(), tags, call), actor, call=call
    )  # fmt: skip
    likely = _likely(session, request.form, call, except_id=order.key)
    if not master:
        _require_looked_at(likely)
        return order
    into = moving.locked(session, master)
    require_order(into, reader())
    merging.merge(session, order, into, _why(likely, into), actor)
    return order


def _why(likely: list[Likeness], master: Order) -> str:
    signs = [sign for each in likely if each.order.key == master.key for sign in each.signs]
    return "登记时认定为同一件事" + (f"：{'、'.join(signs)}" if signs else "")


def _require_looked_at(likely: list[Likeness]) -> None:
    """Nothing is filed beside a likely repetition that was never on the page."""
    shown = set(request.form.getlist("shown"))
    if any(each.order.order_no not in shown for each in likely):
        raise Refused(
            "repeats_unseen",
            "可能已有同一件事的工单，列在下面：是同一件事就并入，不是再按一次登记。",
            409,
        )


def _likely(
    session: Session, form: Mapping[str, Any], call: Call | None, *, except_id: int = 0
) -> list[Likeness]:
    found = merging.repeats(session, filing_form.matter_of(form, call), except_id=except_id)
    return [each for each in found if can_read(each.order, reader())]


def _again(refusal: Refused) -> tuple[str, int]:
    form: dict[str, Any] = {**request.form.to_dict(), "tags": request.form.getlist("tags")}
    with transaction() as session:
        call = _call(session, request.form.get("call", ""))
        page = _form(session, form, call, panel=_is_panel(), refusal=refusal)
    # htmx puts only a 422 in its place; a whole page says what it is.
    return page, 422 if _is_panel() else refusal.status


def _form(session: Session, form: dict[str, Any], call: Call | None, *, panel: bool,
          refusal: Refused | None = None) -> str:  # fmt: skip
    return render(
        "workorders/_filing.html" if panel else "workorders/filing.html",
        form=form, call=call, panel=panel, number=filing_form.number_of(call),
        likely=_likely(session, form, call), open_states=OPEN,
        errors=refusal.fields if refusal else {}, notice=refusal.message if refusal else None,
        kinds=Kind.choices(), urgencies=Urgency.choices(), sexes=filing_form.SEXES,
        tags=filing_form.TAGS,
    )  # fmt: skip


def _is_panel() -> bool:
    return request.headers.get("HX-Request") == "true"
