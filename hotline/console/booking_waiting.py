"""The waiting list as a page: offers about to run out first, then who still waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import DateTime, case, cast, func, tuple_
from sqlmodel import Session, col, or_, select
from werkzeug.wrappers import Response

from hotline import access, audit, phone
from hotline.booking import queries
from hotline.booking.models import Booking
from hotline.booking.rules import State
from hotline.clock import now
from hotline.console import booking_filter
from hotline.console.booking import bp, desk_people
from hotline.console.booking_at_hand import ON_THE_LIST, at_hand
from hotline.console.booking_desk import give_up
from hotline.console.booking_hold import tell
from hotline.console.booking_told import Told, one, told
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor, render

__all__ = ["bp"]
PAGE, MOST_COUNTED = 50, 10_000
COLUMNS = (
    Column("state", "状态"),
    Column("until", "剩余"),
    Column("name", "就诊人"),
    Column("mobile", "手机"),
    Column("place", "医院科室", is_short=False),
    Column("clinic", "门诊", is_default=False),
    Column("when", "就诊时间"),
    Column("since", "登记于"),
    Column("channel", "渠道"),
    Column("deeds", "办理"),
)
_IS_WAITING = case((col(Booking.state) == State.OFFERED, 0), else_=1)
_DUE = func.coalesce(col(Booking.expires_at), cast(Booking.day, DateTime(timezone=True)))


@bp.get("/waiting")
@desk_people
def waiting() -> str:
    """Who waits for a full slot, and whom one is kept for."""
    return _page("booking/waiting.html")


@bp.get("/waiting/list")
@access.passive
@desk_people
def waiting_list() -> str:
    """The list alone, as it is now."""
    return _page("booking/_waiting_list.html")


@bp.post("/waiting/find")
@desk_people
def find_waiting() -> Response | tuple[str, int]:
    """What was typed becomes an address without numbers or names of people in it."""
    try:
        asked: dict[str, Any] = booking_filter.address_of(request.form)
    except Refused as refusal:
        return _page("booking/waiting.html", request.form.to_dict(), refusal), 422
    return redirect(url_for("booking.waiting", **asked))


def _page(
    template: str, typed: dict[str, str] | None = None, refusal: Refused | None = None
) -> str:
    asked = request.args.to_dict()
    with transaction() as session:
        page = _search(session, asked)
        if template.endswith("waiting.html") and any(map(asked.get, booking_filter.HASHED)):
            detail = {"found": page.total}
            audit.record(session, audit.Action.SEARCHED, "booking", detail=detail)
        shown = booking_filter.in_words(session, asked)
        return render(
            template,
            listing=Listing(COLUMNS, page, chips(booking_filter.NAMES, shown),
                            row_tone=_tone),
            hospitals=[(one.id, one.short_name or one.name) for one in queries.hospitals(session)],
            states=[(each.value, each.label) for each in ON_THE_LIST],
            form=typed or {},
            notice=refusal.message if refusal else None,
        )  # fmt: skip


def _tone(row: Told) -> str:
    return "soon" if row.booking.state is State.OFFERED else ""


def _search(session: Session, asked: dict[str, str]) -> Page[Told]:
    standing = or_(
        col(Booking.state) == State.WAITING,
        (col(Booking.state) == State.OFFERED) & (col(Booking.expires_at) > now()),
    )
    wanted = [standing, *booking_filter.narrowing(asked)]
    total = _count(session, wanted)
    if (after := decode_cursor(request.args.get("cursor"), 3)) is not None:
        wanted.append(tuple_(_IS_WAITING, _DUE, col(Booking.id)) > tuple_(*_place(after)))
    rows = told(session, *wanted, order=(_IS_WAITING, _DUE, col(Booking.id)), most=PAGE + 1)
    more = _cursor(session, rows[PAGE - 1]) if len(rows) > PAGE else None
    return Page(rows[:PAGE], more, min(total, MOST_COUNTED), total > MOST_COUNTED)


def _cursor(session: Session, last: Told) -> str:
    query = select(_IS_WAITING, _DUE).where(Booking.id == last.booking.id)
    rank, due = session.exec(query).one()
    return encode_cursor(rank, due.isoformat(), last.booking.key)


def _place(after: list[Any]) -> tuple[int, datetime, int]:
    try:
        rank, due, key = after
        return int(rank), datetime.fromisoformat(due), int(key)
    except (TypeError, ValueError):
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None


def _count(session: Session, wanted: list[Any]) -> int:
    inner = select(Booking.id).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(inner)).one()


@bp.post("/waiting/<int:booking_id>/drop")
@desk_people
def drop(booking_id: int) -> Response:
    """The patient no longer wants it, for a reason: an offer goes to the next."""
    reason = request.form.get("reason", "").strip()
    if len(reason) < 2:
        sentence = "请填写原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    with transaction() as session:
        give_up(session, booking_id, reason[:200])
        tell(session)
    flash("已放弃候补；留给他的号会给下一位。")
    return redirect(url_for("booking.waiting"))


@bp.post("/waiting/<int:booking_id>/reveal")
@desk_people
def reveal_waiting(booking_id: int) -> dict[str, str]:
    """The mobile in full, to call who waits, for a reason that goes on record."""
    reason = request.form.get("reason", "").strip()
    if not 2 <= len(reason) <= 200:
        sentence = "请填写查看的原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    with transaction() as session:
        found = one(session, Booking.id == at_hand(session, booking_id).id)
        audit.record(session, audit.Action.NUMBER_REVEALED, found.booking.subject, reason=reason,
                     detail={"what": "mobile"})  # fmt: skip
        return {"value": phone.national(found.account.mobile)}
