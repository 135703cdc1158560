"""The list of bookings, narrowed by what stands in the address; what is personal is masked."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request, url_for
from sqlalchemy import func
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit
from hotline.agents.rules import DESK_ROLES, Role
from hotline.booking import queries, stop_duties
from hotline.booking.models import Booking
from hotline.booking.rules import State
from hotline.console import booking_filter
from hotline.console.booking import bp
from hotline.console.booking_told import Told, told
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor, render

__all__ = ["bp"]
READERS = (*DESK_ROLES, Role.MANAGER)
PAGE, MOST_COUNTED = 50, 10_000
SHOWN = (State.CONFIRMED, State.ATTENDED, State.NO_SHOW, State.CANCELLED, State.STOPPED)
COLUMNS = (
    Column("no", "预约号"),
    Column("name", "就诊人"),
    Column("mobile", "手机", is_default=False),
    Column("id_number", "证件", is_default=False),
    Column("hospital", "医院"),
    Column("department", "科室"),
    Column("clinic", "门诊"),
    Column("when", "就诊时间"),
    Column("state", "状态"),
    Column("channel", "渠道"),
    Column("made", "预约时间"),
    Column("owner", "经办", is_default=False),
)


@bp.get("/bookings")
@access.allowed(*READERS)
def bookings() -> str:
    """Every booking, the newest first."""
    return _page({}, None)


@bp.post("/bookings/find")
@access.allowed(*READERS)
def find_bookings() -> AnyResponse | tuple[str, int]:
    """What was typed becomes an address without numbers of people in it."""
    try:
        asked: dict[str, Any] = booking_filter.address_of(request.form)
    except Refused as refusal:
        return _page(request.form.to_dict(), refusal), 422
    return redirect(url_for("booking.bookings", **asked))


def _page(typed: dict[str, str], refusal: Refused | None) -> str:
    asked = request.args.to_dict()
    with transaction() as session:
        page = _search(session, asked)
        if any(asked.get(name) for name in booking_filter.HASHED):
            detail = {"found": page.total}
            audit.record(session, audit.Action.SEARCHED, "booking", detail=detail)
        shown = booking_filter.in_words(session, asked)
        return render(
            "booking/list.html",
            listing=Listing(COLUMNS, page, chips(booking_filter.NAMES, shown), link=_address),
            hospitals=[(each.id, each.short_name or each.name)
                       for each in queries.hospitals(session)],
            channels=[(each.code, each.name) for each in queries.channels(session)],
            states=[(each.value, each.label) for each in SHOWN],
            form=typed,
            notice=refusal.message if refusal else None,
            stopped=stop_duties.how_many(session),
        )  # fmt: skip


def _search(session: Session, asked: dict[str, str]) -> Page[Told]:
    wanted = booking_filter.conditions(asked)
    total = _count(session, wanted)
    if (after := decode_cursor(request.args.get("cursor"), 1)) is not None:
        wanted = [*wanted, col(Booking.id) < _number(after[0])]
    rows = told(session, *wanted, most=PAGE + 1)
    more = encode_cursor(rows[PAGE - 1].booking.key) if len(rows) > PAGE else None
    return Page(rows[:PAGE], more, min(total, MOST_COUNTED), total > MOST_COUNTED)


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400)
    return value


def _count(session: Session, wanted: list[Any]) -> int:
    inner = select(Booking.id).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(inner)).one()


def _address(row: Told) -> str:
    return url_for("booking.show", number=row.booking.booking_no)


@bp.get("/find/<number>")
@access.allowed(*READERS)
def find(number: str) -> AnyResponse:
    """Where the search box leads when what was typed looks like a booking number."""
    with transaction() as session:
        found = session.exec(select(Booking.id).where(Booking.booking_no == number)).first()
    if found is None and "calls.show" in current_app.view_functions:
        return redirect(url_for("calls.show", call_no=number))
    return redirect(url_for("booking.show", number=number))
