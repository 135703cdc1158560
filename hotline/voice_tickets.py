"""Tickets for the browser's door of the voice line: signed, good for a minute, and once.

The pages are served by one process, the sound by another: what a page proves at the door is
that we gave it a ticket just now. A ticket names nobody's number.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

from hotline import settings
from hotline.labels import Labelled

GOOD_SECONDS = 60


class Door(Labelled):
    """What a ticket is for."""

    CALL = "call", "拨打热线"
    DESK = "desk", "与来电人通话"


@dataclass(frozen=True)
class Ticket:
    """Who may come in, and to which call at the desk. ``serial`` tells tickets apart."""

    door: Door
    person_id: int
    call_uid: str = ""
    serial: str = ""


def issue(door: Door, person_id: int, call_uid: str = "") -> str:
    """A ticket, in letters that fit a message."""
    ticket = Ticket(door, person_id, call_uid, secrets.token_urlsafe(9))
    return str(_signer().dumps(asdict(ticket)))


def read(text: str) -> Ticket | None:
    """What a ticket says; None when it is not ours, was altered, or is too old."""
    try:
        said = _signer().loads(text, max_age=GOOD_SECONDS)
        return Ticket(**said | {"door": Door(said["door"])})
    except (BadData, KeyError, TypeError, ValueError):
        return None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secrets.signing, salt="voice-line")
