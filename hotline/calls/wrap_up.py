"""The end of a call for the desk: sorted, settled, summed up. The agent's choice always wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from hotline import audit, phone
from hotline.agents.models import Person
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence
from hotline.calls import alerts, search_text
from hotline.calls.bells import tell_lists
from hotline.calls.confidential import Reader, took_part
from hotline.calls.models import Call, CallNote, ClassificationFeedback
from hotline.calls.rules import Disposition, Source, State
from hotline.calls.service import get_call
from hotline.classification.service import require_choice
from hotline.classification.suggest import Suggestion, suggest
from hotline.classification.vocabulary import Category, set_version
from hotline.clock import month_of, now
from hotline.errors import Refused

LONGEST = {"summary": 4000, "result": 4000, "follow_up": 500, "caller_name": 60}


@dataclass(frozen=True)
class WrapUp:
    """What the form says. Only category and disposition are mandatory."""

    category: str
    disposition: str
    subcategory: str | None = None
    summary: str | None = None
    result: str | None = None
    follow_up: str | None = None
    caller_name: str | None = None
    confidential: bool = False


def suggest_for(session: Session, call: Call) -> list[Suggestion]:
    """What the words typed so far say the call is about; the best one is kept with the call."""
    note = session.get(CallNote, call.id)
    text = "\n".join(part for part in (call.summary, note.text if note else None) if part)
    found = suggest(text, month_of(call.started_at))
    if found and call.wrapped_up_at is None:
        call.suggestion = _kept(found[0])
        session.add(call)
        session.flush()
    return found


def _kept(best: Suggestion) -> dict[str, Any]:
    return {
        "category": best.category.value,
        "subcategory": best.subcategory.value if best.subcategory else None,
        "confidence": best.confidence,
    }


def wrap_up(session: Session, call_uid: str, form: WrapUp, reading: Reader) -> Call:
    """Sort and settle a call; again to amend it. Raises Refused naming the field at fault."""
    call = get_call(session, call_uid, lock=True)
    _require_hand(session, call, reading)
    disposition = _disposition(form)
    month = month_of(call.started_at)
    category, subcategory = _choice(session, month, form, disposition)
    before = {"category": call.category, "disposition": call.disposition}
    if call.suggestion is None and form.summary:
        suggest_for_text(call, form.summary)
    call.category, call.subcategory = category.value, subcategory
    call.category_set, call.disposition = set_version(month), disposition
    for name, longest in LONGEST.items():
        setattr(call, name, _clean(getattr(form, name), name, longest))
    call.confidential = form.confidential
    _settle(session, call, reading)
    _keep_correction(session, call, reading)
    search_text.refresh(session, call)
    _note(session, call, before)
    alerts.watch(session, call, f"{call.summary or ''}\n{call.result or ''}", "summary")
    return call


def suggest_for_text(call: Call, summary: str) -> None:
    """Keep what would have been suggested, so that every choice can be compared."""
    found = suggest(summary, month_of(call.started_at))
    call.suggestion = _kept(found[0]) if found else None


def _require_hand(session: Session, call: Call, reading: Reader) -> None:
    """Agents sort their own calls and those nobody has; supervisors and machines any."""
    person = reading.person_id
    if person is None or reading.is_supervisor or call.agent_id in (None, person):
        return
    if call.wrapped_up_by == person:
        return
    spoke = session.exec(select(Call.id).where(Call.id == call.id, took_part(person))).first()
    if spoke is None:
        raise Refused("not_your_call", "这通来电由其他坐席处理，请联系班长修改。", 403)


def _disposition(form: WrapUp) -> Disposition:
    disposition = Disposition.known(form.disposition)
    if disposition is None:
        raise _bad("disposition", "请选择处理结果。")
    return disposition


def _choice(
    session: Session, month: str, form: WrapUp, disposition: Disposition
) -> tuple[Category, str | None]:
    if not form.category:
        raise _bad("category", "请选择分类。")
    category, subcategory = require_choice(session, month, form.category, form.subcategory)
    if disposition is Disposition.NON_BUSINESS and category is not Category.NON_BUSINESS:
        raise _bad("category", "处理结果为“非业务”时，分类也应选“非业务来电”。")
    return category, subcategory


def _clean(text: str | None, name: str, longest: int) -> str | None:
    if text is not None and (len(text) > longest or "\x00" in text):
        raise _bad(name, f"不能超过 {longest} 个字符。")
    return (text or "").strip() or None


def _settle(session: Session, call: Call, reading: Reader) -> None:
    call.wrapped_up_at = call.wrapped_up_at or now()
    call.wrapped_up_by = reading.person_id or call.wrapped_up_by
    call.updated_at = now()
    if call.state is State.WRAP_UP:
        call.state = State.CLOSED
        _free_agent(session, call)
    tell_lists(session)


def _free_agent(session: Session, call: Call) -> None:
    agent = session.get(Person, call.agent_id) if call.agent_id else None
    if agent is not None and agent.presence is Presence.WRAP_UP and call.source is not Source.DEMO:
        set_presence(session, agent.key, Presence.READY)


def _keep_correction(session: Session, call: Call, reading: Reader) -> None:
    if call.suggestion is None:
        return
    suggested = (call.suggestion["category"], call.suggestion["subcategory"])
    session.add(
        ClassificationFeedback(
            call_id=call.key,
            by=reading.person_id,
            suggested=call.suggestion,
            category=call.category,
            subcategory=call.subcategory,
            agreed=suggested == (call.category, call.subcategory),
        )
    )


def _note(session: Session, call: Call, before: dict[str, Any]) -> None:
    after = {"category": call.category, "disposition": call.disposition}
    audit.record(
        session,
        audit.Action.RECORD_CHANGED,
        call.subject,
        detail={"before": before, "after": after, "caller": phone.mask(call.caller)},
    )


def _bad(field: str, sentence: str) -> Refused:
    return Refused(f"{field}_invalid", sentence, fields={field: sentence})
