"""Who may call what. Closed by default: a route without a rule stops the start-up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

from flask import Flask, g, has_request_context, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect, validate_csrf
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from hotline.agents import sessions
from hotline.agents.rules import Presence, Role, Scope
from hotline.errors import Refused

View = TypeVar("View", bound=Callable[..., object])
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,40}")


@dataclass(frozen=True)
class Who:
    """Who is asking: a signed-in person or a machine with a token."""

    person_id: int | None
    username: str
    name: str
    role: Role
    team_id: int | None = None
    extension: str | None = None
    presence: Presence = Presence.OFFLINE
    scopes: frozenset[str] = frozenset()
    token_id: int | None = None
    second_factor_due: bool = False
    enrolment_due: bool = False
    password_due: bool = False

    @property
    def is_machine(self) -> bool:
        """Whether an API token asks."""
        return self.token_id is not None

    @property
    def key(self) -> int:
        """The person's id; a machine has none."""
        if self.person_id is None:
            raise Refused("person_needed", "此操作须由人员登录后进行。", 403)
        return self.person_id


@dataclass(frozen=True)
class Origin:
    """Where a deed came from, for the audit log."""

    person_id: int | None = None
    name: str = "系统"
    address: str | None = None
    request_id: str | None = None


@dataclass
class Rule:
    """Who may call a view."""

    roles: set[Role] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)
    is_public: bool = False
    is_passive: bool = False
    any_state: bool = False

    def lets(self, who: Who) -> bool:
        """Whether this caller may pass."""
        if who.is_machine:
            return bool(self.scopes & who.scopes) or (bool(self.scopes) and Scope.ALL in who.scopes)
        return who.role in self.roles


def rule_of(view: Callable[..., object]) -> Rule:
    """The rule of a view, made on first use."""
    rule: Rule | None = getattr(view, "access_rule", None)
    if rule is None:
        rule = Rule()
        view.access_rule = rule  # type: ignore[attr-defined]
    return rule


def allowed(*roles: Role) -> Callable[[View], View]:
    """People of these roles may call the view."""

    def mark(view: View) -> View:
        rule_of(view).roles.update(roles)
        return view

    return mark


def signed_in(view: View) -> View:
    """Every signed-in person may call the view."""
    return allowed(*Role)(view)


def token(scope: Scope | str) -> Callable[[View], View]:
    """A machine whose token has this scope (or ``all``) may call the view."""

    def mark(view: View) -> View:
        rule_of(view).scopes.add(Scope(scope).value)
        return view

    return mark


def public(view: View) -> View:
    """Anyone may call the view. Each one is listed in tests/test_access.py."""
    rule_of(view).is_public = True
    return view


def passive(view: View) -> View:
    """Calling the view is no sign of a person at work: it does not put off the time-out."""
    rule_of(view).is_passive = True
    return view


def half_signed_in(view: View) -> View:
    """The view also serves who still owes a second factor or a new password."""
    rule_of(view).any_state = True
    return view


def who() -> Who | None:
    """Who is asking, or None."""
    return g.get("who") if has_request_context() else None


def person() -> Who:
    """Who is asking. Raises Refused 401 when nobody is signed in."""
    asking = who()
    if asking is None:
        raise Refused("not_signed_in", "请先登录。", 401)
    return asking


def origin() -> Origin:
    """Where the present deed comes from: a request, or the system itself."""
    if not has_request_context():
        return Origin()
    asking = who()
    return Origin(
        asking.person_id if asking else None,
        asking.name if asking else "未登录",
        request.remote_addr,
        g.get("request_id"),
    )


def install(app: Flask) -> None:
    """Guard every request of the application."""
    CSRFProtect(app)
    app.before_request(_identify)
    app.before_request(_guard)


def unruled(app: Flask) -> list[str]:
    """Endpoints nobody gave a rule to: there must be none."""
    return [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not _is_static(endpoint) and getattr(view, "access_rule", None) is None
    ]


def _is_static(endpoint: str | None) -> bool:
    return endpoint is not None and endpoint.rsplit(".", 1)[-1] == "static"


def _identify() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
    g.who = None
    if _is_static(request.endpoint):
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
    from flask import current_app

    return current_app.view_functions.get(request.endpoint or "")


def _guard() -> Response | None:
    if request.endpoint is None or _is_static(request.endpoint):
        return None
    rule, asking = _view_rule(), g.who
    if not (asking and asking.is_machine) and request.method in UNSAFE:
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


def _send_to(endpoint: str, **values: str | None) -> Response:
    if wants_json():
        raise Refused("sign_in_incomplete", "登录尚未完成：请完成二次验证或修改密码。", 403)
    address = url_for(endpoint, **values)  # type: ignore[arg-type]
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def wants_json() -> bool:
    """Whether the caller is a program rather than a page."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )
