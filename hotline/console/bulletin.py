"""月报: the months, and one month from its figures to its documents."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import Role
from hotline.booking.month_layouts import layout_of
from hotline.clock import month_of, now
from hotline.console import bulletin_behind as behind
from hotline.db import still, transaction
from hotline.errors import Refused
from hotline.statistics import headline
from hotline.statistics.bulletin import closing, months, sheets, snapshot
from hotline.statistics.bulletin.checking import failing
from hotline.statistics.bulletin.closing import Closer
from hotline.statistics.bulletin.comparing import says_anything
from hotline.statistics.bulletin.rules import Kind, Weight
from hotline.web import render

bp = Blueprint("bulletin", __name__, url_prefix="/bulletin")
READERS = (Role.SUPERVISOR, Role.MANAGER)
CLOSERS = (Role.MANAGER,)
MOST_ROWS = 15
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def month_in(text: str) -> str:
    """A month that has begun. Raises Refused."""
    if not _MONTH.fullmatch(text) or text > month_of(now()):
        raise Refused("month_invalid", "请选择已经开始的月份，例如 2026-10。", 404)
    return text


def in_words(month: str) -> str:
    """``2020年4月``."""
    return f"{month[:4]}年{int(month[5:])}月"


def closer() -> Closer:
    """Who closes or imports here."""
    who = access.person()
    return Closer(who.person_id, who.name)


@bp.get("")
@access.allowed(*READERS)
def index() -> str:
    """Every month, what it is waiting for."""
    with transaction() as session:
        rows = months.listed(session)
        shown = _of_year(rows)
        drafts = {
            row.month: headline.counted(session, row.month).total
            for row in shown
            if row.total is None
        }
    years = sorted({row.month[:4] for row in rows}, reverse=True)
    return render(
        "bulletin/index.html",
        rows=shown,
        drafts=drafts,
        years=[(one, f"{one}年") for one in years],
        in_words=in_words,
        kinds=len(Kind),
    )


def _of_year(rows: list[months.Row]) -> list[months.Row]:
    """Those of the year asked for, if there are any; else the last ones."""
    year = request.args.get("year", "")
    return [row for row in rows if row.month[:4] == year] or rows[:MOST_ROWS]


@bp.get("/<month>")
@access.allowed(*READERS)
def show(month: str) -> str:
    """One month: figures, outside figures, identities, closing, documents, corrections."""
    with still() as session:
        return _page(session, month_in(month))


def _page(session: Session, month: str, **more: Any) -> str:
    made, checks = snapshot.of(session, month)
    editions = closing.editions(session, month)
    last = editions[-1] if editions else None
    return render(
        "bulletin/month.html",
        month=month,
        words=in_words(month),
        made=made,
        frozen=last.snapshot if last else None,
        last=last,
        editions=editions,
        differences=closing.differences(last.snapshot, made) if last else [],
        outside=sheets.in_force(session, month),
        kinds=list(Kind),
        is_over=month < month_of(now()),
        checks=checks,
        hard=[behind.told(one, month) for one in failing(checks, Weight.HARD)],
        soft=[behind.told(one, month) for one in failing(checks, Weight.SOFT)],
        unknown=[one for one in checks if not one.is_known],
        has_orders=made["orders"]["city"] is not None,
        may_close=access.person().role in CLOSERS,
        folded=layout_of(month).folded,
        is_compared=says_anything((last.snapshot if last else made)["compared"]),
        **{"form": {}, "errors": {}, "notice": None, **more},
    )


@bp.post("/<month>/close")
@access.allowed(*CLOSERS)
def close(month: str) -> Response | tuple[str, int]:
    """Freeze the month."""
    month = month_in(month)
    seen, note = request.form.getlist("seen"), request.form.get("note", "")
    try:
        with still() as session:
            closing.close(session, month, closer(), seen, note)
    except Refused as refusal:
        return _again(month, refusal)
    flash(f"{in_words(month)}已关账。")
    return redirect(url_for("bulletin.show", month=month))


@bp.post("/<month>/correct")
@access.allowed(*CLOSERS)
def correct(month: str) -> Response | tuple[str, int]:
    """A numbered correction."""
    month = month_in(month)
    seen, reason = request.form.getlist("seen"), request.form.get("reason", "")
    try:
        with still() as session:
            edition = closing.correct(session, month, closer(), reason, seen)
    except Refused as refusal:
        return _again(month, refusal)
    flash(f"已发布更正第 {edition.number} 号，{len(edition.changes)} 处变化。")
    return redirect(url_for("bulletin.show", month=month) + "#corrections")


def _again(month: str, refusal: Refused) -> tuple[str, int]:
    """The page as it was, with what was typed and why it went no further."""
    known = {"reason", "note"} & set(refusal.fields)
    notice = refusal.message
    if refusal.code == "not_seen":  # its codes are for the command line
        notice = f"有提醒还没有确认：{'；'.join(refusal.fields.values())}。核对后在右边打勾。"
    errors = {name: refusal.fields[name] for name in known}
    form = request.form.to_dict() | {"seen": request.form.getlist("seen")}
    with still() as session:
        page = _page(session, month, form=form, errors=errors, notice=notice)
    return page, refusal.status if refusal.status in (409, 422) else 422
