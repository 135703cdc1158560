"""时限规则, changed by administrators: a row added or ended, orders reckoned anew."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.rules import Role
from hotline.clock import now, today
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from workorders.deadlines import recount, ruling
from workorders.deadlines.models import DeadlineRule
from workorders.deadlines.rules import ClockKind, Counting, RemoteDue, SpanUnit
from workorders.deadlines.typed import Reader, typed_like
from workorders.deadlines.views import bp, choices, readers

__all__ = ["bp"]
keepers = access.allowed(Role.ADMIN)
SHOWN = 200


@bp.get("/new")
@keepers
def new() -> str:
    """An empty row, or one like another."""
    like = request.args.get("like", type=int)
    with transaction() as session:
        row = session.get(DeadlineRule, like) if like else None
    return _form(typed_like(row), None)


def _form(form: MultiDict[str, str], refusal: Refused | None) -> str:
    with transaction() as session:
        platforms = ruling.platforms(session)
    return render(
        "deadlines/new.html",
        form=form,
        paused=form.getlist("pause_in"),
        errors=refusal.fields if refusal else {},
        notice=refusal.message if refusal else None,
        clocks=ClockKind.choices(),
        units=SpanUnit.choices(),
        countings=Counting.choices(),
        remotes=RemoteDue.choices(),
        **choices(platforms),
    )


@bp.post("/new")
@keepers
def add() -> Response | tuple[str, int]:
    """A new row. What was in force stays as it was."""
    try:
        with transaction() as session:
            rule = Reader(request.form).rule()
            note = request.form.get("note", "")
            ruling.add(session, rule, note, access.person().name)
            touched = recount.preview(session).orders
    except Refused as refusal:
        return _form(request.form, refusal), 422
    flash(f"已保存，{rule.effective_from:%Y-%m-%d} 起收到的工单按这条规则计时。")
    return _onward(touched)


def _onward(touched: int) -> Response:
    """Where running clocks would change, that is shown next."""
    if touched:
        return redirect(url_for("workorders_deadlines.preview"))
    return redirect(url_for("workorders_deadlines.index"))


@bp.post("/<int:rule_id>/end")
@keepers
def end(rule_id: int) -> Response:
    """Today is its last day, or it is taken back."""
    with transaction() as session:
        reason, who = request.form.get("reason", ""), access.person().name
        row = ruling.end(session, rule_id, reason, who)
    if row is None:
        flash("已撤销，这条规则不会生效。")
    else:
        flash(f"已停用，{today():%Y-%m-%d} 为最后一天；已开始的时限不变。")
    return redirect(url_for("workorders_deadlines.index"))


@bp.get("/recount")
@readers
def preview() -> str:
    """What reckoning anew would change."""
    return _preview(None)


def _preview(refusal: Refused | None) -> str:
    with transaction() as session:
        found = recount.preview(session)
        platforms = ruling.platforms(session)
    return render(
        "deadlines/recount.html",
        found=found,
        shown=found.changes[:SHOWN],
        platform_names=platforms,
        notice=refusal.message if refusal else None,
    )


@bp.post("/recount")
@keepers
def confirm() -> Response | tuple[str, int]:
    """Do what was previewed."""
    try:
        with transaction() as session:
            done = recount.apply(session, request.form.get("digest", ""), now())
    except Refused as refusal:
        return _preview(refusal), refusal.status
    flash(f"已重新计算：{done.orders} 张工单的 {len(done.changes)} 个时限已更新。")
    return redirect(url_for("workorders_deadlines.index"))
