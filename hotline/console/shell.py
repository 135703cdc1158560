"""Live parts of every page: where I am, what rings, which alerts nobody has taken."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import DESK_ROLES, Role
from hotline.booking import name_queue
from hotline.calls import alerts as dangers
from hotline.calls import callbacks, service
from hotline.calls.aliases import is_at_pbx
from hotline.calls.confidential import reader
from hotline.calls.models import Call, DangerAlert
from hotline.classification.crisis import CrisisLevel
from hotline.console import desk_data, voice_names
from hotline.db import transaction
from hotline.web import render, safe_path

bp = Blueprint("shell", __name__, url_prefix="/shell")
WATCHERS = (Role.SUPERVISOR, Role.COUNSELLOR)


@bp.get("/presence")
@access.passive
@access.allowed(*DESK_ROLES)
def presence() -> str:
    """The presence control."""
    return render("shell/presence.html")


@bp.get("/ring")
@access.passive
@access.allowed(*DESK_ROLES)
def ring() -> str:
    """The call that rings for me, or a way back to the one I am on."""
    me = access.person().key
    with transaction() as session:
        ringing = desk_data.ringing_call(session, me)
        if ringing is None:
            return render("shell/ring.html", call=None, speaking=_speaking(session, me))
        earlier = service.caller_history(session, ringing.caller_hash, limit=20)
        heard = desk_data.heard_slots(session, ringing.call_uid)
        there = is_at_pbx(session, ringing.call_uid)
    known = next((past.caller_name for past in earlier if past.caller_name), None)
    return render(
        "shell/ring.html", call=ringing, known=known, before=len(earlier) - 1, heard=heard,
        is_at_pbx=there,
    )  # fmt: skip


def _speaking(session: Session, person_id: int) -> Call | None:
    """The call at hand, unless its own page asks, or the desk, which leads there by itself."""
    call = desk_data.call_at_hand(session, person_id)
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return None if call is None or here in ("/desk", f"/desk/{call.call_no}") else call


@bp.get("/alerts")
@access.passive
@access.allowed(*WATCHERS)
def alerts() -> str:
    """Alerts of danger that nobody has acknowledged."""
    with transaction() as session:
        waiting = dangers.open_alerts(session, CrisisLevel.HIGH)[:20]
        return render("shell/alerts.html", alerts=with_calls(session, waiting))


def with_calls(session: Session, found: list[DangerAlert]) -> list[tuple[DangerAlert, Call]]:
    """Each alert with the call it is about."""
    ids = [alert.call_id for alert in found]
    calls = {call.id: call for call in session.exec(select(Call).where(col(Call.id).in_(ids)))}
    return [(alert, calls[alert.call_id]) for alert in found if alert.call_id in calls]


@bp.post("/alerts/<int:alert_id>")
@access.allowed(*WATCHERS)
def acknowledge(alert_id: int) -> Response:
    """I have seen this alert and take it on."""
    with transaction() as session:
        alert = dangers.acknowledge(session, alert_id, access.person().key)
        call = session.get(Call, alert.call_id)
    onward = safe_path(request.form.get("next"))
    number = call.call_no if call else ""
    return redirect(onward or url_for("calls.show", call_no=number))


@bp.get("/counts")
@access.passive
@access.allowed(*DESK_ROLES)
def counts() -> str:
    """How many wait on pages of the rail that are worked off."""
    with transaction() as session:
        waiting = {
            "callbacks": callbacks.count_open(session),
            "names": name_queue.count(session, voice_names.asked_for("")),
        }
    return render("shell/counts.html", waiting=waiting)


@bp.post("/reveal/<call_no>")
@access.allowed(*DESK_ROLES)
def reveal(call_no: str) -> dict[str, str]:
    """A caller's whole number, for a reason that goes on record."""
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        reason = request.form.get("reason", "")
        return {"value": service.reveal_caller(session, call, reason, reader())}
