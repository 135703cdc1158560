"""对账: the reports of every day, and asking for one."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from hotline import access
from hotline.clock import today
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from workorders.exchange import reconciling_jobs, reconciling_list, reconciling_runs
from workorders.exchange.locks import only_one
from workorders.exchange.pages.blueprint import LEADERS, bp, platforms
from workorders.exchange.reconciling_list import Signing, is_silent
from workorders.exchange.reconciling_models import Reconciliation
from workorders.exchange.reconciling_rules import RunState

__all__ = ["bp"]
COLUMNS = (
    Column("day", "日期"),
    Column("platform", "平台"),
    Column("number", "编号", is_number=True),
    Column("theirs", "平台清单", is_number=True),
    Column("ours", "我方", is_number=True),
    Column("differences", "差异", is_number=True),
    Column("state", "状态"),
    Column("ended", "完成"),
    Column("signed", "签字"),
)


@bp.get("/reconciliation")
@access.allowed(*LEADERS)
def reconciliation() -> str:
    """Every report, the latest day first."""
    return _page()


def _page(refusal: Refused | None = None) -> str:
    with transaction() as session:
        return render(
            "exchange/reports.html",
            listing=_listing(session),
            yesterday=today() - timedelta(days=1),
            platforms=list(platforms(session).items()),
            names=platforms(session),
            signings=Signing.choices(),
            is_silent=is_silent,
            form=request.form,
            errors=refusal.fields if refusal else {},
            notice=refusal.message if refusal else None,
        )


def _listing(session: Session) -> Listing:
    known = platforms(session)
    platform, signing = request.args.get("platform"), Signing.known(request.args.get("signing"))
    asked = platform if platform in known else None
    page = reconciling_list.page(session, asked, signing, request.args.get("cursor"))
    said = {"platform": known.get(asked or "", ""), "signing": signing.label if signing else ""}
    names = {"platform": "平台", "signing": "签字"}
    return Listing(COLUMNS, page, chips(names, said), link=_address, row_tone=_tone)


def _address(run: Reconciliation) -> str:
    return url_for("workorders_exchange.report", run_id=run.key)


def _tone(run: Reconciliation) -> str:
    return "danger" if run.state is RunState.FAILED or is_silent(run) else ""


@bp.post("/reconciliation")
@access.allowed(*LEADERS)
def reconcile() -> Response | tuple[str, int]:
    """Have a day compared, in the background."""
    try:
        day = _day(request.form.get("day", ""))
        run = _asked_for(request.form.get("platform", ""), day)
    except Refused as refusal:
        return _page(refusal), refusal.status
    flash(f"正在核对 {day} 的工单，完成后在这里签字。")
    return redirect(_address(run))


def _asked_for(platform: str, day: date) -> Reconciliation:
    """Write the run down, so that there is something to look at, and have it worked on."""
    by, again = access.person().name, request.form.get("again") == "yes"
    with only_one("reconcile", platform) as alone, transaction() as session:
        row = reconciling_runs.active(session, platform)
        if not alone:
            raise Refused("reconciling", "这个平台正在对账，完成后再试。", 409)
        run = reconciling_runs.begin(session, row, day, by=by, again=again)
        if run is None:
            told = "这一天已有报告；要重新核对，请打开报告点“重新对账”。"
            raise Refused("report_there", told, 409, fields={"day": told})
        reconciling_jobs.ask_for_after_commit(session, platform, day, by)
    return run


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        told = "请填写日期，例如 2026-11-20。"
        raise Refused("day_invalid", told, fields={"day": told}) from None
    reconciling_runs.require_past(day)
    return day
