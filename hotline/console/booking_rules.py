"""Hospitals' rules: what they mean today, and new rows from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from werkzeug.wrappers import Response

from hotline import access, audit
from hotline.agents.rules import DESK_ROLES, Role
from hotline.booking.models import BookingRule, Hospital
from hotline.booking.policy import WITHDRAWN, RuleName, read_value
from hotline.clock import today
from hotline.console import booking_policies
from hotline.console.booking import bp
from hotline.console.booking_choice import whole_number
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

__all__ = ["bp"]


@bp.get("/rules")
@access.allowed(*DESK_ROLES, Role.MANAGER, Role.ADMIN)
def rules() -> str:
    """Each hospital in one sentence."""
    return _page({}, None)


@bp.post("/rules")
@access.allowed(Role.ADMIN)
def add_rule() -> Response | tuple[str, int]:
    """A new row from a day on. Rows are never changed: what held on a day stays known."""
    try:
        with transaction() as session:
            row = _row(session, request.form.to_dict())
            _add(session, row)
    except Refused as refusal:
        return _page(request.form.to_dict(), refusal), 422
    flash(f"已保存，{row.effective_on:%Y-%m-%d} 起生效。")
    return redirect(url_for("booking.rules"))


def _page(typed: dict[str, str], refusal: Refused | None) -> str:
    with transaction() as session:
        found = booking_policies.every_hospital(session)
        return render(
            "booking/rules.html",
            hospitals=found,
            shared=booking_policies.shared_rows(session),
            choices=[(one.hospital.id, one.hospital.name) for one in found],
            names=RuleName.choices(),
            form={"effective_on": today().isoformat(), **typed},
            errors=refusal.fields if refusal else {},
            notice=refusal.message if refusal else None,
        )


def _row(session: Session, typed: dict[str, str]) -> BookingRule:
    name = RuleName.known(typed.get("name"))
    if name is None:
        raise _bad("name", "请选择规则。")
    value = typed.get("value", "").strip()
    try:
        if value != WITHDRAWN:
            read_value(name, value)
    except Refused as refusal:
        raise _bad("value", refusal.message) from None
    return BookingRule(name=name.value, value=value, effective_on=_day(typed),
                       hospital_id=_hospital(session, typed))  # fmt: skip


def _day(typed: dict[str, str]) -> date:
    try:
        day = date.fromisoformat(typed.get("effective_on", ""))
    except ValueError:
        raise _bad("effective_on", "请填写生效日期，例如 2026-12-01。") from None
    if day < today():
        raise _bad("effective_on", "生效日期不能早于今天：过去的规则不改。")
    return day


def _hospital(session: Session, typed: dict[str, str]) -> int:
    key = whole_number(typed.get("hospital"))
    hospital = session.get(Hospital, key) if key is not None else None
    if hospital is None or hospital.id is None:
        raise _bad("hospital", "请选择医院。")
    return hospital.id


def _add(session: Session, row: BookingRule) -> None:
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise _bad("effective_on", "这家医院这条规则在这一天已有一行，请换一个生效日期。") from None
    detail: dict[str, Any] = {"rule": row.name, "value": row.value, "from": str(row.effective_on)}
    audit.record(session, audit.Action.RECORD_CHANGED, f"hospital:{row.hospital_id}", detail=detail)


def _bad(field: str, sentence: str) -> Refused:
    return Refused("rule_invalid", sentence, fields={field: sentence})
