"""What a call can be found by: name, summary, result and the draft, numbers hidden."""

from __future__ import annotations

from sqlmodel import Session

from hotline import phone
from hotline.calls import grams
from hotline.calls.models import Call, CallNote


def refresh(session: Session, call: Call) -> None:
    """Write the search text anew after one of its parts changed."""
    note = session.get(CallNote, call.id)
    parts = (call.caller_name, call.summary, call.result, note.text if note else None)
    text = grams.normalised(phone.redact("\n".join(part for part in parts if part)))
    call.search_text = text or None
    call.grams = grams.codes(text) or None
    session.add(call)
    session.flush()
