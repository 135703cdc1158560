"""排班: the list of schedules, found by place, and as files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from hotline import access, audit
from hotline.agents.rules import Role
from hotline.booking import schedules_sheet
from hotline.booking.exporting import as_csv
from hotline.booking.models import Resource, Schedule
from hotline.clock import today
from hotline.console import booking_places
from hotline.console.booking_choice import Choice, Where, choice_of, where
from hotline.console.booking_schedules_told import PAGE, Told, beyond, told, waiting
from hotline.console.tables import Column, Listing
from hotline.db import transaction
from hotline.web import Page, decode_cursor, encode_cursor, render

bp = Blueprint("schedules", __name__, url_prefix="/booking/schedules")
keepers = access.allowed(Role.SUPERVISOR, Role.ADMIN)
MOST_COUNTED = 10_000
COLUMNS = (
    Column("place", "医院、科室"),
    Column("clinic", "门诊"),
    Column("days", "星期"),
    Column("time", "时间", is_short=False),
    Column("units", "号数", is_short=False),
    Column("fee", "挂号费", is_number=True),
    Column("valid", "有效期", is_short=False),
    Column("special", "节假日、调休", is_default=False),
)
STATES = (("now", "现行"), ("future", "未生效"), ("past", "已结束"), ("all", "全部"))


@bp.get("")
@keepers
def index() -> str:
    """Schedules of a place, and what waits for somebody."""
    with transaction() as session:
        choice = choice_of(request.args)
        place = where(session, choice)
        return render(
            "booking/schedules.html",
            listing=Listing(COLUMNS, _search(session, place), link=_address),
            place=place,
            choice=choice,
            states=STATES,
            beyond=beyond(session),
            waiting=waiting(session),
        )


def _search(session: Session, place: Where) -> Page[Told]:
    wanted = [*_within(place), *_state(request.args.get("state") or "now")]
    inner = select(Schedule.id).join(Resource, col(Resource.id) == Schedule.resource_id)
    counted = inner.where(*wanted).limit(MOST_COUNTED + 1).subquery()
    total = session.exec(select(func.count()).select_from(counted)).one()
    if (after := decode_cursor(request.args.get("cursor"), 1)) is not None:
        wanted.append(col(Schedule.id) > int(after[0]))
    rows = told(session, *wanted, most=PAGE + 1)
    more = encode_cursor(rows[PAGE - 1].row.key) if len(rows) > PAGE else None
    return Page(rows[:PAGE], more, min(total, MOST_COUNTED), total > MOST_COUNTED)


def _within(place: Where) -> list[Any]:
    if place.doctor is not None:
        return [Resource.doctor_id == place.doctor.id]
    if place.department is not None:
        return [Schedule.department_id == place.department.id]
    return [Schedule.hospital_id == place.hospital.id] if place.hospital else []


def _state(said: str) -> list[Any]:
    begins, ends = col(Schedule.valid_from), col(Schedule.valid_until)
    return {
        "now": [begins <= today(), or_(ends.is_(None), ends >= today())],
        "future": [begins > today()],
        "past": [ends < today()],
    }.get(said, [])


def _address(row: Told) -> str:
    return url_for("schedules.show", schedule_id=row.row.id)


@bp.get("/places")
@keepers
def places() -> Response:
    """Hospitals, departments and doctors for what was typed so far."""
    asked = choice_of(request.args)
    with transaction() as session:
        found = booking_places.find(
            session, request.args.get("q", "")[:40], asked.hospital, asked.department
        )
    target = f"schedules.{request.args.get('then', 'index')}"
    endpoint = target if target in ("schedules.index", "schedules.week") else "schedules.index"
    return jsonify(
        places=[
            {"kind": one.kind, "name": one.name, "beyond": one.beyond, "left": one.left,
             "address": Choice().at(endpoint, **{one.kind: one.id})}
            for one in found
        ]
    )  # fmt: skip


@bp.get("/export")
@keepers
def export() -> Response:
    """The schedules of a place as a file that can be imported again."""
    choice = choice_of(request.args)
    is_xlsx = request.args.get("format") == "xlsx"
    with transaction() as session:
        place = where(session, choice)
        rows = list(
            schedules_sheet.rows(
                session, today(), place.hospital.id if place.hospital else None,
                place.department.id if place.department else None,
            )
        )  # fmt: skip
        detail = {"rows": len(rows) - 1}
        audit.record(session, audit.Action.EXPORTED, "schedules", detail=detail)
    body = schedules_sheet.as_xlsx(iter(rows)) if is_xlsx else "".join(as_csv([rows]))
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.sheet" if is_xlsx else "csv"
    name = f"schedules-{today():%Y%m%d}.{'xlsx' if is_xlsx else 'csv'}"
    return Response(
        body,
        mimetype=f"application/{kind}" if is_xlsx else "text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )
