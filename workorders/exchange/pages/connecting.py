"""平台对接: which platforms there are, how each is reached, what its codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from hotline import access
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from workorders.exchange import lost, platform_trial, queries, sites, stuck_codes
from workorders.exchange.adapters import Way
from workorders.exchange.pages.blueprint import KEEPERS, bp
from workorders.exchange.sites import Given
from workorders.models import Platform
from workorders.platforms.mapping import Template
from workorders.rules import Meaning

__all__ = ["bp"]
LONGEST = {"name": 40, "url": 300, "app_id": 80, "secret": 200, "ca_file": 300, "folder": 300}
BLANK_ROWS = 2


@bp.get("/platforms")
@access.allowed(*KEEPERS)
def platform_list() -> str:
    """Every platform with how it stands."""
    with transaction() as session:
        return render("exchange/platforms.html", rows=queries.healths(session), ways=Way,
                      unknown={row.platform.code: len(stuck_codes.unknown_codes(
                          session, row.platform)) for row in queries.healths(session)},
                      )  # fmt: skip


@bp.get("/platforms/new")
@access.allowed(*KEEPERS)
def new_platform() -> str:
    """An empty form."""
    return _form(None, {"adapter": Way.REST.value, "codes": "city", "is_active": "yes",
                        "answered": "yes"})  # fmt: skip


@bp.get("/platforms/<code>")
@access.allowed(*KEEPERS)
def show_platform(code: str) -> str:
    """How it is connected; its secret is never shown."""
    return _shown(code)


def _shown(code: str, form: Mapping[str, Any] | None = None, refusal: Refused | None = None,
           rows: list[tuple[str, str]] | None = None) -> str:  # fmt: skip
    with transaction() as session:
        row = session.get(Platform, code, options=[lost.NO_SECRET])
        if row is None:
            raise Refused("platform_unknown", "没有这个平台，请从列表重新打开。", 404)
        return _form(row, form or _said(row), refusal,
                     unknown=stuck_codes.unknown_codes(session, row),
                     rows=rows or list(row.mapping.items()))  # fmt: skip


def _said(row: Platform) -> dict[str, Any]:
    return {
        "name": row.name, "adapter": row.adapter, "url": row.base_url, "app_id": row.app_id,
        "ca_file": row.settings.get("ca_file"), "folder": row.settings.get("folder"),
        "answered": row.settings.get("answered", True),
        "send_per_second": row.settings.get("send_per_second"),
        "may_suspend": row.settings.get("may_suspend"), "is_active": row.is_active,
    }  # fmt: skip


def _form(row: Platform | None, form: Mapping[str, Any], refusal: Refused | None = None,
          **more: Any) -> str:  # fmt: skip
    return render(
        "exchange/platform.html", row=row, form=form, ways=Way.choices(), of_secret=_of_secret(row),
        templates=Template.choices(), meanings=Meaning.choices(), blank_rows=BLANK_ROWS,
        errors=refusal.fields if refusal else {}, notice=refusal.message if refusal else None,
        **{"unknown": [], "rows": [], **more},
    )  # fmt: skip


def _of_secret(row: Platform | None) -> str:
    kept = lost.opened(row, "secret", lost.SECRET) if row else None
    if kept == lost.SECRET:
        return lost.SECRET
    return "已保存，不显示；留空则不变。" if kept else "平台给我们的密钥。"


@bp.post("/platforms/new")
@access.allowed(*KEEPERS)
def add_platform() -> Response | tuple[str, int]:
    """Connect another platform."""
    code = request.form.get("code", "").strip()
    try:
        with transaction() as session:
            if session.get(Platform, code, options=[lost.NO_SECRET]) is not None:
                words = "这个代码已有平台，请换一个，或从列表打开它修改。"
                raise Refused("platform_exists", words, fields={"code": words})
            _save(session, code)
    except Refused as refusal:
        return _form(None, request.form, refusal), 422
    flash("平台已保存，请测试连接。")
    return redirect(url_for("workorders_exchange.show_platform", code=code))


@bp.post("/platforms/<code>")
@access.allowed(*KEEPERS)
def change_platform(code: str) -> Response | tuple[str, int]:
    """Change how a platform is connected; a secret left empty stays as it is."""
    try:
        with transaction() as session:
            stuck_codes.locked(session, code)
            _save(session, code)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return _shown(code, request.form, refusal), 422
    flash("平台已保存。")
    return redirect(url_for("workorders_exchange.show_platform", code=code))


def _save(session: Session, code: str) -> None:
    typed = {name: request.form.get(name, "").strip() for name in LONGEST}
    wrong = {name: f"不超过 {most} 个字符。" for name, most in LONGEST.items()
             if len(typed[name]) > most or "\x00" in typed[name]}  # fmt: skip
    if not typed["name"]:
        wrong["name"] = "请填写平台的名称。"
    if Way.known(request.form.get("adapter")) is None:
        wrong["adapter"] = "请选择对接方式。"
    pace = _pace(wrong)
    if wrong:
        raise Refused("platform_invalid", "平台没有保存，请改正下面的内容。", fields=wrong)
    sites.set_platform(session, code, Given(
        adapter=Way.known(request.form["adapter"]), name=typed["name"], url=typed["url"],
        app_id=typed["app_id"], secret=typed["secret"] or None,
        codes=Template.known(request.form.get("codes")),
        is_active=request.form.get("is_active") == "yes",
        settings={"ca_file": typed["ca_file"], "folder": typed["folder"],
                  "answered": request.form.get("answered") == "yes",
                  "may_suspend": request.form.get("may_suspend") == "yes"} | pace,
    ))  # fmt: skip


def _pace(wrong: dict[str, str]) -> dict[str, float]:
    typed = request.form.get("send_per_second", "").strip()
    if not typed:
        return {}
    try:
        pace = float(typed)
    except ValueError:
        pace = 0.0
    if not 0.01 <= pace <= 200:
        wrong["send_per_second"] = "请填写 0.01 到 200 之间的数，或留空。"
    return {"send_per_second": pace}


@bp.post("/platforms/<code>/test")
@access.allowed(*KEEPERS)
def test_platform(code: str) -> Response:
    """Ask the platform one question."""
    try:
        tried = platform_trial.try_out(code)
        flash(tried.words, "message" if tried.is_well else "danger")
    except Refused as refusal:
        if refusal.status == 404:
            raise
        flash(refusal.message, "danger")
    return redirect(url_for("workorders_exchange.show_platform", code=code))


@bp.post("/platforms/<code>/codes")
@access.allowed(*KEEPERS)
def change_codes(code: str) -> Response | tuple[str, int]:
    """The table of codes as it stands in the form."""
    typed = zip(request.form.getlist("status"), request.form.getlist("meaning"), strict=False)
    rows = [(status.strip(), meaning) for status, meaning in typed if status.strip()]
    try:
        if len(dict(rows)) < len(rows):
            raise Refused("code_twice", "同一个状态码填了两次，请删去一行。")
        with transaction() as session:
            row = stuck_codes.locked(session, code)
            again = stuck_codes.change(session, row, dict(rows))
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return _shown(code, None, Refused(refusal.code, _first(refusal)), rows), 422
    flash(f"状态对照已保存。{_again(again)}")
    return redirect(url_for("workorders_exchange.show_platform", code=code) + "#codes")


def _first(refusal: Refused) -> str:
    return next(iter(refusal.fields.values()), refusal.message)


@bp.post("/platforms/<code>/meaning")
@access.allowed(*KEEPERS)
def explain_code(code: str) -> Response:
    """A code nobody explained gets its meaning; what waited for it is applied again."""
    try:
        with transaction() as session:
            meaning, status = request.form.get("meaning", ""), request.form.get("status", "")
            again = stuck_codes.explain(session, code, status, meaning)
        flash(f"状态码“{status}”已对照。{_again(again)}")
    except Refused as refusal:
        if refusal.status == 404:
            raise
        flash(_first(refusal), "danger")
    return redirect(url_for("workorders_exchange.show_platform", code=code) + "#codes")


def _again(count: int) -> str:
    return f"{count} 条等待的消息正在重新处理。" if count else ""
