"""A call's recording for a supervisor's browser: from any place, so that one can move in it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request, url_for

from hotline import access
from hotline.agents.rules import Role
from hotline.calls.confidential import can_read, reader
from hotline.calls.models import Call
from hotline.console import desk_data
from hotline.db import transaction
from ivr.recording import has_recording, open_recording, wav_length

bp = Blueprint("call_sound", __name__)


@bp.app_template_global()
def recording_address(call: Call) -> str | None:
    """Where this reader finds the recording; None for who may not listen, or without one."""
    who = reader()
    if not who.is_supervisor or not can_read(call, who) or not has_recording(call):
        return None
    return url_for("call_sound.recording", call_no=call.call_no)


@bp.get("/calls/<call_no>/recording.wav")
@access.allowed(Role.SUPERVISOR)
def recording(call_no: str) -> Response:
    """The recording, the caller left and we right, or the part that was asked for."""
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        pieces = open_recording(session, call.call_uid, reader())
        length = wav_length(call)
    asked = request.range.range_for_length(length) if request.range else None
    first, end = asked or (0, length)
    answer = Response(part(pieces, first, end), 206 if asked else 200, mimetype="audio/wav")
    answer.headers["Cache-Control"] = "no-store"
    answer.accept_ranges = "bytes"
    answer.content_length = end - first
    if asked:
        answer.content_range.set(first, end, length)
    return answer


def part(pieces: Iterator[bytes], first: int, end: int) -> Iterator[bytes]:
    """What lies between two places; what comes later is not decrypted."""
    at = 0
    for each in pieces:
        if found := each[max(0, first - at) : max(0, end - at)]:
            yield found
        at += len(each)
        if at >= end:
            return
