"""Admin pages: API tokens, and what they are narrowed to in booking."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents import queries, tokens
from hotline.agents.models import ApiToken
from hotline.agents.rules import Role, Scope
from hotline.booking import binding
from hotline.booking.binding import Bound
from hotline.console.tables import Column, Listing
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("tokens", __name__, url_prefix="/admin/tokens")
Form = MultiDict[str, str]

COLUMNS = (
    Column("name", "名称"),
    Column("scopes", "范围"),
    Column("bound", "限定", is_short=False),
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
            row, token = tokens.create_token(
                session,
                form.get("name", ""),
                Role.INTEGRATION,
                scopes,
                created_by=access.person().key,
                days=form.get("days", type=int),
            )
            binding.bind(session, row.key, _bound(form))
    except Refused as refusal:
        return _page(form, refusal), refusal.status
    return render("admin/token_once.html", row=row, token=token)


def _bound(form: Form) -> Bound:
    return Bound(form.getlist("channel"), form.getlist("hospital", type=int), form.getlist("city"))


@bp.get("/<int:token_id>/binding")
@access.allowed(Role.ADMIN)
def edit_binding(token_id: int) -> str:
    """What a token is narrowed to."""
    with transaction() as session:
        token = queries.token(session, token_id)
        form = MultiDict([
            *(("channel", each) for each in token.channels or ()),
            *(("hospital", str(each)) for each in token.hospital_ids or ()),
            *(("city", each) for each in token.cities or ()),
        ])  # fmt: skip
        return _binding_page(session, token, form)


@bp.post("/<int:token_id>/binding")
@access.allowed(Role.ADMIN)
def change_binding(token_id: int) -> tuple[str, int] | Response:
    """Narrow a token, or widen it."""
    try:
        with transaction() as session:
            binding.bind(session, token_id, _bound(request.form), request.form.get("reason", ""))
    except Refused as refusal:
        with transaction() as session:
            token = queries.token(session, token_id)
            return _binding_page(session, token, request.form, refusal), refusal.status
    flash("已保存，对方的下一次请求起生效。")
    return redirect(url_for("tokens.index"))


def _binding_page(
    session: Session, token: ApiToken, form: Form, refusal: Refused | None = None
) -> str:
    return render(
        "admin/token_binding.html",
        token=token,
        form=form,
        errors=refusal.fields if refusal else {},
        choices=binding.choices(session),
    )


@bp.post("/<int:token_id>/revoke")
@access.allowed(Role.ADMIN)
def revoke(token_id: int) -> Response:
    """End a token at once."""
    with transaction() as session:
        tokens.revoke_token(session, token_id, request.form.get("reason", ""))
    flash("令牌已吊销，立即失效。")
    return redirect(url_for("tokens.index"))


def _page(form: Form, refusal: Refused | None = None) -> str:
    with transaction() as session:
        page = queries.tokens(session, request.args.get("cursor"))
        bound = {row.id: binding.in_words(session, row) for row in page.rows}
        return render(
            "admin/tokens.html",
            listing=Listing(COLUMNS, page),
            bound=bound,
            choices=binding.choices(session),
            scopes=list(Scope),
            form=form,
            errors=refusal.fields if refusal else {},
        )
