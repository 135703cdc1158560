"""The piece of a recording in which the caller answered one question, for who corrects it."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
from flask import Blueprint, Response, url_for
from sqlmodel import Session

from hotline import access
from hotline.agents.rules import Role
from hotline.calls import checks
from hotline.calls.confidential import Reader, reader
from hotline.calls.models import CallTurn
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from ivr.media.transport import RATE
from ivr.recording import has_recording, open_recording

bp = Blueprint("voice_sound", __name__, url_prefix="/voice/sound")
GONE = "这通来电没有录音，或已过保留期。听不到就选“听不清”，或跳过。"
HEAD_BYTES = 44
# Speech is certain a little after it began, and ends a little after it seems to.
BEFORE_MS, AFTER_MS = 700, 400
_STEREO_BYTES = 4


@bp.get("/<int:turn_id>")
@access.allowed(Role.SUPERVISOR)
def player(turn_id: int) -> str:
    """A player of the piece, or why there is none."""
    with transaction() as session:
        turn, call = checks.get(session, turn_id)
        if span_of(turn) is None:
            return render("voice/_sound.html", address=None, why="这一轮没有记下起止时间，听不了。")
        if not has_recording(call):
            return render("voice/_sound.html", address=None, why=GONE)
        address = url_for("voice_sound.piece", turn_id=turn_id)
        return render("voice/_sound.html", address=address, why="")


@bp.get("/<int:turn_id>.wav")
@access.allowed(Role.SUPERVISOR)
def piece(turn_id: int) -> Response:
    """The piece as a WAV of the caller alone."""
    with transaction() as session:
        turn, _ = checks.get(session, turn_id)
        content = wav(cut(session, turn, reader()))
    return Response(content, mimetype="audio/wav", headers={"Cache-Control": "no-store"})


def span_of(turn: CallTurn) -> tuple[int, int] | None:
    """From and to, in milliseconds of the recording; None when it was not written down."""
    begins = turn.spoke_ms if turn.spoke_ms is not None else turn.asked_ms
    ends = turn.ended_ms if turn.ended_ms is not None else turn.ready_ms
    if begins is None or ends is None or ends <= begins:
        return None
    return max(0, begins - BEFORE_MS), ends + AFTER_MS


def cut(session: Session, turn: CallTurn, reading: Reader) -> bytes:
    """The caller's side of that piece, 16 bits at 8 kHz. On record in the audit log.

    Raises Refused: 404 without a recording, 403 for whoever does not supervise.
    """
    return piece_of(turn, open_recording(session, turn.call_uid, reading))


def piece_of(turn: CallTurn, recording: Iterable[bytes]) -> bytes:
    """The caller's side of that turn. Raises Refused 404 when nobody wrote down when it was."""
    span = span_of(turn)
    if span is None:
        raise Refused("sound_unknown", "这一轮没有记下起止时间。", 404)
    first, last = (ms * RATE // 1000 * _STEREO_BYTES for ms in span)
    return _left(_bytes(recording, first, last))


def _bytes(pieces: Iterable[bytes], first: int, last: int) -> bytes:
    """What lies between two places after the head; what comes later is not decrypted."""
    found, at = bytearray(), -HEAD_BYTES
    for each in pieces:
        found += each[max(0, first - at) : max(0, last - at)]
        at += len(each)
        if at >= last:
            break
    return bytes(found[: len(found) // _STEREO_BYTES * _STEREO_BYTES])


def _left(stereo: bytes) -> bytes:
    return np.frombuffer(stereo, "<i2")[::2].tobytes()


def wav(pcm: bytes) -> bytes:
    """A WAV file of these samples."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * 2,
        2, 16, b"data", len(pcm),
    )  # fmt: skip
    return head + pcm
