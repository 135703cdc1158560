"""The agent's desk: the call at hand and everything beside it, or the wait for the next one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit, settings
from hotline.agents.rules import DESK_ROLES
from hotline.calls import service
from hotline.calls.aliases import is_at_pbx
from hotline.calls.confidential import content, reader, require_readable
from hotline.calls.models import Call
from hotline.calls.rules import Disposition
from hotline.calls.wrap_up import WrapUp, suggest_for, wrap_up
from hotline.classification import service as sorting
from hotline.console import desk_data, voice_turns
from hotline.console.assist import assistance
from hotline.console.scripts import SCRIPTS
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("desk", __name__, url_prefix="/desk")
PAST_SHOWN, MOST_VISITS = 8, 50
desk_people = access.allowed(*DESK_ROLES)


@bp.get("")
@desk_people
def index() -> str | AnyResponse:
    """The call at hand, or how the day goes while nobody is on the line."""
    me = access.person().key
    with transaction() as session:
        if call := desk_data.call_at_hand(session, me):
            return redirect(url_for("desk.work", call_no=call.call_no))
        return render("desk/idle.html", **desk_data.idle(session, me, reader()))


@bp.get("/now")
@access.passive
@desk_people
def now() -> str | AnyResponse:
    """The waiting desk's live part; a call that began sends the page to it."""
    me = access.person().key
    with transaction() as session:
        if call := desk_data.call_at_hand(session, me):
            address = url_for("desk.work", call_no=call.call_no)
            return Response(status=204, headers={"HX-Redirect": address})
        return render("desk/_now.html", **desk_data.idle(session, me, reader()))


@bp.get("/<call_no>")
@desk_people
def work(call_no: str) -> str | AnyResponse:
    """One call and everything beside it."""
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        if not is_mine(call) and "calls.show" in current_app.view_functions:
            return redirect(url_for("calls.show", call_no=call_no))
        require_readable(call, reader())
        audit.record(session, audit.Action.RECORD_READ, call.subject)
        return _page(session, call, _as_form(call), {})


def is_mine(call: Call) -> bool:
    """Whether this person may work on the call."""
    who = access.person()
    return who.role.value == "supervisor" or who.key in (call.agent_id, call.wrapped_up_by)


def _as_form(call: Call) -> dict[str, Any]:
    kept = ("category", "subcategory", "disposition", "summary", "result", "follow_up",
            "caller_name", "confidential")  # fmt: skip
    return {name: getattr(call, name) for name in kept}


def _page(session: Session, call: Call, form: dict[str, Any], errors: dict[str, str]) -> str:
    note = desk_data.note_of(session, call)
    history = service.caller_history(session, call.caller_hash, limit=MOST_VISITS + 1)
    past = [one for one in history if one.id != call.id]
    found = suggest_for(session, call)
    return render(
        "desk/call.html",
        call=call,
        form=form,
        errors=errors,
        note=note,
        history=[(one, content(one, reader())) for one in past[:PAST_SHOWN]],
        visits=len(past),
        most_visits=MOST_VISITS,
        heard=desk_data.heard_slots(session, call.call_uid),
        turns=voice_turns.conversation(session, call, readable=True),
        choices=desk_data.choices(session, call),
        labels=sorting.labels(session),
        assistance=assistance(note.text, found, sorting.labels(session)),
        alerts=desk_data.alerts_of(session, call),
        colleagues=desk_data.colleagues(session, access.person().key),
        dispositions=list(Disposition),
        scripts=SCRIPTS,
        wrap_up_seconds=settings.current().wrap_up_seconds,
        is_at_pbx=is_at_pbx(session, call.call_uid),
    )


@bp.get("/<call_no>/bar")
@access.passive
@desk_people
def bar(call_no: str) -> str:
    """State, clock and telephone buttons of a call."""
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        there = is_at_pbx(session, call.call_uid)
    seconds = settings.current().wrap_up_seconds
    return render("desk/_bar.html", call=call, wrap_up_seconds=seconds, is_at_pbx=there)


@bp.get("/<call_no>/note")
@desk_people
def note(call_no: str) -> Response:
    """The draft as it is kept."""
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        require_readable(call, reader())
        kept = desk_data.note_of(session, call)
    return jsonify(text=kept.text, version=kept.version)


@bp.put("/<call_no>/note")
@desk_people
def save_note(call_no: str) -> Response:
    """Keep the draft, and say what its words suggest."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    version = request.form.get("version", 0, type=int)
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        require_readable(call, reader())
        kept = desk_data.note_of(session, call)
        if kept.text != text:  # sent twice, by a page that was left and by the next: no conflict
            kept = service.save_note(session, call.call_uid, text, version, access.person().key)
        found = suggest_for(session, call)
        helped = assistance(text, found, sorting.labels(session))
    return jsonify(version=kept.version, saved_at=kept.saved_at.isoformat(), **helped)


@bp.post("/<call_no>/finish")
@desk_people
def finish(call_no: str) -> tuple[str, int] | AnyResponse:
    """Sort and settle the call; then the next one."""
    try:
        with transaction() as session:
            call = desk_data.get_call(session, call_no)
            settled = wrap_up(session, call.call_uid, _wrap_up(session, call), reader())
    except Refused as refusal:
        if not refusal.fields:
            raise
        return _again(call_no, refusal), refusal.status
    flash(f"来电 {call_no} 已登记：{settled.disposition.label if settled.disposition else ''}。")
    return redirect(url_for("desk.index"))


def _wrap_up(session: Session, call: Call) -> WrapUp:
    form = request.form
    draft = desk_data.note_of(session, call).text
    return WrapUp(
        category=form.get("category", ""),
        subcategory=form.get("subcategory") or None,
        disposition=form.get("disposition", ""),
        # A summary of its own is not asked for: what was typed while talking is one.
        summary=form.get("summary") or draft[:4000],
        result=form.get("result"),
        follow_up=form.get("follow_up"),
        caller_name=form.get("caller_name"),
        confidential=form.get("confidential") == "yes",
    )


def _again(call_no: str, refusal: Refused) -> str:
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        return _page(session, call, request.form.to_dict(), refusal.fields)
