"""承办单位: the list, and the form that adds or changes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import Role
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor, render
from workorders.models import Unit
from workorders.pages import units_keeping as keeping
from workorders.pages.blueprint import bp
from workorders.pages.typed import typed
from workorders.pages.units_keeping import Said

__all__ = ["bp"]
PAGE = 50
USE = (("used", "使用中"), ("stopped", "已停用"))
NAMES = {"q": "名称", "use": "状态"}
COLUMNS = (
    Column("name", "名称"),
    Column("contact", "联系人"),
    Column("phone", "电话"),
    Column("at_work", "手上工单", is_number=True),
    Column("use", "状态"),
    Column("deeds", ""),
)
keepers = access.allowed(Role.SUPERVISOR, Role.ADMIN)


@dataclass(frozen=True)
class Row:
    """A unit and how many orders lie undone with it."""

    unit: Unit
    at_work: int


@bp.get("/units")
@keepers
def units() -> str:
    """Every unit by name, and a form: of the one that the address names, or a new one."""
    with transaction() as session:
        return _page(session, _number(request.args.get("unit")), None, None)


@bp.post("/units")
@keepers
def units_add() -> Response | tuple[str, int]:
    """A new unit."""
    return _kept(lambda session: keeping.add(session, _said()), None, "已添加")


@bp.post("/units/<int:unit_id>")
@keepers
def units_change(unit_id: int) -> Response | tuple[str, int]:
    """Other words for one."""
    return _kept(lambda session: keeping.change(session, unit_id, _said()), unit_id, "已保存")


@bp.post("/units/<int:unit_id>/stop")
@keepers
def units_stop(unit_id: int) -> Response | tuple[str, int]:
    """停用, for a reason."""
    reason = request.form.get("reason", "")
    return _kept(lambda session: keeping.stop(session, unit_id, reason), None, "已停用")


@bp.post("/units/<int:unit_id>/resume")
@keepers
def units_resume(unit_id: int) -> Response | tuple[str, int]:
    """恢复."""
    return _kept(lambda session: keeping.resume(session, unit_id), None, "已恢复使用")


def _kept(
    deed: Callable[[Session], Unit], unit_id: int | None, said: str
) -> Response | tuple[str, int]:
    try:
        with transaction() as session:
            name = deed(session).name
    except Refused as refusal:
        if refusal.status == 404:
            raise
        with transaction() as session:
            return _page(session, unit_id, request.form, refusal), refusal.status
    flash(f"{name}{said}。")
    return redirect(url_for("workorders.units"))


def _said() -> Said:
    form = typed()
    return Said(form.words("name"), form.words("contact"), form.words("phone"))


def _page(session: Session, unit_id: int | None, form: Mapping[str, str] | None,
          refusal: Refused | None) -> str:  # fmt: skip
    changed = session.get(Unit, unit_id) if unit_id else None
    asked = {name: words for name, words in _conditions().items() if words}
    listing = Listing(COLUMNS, _rows(session, asked), chips(NAMES, _told(asked)))
    kept: Mapping[str, Any] = form or (changed.model_dump() if changed else {})
    return render(
        "workorders/units.html", listing=listing, unit_changed=changed, form=kept, use=USE,
        errors=refusal.fields if refusal else {}, notice=refusal.message if refusal else None,
    )  # fmt: skip


def _conditions() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in ("q", "use")}


def _told(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: dict(USE).get(words, words) for name, words in asked.items()}


def _rows(session: Session, asked: Mapping[str, str]) -> Page[Row]:
    wanted: list[Any] = []
    if words := asked.get("q"):
        wanted.append(col(Unit.name).contains(words, autoescape=True))
    if (use := asked.get("use")) in dict(USE):
        wanted.append(col(Unit.is_active).is_(use == "used"))
    after = decode_cursor(request.args.get("cursor"), 1)
    beyond = [col(Unit.name) > str(after[0])] if after else []
    query = select(Unit).where(*wanted, *beyond).order_by(col(Unit.name)).limit(PAGE + 1)
    found = list(session.exec(query))
    shown, total = found[:PAGE], session.exec(select(func.count(col(Unit.id))).where(*wanted)).one()
    onward = encode_cursor(shown[-1].name) if len(found) > PAGE else None
    at_work = keeping.at_work_by_unit(session, [unit.key for unit in shown])
    return Page([Row(unit, at_work.get(unit.key, 0)) for unit in shown], onward, total)


def _number(given: str | None) -> int | None:
    return int(given) if given and given.isdecimal() and len(given) < 16 else None
