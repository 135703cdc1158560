"""The door for a PBX: ``POST /api/v1/telephony/events``."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlmodel import Session
from werkzeug.exceptions import BadRequest

from hotline import access, api, limits
from hotline.agents.rules import Scope
from hotline.errors import Refused
from hotline.telephony.forms import EventsIn, EventsOut
from hotline.telephony.service import take_events

bp = api.blueprint("telephony", "/telephony", "话务")


@bp.before_request
def _require_json() -> None:
    """Say so when the body is no JSON; nesting without end must not break the parser."""
    if request.method != "POST":
        return
    try:
        request.get_json(force=True)
    except RecursionError:
        raise Refused("json_invalid", "JSON 嵌套太深。", 400) from None
    except BadRequest:
        raise Refused("json_invalid", "请求体不是有效的 JSON。", 400) from None


@bp.post("/events", responses={200: EventsOut}, summary="话务事件")
@access.token(Scope.TELEPHONY)
@limits.free  # an event refused for haste is an event lost; a batch is bounded anyway
@api.idempotent
def post_events(body: EventsIn, session: Session) -> dict[str, Any]:
    """One event or a list of up to 500, in any order, repeated as often as you like.

    Each event is accepted, a duplicate, or refused with its reason; what is accepted is
    committed as a whole before the answer.
    """
    return take_events(session, body.root)
