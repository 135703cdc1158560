"""A patient as a supervisor sees them: document, mobiles, bookings, bans; what may be decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response

from hotline import access, audit, phone
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.booking import bans, id_numbers, names
from hotline.booking.models import Ban, Booking, Patient, PatientAccount
from hotline.clock import local, now
from hotline.console.booking import bp
from hotline.console.booking_told import Told, told
from hotline.console.tables import Column, Listing
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor, render, what_is_wrong

__all__ = ["bp"]
supervisors = access.allowed(Role.SUPERVISOR)
PAGE = 20
COLUMNS = (
    Column("no", "预约号"),
    Column("when", "就诊时间"),
    Column("place", "医院科室"),
    Column("mobile", "手机", is_default=False),
    Column("state", "状态"),
    Column("channel", "渠道", is_default=False),
    Column("made", "预约时间"),
)
# What may be shown whole, for a reason.
HIDDEN: dict[str, Callable[[PatientAccount, Patient], str]] = {
    "name": lambda account, _: account.name,
    "mobile": lambda account, _: phone.national(account.mobile),
    "id_number": lambda _, patient: patient.id_number,
}


@bp.get("/patients/<int:patient_id>")
@supervisors
def patient_file(patient_id: int) -> str:
    """One patient, masked."""
    return _page(patient_id, {}, None)


def _page(patient_id: int, typed: dict[str, str], refusal: Refused | None) -> str:
    with transaction() as session:
        patient = _patient(session, patient_id)
        if refusal is None:
            audit.record(session, audit.Action.RECORD_READ, f"patient:{patient_id}")
        at = now()
        return render(
            "booking/patient_file.html",
            patient=patient,
            id_number=id_numbers.mask(patient.id_number),
            accounts=_accounts(session, patient_id),
            mask_name=names.mask,
            bans=_bans(session, patient_id),
            standing=bans.standing(session, patient_id, at),
            at=at,
            names=dict(session.exec(select(Person.id, Person.name)).all()),
            listing=Listing(COLUMNS, _bookings(session, patient_id), link=_address),
            form=typed,
            **what_is_wrong(refusal),
        )


def _patient(session: Session, patient_id: int) -> Patient:
    patient = session.get(Patient, patient_id)
    if patient is None:
        raise Refused("patient_unknown", "没有找到这位就诊人。", 404)
    return patient


def _accounts(session: Session, patient_id: int) -> list[PatientAccount]:
    query = select(PatientAccount).where(PatientAccount.patient_id == patient_id)
    return list(session.exec(query.order_by(col(PatientAccount.id))))


def _bans(session: Session, patient_id: int) -> list[Ban]:
    query = select(Ban).where(Ban.patient_id == patient_id)
    return list(session.exec(query.order_by(col(Ban.id).desc()).limit(PAGE)))


def _bookings(session: Session, patient_id: int) -> Page[Told]:
    wanted: list[Any] = [Booking.patient_id == patient_id, col(Booking.booking_no).is_not(None)]
    total = session.exec(select(func.count()).select_from(Booking).where(*wanted)).one()
    if (after := decode_cursor(request.args.get("cursor"), 1)) is not None:
        wanted.append(col(Booking.id) < int(after[0]))
    rows = told(session, *wanted, most=PAGE + 1)
    more = encode_cursor(rows[PAGE - 1].booking.key) if len(rows) > PAGE else None
    return Page(rows[:PAGE], more, total)


def _address(row: Told) -> str:
    return url_for("booking.show", number=row.booking.booking_no)


@bp.post("/patients/<int:patient_id>/ban")
@supervisors
def ban_patient(patient_id: int) -> Response | tuple[str, int]:
    """No bookings for so many days."""
    form = request.form
    try:
        with transaction() as session:
            days = form.get("days", type=int)
            ban = bans.set_ban(session, patient_id, days, form.get("reason", ""))
            until = ban.until_at
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return _page(patient_id, form.to_dict(), refusal), 422
    flash(f"已停约，到 {local(until):%Y-%m-%d} 为止；已有的预约不受影响。")
    return redirect(url_for("booking.patient_file", patient_id=patient_id))


@bp.post("/bans/<int:ban_id>/lift")
@supervisors
def lift_ban(ban_id: int) -> Response:
    """The patient may book again."""
    return _settle(select(Ban.patient_id).where(Ban.id == ban_id),
                   lambda session, why: bans.lift_ban(session, ban_id, why),
                   "已解除停约，现在可以预约。")  # fmt: skip


@bp.post("/accounts/<int:account_id>/free")
@supervisors
def free_place(account_id: int) -> Response:
    """解绑: the mobile has room for somebody else."""
    return _settle(select(PatientAccount.patient_id).where(PatientAccount.id == account_id),
                   lambda session, why: bans.free_place(session, account_id, why),
                   "已解绑，这个手机号空出一个名额。")  # fmt: skip


def _settle(whose: Any, deed: Callable[[Session, str], object], words: str) -> Response:
    """Do it; what speaks against it is said on the patient's page. Raises Refused 404."""
    with transaction() as session:
        patient = session.exec(whose).first()
    try:
        with transaction() as session:
            deed(session, request.form.get("reason", ""))
        flash(words)
    except Refused as refusal:
        if patient is None or refusal.fields:
            raise
        flash(refusal.message, "danger")
    return redirect(url_for("booking.patient_file", patient_id=patient))


@bp.post("/accounts/<int:account_id>/reveal/<any(name, mobile, id_number):what>")
@supervisors
def reveal_account(account_id: int, what: str) -> dict[str, str]:
    """Name, mobile or ID number in full, for a reason that goes on record."""
    reason = request.form.get("reason", "").strip()
    if not 2 <= len(reason) <= 200:
        sentence = "请填写查看的原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    with transaction() as session:
        account = session.get(PatientAccount, account_id)
        if account is None:
            raise Refused("account_unknown", "没有找到这个就诊人。", 404)
        audit.record(session, audit.Action.NUMBER_REVEALED, f"patient:{account.patient_id}",
                     reason=reason, detail={"what": what})  # fmt: skip
        return {"value": HIDDEN[what](account, _patient(session, account.patient_id))}
