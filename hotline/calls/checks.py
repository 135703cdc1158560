"""听错待校: utterances the voice line may have got wrong, and what a supervisor says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from hotline import audit
from hotline.calls.models import Call, CallTurn
from hotline.calls.service import get_call
from hotline.calls.voice_rules import PERSONAL, Doubt, Verdict
from hotline.clock import now
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

PAGE, MOST_COUNTED, LONGEST = 50, 10_000, 200


@dataclass(frozen=True)
class Asked:
    """Which utterances: why they are in doubt, at which question, and whether already judged."""

    doubt: Doubt | None = None
    step: str = ""
    is_done: bool = False


def queue(session: Session, asked: Asked, cursor: str | None = None) -> Page[tuple[CallTurn, Call]]:
    """A page of them, the newest first; judged ones by when they happened too."""
    wanted = _conditions(asked)
    some = select(CallTurn.id).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    total = session.exec(select(func.count()).select_from(some)).one()
    if (after := decode_cursor(cursor, 1)) is not None:
        if not isinstance(after[0], int):
            raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400)
        wanted.append(col(CallTurn.id) < after[0])
    query = (
        select(CallTurn, Call)
        .join(Call, col(Call.call_uid) == col(CallTurn.call_uid))
        .where(*wanted)
        .order_by(col(CallTurn.id).desc())
    )
    rows = [(turn, call) for turn, call in session.exec(query.limit(PAGE + 1))]
    more = encode_cursor(rows[PAGE - 1][0].key) if len(rows) > PAGE else None
    return Page(rows[:PAGE], more, min(total, MOST_COUNTED), total > MOST_COUNTED)


def next_after(session: Session, asked: Asked, turn_id: int | None = None) -> int | None:
    """The one that comes after this in the queue, else its first; None when all is done."""
    query = select(CallTurn.id).where(*_conditions(asked)).order_by(col(CallTurn.id).desc())
    if turn_id is not None:
        later = session.exec(query.where(col(CallTurn.id) < turn_id).limit(1)).first()
        if later is not None:
            return later
        query = query.where(col(CallTurn.id) != turn_id)
    return session.exec(query.limit(1)).first()


def _conditions(asked: Asked) -> list[Any]:
    wanted: list[Any] = [
        col(CallTurn.doubt).is_not(None),
        col(CallTurn.verdict).is_not(None) if asked.is_done else col(CallTurn.verdict).is_(None),
    ]
    if asked.doubt is not None:
        wanted.append(col(CallTurn.doubt) == asked.doubt)
    if asked.step:
        wanted.append(col(CallTurn.expects) == asked.step)
    return wanted


def get(session: Session, turn_id: int) -> tuple[CallTurn, Call]:
    """An utterance that may be judged, and its call. Raises Refused 404."""
    turn = session.get(CallTurn, turn_id)
    if turn is None or turn.doubt is None or turn.expects in PERSONAL:
        raise Refused("turn_unknown", "没有这段待校的话。", 404)
    return turn, get_call(session, turn.call_uid)


def judge(
    session: Session, turn_id: int, verdict: Verdict, said: str, by: int, *, again: bool = False
) -> CallTurn:
    """Say what was really said, or why it cannot be said. ``again`` changes an earlier word.

    Raises Refused: 404, 422 without words, 409 when a colleague was quicker.
    """
    said = "".join(said.split())
    if verdict is Verdict.SAID and not said:
        raise _bad("请写下实际说的话；听不清就按“听不清”。")
    if len(said) > LONGEST:
        raise _bad(f"最多 {LONGEST} 个字。")
    session.get(CallTurn, turn_id, with_for_update=True)
    turn, call = get(session, turn_id)
    if turn.verdict is not None and not again:
        raise Refused("turn_judged", "这一段刚被其他班长校过，已转到下一段。", 409)
    before = turn.verdict
    turn.verdict, turn.said = verdict, said if verdict is Verdict.SAID else None
    turn.checked_by, turn.checked_at = by, now()
    detail = {"turn": turn.position, "before": {"verdict": before}, "after": {"verdict": verdict}}
    audit.record(session, audit.Action.RECORD_CHANGED, call.subject, detail=detail)
    session.flush()
    return turn


def _bad(sentence: str) -> Refused:
    return Refused("said_invalid", sentence, fields={"said": sentence})
