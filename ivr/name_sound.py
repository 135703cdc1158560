"""The moment in which a new patient said the name, for who writes it down."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from sqlmodel import Session, col, select

from hotline import access
from hotline.agents.rules import DESK_ROLES
from hotline.booking import name_checks
from hotline.booking.name_models import NameCheck
from hotline.calls.confidential import reader
from hotline.calls.models import Call, CallTurn
from hotline.calls.service import find_call
from hotline.calls.voice_rules import Outcome
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from ivr.dialogue.state import Step
from ivr.recording import has_recording, read
from ivr.turn_sound import piece_of, span_of, wav

bp = Blueprint("name_sound", __name__, url_prefix="/names/sound")
GONE = "这通来电没有录音，或已过保留期。请打电话核对。"


@bp.get("/<int:check_id>")
@access.allowed(*DESK_ROLES)
def player(check_id: int) -> str:
    """A player of the name, or why there is none."""
    with transaction() as session:
        check, _ = name_checks.get(session, check_id)
        if _found(session, check) is None:
            return render("voice/_sound.html", address=None, why=GONE)
    address = url_for("name_sound.piece", check_id=check_id)
    return render("voice/_sound.html", address=address, why="")


@bp.get("/<int:check_id>.wav")
@access.allowed(*DESK_ROLES)
def piece(check_id: int) -> Response:
    """The name as a WAV of the caller alone. On record in the audit log."""
    with transaction() as session:
        check, _ = name_checks.get(session, check_id)
        found = _found(session, check)
        if found is None:
            raise Refused("recording_unknown", GONE, 404)
        turn, call = found
        content = wav(piece_of(turn, read(session, call, reader())))
    return Response(content, mimetype="audio/wav", headers={"Cache-Control": "no-store"})


def _found(session: Session, check: NameCheck) -> tuple[CallTurn, Call] | None:
    """The turn in which the name was said last before it was used; None without its sound."""
    query = select(CallTurn).where(
        CallTurn.call_uid == check.call_uid,
        CallTurn.expects == Step.NAME.value,
        CallTurn.outcome == Outcome.SPEECH.value,
        col(CallTurn.at) <= check.heard_at,
    )
    turn = session.exec(query.order_by(col(CallTurn.position).desc())).first()
    call = find_call(session, check.call_uid)
    if turn is None or call is None or span_of(turn) is None or not has_recording(call):
        return None
    return turn, call
