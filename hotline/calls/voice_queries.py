"""Calls of the voice line one by one, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal_column, tuple_
from sqlmodel import Session, col, func, select

from hotline.calls.models import Call, VoiceCall
from hotline.calls.voice_figures import END
from hotline.calls.voice_rules import Left
from hotline.clock import parse_instant
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

PAGE, MOST_COUNTED = 50, 10_000
_ENDED: Any = literal_column(END)
# What is asked by the name it has in the address.
CONDITIONS: dict[str, Any] = {
    "end": _ENDED,
    "reason": col(VoiceCall.reason),
    "step": col(VoiceCall.last_step),
    "age": col(VoiceCall.age_band),
    "model": col(VoiceCall.model),
}


@dataclass(frozen=True)
class Gone:
    """A call, and how it ended for the voice line (a code of ``End``)."""

    voice: VoiceCall
    call: Call
    end: str


def calls(
    session: Session, since: datetime, until: datetime, narrowed: dict[str, str],
    cursor: str | None = None,
) -> Page[Gone]:  # fmt: skip
    """A page of the calls in [since, until); ``narrowed`` by names of ``CONDITIONS``."""
    wanted = [
        col(VoiceCall.started_at) >= since,
        col(VoiceCall.started_at) < until,
        col(VoiceCall.went) != Left.UNDER_WAY,
        *(CONDITIONS[name] == value for name, value in narrowed.items() if name in CONDITIONS),
    ]
    total = _count(session, wanted)
    query = (
        select(VoiceCall, Call, _ENDED)
        .join(Call, col(Call.call_uid) == col(VoiceCall.call_uid))
        .where(*wanted, *_after(cursor))
        .order_by(col(VoiceCall.started_at).desc(), col(VoiceCall.call_uid).desc())
    )
    rows = [Gone(*row) for row in session.execute(query.limit(PAGE + 1))]
    more = _cursor_of(rows[PAGE - 1].voice) if len(rows) > PAGE else None
    return Page(rows[:PAGE], more, min(total, MOST_COUNTED), total > MOST_COUNTED)


def _count(session: Session, wanted: list[Any]) -> int:
    some = select(VoiceCall.call_uid).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def _after(cursor: str | None) -> list[Any]:
    values = decode_cursor(cursor, 2)
    if values is None:
        return []
    try:
        at, uid = parse_instant(str(values[0])), str(values[1])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    return [tuple_(col(VoiceCall.started_at), col(VoiceCall.call_uid)) < tuple_(at, uid)]


def _cursor_of(call: VoiceCall) -> str:
    return encode_cursor(call.started_at.isoformat(), call.call_uid)


def models(session: Session) -> list[str]:
    """Every model that listened, the newest name last."""
    query = select(VoiceCall.model).where(col(VoiceCall.model).is_not(None)).distinct()
    return sorted(name for name in session.exec(query) if name)
