"""The telephone on the desk, where no PBX does what the buttons say."""

from __future__ import annotations

import secrets

from flask import flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from hotline import access, settings
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence
from hotline.agents.service import get_person
from hotline.calls import desk as telephone
from hotline.calls.aliases import is_at_pbx
from hotline.calls.models import Call
from hotline.console import desk_data
from hotline.console.desk import bp, desk_people, is_mine
from hotline.db import transaction
from hotline.errors import Refused

__all__ = ["bp"]


@bp.post("/<call_no>/<any(answer, hold, resume, end):deed>")
@desk_people
def use_telephone(call_no: str, deed: str) -> Response:
    """What the agent does with the telephone where no PBX does it."""
    me = access.person()
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        _require_here(session, call)
        if deed == "answer":
            telephone.answer(session, call, me.username)
        else:
            _require_mine(call)
            {"hold": telephone.hold, "resume": telephone.resume, "end": telephone.end}[deed](
                session, call
            )
    if request.headers.get("HX-Request"):  # the page stays, and with it the sound of the call
        return Response(status=204, headers={"HX-Trigger": "call-changed"})
    return redirect(url_for("desk.work", call_no=call_no))


def _require_here(session: Session, call: Call) -> None:
    if is_at_pbx(session, call.call_uid):
        sentence = "这通来电在话机上：请用话机接听、保持、转接、挂断，这里会自动跟上。"
        raise Refused("telephone_at_pbx", sentence, 409)


def _require_mine(call: Call) -> None:
    if not is_mine(call):
        raise Refused("not_your_call", "这通来电由其他坐席处理。", 403)


@bp.post("/<call_no>/transfer")
@desk_people
def transfer(call_no: str) -> Response:
    """Pass the caller on to a colleague."""
    to = request.form.get("to", "").strip()
    if not to:
        raise Refused("target_missing", "请选择转给谁。", fields={"to": "请选择转给谁。"})
    me = access.person()
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        _require_here(session, call)
        _require_mine(call)
        there = {one.username: one for one in desk_data.colleagues(session, me.key)}
        if to in there:
            call = telephone.transfer(session, call, me.username, to)
            telephone.ring(session, call, to)
            _be_ready(session, me.key)
    if to not in there:
        flash("这位同事刚刚离线，来电人还在您这里。请另选一位。", "danger")
        return redirect(url_for("desk.work", call_no=call_no))
    flash(f"已转给{there[to].name}。对方能看到您的记录，来电人不用重复。")
    return redirect(url_for("desk.index"))


def _be_ready(session: Session, person_id: int) -> None:
    """Who passed the call on has nothing to wrap up: the colleague will."""
    if get_person(session, person_id).presence is Presence.WRAP_UP:
        set_presence(session, person_id, Presence.READY)


@bp.post("/practice")
@desk_people
def practice() -> Response:
    """In demonstration mode a made-up call can be had for the asking."""
    if not settings.current().demo:
        raise Refused("demo_only", "只有演示模式才能模拟来电。", 403)
    with transaction() as session:
        call = telephone.start(session, f"1390000{secrets.randbelow(10_000):04d}", called="12320")
        call.is_demo = True
        telephone.queue(session, call, "综合咨询")
        telephone.ring(session, call, access.person().username)
    return redirect(url_for("desk.index"))
