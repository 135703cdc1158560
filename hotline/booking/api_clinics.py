"""Machine doors of booking: clinics that do not take place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from hotline import access, api
from hotline.agents.rules import Role, Scope
from hotline.booking import queries, selecting, stopping
from hotline.booking.answers import StoppedOut
from hotline.booking.api_slots import own_hospital
from hotline.booking.doors import asker, bp
from hotline.booking.finding import Booker
from hotline.booking.forms import StopIn, StopReasonIn
from hotline.booking.selecting import Chosen
from hotline.clock import today
from hotline.errors import Refused

MOST_DAYS = timedelta(days=92)


@bp.post("/slots/stop", responses={200: StoppedOut}, summary="停诊")
@access.allowed(Role.SUPERVISOR)
@access.token(Scope.BOOKING)
@api.idempotent
def post_stop(body: StopReasonIn, session: Session) -> dict[str, Any]:
    """Stop clinics by slot, or by place and days; whoever had booked is sent a text message.

    Open to a token that is bound to hospitals, for these alone, and to one with every scope.
    ``affected`` is how many bookings must be told; doing it again affects nobody new.
    """
    found = _chosen(session, body, _for_hospital(session), stopped=False)
    affected = stopping.stop_clinic(session, found, body.reason) if found else []
    return StoppedOut(slots=len(found), affected=len(affected)).model_dump()


@bp.post("/slots/resume", responses={200: StoppedOut}, summary="恢复出诊")
@access.allowed(Role.SUPERVISOR)
@access.token(Scope.BOOKING)
@api.idempotent
def post_resume(body: StopIn, session: Session) -> dict[str, Any]:
    """The clinics take place after all; nobody is booked back."""
    found = _chosen(session, body, _for_hospital(session), stopped=True)
    if found:
        stopping.resume_clinic(session, found)
    return StoppedOut(slots=len(found), affected=0).model_dump()


def _for_hospital(session: Session) -> Booker:
    """Who may stop a clinic: a supervisor, a hospital for itself, a token that opens all."""
    by = asker(session)
    if access.person().is_machine and by.hospitals is None and not by.sees_all:
        raise Refused("hospital_token_needed", "停诊须由绑定了医院的令牌办理，请联系管理员。", 403)
    return by


def _chosen(session: Session, body: StopIn, by: Booker, *, stopped: bool) -> list[int]:
    if body.slot_ids is not None:
        return selecting.by_ids(session, body.slot_ids, by, stopped=stopped)
    return selecting.by_place(session, _place(session, body, by), stopped=stopped)


def _place(session: Session, body: StopIn, by: Booker) -> Chosen:
    hospital = _hospital(session, body.hospital, by)
    first = body.from_ or today()
    last = body.to or first
    if not first <= last <= first + MOST_DAYS:
        sentence = "日期范围应为先后顺序，且不超过 92 天。"
        raise Refused("range_invalid", sentence, fields={"to": sentence})
    said = body.department
    departments = queries.department_ids(session, said, hospital) if said else []
    return Chosen(hospital, first, last, tuple(departments), body.doctor, body.half_day)


def _hospital(session: Session, said: str | None, by: Booker) -> int:
    if said:
        return own_hospital(session, said, by)
    if by.hospitals is not None and len(by.hospitals) == 1:
        return next(iter(by.hospitals))
    sentence = "请写明号源（slot_ids）或医院（hospital）。"
    raise Refused("hospital_required", sentence, fields={"hospital": sentence})
