"""Reading calls: pages by keyset, search that finds two-character words, lists of the desk."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, tuple_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hotline.calls.confidential import Reader
from hotline.calls.filters import Filters, conditions
from hotline.calls.models import Call
from hotline.calls.rules import LIVE, WAITING, State
from hotline.clock import parse_instant
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

COUNT_CAP = 10_000
MOST_ROWS = 200


def search_calls(
    session: Session,
    filters: Filters,
    reading: Reader,
    cursor: str | None = None,
    limit: int = 50,
    *,
    count: bool = True,
) -> Page[Call]:
    """One page, newest first. Only the first page is counted, up to 10,000."""
    limit = max(1, min(limit, MOST_ROWS))
    wanted = conditions(filters, reading)
    rows = list(session.exec(_ordered(_after(cursor), wanted).limit(limit + 1)))
    following = _cursor_of(rows[limit - 1]) if len(rows) > limit else None
    total = None
    if count and cursor is None:  # what fits on one page has been counted already
        total = count_capped(session, wanted) if following else len(rows)
    is_capped = total is not None and total > COUNT_CAP
    return Page(rows[:limit], following, min(total, COUNT_CAP) if total else total, is_capped)


def every_page(
    session: Session, filters: Filters, reading: Reader, at_once: int
) -> Iterator[list[Call]]:
    """All of it, page after page: memory holds one page, and no cursor stays open."""
    wanted, cursor = conditions(filters, reading), None
    while rows := list(session.exec(_ordered(_after(cursor), wanted).limit(at_once))):
        cursor = _cursor_of(rows[-1])
        yield rows


def _ordered(
    after: list[ColumnElement[bool]], wanted: list[ColumnElement[bool]]
) -> SelectOfScalar[Call]:
    return _LISTED.where(*after, *wanted)


UNREAD = {"grams", "search_text"}
# Built once: making and hashing the options of a statement costs more than a page of rows.
# The pieces of the search index are half of a row and nobody's reading.
_LISTED = (
    select(Call)
    .options(*(defer(getattr(Call, name)) for name in sorted(UNREAD)))
    .order_by(col(Call.started_at).desc(), col(Call.id).desc())
)


def _after(cursor: str | None) -> list[ColumnElement[bool]]:
    values = decode_cursor(cursor, 2)
    if values is None:
        return []
    try:
        at, key = parse_instant(str(values[0])), int(values[1])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    return [tuple_(col(Call.started_at), col(Call.id)) < tuple_(at, key)]


def _cursor_of(call: Call) -> str:
    return encode_cursor(call.started_at.isoformat(), call.key)


def count_capped(session: Session, wanted: list[ColumnElement[bool]]) -> int:
    """How many there are, or one more than the cap."""
    some = select(Call.id).where(*wanted).limit(COUNT_CAP + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def waiting_calls(session: Session) -> list[Call]:
    """Who waits in a queue or hears ringing, longest first."""
    return list(
        session.exec(
            select(Call)
            .where(col(Call.state).in_(WAITING), col(Call.state) != State.CLOSED)
            .order_by(func.coalesce(Call.waiting_since, Call.started_at))
            .limit(MOST_ROWS)
        )
    )


def live_calls(session: Session) -> list[Call]:
    """Every call under way, oldest first."""
    return list(
        session.exec(
            select(Call)
            .where(col(Call.state).in_(LIVE), col(Call.state) != State.CLOSED)
            .order_by(col(Call.started_at))
            .limit(MOST_ROWS)
        )
    )
