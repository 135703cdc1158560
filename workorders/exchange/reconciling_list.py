"""The list of difference reports: the latest day first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, func, select

from hotline.clock import now
from hotline.errors import Refused
from hotline.labels import Labelled
from hotline.web import Page, decode_cursor, encode_cursor
from workorders.exchange.reconciling_models import Reconciliation
from workorders.exchange.reconciling_rules import UNFINISHED, RunState

PAGE = 50
SILENT = timedelta(minutes=3)  # longer than any one question to a platform


class Signing(Labelled):
    """Whether a report is signed."""

    OPEN = "open", "待签字"
    SIGNED = "signed", "已签字"
    UNFINISHED = "unfinished", "未完成"


def page(
    session: Session, platform: str | None, signing: Signing | None, cursor: str | None
) -> Page[Reconciliation]:
    """One page of the runs that are asked for."""
    wanted = list(_wanted(platform, signing))
    total = session.exec(select(func.count()).select_from(Reconciliation).where(*wanted)).one()
    query = select(Reconciliation).where(*wanted, *_after(cursor))
    newest = (col(Reconciliation.day).desc(), col(Reconciliation.id).desc())
    rows = list(session.exec(query.order_by(*newest).limit(PAGE + 1)))
    end = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], encode_cursor(end.day.isoformat(), end.key) if end else None, total)


def _wanted(platform: str | None, signing: Signing | None) -> Iterator[ColumnElement[bool]]:
    if platform:
        yield col(Reconciliation.platform) == platform
    if signing is Signing.UNFINISHED:
        yield col(Reconciliation.state).in_(UNFINISHED)
    elif signing is not None:
        is_signed = signing is Signing.SIGNED
        yield col(Reconciliation.state) == RunState.DONE
        signed_at = col(Reconciliation.signed_at)
        yield signed_at.is_not(None) if is_signed else signed_at.is_(None)


def _after(cursor: str | None) -> Iterator[ColumnElement[bool]]:
    values = decode_cursor(cursor, 2)
    if values is None:
        return
    try:
        day, key = date.fromisoformat(str(values[0])), int(values[1])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    same = and_(col(Reconciliation.day) == day, col(Reconciliation.id) < key)
    yield or_(col(Reconciliation.day) < day, same)


def is_silent(run: Reconciliation, at: datetime | None = None) -> bool:
    """Whether nobody works on it any more though it is not over: it was killed."""
    return run.ended_at is None and (at or now()) - run.heard_at > SILENT


def waiting_to_be_signed(session: Session, before: datetime) -> int:
    """How many finished reports have waited for a signature since before then."""
    query = (
        select(func.count())
        .select_from(Reconciliation)
        .where(
            Reconciliation.state == RunState.DONE,
            col(Reconciliation.signed_at).is_(None),
            col(Reconciliation.ended_at) < before,
        )
    )
    return session.exec(query).one()
