"""待处理: what was refused, given up, parked or unreadable, until a person has seen to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import func
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline import access
from hotline.console.tables import Bulk, Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, render, safe_path
from workorders import actors
from workorders.exchange import lost, queries, rules, stuck, stuck_bulk
from workorders.exchange.models import Incoming, Outgoing
from workorders.exchange.pages.blueprint import ID, LEADERS, bp, platforms
from workorders.exchange.rules import OutgoingState
from workorders.models import Order

__all__ = ["bp"]
SENT, RECEIVED = "sent", "received"
SIDES = {SENT: "发出的", RECEIVED: "收到的"}
COLUMNS = {
    SENT: (
        Column("platform", "平台"),
        Column("order", "工单"),
        Column("what", "事项"),
        Column("state", "状态"),
        Column("words", "平台的答复", is_short=False),
        Column("since", "写入"),
        Column("attempts", "次数", is_number=True),
        Column("deeds", "办理"),
    ),
    RECEIVED: (
        Column("platform", "平台"),
        Column("order", "工单"),
        Column("state", "状态"),
        Column("words", "原因", is_short=False),
        Column("version", "版本", is_number=True),
        Column("since", "收到"),
        Column("times", "次数", is_number=True),
        Column("deeds", "办理"),
    ),
}
BULK = {
    SENT: (("retry", "重发", ""), ("dismiss", "已人工处理", "怎样处理的？")),
    RECEIVED: (("retry", "重新处理", ""), ("dismiss", "已人工处理", "怎样处理的？")),
}
MOST = 200
Deed = Callable[[Session, int, str], object]


@bp.get("/stuck")
@access.allowed(*LEADERS)
def stuck_items() -> str:
    """What waits for a person, on one side or the other."""
    asked = request.args.to_dict()
    with transaction() as session:
        known = platforms(session)
        counts = counted(session)
        side = asked.get("side") if asked.get("side") in SIDES else _fuller(counts)
        platform = asked.get("platform") if asked.get("platform") in known else None
        rows = _found(session, side or SENT, platform, asked.get("cursor"))
        total = counted(session, platform)[side or SENT]
        page = Page(rows.rows, rows.next_cursor, total)
        said = {"platform": known.get(platform or "", "")}
        return render(
            "exchange/stuck.html",
            listing=Listing(COLUMNS[side or SENT], page, chips({"platform": "平台"}, said),
                            link=_address(side or SENT), key=lambda row: row.id),
            side=side, sides=SIDES, counts=counts, names=known, platforms=list(known.items()),
            bulk=Bulk(url_for("workorders_exchange.bulk", side=side), BULK[side or SENT]),
            orders=orders_of(session, page.rows),
            given_up=_given_up(session),
            batches=[(code, name, found) for code, name in known.items()
                     if (found := stuck_bulk.batch(session, code)) is not None],
        )  # fmt: skip


def counted(session: Session, platform: str | None = None) -> dict[str, int]:
    """How many wait on each side."""
    return {
        SENT: _count(session, Outgoing, rules.STUCK_OUTGOING, platform),
        RECEIVED: _count(session, Incoming, rules.STUCK_INCOMING, platform),
    }


def _count(session: Session, table: Any, states: Any, platform: str | None) -> int:
    query = select(func.count()).select_from(table).where(col(table.state).in_(states))
    if platform:
        query = query.where(table.platform == platform)
    return session.exec(query).one()


def _fuller(counts: dict[str, int]) -> str:
    return RECEIVED if counts[RECEIVED] and not counts[SENT] else SENT


def _found(session: Session, side: str, platform: str | None, cursor: str | None) -> Page[Any]:
    if side == RECEIVED:
        return queries.stuck_incoming(session, platform, cursor)
    found = queries.stuck_outgoing(session, platform, cursor)
    return Page([row for row, _ in found.rows], found.next_cursor)


def orders_of(session: Session, rows: list[Any]) -> dict[int | None, Order]:
    """The orders the rows are about."""
    keys = {row.order_id for row in rows} - {None}
    query = select(Order).where(col(Order.id).in_(keys)).options(lost.NUMBERS_ONLY)
    return {order.id: order for order in session.exec(query)} if keys else {}


def _given_up(session: Session) -> list[tuple[str, int]]:
    query = (
        select(Outgoing.platform, func.count())
        .where(Outgoing.state == OutgoingState.GIVEN_UP)
        .group_by(col(Outgoing.platform))
    )
    return sorted(session.exec(query).all())


def _address(side: str) -> Callable[[Any], str]:
    return lambda row: url_for("workorders_exchange.stuck_item", side=side, item_id=row.id)


DEEDS: dict[tuple[str, str], Deed] = {
    (SENT, "retry"): lambda session, key, _: stuck.retry_outgoing(session, key, actors.at_hand()),
    (SENT, "dismiss"): lambda session, key, words: stuck.dismiss_outgoing(
        session, key, words, actors.at_hand()
    ),
    (RECEIVED, "retry"): lambda session, key, _: stuck.retry_incoming(
        session, key, actors.at_hand()
    ),
    (RECEIVED, "dismiss"): lambda session, key, words: stuck.dismiss_incoming(
        session, key, words, actors.at_hand()
    ),
}
SAID = {"retry": "已排队，几秒后再试", "dismiss": "已记为人工处理"}


@bp.post(f"/stuck/<any(sent, received):side>/<{ID}:item_id>/<any(retry, dismiss):deed>")
@access.allowed(*LEADERS)
def settle(side: str, item_id: int, deed: str) -> Response:
    """Try one again, or say that it was seen to."""
    try:
        with transaction() as session:
            DEEDS[side, deed](session, item_id, request.form.get("reason", ""))
        flash(f"{SAID[deed]}。")
    except Refused as refusal:
        flash(refusal.message, "danger")
    return _back(side)


@bp.post("/stuck/<any(sent, received):side>")
@access.allowed(*LEADERS)
def bulk(side: str) -> Response:
    """The same for those chosen, each in a transaction of its own."""
    chosen = [
        int(key) for key in request.form.getlist("selected") if key.isdecimal() and len(key) < 19
    ][:MOST]
    deed = DEEDS.get((side, request.form.get("action", "")))
    if deed is None or not chosen:
        raise Refused("nothing_chosen", "请先勾选，再选择要做的操作。")
    done, refused = 0, ""
    for key in chosen:
        try:
            with transaction() as session:
                deed(session, key, request.form.get("reason", ""))
            done += 1
        except Refused as refusal:
            refused = refusal.message
    flash(f"{SAID[request.form['action']]} {done} 条。")
    if refused:
        flash(f"{len(chosen) - done} 条没有办成：{refused}", "danger")
    return _back(side)


def _back(side: str) -> Response:
    there = url_for("workorders_exchange.stuck_items", side=side)
    return redirect(safe_path(request.form.get("back")) or there)
