"""Machine doors of booking: what there is to book."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from sqlmodel import Session

from hotline import access
from hotline.agents.rules import DESK_ROLES, Scope
from hotline.booking import channels, queries, showing
from hotline.booking.answers import (
    ChannelOut,
    ChannelsOut,
    DepartmentOut,
    DepartmentsOut,
    HospitalOut,
    HospitalsOut,
    SlotsOut,
)
from hotline.booking.doors import asker, bp
from hotline.booking.finding import Booker
from hotline.booking.forms import DepartmentsQuery, SlotsQuery
from hotline.booking.queries import Wanted
from hotline.booking.rules import ClinicKind, ResourceKind
from hotline.clock import local, now
from hotline.db import transaction
from hotline.errors import Refused
from hotline.labels import Labelled

USUAL_DAYS = timedelta(days=14)
MOST_DAYS = timedelta(days=92)


@bp.get("/hospitals", responses={200: HospitalsOut}, summary="医院")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_hospitals() -> dict[str, Any]:
    """Every hospital that takes bookings."""
    with transaction() as session:
        by = asker(session)
        found = [each for each in queries.hospitals(session) if by.goes_to(each.id)]
    items = [HospitalOut.model_validate(each, from_attributes=True) for each in found]
    return HospitalsOut(items=items).model_dump(mode="json")


@bp.get("/departments", responses={200: DepartmentsOut}, summary="科室")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_departments(query: DepartmentsQuery) -> dict[str, Any]:
    """The departments of one hospital."""
    with transaction() as session:
        hospital = own_hospital(session, query.hospital, asker(session))
        found = queries.departments(session, hospital)
    items = [DepartmentOut.model_validate(each, from_attributes=True) for each in found]
    return DepartmentsOut(items=items).model_dump(mode="json")


@bp.get("/channels", responses={200: ChannelsOut}, summary="预约渠道")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_channels() -> dict[str, Any]:
    """What may stand in ``channel``: a token's own, where it is bound to some."""
    with transaction() as session:
        own = asker(session).channels
        found = [each for each in queries.channels(session) if own is None or each.code in own]
    items = [ChannelOut.model_validate(each, from_attributes=True) for each in found]
    return ChannelsOut(items=items).model_dump(mode="json")


@bp.get("/slots", responses={200: SlotsOut}, summary="号源")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_slots(query: SlotsQuery) -> dict[str, Any]:
    """Slots by day and time, today and two weeks unless said; full and closed ones say so."""
    with transaction() as session:
        wanted = _wanted(session, query, asker(session))
        page = queries.search(session, wanted, now(), query.cursor, query.limit)
    items = [showing.slot_out(offer) for offer in page.rows]
    return {"items": items, "next_cursor": page.next_cursor}


def own_hospital(session: Session, said: str, by: Booker) -> int:
    """A hospital by id or name, as far as the one who asks may go there. Raises Refused 404."""
    found = queries.hospital_id(session, said)
    if not by.goes_to(found):
        raise Refused("hospital_unknown", "没有这家医院，请核对名称。", 404)
    return found


def _wanted(session: Session, query: SlotsQuery, by: Booker) -> Wanted:
    first = query.from_ or local(now()).date()
    last = query.to or first + USUAL_DAYS
    if not first <= last <= first + MOST_DAYS:
        sentence = "日期范围应为先后顺序，且不超过 92 天。"
        raise Refused("range_invalid", sentence, fields={"to": sentence})
    hospital = own_hospital(session, query.hospital, by) if query.hospital else None
    department = query.department
    found = queries.department_ids(session, department, hospital) if department else []
    return Wanted(
        first,
        last,
        hospital,
        tuple(found),
        query.doctor,
        _code(ClinicKind, "kind", "号别", query.kind),
        channels.asked_for(session, query.channel, by),
        hospitals=by.hospitals,
        city=query.city,
        category=_code(ResourceKind, "category", "类别", query.category),
        item=query.item,
    )


Code = TypeVar("Code", bound=Labelled)


def _code(codes: type[Code], field: str, what: str, said: str | None) -> Code | None:
    """A member by its code or label. Raises Refused ``<field>_invalid``."""
    if not said:
        return None
    found = next((each for each in codes if said in (each.value, each.label)), None)
    if found is None:
        sentence = f"{what}应为：" + "、".join(each.label for each in codes) + "。"
        raise Refused(f"{field}_invalid", sentence, fields={field: sentence})
    return found
