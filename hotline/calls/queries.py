"""Reading calls: pages by keyset, search that finds two-character words, lists of the desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, tuple_
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hotline import phone, security, settings
from hotline.calls import grams
from hotline.calls.confidential import Reader, readable
from hotline.calls.models import Call
from hotline.calls.rules import LIVE, WAITING, AbandonedIn, Disposition, Source, State
from hotline.clock import parse_instant
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

COUNT_CAP = 10_000
MOST_ROWS = 200
_CALL_NO = re.compile(r"\d{8}-\d{5,}")


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; None means any. ``from_at`` and ``to_at`` are half-open.

    ``agent_id`` is who had the call last. ``query`` is what people type: words,
    a whole telephone number, or a call number.
    """

    from_at: datetime | None = None
    to_at: datetime | None = None
    state: State | None = None
    category: str | None = None
    subcategory: str | None = None
    disposition: Disposition | None = None
    agent_id: int | None = None
    caller: str | None = None
    queue: str | None = None
    source: Source | None = None
    abandoned: bool | None = None
    abandoned_in: AbandonedIn | None = None
    unsettled: bool = False
    query: str | None = None


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
    total = count_capped(session, wanted) if count and cursor is None else None
    is_capped = total is not None and total > COUNT_CAP
    return Page(rows[:limit], following, min(total, COUNT_CAP) if total else total, is_capped)


def _ordered(
    after: list[ColumnElement[bool]], wanted: list[ColumnElement[bool]]
) -> SelectOfScalar[Call]:
    newest_first = (col(Call.started_at).desc(), col(Call.id).desc())
    # Pieces of the search index are half of a row and nobody's reading.
    unread = [getattr(Call, name) for name in Call.model_fields if name not in _UNREAD]
    return select(Call).options(load_only(*unread)).where(*after, *wanted).order_by(*newest_first)


_UNREAD = {"grams", "search_text"}


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


def conditions(filters: Filters, reading: Reader) -> list[ColumnElement[bool]]:
    """Filters as SQL conditions. What a reader may not read does not match their words."""
    return [*_exact(filters), *_spans(filters), *_typed(filters.query, reading)]


def _exact(filters: Filters) -> Iterator[ColumnElement[bool]]:
    for name in ("state", "category", "subcategory", "disposition", "queue", "source",
                 "abandoned_in"):  # fmt: skip
        value = getattr(filters, name)
        if value is not None:
            yield col(getattr(Call, name)) == value
    if filters.state and filters.state is not State.CLOSED:
        # Said again so that the small index of calls under way is used.
        yield col(Call.state) != State.CLOSED
    if filters.agent_id is not None:
        yield col(Call.agent_id) == filters.agent_id
    if filters.caller is not None:
        yield _by_number(filters.caller)


def _spans(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.from_at is not None:
        yield col(Call.started_at) >= filters.from_at
    if filters.to_at is not None:
        yield col(Call.started_at) < filters.to_at
    if filters.abandoned is not None:
        given_up = col(Call.abandoned_in)
        yield given_up.is_not(None) if filters.abandoned else given_up.is_(None)
    if filters.unsettled:
        yield from _unsettled()


def _unsettled() -> list[ColumnElement[bool]]:
    return [col(Call.disposition).is_(None), col(Call.answered_at).is_not(None),
            col(Call.ended_at).is_not(None)]  # fmt: skip


def _typed(query: str | None, reading: Reader) -> Iterator[ColumnElement[bool]]:
    words = grams.words(query or "")
    if not words:
        return
    if len(words) == 1 and _CALL_NO.fullmatch(words[0]):
        yield col(Call.call_no) == words[0]
    elif len(words) == 1 and re.fullmatch(r"[+\d-]{7,20}", words[0]):
        yield _by_number(words[0])
    else:
        yield from _containing(words, reading)


def _containing(words: list[str], reading: Reader) -> Iterator[ColumnElement[bool]]:
    yield col(Call.grams).is_not(None)
    yield col(Call.grams).contains(grams.codes_of(words))
    for word in words:
        yield func.strpos(col(Call.search_text), word) > 0
    yield readable(reading)


def _by_number(raw: str) -> ColumnElement[bool]:
    number = phone.normalise(raw, settings.current().area_code) or raw
    return col(Call.caller_hash) == security.lookup_hash("phone", number)


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


def calls_without_disposition(
    session: Session, reading: Reader, cursor: str | None = None, **narrowed: Any
) -> Page[Call]:
    """Answered calls nobody has settled: they are on this list, not lost."""
    return search_calls(session, Filters(unsettled=True, **narrowed), reading, cursor)


def abandoned_calls(
    session: Session, reading: Reader, cursor: str | None = None, **narrowed: Any
) -> Page[Call]:
    """Every call given up, at any stage, short ones too."""
    return search_calls(session, Filters(abandoned=True, **narrowed), reading, cursor)
