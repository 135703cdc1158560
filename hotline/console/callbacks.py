"""Callers who gave up and are to be called back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.models import Person
from hotline.agents.rules import DESK_ROLES, Role
from hotline.calls import callbacks as duties
from hotline.calls.models import Call, Callback, CallbackAttempt
from hotline.calls.rules import MOST_ATTEMPTS, AttemptResult
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("callbacks", __name__, url_prefix="/callbacks")
DONE_SHOWN = 20


@bp.get("")
@access.allowed(*DESK_ROLES)
def index() -> str:
    """Who waits for our call, longest first, and what was done lately."""
    return _page("callbacks/index.html")


@bp.get("/list")
@access.passive
@access.allowed(*DESK_ROLES)
def part() -> str:
    """The live part of the page."""
    return _page("callbacks/_list.html")


def _page(template: str) -> str:
    with transaction() as session:
        page = duties.open_callbacks(session, request.args.get("cursor"))
        waiting = page.rows
        done = list(
            session.exec(
                select(Callback)
                .where(col(Callback.closed_at).is_not(None))
                .order_by(col(Callback.closed_at).desc())
                .limit(DONE_SHOWN)
            )
        )
        return render(
            template,
            page=page,
            waiting=waiting,
            done=done,
            calls=_calls(session, [*waiting, *done]),
            attempts=_attempts(session, waiting),
            names=dict(session.exec(select(Person.id, Person.name)).all()),
            results=list(AttemptResult),
            most_attempts=MOST_ATTEMPTS,
        )


def _calls(session: Session, of: list[Callback]) -> dict[int | None, Call]:
    ids = [duty.call_id for duty in of]
    return {call.id: call for call in session.exec(select(Call).where(col(Call.id).in_(ids)))}


def _attempts(session: Session, of: list[Callback]) -> dict[int, list[CallbackAttempt]]:
    ids = [duty.id for duty in of]
    query = select(CallbackAttempt).where(col(CallbackAttempt.callback_id).in_(ids))
    found: dict[int, list[CallbackAttempt]] = {}
    for attempt in session.exec(query.order_by(col(CallbackAttempt.at))):
        found.setdefault(attempt.callback_id, []).append(attempt)
    return found


@bp.post("/<int:callback_id>/claim")
@access.allowed(*DESK_ROLES)
def claim(callback_id: int) -> Response:
    """I will call this one back."""
    with transaction() as session:
        who = access.person()
        may_take_over = who.role is Role.SUPERVISOR
        duties.claim_callback(session, callback_id, who.key, may_take_over=may_take_over)
    flash("已认领，请尽快回拨并登记结果。")
    return redirect(url_for("callbacks.index", _anchor=f"callback-{callback_id}"))


@bp.post("/<int:callback_id>/attempt")
@access.allowed(*DESK_ROLES)
def attempt(callback_id: int) -> Response:
    """What came of one attempt."""
    result = AttemptResult.known(request.form.get("result"))
    if result is None:
        raise Refused("result_missing", "请选择回拨结果。", fields={"result": "请选择回拨结果。"})
    with transaction() as session:
        duty = duties.record_callback_attempt(
            session, callback_id, result, access.person().key, request.form.get("note")
        )
    flash(f"已登记：{result.label}，这条回拨{duty.state.label}。")
    return redirect(url_for("callbacks.index"))
