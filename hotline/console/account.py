"""My account: where I am signed in, and how to end that elsewhere."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, session, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents.models import SignIn
from hotline.agents.rules import PEOPLE_ROLES
from hotline.agents.service import end_sign_ins, get_person
from hotline.db import transaction
from hotline.security import token_hash
from hotline.web import render

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@access.allowed(*PEOPLE_ROLES)
def security() -> str:
    """Password, second factor, and the browsers I am signed in at."""
    me = access.person().key
    with transaction() as db:
        open_ones = select(SignIn).where(SignIn.person_id == me, col(SignIn.ended_at).is_(None))
        return render(
            "account/security.html",
            person=get_person(db, me),
            sign_ins=db.exec(open_ones.order_by(col(SignIn.seen_at).desc()).limit(20)).all(),
            here=token_hash(session["token"]),
        )


@bp.post("/sign-ins/end")
@access.allowed(*PEOPLE_ROLES)
def end_others() -> Response:
    """Sign me out everywhere but here."""
    with transaction() as db:
        end_sign_ins(db, access.person().key, but=token_hash(session["token"]))
    flash("其他设备上的登录已退出。")
    return redirect(url_for("account.security"))
