"""Machine doors of booking: one pool for agents, the voice line and every outside channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from hotline import access, api, audit
from hotline.agents.rules import DESK_ROLES, Scope
from hotline.booking import attendance, changing, finding, queries, service, showing
from hotline.booking.finding import Booker
from hotline.booking.forms import (
    AttendanceIn,
    BookingOut,
    BookingPath,
    CancelIn,
    ChangeIn,
    ChannelOut,
    ChannelsOut,
    ConfirmIn,
    DepartmentOut,
    DepartmentsOut,
    DepartmentsQuery,
    HoldIn,
    HoldOut,
    HoldPath,
    HospitalOut,
    HospitalsOut,
    SlotsOut,
    SlotsQuery,
    WaitingOut,
)
from hotline.booking.queries import Wanted
from hotline.booking.rules import ClinicKind
from hotline.clock import local, now
from hotline.db import transaction
from hotline.errors import Refused

bp = api.blueprint("booking", "/booking", "预约挂号")
Answer = tuple[dict[str, Any], int]
USUAL_DAYS = timedelta(days=14)
MOST_DAYS = timedelta(days=92)


def _asker() -> Booker:
    """People see every booking; a machine its own, unless its token opens everything."""
    who = access.person()
    return Booker(who.username, sees_all=not who.is_machine or Scope.ALL in who.scopes)


@bp.get("/hospitals", responses={200: HospitalsOut}, summary="医院")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_hospitals() -> dict[str, Any]:
    """Every hospital that takes bookings."""
    with transaction() as session:
        found = queries.hospitals(session)
    items = [HospitalOut.model_validate(each, from_attributes=True) for each in found]
    return HospitalsOut(items=items).model_dump(mode="json")


@bp.get("/departments", responses={200: DepartmentsOut}, summary="科室")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_departments(query: DepartmentsQuery) -> dict[str, Any]:
    """The departments of one hospital."""
    with transaction() as session:
        hospital = queries.hospital_id(session, query.hospital)
        found = queries.departments(session, hospital)
    items = [DepartmentOut.model_validate(each, from_attributes=True) for each in found]
    return DepartmentsOut(items=items).model_dump(mode="json")


@bp.get("/channels", responses={200: ChannelsOut}, summary="预约渠道")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_channels() -> dict[str, Any]:
    """What may stand in ``channel``."""
    with transaction() as session:
        found = queries.channels(session)
    items = [ChannelOut.model_validate(each, from_attributes=True) for each in found]
    return ChannelsOut(items=items).model_dump(mode="json")


@bp.get("/slots", responses={200: SlotsOut}, summary="号源")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_slots(query: SlotsQuery) -> dict[str, Any]:
    """Slots by day and time, today and two weeks unless said; full and closed ones say so."""
    with transaction() as session:
        wanted = _wanted(session, query)
        page = queries.search(session, wanted, now(), query.cursor, query.limit)
    items = [showing.slot_out(offer) for offer in page.rows]
    return {"items": items, "next_cursor": page.next_cursor}


def _wanted(session: Session, query: SlotsQuery) -> Wanted:
    first = query.from_ or local(now()).date()
    last = query.to or first + USUAL_DAYS
    if not first <= last <= first + MOST_DAYS:
        sentence = "日期范围应为先后顺序，且不超过 92 天。"
        raise Refused("range_invalid", sentence, fields={"to": sentence})
    hospital = queries.hospital_id(session, query.hospital) if query.hospital else None
    department = query.department
    found = queries.department_ids(session, department, hospital) if department else []
    return Wanted(
        first, last, hospital, tuple(found), query.doctor, _kind(query.kind), query.channel
    )


def _kind(said: str | None) -> ClinicKind | None:
    if not said:
        return None
    found = next((each for each in ClinicKind if said in (each.value, each.label)), None)
    if found is None:
        sentence = "号别应为：" + "、".join(each.label for each in ClinicKind) + "。"
        raise Refused("kind_invalid", sentence, fields={"kind": sentence})
    return found


@bp.post("/holds", responses={201: HoldOut}, summary="占号")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_hold(body: HoldIn, session: Session) -> Answer:
    """Keep a unit for a patient for some minutes, to be read back and confirmed."""
    patient, by = body.patient.applicant(), _asker()
    held = service.hold(session, body.slot_id, patient, body.channel, by, call_uid=body.call_uid)
    answer = HoldOut(hold_id=held.hold_id, expires_at=held.expires_at)
    return answer.model_dump(mode="json"), 201


@bp.post("/holds/<hold_id>/release", responses={200: None}, summary="放弃占号或候补")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_release(path: HoldPath, session: Session) -> dict[str, Any]:
    """Give a hold or a place on the waiting list up before it is confirmed."""
    service.release(session, path.hold_id, _asker())
    return {"released": True}


@bp.post("/waiting", responses={201: WaitingOut}, summary="候补")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_waiting(body: HoldIn, session: Session) -> Answer:
    """Join the waiting list of a full slot; a freed unit is offered by text message."""
    hold_id = service.wait(session, body.slot_id, body.patient.applicant(), body.channel, _asker())
    return WaitingOut(hold_id=hold_id).model_dump(mode="json"), 201


@bp.post("/bookings", responses={201: BookingOut}, summary="确认预约")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_booking(body: ConfirmIn, session: Session) -> Answer:
    """Make a hold a booking; the same hold again gives the same booking."""
    booking = service.confirm(session, body.hold_id, _asker())
    audit.record(session, audit.Action.RECORD_CHANGED, booking.subject,
                 detail={"state": booking.state.value})  # fmt: skip
    return showing.booking_out(session, booking), 201


@bp.get("/bookings/<no>", responses={200: BookingOut}, summary="查询预约")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def show_booking(path: BookingPath) -> dict[str, Any]:
    """One booking, its patient masked."""
    with transaction() as session:
        booking = finding.get_booking(session, path.no, _asker())
        audit.record(session, audit.Action.RECORD_READ, booking.subject)
        return showing.booking_out(session, booking)


@bp.post("/bookings/<no>/cancel", responses={200: BookingOut}, summary="退号")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_cancel(path: BookingPath, body: CancelIn, session: Session) -> dict[str, Any]:
    """Give the unit back, where the hospital's rules allow it."""
    booking = changing.cancel(session, path.no, body.reason, _asker())
    return showing.booking_out(session, booking)


@bp.post("/bookings/<no>/change", responses={200: BookingOut}, summary="改约")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_change(path: BookingPath, body: ChangeIn, session: Session) -> dict[str, Any]:
    """Move to another slot; the old one is kept until the new one is in hand."""
    booking = changing.change(session, path.no, body.slot_id, _asker())
    return showing.booking_out(session, booking)


@bp.post("/bookings/<no>/attendance", responses={200: BookingOut}, summary="就诊情况")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_attendance(path: BookingPath, body: AttendanceIn, session: Session) -> dict[str, Any]:
    """Whether the patient came; the hospital may correct itself."""
    booking = attendance.report(session, path.no, body.attended, _asker())
    return showing.booking_out(session, booking)
