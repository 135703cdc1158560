"""派单看板: what lies with whom, what is late there, and what nobody has."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlmodel import Session, col, select

from hotline import access
from hotline.agents.rules import Role
from hotline.clock import now
from hotline.db import transaction
from hotline.web import render
from workorders.confidential import reader
from workorders.models import Unit
from workorders.pages import board_cards, narrowing
from workorders.pages.blueprint import bp
from workorders.pages.board_cards import Column
from workorders.pages.words import left
from workorders.rules import Kind

__all__ = ["bp"]
MOST_PAGES = 50


@bp.get("/board")
@access.allowed(Role.SUPERVISOR)
def board() -> str:
    """The board, narrowed by platform and kind."""
    with transaction() as session:
        choices = {"platforms": narrowing.platforms(session), "kinds": Kind.choices()}
        return render("workorders/board.html", **choices, **_values(session))


@bp.get("/board/now")
@access.passive
@access.allowed(Role.SUPERVISOR)
def board_now() -> str:
    """Its live part."""
    with transaction() as session:
        return render("workorders/_board.html", **_values(session))


def _values(session: Session) -> dict[str, Any]:
    asked = {name: request.args.get(name, "") for name in ("platform", "kind")}
    pages = _pages(request.args.get("more", ""))
    columns = board_cards.columns(session, reader(), asked, pages, now())
    used = {column.unit_id for column in columns}
    idle = session.exec(select(Unit.name).where(col(Unit.is_active), col(Unit.id).not_in(used)))
    return {
        "columns": columns,
        "idle": list(idle.all()),
        "left": left,
        "back": _address(request.args.to_dict()),
        "more": lambda column: _more(column, pages),
    }


def _pages(said: str) -> dict[int, int]:
    """``3:2,0:4``: two pages of unit 3, four of what nobody has."""
    pairs = [pair.partition(":") for pair in said.split(",")[:100]]
    return {
        int(unit): min(int(many), MOST_PAGES)
        for unit, _, many in pairs
        if unit.isdecimal() and many.isdecimal() and len(unit) < 16 and len(many) < 4
    }


def _more(column: Column, pages: dict[int, int]) -> str:
    """This board with one more page of a column."""
    many = pages | {column.unit_id: pages.get(column.unit_id, 1) + 1}
    said = ",".join(f"{unit}:{number}" for unit, number in sorted(many.items()))
    return _address({**request.args.to_dict(), "more": said}, f"unit-{column.unit_id}")


def _address(asked: dict[str, Any], anchor: str | None = None) -> str:
    return url_for("workorders.board", _anchor=anchor, **asked)
