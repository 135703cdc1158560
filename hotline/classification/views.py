"""Admin page: the level-2 tree of categories."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import Role
from hotline.classification import service
from hotline.classification.vocabulary import Group
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("classification", __name__, url_prefix="/admin/categories")


@bp.get("")
@access.allowed(Role.ADMIN)
def index() -> str:
    """The tree, with what is off the form."""
    return _page()


def _page(refusal: Refused | None = None, label: str = "") -> str:
    with transaction() as session:
        branches = service.tree(session, with_retired=True)
    errors = refusal.fields if refusal else {}
    return render(
        "admin/categories.html",
        branches=branches,
        groups=Group.choices(),
        errors=errors,
        form={"label": label, "group": request.form.get("group", "")},
    )


@bp.post("")
@access.allowed(Role.ADMIN)
def add() -> tuple[str, int] | Response:
    """A new level-2 choice."""
    label, group = request.form.get("label", ""), Group.known(request.form.get("group"))
    try:
        if group is None:
            raise Refused("group_invalid", "请选择类别。", fields={"group": "请选择类别。"})
        with transaction() as session:
            service.add(session, group, label)
    except Refused as refusal:
        return _page(refusal, label), refusal.status
    return _done(f"已增加“{label.strip()}”。")


@bp.post("/<code>")
@access.allowed(Role.ADMIN)
def change(code: str) -> Response:
    """Rename, move, take off the form or put back: the button says which."""
    deed = request.form.get("deed", "")
    with transaction() as session:
        if deed == "rename":
            service.rename(session, code, request.form.get("label", ""))
        elif deed in {"up", "down"}:
            service.move(session, code, up=deed == "up")
        elif deed in {"retire", "restore"}:
            service.retire(session, code, is_active=deed == "restore")
        else:
            raise Refused("deed_unknown", "不支持的操作。", 400)
    return _done("已保存。")


def _done(sentence: str) -> Response:
    flash(sentence)
    return redirect(url_for("classification.index"))
