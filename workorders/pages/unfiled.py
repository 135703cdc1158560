"""Calls settled as 转工单 that have become no order: what was promised to a caller is not lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import tuple_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, exists, func, select

from hotline import access
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.calls.confidential import content
from hotline.calls.confidential import reader as caller_reader
from hotline.calls.models import Call
from hotline.calls.queries import UNREAD
from hotline.calls.rules import Disposition
from hotline.classification import service as sorting
from hotline.classification.vocabulary import Category
from hotline.clock import parse_instant
from hotline.console.tables import Column, Listing
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor, render
from workorders.models import Order
from workorders.pages.blueprint import bp

__all__ = ["bp"]
PAGE, MOST_COUNTED = 50, 10_000
COLUMNS = (
    Column("at", "来电"),
    Column("call_no", "编号"),
    Column("category", "分类"),
    Column("summary", "摘要", is_text=True, is_short=False),
    Column("caller", "号码"),
    Column("agent", "坐席"),
    Column("deeds", ""),
)


@dataclass(frozen=True)
class Row:
    """A call, what was said in it, and who settled it."""

    call: Call
    said: dict[str, Any]
    agent: str


@bp.get("/unfiled")
@access.allowed(Role.SUPERVISOR)
def unfiled() -> str:
    """The list, who waits longest first."""
    with transaction() as session:
        listing = Listing(COLUMNS, page(session, request.args.get("cursor")), link=_address)
        labels = dict(Category.choices()) | sorting.labels(session)
        return render("workorders/unfiled.html", listing=listing, labels=labels)


def _address(row: Row) -> str:
    return url_for("workorders.new", call=row.call.call_no)


def count(session: Session) -> int:
    """How many there are, up to one more than the cap."""
    inner = select(Call.id).where(*_unfiled()).limit(MOST_COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(inner)).one()


def page(session: Session, cursor: str | None) -> Page[Row]:
    """One page of them."""
    query = select(Call).options(*(defer(getattr(Call, name)) for name in sorted(UNREAD)))
    place = (col(Call.started_at), col(Call.id))
    found = list(
        session.exec(query.where(*_unfiled(), *_after(cursor)).order_by(*place).limit(PAGE + 1))
    )
    calls, total = found[:PAGE], count(session)
    last = calls[-1] if len(found) > PAGE else None
    onward = encode_cursor(last.started_at.isoformat(), last.key) if last else None
    return Page(_rows(session, calls), onward, min(total, MOST_COUNTED), total > MOST_COUNTED)


def _unfiled() -> list[Any]:
    has_order = exists().where(col(Order.call_id) == col(Call.id))
    return [col(Call.disposition) == Disposition.WORK_ORDER, ~has_order]


def _after(cursor: str | None) -> list[Any]:
    values = decode_cursor(cursor, 2)
    if values is None:
        return []
    try:
        mark = (parse_instant(str(values[0])), int(values[1]))
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    return [tuple_(col(Call.started_at), col(Call.id)) > tuple_(*mark)]


def _rows(session: Session, calls: list[Call]) -> list[Row]:
    keys = {call.wrapped_up_by or call.agent_id for call in calls}
    known = select(Person.id, Person.name).where(col(Person.id).in_(keys - {None}))
    people, reading = dict(session.exec(known).all()), caller_reader()
    return [
        Row(call, content(call, reading), people.get(call.wrapped_up_by or call.agent_id, ""))
        for call in calls
    ]
