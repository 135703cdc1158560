"""The sound of a call on the agent's own page, where no PBX rings a telephone."""

from __future__ import annotations

from flask import Response, jsonify
from sqlmodel import Session, col, select

from hotline import access, queues, voice_line, voice_tickets
from hotline.booking.models import Department, Doctor, Hospital
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
            raise Refused("call_over", "来电人已不在线，请按 F9 挂断，再登记。", 404)
        ticket = voice_tickets.issue(Door.DESK, me, call.call_uid)
    return jsonify(ticket=ticket, address=voice_door.address("/desk"))


def understood(session: Session, call_no: str, heard: dict[str, str]) -> Choice:
    """What was heard (by its label) as a choice: hospital, department, doctor, day, half-day. Of
    several days the first."""
    half = next((half for half in HalfDay if half.label == heard.get("午别")), None)
    day = {"day": heard.get("日期", "").partition(" ")[0], "half": half.value if half else ""}
    return choice_of({**_place(session, heard), **day, "call": call_no})


def _place(session: Session, heard: dict[str, str]) -> dict[str, str]:
    """Ids by name, each within what it lies in."""
    ids: dict[str, int | None] = {}
    hospital = select(Hospital.id).where(Hospital.name == heard.get("医院"))
    ids["hospital"] = session.exec(hospital.where(col(Hospital.is_active))).first()
    department = select(Department.id).where(
        Department.hospital_id == ids["hospital"], Department.name == heard.get("科室")
    )
    ids["department"] = session.exec(department.where(col(Department.is_active))).first()
    doctor = select(Doctor.id).where(
        Doctor.department_id == ids["department"], Doctor.name == heard.get("医生")
    )
    ids["doctor"] = session.exec(doctor).first()
    return {name: str(value) for name, value in ids.items() if value}
