"""The list of orders: what breaks next first, narrowed by what stands in the address."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session, col, or_, select
from werkzeug.wrappers import Response

from hotline import access, audit
from hotline.agents.models import Person
from hotline.agents.rules import DESK_ROLES, Role
from hotline.clock import now
from hotline.console.tables import Bulk, Column, Listing, chips
from hotline.db import transaction
from hotline.web import render
from workorders.confidential import reader
from workorders.models import Order, Unit
from workorders.pages import export_rows, listing, narrowing, unfiled
from workorders.pages.blueprint import READERS, bp
from workorders.pages.listing import Row, clock_tone
from workorders.pages.words import TONES, left
from workorders.rules import FlagKind, Kind, State, Urgency

__all__ = ["bp"]
COLUMNS = (
    Column("no", "工单号"),
    Column("remote", "平台 / 平台工单号"),
    Column("title", "标题", is_text=True, is_short=False),
    Column("kind", "类型 / 紧急"),
    Column("state", "状态"),
    Column("due", "最近时限", sortable=True),
    Column("unit", "承办单位"),
    Column("handler", "经办人"),
    Column("flags", "标记"),
    Column("received", "收到", sortable=True, is_default=False),
    Column("place", "地点", is_default=False),
    Column("target", "被反映对象", is_default=False),
    Column("caller", "诉求人", is_default=False),
)
BULK = (("accept", "签收", ""), ("assign", "派单…", ""), ("urge", "催办", "为什么催办？"))
# What a supervisor looks at all day: (words, conditions, tone when there is any).
TODAY: tuple[tuple[str, dict[str, str], str], ...] = (
    ("已超时", {"due": "overdue"}, "danger"),
    ("即将到期", {"due": "soon"}, "soon"),
    ("今日到期", {"due": "today"}, ""),
    ("待签收", {"state": "received"}, ""),
    ("回复待审", {"state": "replied"}, ""),
    ("申请待审批", {"ask": "1"}, ""),
    ("待回访", {"state": "callback"}, ""),
    ("我的未办结", {"whose": "mine", "state": "open"}, ""),
)


@bp.app_template_global()
def order_tone(what: str, code: str) -> str:
    """The colour of a state, an urgency or a flag; grey when it means nothing urgent."""
    return TONES[what].get(str(code), "rest")


@bp.get("")
@access.allowed(*READERS)
def index() -> str:
    """Every order this reader may see in a list."""
    asked = request.args.to_dict()
    with transaction() as session:
        wanted = narrowing.conditions(asked, reader(), now())
        sort = asked.get("sort", "")
        page = listing.page(session, wanted, reader(), sort, asked.get("cursor"))
        if asked.get("q") or asked.get("number"):
            detail = {"found": page.total}
            audit.record(session, audit.Action.SEARCHED, "work_order", detail=detail)
        shown = narrowing.in_words(session, asked)
        table = Listing(COLUMNS, page, chips(narrowing.NAMES, shown), default_sort="due",
                        link=_address, row_tone=_tone, key=_order_no)  # fmt: skip
        return render("workorders/index.html", listing=table, bulk=_bulk(), left=left,
                      clock_tone=clock_tone, short_export=export_rows.SHORT,
                      **_counts(session), **_choices(session))  # fmt: skip


def _address(row: Row) -> str:
    return url_for("workorders.show", order_no=row.order.order_no)


def _order_no(row: Row) -> str:
    return row.order.order_no


def _tone(row: Row) -> str:
    return clock_tone(row.clock)


def _bulk() -> Bulk | None:
    leads = access.person().role is Role.SUPERVISOR
    return Bulk(url_for("workorders.bulk"), BULK) if leads else None


def _choices(session: Session) -> dict[str, Any]:
    units = session.exec(select(Unit).where(col(Unit.is_active)).order_by(Unit.name))
    return {
        "platforms": narrowing.platforms(session),
        "platform_names": dict(narrowing.platforms(session)),
        "states": [narrowing.NOT_OVER, *State.choices()],
        "kinds": Kind.choices(),
        "urgencies": Urgency.choices(),
        "flags": FlagKind.choices(),
        "dues": narrowing.DUE,
        "units": [(unit.id, unit.name) for unit in units],
        "handlers": [(person.id, person.name) for person in desk_people(session)],
        "is_narrowed": narrowing.is_narrowed(reader()),
    }


def desk_people(session: Session) -> list[Person]:
    """Who may handle orders, by name."""
    query = select(Person).where(col(Person.role).in_(DESK_ROLES), col(Person.is_active))
    return list(session.exec(query.order_by(Person.name)))


@bp.get("/counts")
@access.passive
@access.allowed(*READERS)
def counts() -> str:
    """The live part of the list: how many wait for what."""
    with transaction() as session:
        return render("workorders/_counts.html", **_counts(session))


def _counts(session: Session) -> dict[str, Any]:
    reading, at = reader(), now()
    found = [
        (words, asked, tone, listing.count(session, narrowing.conditions(asked, reading, at)))
        for words, asked, tone in TODAY
        if "whose" not in asked or access.person().role is Role.SUPERVISOR
    ]
    leads = access.person().role is Role.SUPERVISOR
    return {"tiles": found, "unfiled": unfiled.count(session) if leads else 0}


@bp.post("/narrow")
@access.allowed(*READERS)
def narrow() -> Response:
    """Filters as typed become an address without numbers in it; an order's number its page."""
    asked: dict[str, Any] = {**narrowing.address_of(request.form)}
    with transaction() as session:
        order_no = _by_number(session, request.form.get("q", "").strip())
    if order_no:
        return redirect(url_for("workorders.show", order_no=order_no))
    return redirect(url_for("workorders.index", **asked))


@bp.get("/find")
@access.allowed(*READERS)
def find() -> Response:
    """Where the search box leads when what was typed looks like an order's number."""
    number = request.args.get("number", "").strip()[:64]
    with transaction() as session:
        order_no = _by_number(session, number)
    if order_no is None:
        flash(f"没有编号为 {number} 的工单，请核对。", "danger")
        return redirect(url_for("workorders.index"))
    return redirect(url_for("workorders.show", order_no=order_no))


def _by_number(session: Session, number: str) -> str | None:
    if not number:
        return None
    same = or_(
        col(Order.order_no) == number.upper(),
        col(Order.remote_no) == number,
        col(Order.old_no) == number,
    )
    return session.exec(select(Order.order_no).where(same).limit(1)).first()
