"""Pages of signing in."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from hotline import access, limits, settings
from hotline.agents.models import Person
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence
from hotline.auth import service
from hotline.db import transaction
from hotline.errors import Refused
from hotline.security import new_totp_secret, totp_address
from hotline.web import render, safe_path

bp = Blueprint("auth", __name__)


@bp.get("/sign-in")
@access.public
def sign_in() -> str | Response:
    """The sign-in form; who is signed in already goes on."""
    if access.who() is not None:
        return redirect(url_for("home.index"))
    return _form("auth/sign_in.html", next=request.args.get("next", ""))


@bp.post("/sign-in")
@access.public
@limits.sign_in
def submit_sign_in() -> tuple[str, int] | Response:
    """Check name and password; a wrong one keeps what was typed, but for the password."""
    username = request.form.get("username", "").strip().lower()
    with transaction() as db:
        found = service.check_password(db, username, request.form.get("password", ""))
        token = (
            service.begin(db, found, request.remote_addr, request.headers.get("User-Agent"))
            if isinstance(found, Person)
            else None
        )
    onward = safe_path(request.form.get("next"))
    if isinstance(found, Refused):
        return _again("auth/sign_in.html", found, username=username, next=onward)
    session.clear()
    session["token"], session["next"] = token, onward
    return redirect(onward or url_for("home.index"))


@bp.get("/sign-in/code")
@access.signed_in
@access.half_signed_in
def second_factor() -> str:
    """Ask for the authenticator's code."""
    return _form("auth/totp.html")


@bp.post("/sign-in/code")
@access.signed_in
@access.half_signed_in
@limits.sign_in
def submit_second_factor() -> tuple[str, int] | Response:
    """Check the code."""
    with transaction() as db:
        refusal = service.check_second_factor(db, session["token"], request.form.get("code", ""))
    if refusal is not None:
        return _again("auth/totp.html", refusal)
    return redirect(session.pop("next", None) or url_for("home.index"))


@bp.get("/sign-in/enrol")
@access.signed_in
@access.half_signed_in
def enrol() -> str:
    """Show the QR code that ties an authenticator to the person."""
    session["enrolling"] = session.get("enrolling") or new_totp_secret()
    return _enrolment()


@bp.post("/sign-in/enrol")
@access.signed_in
@access.half_signed_in
@limits.sign_in
def submit_enrol() -> tuple[str, int] | Response:
    """Keep the authenticator once its first code is right."""
    secret = session.get("enrolling")
    if not secret:
        return redirect(url_for("auth.enrol"))
    try:
        with transaction() as db:
            service.enrol(db, session["token"], secret, request.form.get("code", ""))
    except Refused as refusal:
        return _enrolment(refusal), refusal.status
    session.pop("enrolling")
    flash("验证器已绑定。")
    return redirect(session.pop("next", None) or url_for("home.index"))


def _enrolment(refusal: Refused | None = None) -> str:
    secret = session["enrolling"]
    address = totp_address(secret, access.person().username)
    picture = segno.make(address, error="m").svg_inline(scale=5, border=2)
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return _form("auth/totp_enrol.html", refusal, qr=Markup(picture), secret=spaced)  # noqa: S704


@bp.get("/account/password")
@access.signed_in
@access.half_signed_in
def change_password() -> str:
    """The form for a new password."""
    return _form("auth/password.html", is_due=access.person().password_due)


@bp.post("/account/password")
@access.signed_in
@access.half_signed_in
@limits.sign_in
def submit_change_password() -> tuple[str, int] | Response:
    """Set the new password."""
    asking = access.person()
    if asking.second_factor_due:
        return redirect(url_for("auth.second_factor"))
    fields = [request.form.get(name, "") for name in ("present", "password", "again")]
    try:
        with transaction() as db:
            service.change_password(db, asking.key, session["token"], *fields)
    except Refused as refusal:
        return _again("auth/password.html", refusal, is_due=asking.password_due)
    flash("密码已修改，其他设备上的登录已退出。")
    return redirect(url_for("home.index"))


@bp.post("/sign-out")
@access.signed_in
@access.half_signed_in
def sign_out() -> Response:
    """End the session; an agent goes off line, unless still on a call."""
    asking = access.person()
    with transaction() as db:
        service.sign_out(db, session["token"])
        if asking.presence not in {Presence.TALKING, Presence.WRAP_UP}:
            set_presence(db, asking.key, Presence.OFFLINE)
    session.clear()
    return redirect(url_for("auth.sign_in"))


def _form(template: str, refusal: Refused | None = None, **values: object) -> str:
    errors = {} if refusal is None else dict(refusal.fields)
    notice = None if refusal is None or errors else refusal.message
    return render(
        template,
        form=values,
        errors=errors,
        notice=notice,
        demo=settings.current().demo,
        **values,
    )


def _again(template: str, refusal: Refused, **values: object) -> tuple[str, int]:
    return _form(template, refusal, **values), refusal.status
