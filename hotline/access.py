"""Who may call what. Closed by default: a route without a rule stops the start-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Flask, g, has_request_context, request

from hotline.agents.rules import Presence, Role, Scope
from hotline.errors import Refused

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Binding:
    """What a machine's token is narrowed to in booking; None is not narrowed."""

    channels: frozenset[str] | None = None
    hospitals: frozenset[int] | None = None
    cities: frozenset[str] | None = None


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
    binding: Binding = Binding()
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
    is_signed: bool = False

    def lets(self, who: Who) -> bool:
        """Whether this caller may pass."""
        if who.is_machine:
            return bool(self.scopes & who.scopes) or (bool(self.scopes) and Scope.ALL in who.scopes)
        return who.role in self.roles


def rule_of(view: Callable[..., object]) -> Rule:
    """The rule of a view, made on first use."""
    rule: Rule = vars(view).setdefault("access_rule", Rule())
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


def by_signature(view: View) -> View:
    """Anyone may call the view, which itself proves the caller by a signature: there is no browser
    whose form could be forged. Public, so listed in tests/test_access.py."""
    rule_of(view).is_public = rule_of(view).is_signed = True
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


def unruled(app: Flask) -> list[str]:
    """Endpoints nobody gave a rule to: there must be none."""
    return [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not is_static(endpoint) and getattr(view, "access_rule", None) is None
    ]


def is_static(endpoint: str | None) -> bool:
    """Whether an endpoint serves files."""
    return endpoint is not None and endpoint.rsplit(".", 1)[-1] == "static"


def wants_json() -> bool:
    """Whether the caller is a program rather than a page."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )
