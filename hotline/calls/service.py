"""Use cases around one call: find it, log it afterwards, note, reveal, look back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import Session, col, select
from structlog.contextvars import bind_contextvars

from hotline import audit, phone, settings
from hotline.calls import alerts, search_text
from hotline.calls.confidential import Reader, require_readable
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.intake import record_events
from hotline.calls.models import Call, CallNote
from hotline.calls.rules import Direction, EventType, Source, is_plausible
from hotline.clock import now
from hotline.errors import Refused

LONGEST_NOTE = 20_000


def find_call(session: Session, call_uid: str) -> Call | None:
    """The call with this uid, or None."""
    return session.exec(select(Call).where(Call.call_uid == call_uid)).first()


def get_call(session: Session, call_uid: str, *, lock: bool = False) -> Call:
    """The call with this uid, fresh and locked if asked. Raises Refused 404."""
    query = select(Call).where(Call.call_uid == call_uid)
    if lock:
        query = query.with_for_update()
    call = session.exec(query.execution_options(populate_existing=True)).first()
    if call is None:
        raise Refused("call_unknown", "没有这通来电。", 404)
    bind_contextvars(call_uid=call_uid)  # what is logged from here on is about this call
    return call


def register_call(
    session: Session,
    *,
    caller: str,
    started_at: datetime,
    ended_at: datetime,
    agent: str | None,
    caller_name: str | None = None,
    direction: Direction = Direction.INBOUND,
) -> Call:
    """Log by hand a call the PBX did not tell of (补录). ``agent`` is a user name."""
    number = phone.normalise(caller, settings.current().area_code)
    if caller.strip() and number is None:
        raise _bad("caller", "号码格式不正确，请检查；来电未显示号码时请留空。")
    _require_span(started_at, ended_at)
    uid = f"manual-{uuid4()}"
    record_events(session, _manual(uid, number, started_at, ended_at, agent, direction),
                  source=Source.MANUAL)  # fmt: skip
    call = get_call(session, uid)
    call.caller_name = (caller_name or "").strip()[:60] or None
    search_text.refresh(session, call)
    audit.record(session, audit.Action.RECORD_CHANGED, call.subject, detail={"registered": True})
    return call


def _require_span(started_at: datetime, ended_at: datetime) -> None:
    if not is_plausible(started_at, now()) or ended_at > now() + timedelta(minutes=1):
        raise _bad("started_at", "通话时间不能晚于现在。")
    if not timedelta(0) <= ended_at - started_at <= timedelta(hours=24):
        raise _bad("ended_at", "结束时间应在开始之后 24 小时内。")


def _manual(
    uid: str,
    caller: str | None,
    started_at: datetime,
    ended_at: datetime,
    agent: str | None,
    direction: Direction,
) -> list[Heard]:
    start = CallEvent(f"{uid}-1", EventType.STARTED, started_at, direction=direction, caller=caller)
    answer = CallEvent(f"{uid}-2", EventType.ANSWERED, started_at, agent=agent)
    end = CallEvent(f"{uid}-3", EventType.ENDED, ended_at)
    return [Heard(uid, event) for event in (start, answer, end)]


def save_note(session: Session, call_uid: str, text: str, version: int, by: int) -> CallNote:
    """Keep the draft. ``version`` is the one the agent last saw, 0 before the first.

    Raises Refused 409 when somebody saved in between: nothing typed is ever overwritten.
    """
    if len(text) > LONGEST_NOTE or "\x00" in text:
        raise _bad("text", f"记录不能超过 {LONGEST_NOTE} 个字符。")
    call = get_call(session, call_uid, lock=True)
    note = session.get(CallNote, call.id, populate_existing=True)
    if version != (note.version if note else 0):
        raise Refused("note_conflict", "这条记录已在别处修改，请刷新后合并您的内容。", 409)
    if note is None:
        note = CallNote(call_id=call.key, version=0, text="")
    note.text, note.version = text, version + 1
    note.saved_by, note.saved_at = by, now()
    session.add(note)
    session.flush()
    search_text.refresh(session, call)
    alerts.watch(session, call, text, "note")
    return note


def caller_history(session: Session, caller_hash: bytes | None, limit: int = 20) -> list[Call]:
    """What this number called about before, newest first; nothing for a withheld number."""
    if caller_hash is None:
        return []
    return list(
        session.exec(
            select(Call)
            .where(Call.caller_hash == caller_hash)
            .order_by(col(Call.started_at).desc(), col(Call.id).desc())
            .limit(limit)
        )
    )


def reveal_caller(session: Session, call: Call, reason: str, reading: Reader) -> str:
    """The whole number, for a reason that goes on record."""
    if not 2 <= len(reason.strip()) <= 200:
        raise _bad("reason", "请填写查看号码的原因（2 到 200 字）。")
    require_readable(call, reading)
    if call.caller is None:
        raise Refused("caller_withheld", "来电未显示号码。", 404)
    audit.record(session, audit.Action.NUMBER_REVEALED, call.subject, reason=reason.strip())
    return phone.national(call.caller)


def _bad(field: str, sentence: str) -> Refused:
    return Refused(f"{field}_invalid", sentence, fields={field: sentence})
