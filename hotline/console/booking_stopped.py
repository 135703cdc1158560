"""停诊回电: who is to be told that a clinic does not take place, and the calls made for it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline import access, live
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.booking import queries, stop_calls, stop_duties
from hotline.booking.models import Booking, Hospital
from hotline.booking.stop_duties import Wanted
from hotline.booking.stop_models import CallResult, ClinicStop, StopCall
from hotline.clock import now
from hotline.console.booking import bp, desk_people
from hotline.console.booking_choice import whole_number
from hotline.console.booking_told import told
from hotline.console.page import changed
from hotline.console.tables import Chip
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, safe_path

__all__ = ["bp"]
WHOSE = (
    ("free", "没人在打的"),
    ("mine", "我在打的"),
    ("hard", "多次未接通的"),
    ("done", "处理完的"),
)
ASKED = ("stop", "hospital", "day", "whose", "cursor")
# Which key says what came of a call.
RESULTS = tuple(enumerate(CallResult, 1))


@bp.get("/stopped")
@desk_people
def stopped() -> str:
    """Whoever is to be told, the soonest visit first, and the one I am calling."""
    with transaction() as session:
        return render("booking/stopped.html", **_list_values(session), **_hand_values(session),
                      **_filter_values(session))  # fmt: skip


@bp.get("/stopped/list")
@access.passive
@desk_people
def stopped_list() -> str:
    """The live part of the page."""
    with transaction() as session:
        return render("booking/_stopped_list.html", **_list_values(session))


def _wanted() -> Wanted:
    asked = request.values
    try:
        day = date.fromisoformat(asked.get("day") or "")
    except ValueError:
        day = None
    return Wanted(
        stop=whole_number(asked.get("stop")),
        hospital=whole_number(asked.get("hospital")),
        day=day,
        whose=asked.get("whose", ""),
        me=access.person().key,
    )


def _list_values(session: Session) -> dict[str, Any]:
    page = stop_duties.duties(session, _wanted(), request.args.get("cursor"))
    at = now()
    return {
        "page": page,
        "of": _bookings(session, page.rows),
        "attempts": stop_duties.attempts_of(session, page.rows),
        "held": {duty.key for duty in page.rows if stop_duties.is_held(duty, at)},
        "names": dict(session.exec(select(Person.id, Person.name)).all()),
        "many": stop_duties.MANY_ATTEMPTS,
        "is_done": _wanted().whose == "done",
        "asked": {name: request.args[name] for name in ASKED if request.args.get(name)},
    }  # fmt: skip


def _bookings(session: Session, rows: list[StopCall]) -> dict[int | None, Any]:
    keys = [key for duty in rows for key in (duty.booking_id, duty.rebooked_id) if key]
    found = told(session, col(Booking.id).in_(keys), most=2 * len(rows) + 1)
    return {one.booking.id: one for one in found}


def _hand_values(session: Session) -> dict[str, Any]:
    duty = stop_duties.in_hand(session, access.person().key)
    return {
        "mine": duty,
        "mine_of": _bookings(session, [duty])[duty.booking_id] if duty else None,
        "mine_attempts": stop_duties.attempts_of(session, [duty]).get(duty.key, []) if duty else [],
        "results": RESULTS,
        "back": request.full_path,
    }


def _filter_values(session: Session) -> dict[str, Any]:
    hospitals = [(each.id, each.short_name or each.name) for each in queries.hospitals(session)]
    return {"hospitals": hospitals, "whose": WHOSE, "chips": _chips(session),
            "waiting": stop_duties.how_many(session)}  # fmt: skip


def _chips(session: Session) -> list[Chip]:
    wanted, found = _wanted(), []
    stop = session.get(ClinicStop, wanted.stop) if wanted.stop else None
    if stop is not None:
        found.append(Chip(f"只看这次停诊：{stop.reason}", changed(stop=None)))
    hospital = session.get(Hospital, wanted.hospital) if wanted.hospital else None
    if hospital is not None:
        found.append(Chip(f"医院：{hospital.short_name or hospital.name}", changed(hospital=None)))
    return found


@bp.post("/stopped/next")
@desk_people
def claim_next_stopped() -> Response:
    """I will call whoever is to be told soonest."""
    return _done(lambda session: stop_calls.claim_next(session, access.person().key, _wanted()))


@bp.post("/stopped/<int:duty_id>/claim")
@desk_people
def claim_stopped(duty_id: int) -> Response:
    """I will call this one."""
    who = access.person()
    is_leader = who.role is Role.SUPERVISOR
    return _done(
        lambda session: stop_calls.claim(session, duty_id, who.key, may_take_over=is_leader)
    )


@bp.post("/stopped/<int:duty_id>/let-go")
@desk_people
def let_go_stopped(duty_id: int) -> Response:
    """Somebody else may call."""
    return _done(lambda session: stop_calls.let_go(session, duty_id, access.person().key))


@bp.post("/stopped/<int:duty_id>/result")
@desk_people
def stopped_result(duty_id: int) -> Response:
    """What came of the call."""
    result = CallResult.known(request.form.get("result"))
    if result is None:
        raise Refused("result_missing", "请选择回电结果。", fields={"result": "请选择回电结果。"})
    note, who = request.form.get("note", ""), access.person().key
    return _done(lambda session: stop_calls.record_attempt(session, duty_id, result, who, note))


def _done(deed: Any) -> Response:
    """Do it, say what was refused, and go back to the list as it was filtered."""
    try:
        with transaction() as session:
            deed(session)
            live.publish(session, "bookings", "bookings", {})
    except Refused as refusal:
        if refusal.status == 404:
            raise
        flash(refusal.message, "danger")
    return redirect(safe_path(request.form.get("back")) or url_for("booking.stopped"))
