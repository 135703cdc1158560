"""The sound of a call on the agent's own page, where no PBX rings a telephone."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from sqlmodel import Session, col, select

from hotline import access, queues, voice_line, voice_tickets
from hotline.booking.models import Department, Hospital
from hotline.booking.rules import HalfDay
from hotline.calls.models import Call
from hotline.console import desk_data, voice_door
from hotline.console.booking_choice import Choice, choice_of
from hotline.console.desk import bp, desk_people
from hotline.db import transaction
from hotline.errors import Refused
from hotline.voice_tickets import Door

__all__ = ["bp"]
bp.after_request(voice_door.open_to)


@bp.app_template_global()
def speaks_here(call: Call) -> bool:
    """Does this page speak with the caller? Only that of the agent who has the call."""
    is_up = call.state in desk_data.AT_HAND and call.agent_id == access.person().person_id
    return is_up and voice_line.has_call(queues.connection(), call.call_uid)


@bp.app_template_global()
def booking_address(call: Call, heard: dict[str, str]) -> str:
    """The booking panel with what the voice line has understood already chosen."""
    with transaction() as session:
        choice = understood(session, call.call_no, heard)
    return choice.at("booking.panel")


@bp.post("/<call_no>/line")
@desk_people
def line(call_no: str) -> Response:
    """A ticket to speak with this caller, and where to go with it."""
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        me = access.person().key
        if call.agent_id != me:
            raise Refused("not_your_call", "这通来电由其他坐席处理。", 403)
        if not speaks_here(call):
            raise Refused("call_over", "来电人已不在线。", 404)
        ticket = voice_tickets.issue(Door.DESK, me, call.call_uid)
    return jsonify(ticket=ticket, address=voice_door.address("/desk"))


def understood(session: Session, call_no: str, heard: dict[str, str]) -> Choice:
    """What was heard (by its label) as a choice of hospital, department, day and half-day."""
    place = _place(session, heard.get("医院"), heard.get("科室"))
    half = next((half for half in HalfDay if half.label == heard.get("午别")), None)
    day = {"day": heard.get("日期", ""), "half": half.value if half else ""}
    return choice_of({**place, **day, "call": call_no})


def _place(session: Session, hospital: str | None, department: str | None) -> dict[str, str]:
    """Ids by name; a department only within its hospital."""
    if not hospital:
        return {}
    found = session.exec(
        select(Hospital.id).where(Hospital.name == hospital, col(Hospital.is_active))
    ).first()
    within = session.exec(
        select(Department.id).where(
            Department.hospital_id == found, Department.name == department,
            col(Department.is_active),
        )
    ).first() if found and department else None  # fmt: skip
    names: dict[str, Any] = {"hospital": found, "department": within}
    return {name: str(value) for name, value in names.items() if value}
