"""What happens to every request before its view: who asks, and whether they may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect, validate_csrf
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from hotline.access import Rule, Who, is_static, rule_of, wants_json
from hotline.agents import sessions
from hotline.errors import Refused

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,40}")


def install(app: Flask) -> None:
    """Guard every request of the application."""
    CSRFProtect(app)
    app.before_request(_identify)
    app.before_request(_guard)


def _identify() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
    g.who = None
    if is_static(request.endpoint):
        return
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        g.who = sessions.machine(value.strip())
    elif "token" in session:
        g.who = sessions.person(session["token"], is_active=not _view_rule().is_passive)


def _view_rule() -> Rule:
    view = _view()
    return rule_of(view) if view else Rule()


def _view() -> Callable[..., object] | None:
    return current_app.view_functions.get(request.endpoint or "")


def _guard() -> Response | None:
    if request.endpoint is None or is_static(request.endpoint):
        return None
    rule, asking = _view_rule(), g.who
    is_form = not (rule.is_signed or (asking and asking.is_machine))
    if is_form and request.method in UNSAFE:
        _check_form_token(rule)
    if rule.is_public:
        return None
    if asking is None:
        return _ask_to_sign_in()
    if not rule.any_state and (due := _step_due(asking)):
        return _send_to(due)
    if not rule.lets(asking):
        raise Refused("forbidden", "您的角色没有这项权限。如需开通，请联系管理员。", 403)
    return None


def _check_form_token(rule: Rule) -> None:
    if g.who is None and not rule.is_public:
        return  # nobody is signed in: nothing to forge, and 401 says more
    try:
        validate_csrf(request.headers.get("X-CSRF-Token") or request.form.get("csrf_token"))
    except ValidationError:
        raise Refused("form_expired", "页面已过期，请刷新后重新提交。", 400) from None


def _step_due(asking: Who) -> str | None:
    if asking.is_machine:
        return None
    if asking.enrolment_due:
        return "auth.enrol"
    if asking.second_factor_due:
        return "auth.second_factor"
    return "auth.change_password" if asking.password_due else None


def _ask_to_sign_in() -> Response:
    if wants_json():
        raise Refused("not_signed_in", "请先登录，或在请求头中带上有效令牌。", 401)
    return _send_to("auth.sign_in", next=_return_path())


def _return_path() -> str | None:
    if request.method != "GET" or request.headers.get("HX-Request"):
        return None
    return request.full_path.rstrip("?")


def _send_to(endpoint: str, **values: Any) -> Response:
    if wants_json():
        raise Refused("sign_in_incomplete", "登录尚未完成：请完成二次验证或修改密码。", 403)
    address = url_for(endpoint, **values)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)
