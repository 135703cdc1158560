"""停诊: find clinics, see whom it touches, stop them or let them take place again."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from sqlmodel import Session, select
from werkzeug.wrappers import Response as AnyResponse

from hotline import access
from hotline.agents.rules import DESK_ROLES, Role
from hotline.booking import stopping
from hotline.booking.rules import HalfDay
from hotline.booking.stop_models import StopCall
from hotline.clock import now
from hotline.console import booking_places
from hotline.console.booking import bp
from hotline.console.booking_choice import choice_of, where, whole_number
from hotline.console.booking_hold import tell
from hotline.console.booking_stop_list import Asked, Shown, all_of, asked_of, clinics, these
from hotline.console.tables import Bulk, Column, Listing
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, render, what_is_wrong

__all__ = ["bp"]
leaders = access.allowed(Role.SUPERVISOR, Role.ADMIN)
REASONS = ("医生请假", "医生出差", "设备故障", "极端天气", "医院调整排班")
NAMED = 12  # clinics named one by one before the reason is asked; the rest is a number
COLUMNS = (
    Column("when", "就诊时间"),
    Column("department", "科室"),
    Column("doctor", "医生"),
    Column("kind", "号别"),
    Column("booked", "已约", is_number=True),
    Column("waiting", "候补", is_number=True),
    Column("held", "占号中", is_number=True),
    Column("capacity", "号数", is_number=True),
    Column("state", "状态", is_short=False),
)
ACTIONS = (
    ("stop", "停诊…", ""),
    ("resume", "恢复门诊", "为什么恢复？"),
)


@bp.get("/stop")
@leaders
def stop() -> str:
    """The clinics of a hospital, department or doctor."""
    asked = asked_of(request.args)
    with transaction() as session:
        place = where(session, asked.choice)
        page: Page[Any] = Page([], None, 0)
        if place.hospital is not None:
            page = clinics(session, asked, place, now(), request.args.get("cursor"))
        return render(
            "booking/stop.html",
            asked=asked,
            choice=asked.choice,
            place=place,
            listing=Listing(COLUMNS, page),
            bulk=Bulk(url_for("booking.stop_chosen", **_address(asked)), ACTIONS),
            halves=HalfDay.choices(),
            shown=Shown.choices(),
        )


def _address(asked: Asked) -> dict[str, Any]:
    """What was asked, for a way back."""
    said = {
        "hospital": asked.choice.hospital,
        "department": asked.choice.department,
        "doctor": asked.choice.doctor,
        "from": asked.first,
        "to": asked.last,
        "half": asked.half,
        "shown": asked.shown,
    }
    return {name: str(value) for name, value in said.items() if value is not None}


@bp.get("/stop/places")
@leaders
def stop_places() -> Response:
    """Hospitals, departments and doctors for what was typed so far; each leads to its clinics."""
    asked = choice_of(request.args)
    typed = request.args.get("q", "")[:40]
    with transaction() as session:
        found = booking_places.find(session, typed, asked.hospital, asked.department)
    kept = {name: request.args[name] for name in ("from", "to", "half", "shown")
            if request.args.get(name)}  # fmt: skip
    return jsonify(places=[_line(place, kept) for place in found])


def _line(place: booking_places.Place, kept: dict[str, Any]) -> dict[str, Any]:
    address = url_for("booking.stop", **kept | {place.kind: str(place.id)})
    return {"kind": place.kind, "name": place.name, "beyond": place.beyond, "left": None,
            "address": address}  # fmt: skip


@bp.post("/stop/chosen")
@leaders
def stop_chosen() -> str | AnyResponse:
    """What was ticked: show whom a stop touches, or open the clinics again."""
    asked = asked_of(request.args)
    try:
        with transaction() as session:
            slots = _chosen(session, asked)
            if request.form.get("action") != "resume":
                return _before(session, asked, slots, {}, None)
            count = stopping.resume_clinic(session, slots, request.form.get("reason", ""))
            tell(session)
    except Refused as refusal:
        return _back(asked, refusal)
    flash(f"已恢复 {count} 个门诊，可以重新预约；已停诊的预约不会自动恢复。")
    return redirect(url_for("booking.stop", **_address(asked)))


def _chosen(session: Session, asked: Asked) -> list[int]:
    if request.form.get("all"):
        return all_of(session, asked, where(session, asked.choice), now())
    found = [whole_number(each) for each in request.form.getlist("selected")]
    chosen = [each for each in found if each is not None]
    if not chosen:
        raise Refused("slots_missing", "请先勾选要处理的门诊。")
    return chosen


def _before(
    session: Session, asked: Asked, slots: list[int], typed: dict[str, str], refusal: Refused | None
) -> str:
    """Whom it touches, by channel, and the question why."""
    named = [one for one in these(session, slots) if not one.row["is_stopped"]]
    if not named:
        raise Refused("slots_missing", "勾选的门诊都已经停诊，没有新的门诊要停。")
    keys = [one.id for one in named]
    touched = stopping.affected(session, keys)
    return render(
        "booking/stop_confirm.html",
        address=_address(asked),
        named=named,
        most_named=NAMED,
        keys=keys,
        stopped_already=len(slots) - len(keys),
        touched=touched,
        booked=sum(each.booked for each in touched),
        waiting=sum(each.waiting for each in touched),
        held=sum(each.held for each in touched),
        soonest=min((each.soonest for each in touched if each.soonest), default=None),
        reasons=REASONS,
        form=typed,
        **what_is_wrong(refusal),
    )


@bp.post("/stop/confirm")
@leaders
def stop_confirm() -> str | AnyResponse | tuple[str, int]:
    """Stop them; whoever had a booking is on the call-back list."""
    asked, form = asked_of(request.args), request.form
    try:
        with transaction() as session:
            slots = _chosen(session, asked)
            affected = stopping.stop_clinic(session, slots, form.get("reason", ""))
            stop_id = _stop_of(session, affected)
            tell(session)
    except Refused as refusal:
        return _again(asked, refusal)
    follows = f"{len(affected)} 人要打电话告知，短信已在发送。" if affected else "没有人约。"
    flash(f"已停诊 {len(set(slots))} 个门诊，{follows}")
    if affected and access.person().role in DESK_ROLES:
        return redirect(url_for("booking.stopped", stop=stop_id))
    return redirect(url_for("booking.stop", **_address(asked)))


def _stop_of(session: Session, affected: list[int]) -> int | None:
    if not affected:
        return None
    query = select(StopCall.stop_id).where(StopCall.booking_id == affected[0])
    return session.exec(query).first()


def _back(asked: Asked, refusal: Refused) -> AnyResponse:
    flash(refusal.message, "danger")
    return redirect(url_for("booking.stop", **_address(asked)))


def _again(asked: Asked, refusal: Refused) -> AnyResponse | tuple[str, int]:
    """The question once more with what was typed; when the clinics are at fault, the list."""
    if "reason" not in refusal.fields:
        return _back(asked, refusal)
    with transaction() as session:
        slots = _chosen(session, asked)
        return _before(session, asked, slots, request.form.to_dict(), refusal), 422
