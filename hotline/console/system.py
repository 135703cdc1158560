"""The admin's first page: is the system well, what is missing, who is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from hotline import __version__, access, doctor, keys
from hotline.agents.models import ApiToken, Person, SignIn
from hotline.agents.rules import Role
from hotline.calls.models import Call
from hotline.clock import now
from hotline.db import transaction
from hotline.web import render

bp = Blueprint("system", __name__, url_prefix="/admin/system")
RECENTLY = timedelta(minutes=15)
TONES = {"✓": "done", "！": "soon", "✗": "danger"}
WORST_FIRST = "✗！✓"
WORDS = {"✓": "正常", "！": "注意", "✗": "故障"}


@dataclass(frozen=True)
class Facts:
    """What an admin asks first. ``database_bytes`` is the size on disk."""

    people_here: int
    locked: int
    last_call_at: datetime | None
    calls: int
    database_bytes: int
    tokens: int


@bp.get("")
@access.allowed(Role.ADMIN)
def index() -> str:
    """The whole page; findings come by themselves, since checking takes a moment."""
    with transaction() as session:
        facts = facts_of(session)
    return render("admin/system.html", facts=facts, version=__version__)


@bp.get("/findings")
@access.passive
@access.allowed(Role.ADMIN)
def findings() -> str:
    """What `hotline doctor` says, and values that still wait for the newest key."""
    found = list(doctor.examine())
    if left := keys.left_over():
        found.append(
            doctor.mind(f"{sum(left.values())} 个加密值仍用旧密钥：运行 hotline keys rotate")
        )
    found.sort(key=lambda one: WORST_FIRST.index(one.mark))
    return render(
        "admin/_findings.html",
        findings=found,
        counted=[(mark, sum(one.mark == mark for one in found)) for mark in WORST_FIRST],
        tones=TONES,
        words=WORDS,
    )


def facts_of(session: Session) -> Facts:
    """Counts that cost nothing on two million calls."""
    at = now()
    here = select(func.count(func.distinct(SignIn.person_id))).where(
        col(SignIn.ended_at).is_(None), col(SignIn.seen_at) > at - RECENTLY
    )
    locked = select(func.count()).select_from(Person).where(col(Person.locked_until) > at)
    tokens = select(func.count()).select_from(ApiToken).where(col(ApiToken.revoked_at).is_(None))
    # The planner's own estimate: counting two million rows for a tile would be a waste.
    calls = session.execute(
        text("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'call'::regclass")
    )
    size = session.execute(text("SELECT pg_database_size(current_database())"))
    return Facts(
        people_here=session.exec(here).one(),
        locked=session.exec(locked).one(),
        last_call_at=session.exec(select(func.max(Call.started_at))).one(),
        calls=calls.scalar_one(),
        database_bytes=size.scalar_one(),
        tokens=session.exec(tokens).one(),
    )
