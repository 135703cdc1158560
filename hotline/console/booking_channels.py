"""渠道: the ways to the pool, as admins keep them."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import Role
from hotline.booking import channels
from hotline.booking.rules import BookingKind, Column
from hotline.console.booking import bp
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, what_is_wrong

__all__ = ["bp"]


@bp.get("/channels")
@access.allowed(Role.ADMIN)
def list_channels() -> str:
    """All channels, in the order of the monthly tables."""
    return _page({}, None)


def _page(typed: dict[str, str], refusal: Refused | None) -> str:
    """``refusal`` belongs to the row whose code is in ``typed["of"]``, or else to the new one."""
    with transaction() as session:
        return render(
            "booking/channels.html",
            rows=channels.every(session),
            columns=Column.choices(),
            kinds=BookingKind.choices(),
            ours=channels.OURS,
            form=typed,
            **what_is_wrong(refusal),
        )


@bp.post("/channels")
@access.allowed(Role.ADMIN)
def add_channel() -> Response | tuple[str, int]:
    """A new channel, the last in the tables."""
    typed = request.form.to_dict()
    try:
        with transaction() as session:
            added = channels.add(
                session, typed.get("code", "").strip(), typed.get("name", ""),
                _column(typed), _kind(typed),
            )  # fmt: skip
    except Refused as refusal:
        return _page(typed, refusal), refusal.status
    return _done(f"已增加渠道“{added.name}”。")


@bp.post("/channels/<code>")
@access.allowed(Role.ADMIN)
def change_channel(code: str) -> Response | tuple[str, int]:
    """Rename, count elsewhere, move, retire, restore or delete: the button says which."""
    typed = request.form.to_dict()
    try:
        with transaction() as session:
            _do(session, code, typed)
    except Refused as refusal:
        return _page({"of": code}, refusal), refusal.status
    return _done("已保存。")


def _do(session: Session, code: str, typed: dict[str, str]) -> None:
    deed, reason = typed.get("deed", ""), typed.get("reason", "")
    if deed == "change":
        channels.change(session, code, typed.get("name", ""), _column(typed), _kind(typed))
    elif deed in {"up", "down"}:
        channels.move(session, code, up=deed == "up")
    elif deed == "retire":
        channels.retire(session, code, reason)
    elif deed == "restore":
        channels.restore(session, code)
    elif deed == "delete":
        channels.delete(session, code, reason)
    else:
        raise Refused("deed_unknown", "不支持的操作。", 400)


def _column(typed: dict[str, str]) -> Column:
    found = Column.known(typed.get("counts_in"))
    if found is None:
        sentence = "请选择计入月报的哪一列。"
        raise Refused("channel_invalid", sentence, fields={"counts_in": sentence})
    return found


def _kind(typed: dict[str, str]) -> BookingKind | None:
    return BookingKind.known(typed.get("kind"))


def _done(sentence: str) -> Response:
    flash(sentence)
    return redirect(url_for("booking.list_channels"))
