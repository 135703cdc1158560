"""The admin searches the audit log; nobody edits it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, request
from sqlalchemy import tuple_
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from hotline import access
from hotline.agents.rules import Role
from hotline.audit import Action, AuditEntry
from hotline.clock import day_bounds, parse_day
from hotline.console.audit_subjects import subject_begun, subject_words
from hotline.console.audit_words import in_words
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.web import Page, decode_cursor, encode_cursor, render

bp = Blueprint("audit", __name__, url_prefix="/admin")
PAGE_SIZE = 100
COUNTED = 10_000
CONDITIONS = {"person": "人员", "action": "动作", "subject": "对象", "from": "从", "to": "到"}
COLUMNS = (
    Column("at", "时间"),
    Column("person", "人员"),
    Column("action", "动作"),
    Column("subject", "对象"),
    Column("reason", "原因", is_short=False),
    Column("detail", "内容", is_text=True, is_short=False),
    Column("address", "地址"),
    Column("request_id", "请求编号", is_default=False),
)


@dataclass(frozen=True)
class AuditFilter:
    """What an admin looks for; empty fields do not narrow."""

    person: str = ""
    action: Action | None = None
    subject: str = ""
    since: date | None = None
    until: date | None = None


@bp.get("/audit")
@access.allowed(Role.ADMIN)
def index() -> str:
    """Who did what, newest first."""
    wanted = _filter()
    with transaction() as session:
        page = entries(session, wanted, request.args.get("cursor"))
    asked = {
        "person": wanted.person,
        "action": wanted.action.label if wanted.action else "",
        "subject": subject_words(wanted.subject),
        "from": str(wanted.since or ""),
        "to": str(wanted.until or ""),
    }
    return render(
        "admin/audit.html",
        listing=Listing(COLUMNS, page, chips(CONDITIONS, asked)),
        actions=Action.choices(),
        in_words=in_words,
        subject_words=subject_words,
        labels=dict(Action.choices()),
    )


def _filter() -> AuditFilter:
    return AuditFilter(
        person=request.args.get("person", "").strip()[:60],
        action=Action.known(request.args.get("action")),
        subject=subject_begun(request.args.get("subject", "").strip()[:80]),
        since=parse_day(request.args.get("from")),
        until=parse_day(request.args.get("to")),
    )


def entries(session: Session, wanted: AuditFilter, cursor: str | None) -> Page[AuditEntry]:
    """One page of the log; the total is counted up to 10,000."""
    query = _narrowed(select(AuditEntry), wanted)
    counted = select(func.count()).select_from(query.limit(COUNTED + 1).subquery())
    total = session.exec(counted).one()
    after = decode_cursor(cursor, 2)
    if after:
        mark = (datetime.fromisoformat(after[0]), int(after[1]))
        query = query.where(tuple_(col(AuditEntry.at), col(AuditEntry.id)) < mark)
    newest = (col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
    rows = list(session.exec(query.order_by(*newest).limit(PAGE_SIZE + 1)))
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    onward = encode_cursor(rows[-1].at.isoformat(), rows[-1].key) if more else None
    return Page(rows, onward, min(total, COUNTED), total > COUNTED)


def _narrowed(query: SelectOfScalar[AuditEntry], wanted: AuditFilter) -> SelectOfScalar[AuditEntry]:
    if wanted.person:
        query = query.where(AuditEntry.person_name == wanted.person)
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action.value)
    if wanted.subject:
        query = query.where(col(AuditEntry.subject).startswith(wanted.subject, autoescape=True))
    if wanted.since:
        query = query.where(col(AuditEntry.at) >= day_bounds(wanted.since)[0])
    if wanted.until:
        query = query.where(col(AuditEntry.at) < day_bounds(wanted.until)[1])
    return query
