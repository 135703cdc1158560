"""One thing that is stuck, with every attempt and answer; and all of a platform's sent again."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit, phone
from hotline.booking import names
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from workorders import actors
from workorders.exchange import lost, rules, stuck_bulk
from workorders.exchange.models import Exchange, Incoming, Outgoing
from workorders.exchange.pages.blueprint import ID, LEADERS, bp, platforms
from workorders.exchange.pages.stuck_list import SENT
from workorders.models import Order
from workorders.platforms.adapter import Result

__all__ = ["bp"]
LONGEST_SHOWN, MOST_ATTEMPTS = 4_000, 100


@bp.get(f"/stuck/<any(sent, received):side>/<{ID}:item_id>")
@access.allowed(*LEADERS)
def stuck_item(side: str, item_id: int) -> str:
    """What it is, what the platform said at each attempt."""
    with transaction() as session:
        row = _row(session, side, item_id)
        if row is None:
            raise Refused("item_unknown", "没有这一条，请从列表重新打开。", 404)
        order = _order(session, row.order_id)
        subject = order.subject if order else f"work_order_incoming:{row.key}"
        audit.record(session, audit.Action.RECORD_READ, subject)
        return render(
            "exchange/stuck_item.html",
            row=row, side=side, order=order, name=platforms(session).get(row.platform),
            is_stuck=row.state in (*rules.STUCK_OUTGOING, *rules.STUCK_INCOMING),
            said=masked(lost.opened(row, "body" if side == SENT else "raw", lost.WHY)),
            attempts=_attempts(session, row.key) if side == SENT else [],
            outcome=outcome, answer=lambda one: lost.opened(one, "answer", lost.WHY),
        )  # fmt: skip


def _row(session: Session, side: str, item_id: int) -> Any:
    if side == SENT:
        return session.get(Outgoing, item_id, options=[lost.NO_BODY])
    return session.get(Incoming, item_id, options=[lost.NO_RAW])


def _order(session: Session, order_id: int | None) -> Order | None:
    return session.get(Order, order_id, options=[lost.NUMBERS_ONLY]) if order_id else None


def _attempts(session: Session, outgoing_id: int) -> list[Exchange]:
    query = select(Exchange).where(Exchange.outgoing_id == outgoing_id)
    query = query.options(lost.NO_ANSWER).order_by(col(Exchange.id).desc())
    return list(session.exec(query.limit(MOST_ATTEMPTS)))


def outcome(code: str) -> str:
    """An attempt's outcome in words."""
    known = Result.known(code)
    return known.label if known else code


def masked(text: str) -> str:
    """What was said as it may be shown: numbers hidden, the caller's name masked."""
    try:
        said = json.loads(text)
    except ValueError:
        return phone.redact(text)[:LONGEST_SHOWN]
    caller = said.get("caller") if isinstance(said, dict) else None
    if isinstance(caller, dict):
        said["caller"] = {
            "name": names.mask(str(caller.get("name") or "")),
            "sex": caller.get("sex"),
            "phone": phone.mask(str(caller.get("phone") or "")),
        }
    return phone.redact(json.dumps(said, ensure_ascii=False, indent=1))[:LONGEST_SHOWN]


@bp.post("/stuck/all/<platform>")
@access.allowed(*LEADERS)
def retry_all(platform: str) -> AnyResponse:
    """After an outage: everything the platform never took goes out again."""
    try:
        with transaction() as session:
            count = stuck_bulk.retry_all(session, platform, actors.at_hand())
        flash(f"{count} 个事项正在重发，进度见下。")
    except Refused as refusal:
        flash(refusal.message, "danger")
    return redirect(url_for("workorders_exchange.stuck_items", side=SENT))


@bp.get("/stuck/all/<platform>")
@access.passive
@access.allowed(*LEADERS)
def retry_progress(platform: str) -> Response | str:
    """The line that asks for itself."""
    with transaction() as session:
        found = stuck_bulk.batch(session, platform)
    if found is None or found.is_over:
        return Response("", headers={"HX-Refresh": "true"})
    return render("exchange/_retry_progress.html", code=platform, batch=found)


@bp.post("/stuck/all/<platform>/stop")
@access.allowed(*LEADERS)
def stop_retry(platform: str) -> AnyResponse:
    """What has not been tried yet waits again."""
    with transaction() as session:
        reason = phone.redact(request.form.get("reason", ""))
        count = stuck_bulk.stop(session, platform, reason, actors.at_hand())
    flash(f"已停止，{count} 个事项退回待处理。")
    return redirect(url_for("workorders_exchange.stuck_items", side=SENT))
