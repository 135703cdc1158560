"""Logging by hand a call the switchboard did not tell of (补录)."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import DESK_ROLES
from hotline.calls import service
from hotline.calls.models import Call
from hotline.calls.rules import Direction
from hotline.clock import from_local, local, now
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("manual", __name__, url_prefix="/calls/register")
DIRECTIONS = [(code.value, code.label) for code in (Direction.INBOUND, Direction.OUTBOUND)]


@bp.get("")
@access.allowed(*DESK_ROLES)
def form() -> str:
    """The form, set to a call that has just ended."""
    just_now = local(now() - timedelta(minutes=5))
    return _page({"started_at": just_now.strftime("%Y-%m-%dT%H:%M"), "minutes": "5"})


@bp.post("")
@access.allowed(*DESK_ROLES)
def register() -> tuple[str, int] | Response:
    """Keep the call, then sort it at the desk like any other."""
    try:
        call = _registered()
    except Refused as refusal:
        return _page(request.form.to_dict(), refusal), refusal.status
    flash(f"来电 {call.call_no} 已补录，请登记分类和结果。")
    return redirect(url_for("desk.work", call_no=call.call_no))


def _registered() -> Call:
    started_at, minutes = _started_at(), _minutes()
    with transaction() as session:
        return service.register_call(
            session,
            caller=request.form.get("caller", "")[:40],
            started_at=started_at,
            ended_at=min(started_at + timedelta(minutes=minutes), max(now(), started_at)),
            agent=access.person().username,
            caller_name=request.form.get("caller_name"),
            direction=Direction.known(request.form.get("direction")) or Direction.INBOUND,
        )


def _started_at() -> datetime:
    try:
        return from_local(datetime.fromisoformat(request.form.get("started_at", "")))
    except ValueError:
        sentence = "请填写开始时间，例如 2026-11-21 09:30。"
        raise Refused("started_at_invalid", sentence, fields={"started_at": sentence}) from None


def _minutes() -> int:
    minutes = request.form.get("minutes", type=int)
    if minutes is None or not 0 <= minutes <= 24 * 60:
        sentence = "通话分钟数应为 0 到 1440 的整数。"
        raise Refused("minutes_invalid", sentence, fields={"minutes": sentence})
    return minutes


def _page(typed: dict[str, str], refusal: Refused | None = None) -> str:
    return render(
        "calls/register.html",
        form=typed,
        errors=refusal.fields if refusal else {},
        notice=refusal.message if refusal and not refusal.fields else None,
        directions=DIRECTIONS,
    )
