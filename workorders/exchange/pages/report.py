"""One difference report: both sides, what was done, explanations, the signature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from workorders import actors
from workorders.exchange import reconciling_report
from workorders.exchange.pages.blueprint import ID, LEADERS, bp, platforms
from workorders.exchange.reconciling_list import is_silent
from workorders.exchange.reconciling_models import Reconciliation
from workorders.exchange.reconciling_report import LONGEST, MOST_SHOWN, Line
from workorders.exchange.reconciling_rules import Kind, Outcome, RunState
from workorders.rules import State

__all__ = ["bp"]
TONES = {
    Outcome.FETCHED: "done",
    Outcome.SENDING: "soon",
    Outcome.TO_FETCH: "soon",
    Outcome.TO_CHECK: "soon",
    Outcome.NOT_FETCHED: "danger",
    Outcome.STUCK: "danger",
}


@dataclass(frozen=True)
class UnderWay:
    """A run for the progress line."""

    words: str
    done: int
    total: int
    is_over: bool


@bp.get(f"/reconciliation/<{ID}:run_id>")
@access.allowed(*LEADERS)
def report(run_id: int) -> str:
    """The whole report; it prints on A4."""
    return _page(run_id)


def _page(run_id: int, refusal: Refused | None = None) -> str:
    with transaction() as session:
        run = reconciling_report.get(session, run_id)
        if refusal is None:
            audit.record(session, audit.Action.RECORD_READ, run.subject)
        return render("exchange/report.html", **_said(session, run), form=request.form,
                      errors=refusal.fields if refusal else {},
                      notice=refusal.message if refusal else None)  # fmt: skip


def _said(session: Session, run: Reconciliation) -> dict[str, Any]:
    lines = reconciling_report.lines(session, run)
    rows = reconciling_report.differences(session, run)
    return {
        "run": run,
        "name": platforms(session).get(run.platform, run.platform),
        "lines": lines,
        "kinds": _counted(rows),
        "left": sum(row.explanation is None for row in rows),
        "hidden": max(0, len(rows) - MOST_SHOWN),
        "seen": reconciling_report.seen(rows),
        "under_way": _under_way(run, rows),
        "is_silent": is_silent(run),
        "is_done": run.state is RunState.DONE,
        "same_person": run.signed_by is not None
        and any(row.explained_by == run.signed_by for row in rows),
        "tones": TONES,
        "now_of": now_of,
        "longest": LONGEST,
        "state_words": dict(State.choices()),
    }


def _counted(rows: list[Any]) -> list[tuple[str, int]]:
    counts = Counter(row.kind for row in rows)
    return [(kind.label, counts[kind]) for kind in Kind if counts[kind]]


def _under_way(run: Reconciliation, rows: list[Any]) -> UnderWay:
    fetching = run.state is RunState.FETCHING
    asked = [row for row in rows if row.kind in (Kind.MISSING_HERE, Kind.OLDER_HERE)]
    done = sum(row.outcome is not Outcome.TO_FETCH for row in asked)
    return UnderWay(
        run.state.label, done if fetching else run.theirs, len(asked) if fetching else 0,
        run.ended_at is not None,
    )  # fmt: skip


def now_of(line: Line) -> str:
    """Whether the difference is still there: our side as it stands now."""
    row, order = line.difference, line.order
    if order is None:
        return "现仍没有" if row.kind is Kind.MISSING_HERE else ""
    if row.their_version is not None and (order.remote_version or 0) >= row.their_version:
        return f"现为{order.state.label}，版本 {order.remote_version}"
    return f"现为{order.state.label}"


@bp.get(f"/reconciliation/<{ID}:run_id>/progress")
@access.passive
@access.allowed(*LEADERS)
def report_progress(run_id: int) -> Response | str:
    """The line that asks for itself; once the run is over the page is shown anew."""
    with transaction() as session:
        run = reconciling_report.get(session, run_id)
        if run.ended_at is not None or is_silent(run):
            return Response("", headers={"HX-Refresh": "true"})
        rows = reconciling_report.differences(session, run)
    return render("exchange/_report_progress.html", run=run, under_way=_under_way(run, rows))


@bp.post(f"/reconciliation/<{ID}:run_id>/explain")
@access.allowed(*LEADERS)
def explain(run_id: int) -> AnyResponse | tuple[str, int]:
    """Why a difference is there: one of them, or all that nobody has explained."""
    chosen = request.form.get("difference", "")
    field = f"explanation-{chosen}" if chosen.isdecimal() else "explanation"
    words = request.form.get(field, "")
    only = int(chosen) if chosen.isdecimal() else None

    def deed(session: Session) -> str:
        count = reconciling_report.explain(
            session, run_id, words, actors.at_hand(), only=only
        )  # fmt: skip
        return f"已说明 {count} 处差异。"

    return _done(run_id, deed, field, f"#d-{chosen}" if only else "#sign")


@bp.post(f"/reconciliation/<{ID}:run_id>/sign")
@access.allowed(*LEADERS)
def sign(run_id: int) -> AnyResponse | tuple[str, int]:
    """The second look."""

    def deed(session: Session) -> str:
        words, seen = request.form.get("words", ""), request.form.get("seen", "")
        reconciling_report.sign(session, run_id, words, seen, actors.at_hand())
        return "已签字，报告不再修改。"

    return _done(run_id, deed, "words", "#sign")


@bp.post(f"/reconciliation/<{ID}:run_id>/stop")
@access.allowed(*LEADERS)
def stop_report(run_id: int) -> AnyResponse | tuple[str, int]:
    """Ask it to stop."""

    def deed(session: Session) -> str:
        reconciling_report.stop(session, run_id)
        return "已请求停止，几秒后停下；之后可以重新开始。"

    return _done(run_id, deed, "", "")


def _done(
    run_id: int, deed: Callable[[Session], str], field: str, place: str
) -> AnyResponse | tuple[str, int]:
    """Do it and come back; what was typed stays where it was refused."""
    try:
        with transaction() as session:
            words = deed(session)
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        fields = {field or name: words for name, words in refusal.fields.items()}
        again = Refused(refusal.code, refusal.message, refusal.status, fields)
        return _page(run_id, again), refusal.status
    flash(words)
    return redirect(url_for("workorders_exchange.report", run_id=run_id) + place)
