"""拨打 12320: a browser as a telephone, for trying the line out and for showing it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, request

from hotline import access, audit, phone, queues, settings, voice_line, voice_tickets
from hotline.agents.rules import PEOPLE_ROLES, Role
from hotline.console import voice_door
from hotline.console.desk_data import SLOT_LABELS
from hotline.db import transaction
from hotline.errors import Refused
from hotline.voice_line import Health
from hotline.voice_tickets import Door
from hotline.web import render

bp = Blueprint("dial", __name__, url_prefix="/dial")
# Calls from this page are calls like others and count: at work only who answers for the line.
TESTERS = (Role.SUPERVISOR, Role.ADMIN)
UNREACHABLE = (Health.DOWN, Health.DRAINING)
may_dial = access.allowed(*PEOPLE_ROLES)
SHOWN_NUMBER = "13800001111"  # of a demonstration's caller


@bp.get("")
@may_dial
def index() -> Response:
    """The telephone."""
    _require_tester()
    page = render(
        "dial/index.html",
        health=_health(),
        can_call=_health() not in UNREACHABLE,
        slot_labels=SLOT_LABELS,
        number=SHOWN_NUMBER if settings.current().demo else "",
    )
    return voice_door.open_to(current_app.make_response(page))


@bp.post("/ticket")
@may_dial
def ticket() -> Response:
    """A ticket for one call, and where to go with it; on record, as every way in is."""
    _require_tester()
    number = request.form.get("caller", "").strip()
    if number and phone.normalise(number, settings.current().area_code) is None:
        sentence = "号码格式不正确，请检查；不想显示号码时请留空。"
        raise Refused("caller_invalid", sentence, fields={"caller": sentence})
    health = _health()
    if health in UNREACHABLE:
        raise Refused("line_down", f"语音线路{health.label}，请稍后再拨。", 503)
    me = access.person().key
    with transaction() as session:
        audit.record(session, audit.Action.DIALLED, "voice_line")
    return jsonify(ticket=voice_tickets.issue(Door.CALL, me), address=voice_door.address("/call"))


def _require_tester() -> None:
    if not settings.current().demo and access.person().role not in TESTERS:
        sentence = "正式环境只有班长和管理员可以从网页试拨。"
        raise Refused("dial_forbidden", sentence, 403)


def _health() -> Health:
    return voice_line.health(queues.connection())
