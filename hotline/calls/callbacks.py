"""The list that matters more than the percentage: who gave up and must be called back.

One duty per caller, however often they tried; gone when they got through by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text, tuple_
from sqlmodel import Session, col, func, select

from hotline import audit
from hotline.calls.folded import Folded
from hotline.calls.models import Call, Callback, CallbackAttempt
from hotline.calls.rules import (
    MOST_ATTEMPTS,
    AttemptResult,
    CallbackState,
)
from hotline.clock import now
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

# Nobody wants to be called back about last month: an imported archive makes no duties.
WINDOW = timedelta(hours=48)
OPEN = (CallbackState.OPEN, CallbackState.CLAIMED)

_CAME_BACK = text(
    """
    UPDATE callback SET state = 'came_back', closed_at = :now WHERE id IN (
        SELECT c.id FROM callback c
        JOIN unnest(CAST(:hashes AS bytea[]), CAST(:moments AS timestamptz[])) AS g (hash, moment)
          ON c.caller_hash = g.hash AND c.last_at <= g.moment
        WHERE c.state IN ('open', 'claimed') ORDER BY c.caller_hash FOR UPDATE OF c)
    """
)
_DUTY = text(
    """
    INSERT INTO callback (call_id, caller_hash, state, first_at, last_at, calls,
                          attempts, is_demo)
    SELECT i, h, 'open', a, a, 1, 0, d FROM unnest(
        CAST(:ids AS bigint[]), CAST(:hashes AS bytea[]),
        CAST(:moments AS timestamptz[]), CAST(:demo AS bool[])) AS g (i, h, a, d)
    WHERE NOT EXISTS (
        SELECT FROM call WHERE call.caller_hash = h AND call.answered_at >= a
        AND call.started_at > a - interval '1 day')
    ORDER BY h
    ON CONFLICT (caller_hash) WHERE state IN ('open', 'claimed') DO UPDATE SET
        calls = callback.calls + 1,
        first_at = least(callback.first_at, excluded.first_at),
        last_at = greatest(callback.last_at, excluded.last_at),
        call_id = CASE WHEN excluded.last_at > callback.last_at THEN excluded.call_id
                  ELSE callback.call_id END
    """
)

# ``calls`` is right already: who has just given up stands on the list.
_ASKED = text(
    """
    INSERT INTO callback (call_id, caller_hash, state, first_at, last_at, calls,
                          attempts, is_demo, asked_at)
    VALUES (:id, :hash, 'open', :now, :now, 1, 0, :demo, :now)
    ON CONFLICT (caller_hash) WHERE state IN ('open', 'claimed')
    DO UPDATE SET asked_at = :now, call_id = :id, last_at = :now
    """
)


def keep_duties(session: Session, calls: Sequence[Folded], at: datetime) -> None:
    """Open a duty for who gave up just now; close those of who got through."""
    _close_duties(session, [call for call in calls if call.facts.answered_at], at)
    for given_up in _once_each([call for call in calls if _is_owed(call, at)]):
        _open_duties(session, given_up)


def _is_owed(call: Folded, at: datetime) -> bool:
    facts, before = call.facts, call.before
    is_new = facts.abandoned_in is not None and not (before and before.was_abandoned)
    is_recent = facts.ended_at is not None and at - facts.ended_at <= WINDOW
    return is_new and is_recent and not facts.short_abandon and call.caller_hash is not None


def _once_each(calls: Sequence[Folded]) -> list[list[Folded]]:
    """Groups in which no caller comes twice: one upsert cannot touch a row twice."""
    rounds: list[dict[bytes | None, Folded]] = []
    for call in calls:
        free = next((each for each in rounds if call.caller_hash not in each), None)
        if free is None:
            rounds.append(free := {})
        free[call.caller_hash] = call
    return [list(each.values()) for each in rounds]


def _close_duties(session: Session, answered: Sequence[Folded], at: datetime) -> None:
    known = [call for call in answered if call.caller_hash]
    if known:
        hashes = [call.caller_hash for call in known]
        moments = [call.facts.last_event_at for call in known]
        session.execute(_CAME_BACK, {"hashes": hashes, "moments": moments, "now": at})


def _open_duties(session: Session, given_up: Sequence[Folded]) -> None:
    given = {
        "ids": [call.id for call in given_up],
        "hashes": [call.caller_hash for call in given_up],
        "moments": [call.facts.ended_at for call in given_up],
        "demo": [call.is_demo for call in given_up],
    }
    session.execute(_DUTY, given)


def ask(session: Session, call: Call) -> bool:
    """The caller has asked to be called back, however short the wait was; False when the number
    is withheld. Asked again it is the same duty."""
    if call.caller_hash is None:
        return False
    given = {"id": call.id, "hash": call.caller_hash, "now": now(), "demo": call.is_demo}
    session.execute(_ASKED, given)
    return True


def count_open(session: Session) -> int:
    """How many are to be called back."""
    is_open = col(Callback.state).in_(OPEN)
    return session.exec(select(func.count()).select_from(Callback).where(is_open)).one()


def open_callbacks(session: Session, cursor: str | None = None, limit: int = 50) -> Page[Callback]:
    """Who is to be called back, longest waiting first."""
    total = count_open(session)
    query = select(Callback).where(col(Callback.state).in_(OPEN))
    if after := decode_cursor(cursor, 2):
        mark = (datetime.fromisoformat(after[0]), int(after[1]))
        query = query.where(tuple_(col(Callback.first_at), col(Callback.id)) > mark)
    oldest = (col(Callback.first_at), col(Callback.id))
    rows = list(session.exec(query.order_by(*oldest).limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    onward = encode_cursor(rows[-1].first_at.isoformat(), rows[-1].key) if more else None
    return Page(rows, onward, total)


def claim_callback(
    session: Session, callback_id: int, by: int, *, may_take_over: bool = False
) -> Callback:
    """Take a duty on; a supervisor may take it over from who has gone home.

    Raises Refused when a colleague has it or it is done.
    """
    duty = _get(session, callback_id)
    _require_open(duty)
    if duty.claimed_by not in (None, by) and may_take_over:
        detail = {"taken_over_from": duty.claimed_by}
        audit.record(session, audit.Action.RECORD_CHANGED, f"callback:{duty.id}", detail=detail)
    elif duty.claimed_by not in (None, by):
        raise Refused("callback_claimed", "这条回拨已由同事认领，请选择其他回拨。", 409)
    duty.state, duty.claimed_by, duty.claimed_at = CallbackState.CLAIMED, by, now()
    session.flush()
    return duty


def record_callback_attempt(
    session: Session, callback_id: int, result: AttemptResult, by: int, note: str | None = None
) -> Callback:
    """Note one attempt: reached ends the duty, so does the third without success."""
    duty = _get(session, callback_id)
    _require_open(duty)
    if duty.claimed_by not in (None, by):
        raise Refused("callback_claimed", "这条回拨已由同事认领，请选择其他回拨。", 409)
    session.add(
        CallbackAttempt(callback_id=callback_id, result=result, by=by, note=(note or "")[:500])
    )
    duty.attempts += 1
    duty.claimed_by, duty.claimed_at = by, duty.claimed_at or now()
    duty.state = _state_after(result, duty.attempts)
    duty.closed_at = None if duty.state in OPEN else now()
    session.flush()
    return duty


def _state_after(result: AttemptResult, attempts: int) -> CallbackState:
    if result is AttemptResult.REACHED:
        return CallbackState.REACHED
    ends = result is AttemptResult.WRONG_NUMBER or attempts >= MOST_ATTEMPTS
    return CallbackState.GAVE_UP if ends else CallbackState.CLAIMED


def _get(session: Session, callback_id: int) -> Callback:
    duty = session.get(Callback, callback_id, with_for_update=True)
    if duty is None:
        raise Refused("callback_unknown", "没有这条回拨任务。", 404)
    return duty


def _require_open(duty: Callback) -> None:
    if duty.state not in OPEN:
        raise Refused("callback_done", f"这条回拨已处理：{duty.state.label}。", 409)
