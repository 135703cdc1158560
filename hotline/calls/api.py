"""Machine doors of calls: list, one call, wrap-up."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from hotline import access, api, audit
from hotline.agents.rules import DESK_ROLES, Role, Scope
from hotline.calls import detail, queries, service
from hotline.calls.confidential import reader
from hotline.calls.filters import Filters
from hotline.calls.forms import (
    CallDetailOut,
    CallOut,
    CallPath,
    CallsOut,
    CallsQuery,
    WrapUpIn,
)
from hotline.calls.leg_store import people_of
from hotline.calls.wrap_up import WrapUp, wrap_up
from hotline.db import transaction

bp = api.blueprint("calls", "/calls", "来电")
READERS = (*DESK_ROLES, Role.MANAGER)


@bp.get("", responses={200: CallsOut}, summary="来电列表")
@access.allowed(*READERS)
@access.token(Scope.CALLS)
@access.token(Scope.TELEPHONY)
def list_calls(query: CallsQuery) -> dict[str, Any]:
    """Newest first; pass ``next_cursor`` back for what follows."""
    reading = reader()
    with transaction() as session:
        filters = _filters(session, query)
        page = queries.search_calls(session, filters, reading, query.cursor, query.limit)
        if query.caller or query.q:
            audit.record(session, audit.Action.SEARCHED, "calls", detail={"q": query.q})
        items = [detail.call_out(call, reading) for call in page.rows]
    return CallsOut(
        items=items,
        next_cursor=page.next_cursor,
        total=page.total,
        total_is_capped=page.is_capped,
    ).model_dump(mode="json")


NOBODY = 0


def _filters(session: Session, query: CallsQuery) -> Filters:
    agent = people_of(session, [query.agent]).get(query.agent, NOBODY) if query.agent else None
    return Filters(
        from_at=query.from_,
        to_at=query.to,
        state=query.state,
        category=query.category,
        agent_id=agent,
        caller=query.caller,
        query=query.q,
    )


@bp.get("/<call_uid>", responses={200: CallDetailOut}, summary="一通来电")
@access.allowed(*READERS)
@access.token(Scope.CALLS)
@access.token(Scope.TELEPHONY)
def show_call(path: CallPath) -> dict[str, Any]:
    """A call with its events, legs and voice-line turns."""
    with transaction() as session:
        call = service.get_call(session, path.call_uid)
        audit.record(session, audit.Action.RECORD_READ, call.subject)
        return detail.call_detail(session, call, reader()).model_dump(mode="json")


@bp.post("/<call_uid>/wrapup", responses={200: CallOut}, summary="话后整理")
@access.allowed(*DESK_ROLES)
@access.token(Scope.CALLS)
@access.token(Scope.TELEPHONY)
@api.idempotent
def post_wrap_up(path: CallPath, body: WrapUpIn, session: Session) -> dict[str, Any]:
    """Sort and settle a call; again to amend it."""
    call = wrap_up(session, path.call_uid, WrapUp(**body.model_dump()), reader())
    return detail.call_out(call, reader()).model_dump(mode="json")
