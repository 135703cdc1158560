"""Machine doors of work orders: what a platform pushes, and reading back."""

from __future__ import annotations

from typing import Any

from flask import g, request
from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from hotline import access, api, audit
from hotline.agents.rules import DESK_ROLES, Role, Scope
from hotline.clock import parse_instant
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import decode_cursor, encode_cursor
from workorders.confidential import reader
from workorders.exchange import pushed, showing
from workorders.exchange.forms import (
    OrderDetailOut,
    OrderOut,
    OrderPath,
    OrdersOut,
    OrdersQuery,
    PlatformPath,
    TakenOut,
)
from workorders.models import Order
from workorders.platforms import signing

bp = api.blueprint("workorders", "/workorders", "12345 工单")
inbound = api.blueprint("inbound", "/workorders/inbound", "12345 工单")
inbound.abp_security = []  # neither a token nor a browser: its caller signs
READERS = (*DESK_ROLES, Role.MANAGER)
_AN_ORDER = {
    "requestBody": {
        "required": True,
        "description": "One Order of the contract. Signed: X-App-Id, X-Timestamp, X-Nonce and"
        " X-Signature = hex HMAC-SHA256(secret, METHOD LF PATH_WITH_QUERY LF TIMESTAMP LF NONCE LF"
        " hex SHA-256 of the body).",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@inbound.post(
    "/<platform>",
    responses={200: TakenOut, 400: TakenOut, 401: TakenOut, 413: TakenOut},
    summary="平台推送工单",
    openapi_extensions=_AN_ORDER,
)
@access.by_signature
def post_inbound(path: PlatformPath) -> tuple[dict[str, Any], int]:
    """Keep what a platform pushes and say so at once; it is applied afterwards."""
    try:
        pushed.refuse_size(request.content_length or 1)
        target = signing.target(request.environ)
        signed = signing.Signed(request.method, target, request.get_data())
        pushed.take(path.platform, signed, dict(request.headers.items()))
    except Refused as refusal:
        return _answer(pushed.CODES[refusal.code], refusal.message), refusal.status
    return _answer(0, ""), 200


def _answer(code: int, message: str) -> dict[str, Any]:
    return TakenOut(code=code, message=message, request_id=g.get("request_id", "")).model_dump()


@bp.get("", responses={200: OrdersOut}, summary="工单列表")
@access.allowed(*READERS)
@access.token(Scope.WORKORDERS)
def list_orders(query: OrdersQuery) -> dict[str, Any]:
    """The earliest change first. Follow ``next_cursor`` to the end; ask later with
    ``updated_since`` a minute before the last ``updated_at`` for what changed meanwhile."""
    reading = reader()
    with transaction() as session:
        rows = _page(session, query)
        following = _cursor(rows[query.limit - 1]) if len(rows) > query.limit else None
        found = showing.orders_out(session, rows[: query.limit], reading)
        items = [OrderOut(**one) for one in found]
    return OrdersOut(items=items, next_cursor=following).model_dump(mode="json")


@bp.get("/<order_no>", responses={200: OrderDetailOut}, summary="一张工单")
@access.allowed(*READERS)
@access.token(Scope.WORKORDERS)
def show_order(path: OrderPath) -> dict[str, Any]:
    """An order with its timeline and its exchange."""
    with transaction() as session:
        order = session.exec(select(Order).where(Order.order_no == path.order_no)).first()
        if order is None:
            raise Refused("order_unknown", "没有这张工单，请核对工单号。", 404)
        audit.record(session, audit.Action.RECORD_READ, order.subject)
        return showing.order_detail(session, order, reader()).model_dump(mode="json")


def _page(session: Session, asked: OrdersQuery) -> list[Order]:
    query = select(Order).order_by(col(Order.updated_at), col(Order.id))
    for column, value in (
        (Order.platform, asked.platform),
        (Order.state, asked.state),
        (Order.remote_no, asked.remote_no),
    ):
        if value is not None:
            query = query.where(column == value)
    if asked.updated_since is not None:
        query = query.where(Order.updated_at >= asked.updated_since)
    if (after := _after(asked.cursor)) is not None:
        query = query.where(after)
    return list(session.exec(query.limit(asked.limit + 1)))


def _after(cursor: str | None) -> Any:
    values = decode_cursor(cursor, 2)
    if values is None:
        return None
    try:
        at, key = parse_instant(str(values[0])), int(values[1])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    return tuple_(col(Order.updated_at), col(Order.id)) > tuple_(at, key)


def _cursor(order: Order) -> str:
    return encode_cursor(order.updated_at.isoformat(), order.key)
