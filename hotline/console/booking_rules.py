"""Hospitals' rules: what they mean today, new rows from a day on, rows to come taken back."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import DESK_ROLES, Role
from hotline.booking import channels, ruling
from hotline.booking.policy import RuleName
from hotline.booking.rules import ClinicKind
from hotline.booking.ruling import NewRule
from hotline.clock import today
from hotline.console import booking_policies
from hotline.console.booking import bp
from hotline.console.booking_choice import whole_number
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, what_is_wrong

__all__ = ["bp"]
CITY = "city:"


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
            row = ruling.add(session, _rule(request.form.to_dict()))
    except Refused as refusal:
        return _page(request.form.to_dict(), refusal), 422
    flash(f"已保存，{row.effective_on:%Y-%m-%d} 起生效。")
    return redirect(url_for("booking.rules"))


@bp.post("/rules/<int:rule_id>/withdraw")
@access.allowed(Role.ADMIN)
def withdraw_rule(rule_id: int) -> Response:
    """Take back a row whose day has not come."""
    with transaction() as session:
        ruling.withdraw(session, rule_id, request.form.get("reason", ""))
    flash("已撤销，这条规则不会生效。")
    return redirect(url_for("booking.rules"))


def _page(typed: dict[str, str], refusal: Refused | None) -> str:
    with transaction() as session:
        found = booking_policies.every_hospital(session)
        cities = sorted({one.hospital.city for one in found})
        return render(
            "booking/rules.html",
            hospitals=found,
            usual={one.hospital.city: one for one in reversed(found) if one.is_like_city},
            shared=booking_policies.shared_rows(session),
            whose=[(f"{CITY}{city}", f"{city}全部医院") for city in cities]
            + [(str(one.hospital.id), one.hospital.name) for one in found],
            channels=[(one.code, one.name) for one in channels.every(session) if one.is_active],
            kinds=ClinicKind.choices(),
            names=RuleName.choices(),
            form={"effective_on": today().isoformat(), **typed},
            **what_is_wrong(refusal),
        )


def _rule(typed: dict[str, str]) -> NewRule:
    name = RuleName.known(typed.get("name"))
    if name is None:
        raise _bad("name", "请选择规则。")
    city, hospital = _whose(typed.get("hospital", ""))
    return NewRule(
        name,
        typed.get("value", "").strip(),
        _day(typed),
        city,
        hospital,
        typed.get("channel") or None,
        ClinicKind.known(typed.get("kind")),
    )


def _whose(said: str) -> tuple[str | None, int | None]:
    if said.startswith(CITY):
        return said.removeprefix(CITY)[:20], None
    key = whole_number(said)
    if key is None:
        raise _bad("hospital", "请选择医院。")
    return None, key


def _day(typed: dict[str, str]) -> date:
    try:
        return date.fromisoformat(typed.get("effective_on", ""))
    except ValueError:
        raise _bad("effective_on", "请填写生效日期，例如 2026-12-01。") from None


def _bad(field: str, sentence: str) -> Refused:
    return Refused("rule_invalid", sentence, fields={field: sentence})
