"""A new schedule, or another one from a day on: previewed before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline import live
from hotline.booking import schedules
from hotline.booking.models import Campus, Department, Doctor, Hospital
from hotline.booking.places import Places
from hotline.booking.rules import ClinicKind, HalfDay
from hotline.booking.schedule_sheet import Where
from hotline.booking.schedules import Clinic
from hotline.booking.schedules_expansion import segments
from hotline.booking.schedules_fill import Filled
from hotline.booking.schedules_rules import OnHoliday, OnMakeUp, Plan, Weeks
from hotline.booking.schedules_typed import Reader, read_plan, refused
from hotline.booking.schedules_words import WEEKDAYS, in_words, typed_from
from hotline.booking.sheet import ImportReport
from hotline.calendar_models import known_days
from hotline.clock import today
from hotline.console.booking_choice import whole_number
from hotline.console.booking_schedules import bp, keepers
from hotline.console.booking_schedules_days import weeks
from hotline.console.booking_schedules_told import told
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

__all__ = ["bp"]
CHOICES = {
    "halves": HalfDay.choices(),
    "kinds": ClinicKind.choices(),
    "weeks": Weeks.choices(),
    "holidays": OnHoliday.choices(),
    "make_ups": OnMakeUp.choices(),
    "bases": [("segment", "每个时段"), ("half_day", "整个半天，平均分到各时段")],
    "weekdays": list(enumerate(WEEKDAYS, 1)),
}


def typed() -> dict[str, str]:
    """What was typed; the ticked weekdays as one word."""
    return request.form.to_dict() | {"weekdays": "".join(request.form.getlist("weekdays"))}


@bp.get("/new")
@keepers
def new() -> str:
    """An empty form for a department, or for a doctor in it."""
    with transaction() as session:
        department = _department(session, request.args)
        doctor = session.get(Doctor, request.args.get("doctor", 0, type=int))
        usual = {"valid_from": today().isoformat(), "half": "morning", "weeks": "every",
                 "units_are": "segment", "on_holiday": "closed", "on_make_up": "closed",
                 "kind": "expert" if doctor else "general",
                 "doctor": doctor.name if doctor else "",
                 "title": (doctor.title or "") if doctor else ""}  # fmt: skip
        return _form(session, department, usual, None)


def _department(session: Session, said: Mapping[str, str]) -> Department:
    found = session.get(Department, whole_number(said.get("department")) or 0)
    if found is None:
        raise Refused("department_unknown", "请先在排班页选择科室，再新建排班。", 404)
    return found


def _form(
    session: Session, department: Department, form: dict[str, str], refusal: Refused | None
) -> str:
    query = select(Doctor).where(Doctor.department_id == department.id).order_by(col(Doctor.name))
    campuses = select(Campus).where(Campus.hospital_id == department.hospital_id)
    return render(
        "booking/schedules_new.html",
        hospital=session.get_one(Hospital, department.hospital_id),
        department=department,
        doctors=session.exec(query).all(),
        campuses=[each.name for each in session.exec(campuses)],
        this_week=today().isocalendar().week,
        **shown(session, form, refusal),
    )


def shown(session: Session, form: dict[str, str], refusal: Refused | None) -> dict[str, Any]:
    """What the fields and the preview need."""
    plan = read_plan(Reader(form))
    values = {"form": form, "errors": refusal.fields if refusal else {}, "choices": CHOICES,
              "notice": refusal.message if refusal and not refusal.fields else None}  # fmt: skip
    return values | _preview(session, plan)


def _preview(session: Session, plan: Plan | None) -> dict[str, Any]:
    if plan is None:
        return {"plan": None}
    first = max(today(), plan.valid_from)
    days = weeks(plan, known_days(session), first)
    return {"plan": plan, "sentence": in_words(plan), "days": days, "parts": segments(plan)}


@bp.post("/preview")
@keepers
def preview() -> str:
    """What the schedule would come to in four weeks."""
    with transaction() as session:
        return render("booking/_schedules_preview.html", **shown(session, typed(), None))


@bp.post("/new")
@keepers
def create() -> Response | tuple[str, int]:
    """Save it; its slots are there at once."""
    form = typed()
    try:
        with transaction() as session:
            plan, fee = _read(form)
            clinic = _clinic(session, form)
            row, filled = schedules.add(session, clinic, plan, fee)
            tell(session, filled)
            address = url_for("schedules.show", schedule_id=row.id)
    except Refused as refusal:
        with transaction() as session:
            return _form(session, _department(session, form), form, refusal), 422
    return redirect(address)


def _read(form: dict[str, str]) -> tuple[Plan, Decimal | None]:
    reader = Reader(form)
    plan, fee = read_plan(reader), reader.fee("fee")
    if plan is None or reader.faults:
        raise refused(reader.faults)
    return plan, fee


def _clinic(session: Session, form: dict[str, str]) -> Clinic:
    department = _department(session, form)
    hospital = session.get_one(Hospital, department.hospital_id)
    kind = ClinicKind.known(form.get("kind"))
    if kind is None:
        raise refused({"kind": "请选择号别。"})
    names = {name: form.get(name, "").strip() for name in ("doctor", "title", "campus")}
    if len(names["doctor"]) > 40:
        raise refused({"doctor": "不能超过 40 个字。"})
    where = Where(hospital.name, names["campus"][:40], department.name, names["doctor"], kind,
                  city=hospital.city)  # fmt: skip
    places = Places(session, ImportReport(""), hospital.city)
    return Clinic(*places.resource(where, names["title"][:30]))


def tell(session: Session, filled: Filled) -> None:
    """Say what came of it, and let the panels look again."""
    counts = f"新增 {filled.added} 个时段，改 {filled.changed} 个，撤下 {filled.removed} 个"
    flash(f"已保存：{counts}。")
    if filled.beyond:
        flash(f"{len(filled.beyond)} 个时段约出的号超出新排班，请在排班页逐个停诊并通知患者。")
    live.publish(session, "bookings", "bookings", {})


@bp.get("/<int:schedule_id>/change")
@keepers
def change(schedule_id: int) -> str:
    """The schedule as it is, to be another from a day on."""
    with transaction() as session:
        row = schedules.get(session, schedule_id)
        begins = max(today(), row.valid_from)
        form = typed_from(row.plan(), row.fee) | {"valid_from": begins.isoformat()}
        return _change_form(session, schedule_id, form, None)


@bp.post("/<int:schedule_id>/change")
@keepers
def save_change(schedule_id: int) -> Response | tuple[str, int]:
    """From the day that was typed."""
    form = typed()
    try:
        with transaction() as session:
            plan, fee = _read(form)
            row, filled = schedules.change_from(session, schedule_id, plan.valid_from, plan, fee)
            tell(session, filled)
            address = url_for("schedules.show", schedule_id=row.id)
    except Refused as refusal:
        if "from_day" in refusal.fields:
            refusal.fields["valid_from"] = refusal.fields.pop("from_day")
        with transaction() as session:
            return _change_form(session, schedule_id, form, refusal), 422
    return redirect(address)


def _change_form(
    session: Session, schedule_id: int, form: dict[str, str], refusal: Refused | None
) -> str:
    row = schedules.get(session, schedule_id)
    (one,) = told(session, type(row).id == row.id)
    values = shown(session, form, refusal) | {"this_week": today().isocalendar().week}
    return render("booking/schedules_change.html", one=one, **values)
