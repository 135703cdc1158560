"""Admin pages: API tokens."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents import queries, service
from hotline.agents.rules import Role, Scope
from hotline.console.tables import Column, Listing
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("tokens", __name__, url_prefix="/admin/tokens")
Form = MultiDict[str, str]

COLUMNS = (
    Column("name", "名称"),
    Column("scopes", "范围"),
    Column("created", "建立"),
    Column("used", "最近使用"),
    Column("state", "状态"),
    Column("deed", "操作"),
)


@bp.get("")
@access.allowed(Role.ADMIN)
def index() -> str:
    """API tokens; the token itself is never shown again."""
    return _page(MultiDict())


@bp.post("")
@access.allowed(Role.ADMIN)
def create() -> tuple[str, int] | str:
    """A new API token, shown once."""
    form = request.form
    scopes = [scope for value in form.getlist("scope") if (scope := Scope.known(value))]
    try:
        with transaction() as session:
            row, token = service.create_token(
                session,
                form.get("name", ""),
                Role.INTEGRATION,
                scopes,
                created_by=access.person().key,
                days=form.get("days", type=int),
            )
    except Refused as refusal:
        return _page(form, refusal), refusal.status
    return render("admin/token_once.html", row=row, token=token)


@bp.post("/<int:token_id>/revoke")
@access.allowed(Role.ADMIN)
def revoke(token_id: int) -> Response:
    """End a token at once."""
    with transaction() as session:
        service.revoke_token(session, token_id, request.form.get("reason", ""))
    flash("令牌已吊销，立即失效。")
    return redirect(url_for("tokens.index"))


def _page(form: Form, refusal: Refused | None = None) -> str:
    with transaction() as session:
        page = queries.tokens(session, request.args.get("cursor"))
    errors = refusal.fields if refusal else {}
    listing = Listing(COLUMNS, page)
    return render(
        "admin/tokens.html", listing=listing, scopes=list(Scope), form=form, errors=errors
    )
