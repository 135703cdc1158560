"""Calls the voice line has settled without a person: sorted by what the caller got.

They count in the month like any other: a question answered is 自助语音问答, a booking is 电话预约.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from hotline import audit
from hotline.calls import search_text
from hotline.calls.bells import tell_lists
from hotline.calls.models import Call
from hotline.calls.rules import Disposition
from hotline.calls.service import find_call, get_call
from hotline.calls.voice_rules import Achieved, Left
from hotline.classification.service import require_choice
from hotline.classification.vocabulary import Category, Subcategory, set_version
from hotline.clock import month_of, now
from hotline.errors import Refused

BY = "语音线路"
_ALONE = (Left.DONE, Left.HUNG_UP, Left.CUT_OFF)  # nobody of ours came into it
_SORTED = {
    Achieved.BOOKED: (Category.BOOKING, Subcategory.BOOK, Disposition.BOOKED),
    Achieved.CANCELLED: (Category.BOOKING, Subcategory.CANCEL, Disposition.ANSWERED),
    Achieved.ANSWERED: (Category.SELF_SERVICE, None, Disposition.ANSWERED),
}


def settle(
    session: Session, call_uid: str, achieved: Achieved, went: Left, topics: Sequence[str] = ()
) -> Call | None:
    """Put a call under its category, if the voice line alone has served it and nobody has sorted
    it. ``topics`` are the questions it answered."""
    if achieved not in _SORTED or went not in _ALONE:
        return None
    if find_call(session, call_uid) is None:
        return None
    call = get_call(session, call_uid, lock=True)
    if call.disposition is not None:
        return None
    category, wanted, disposition = _SORTED[achieved]
    month = month_of(call.started_at)
    subcategory = _in_use(session, month, category, wanted)  # asks the database: nothing set yet
    call.category, call.subcategory = category.value, subcategory
    call.category_set, call.disposition = set_version(month), disposition
    call.summary = "；".join((achieved.label, *dict.fromkeys(topics)))
    call.wrapped_up_at = call.updated_at = now()
    search_text.refresh(session, call)
    _note(session, call)
    tell_lists(session)
    return call


def _in_use(
    session: Session, month: str, category: Category, subcategory: Subcategory | None
) -> str | None:
    """Level 2, unless the city has given it up."""
    try:
        return require_choice(session, month, category, subcategory)[1]
    except Refused:
        return None


def _note(session: Session, call: Call) -> None:
    after = {"category": call.category, "disposition": call.disposition}
    audit.record(session, audit.Action.RECORD_CHANGED, call.subject, person_name=BY,
                 detail={"after": after})  # fmt: skip
