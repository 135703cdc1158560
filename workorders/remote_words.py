"""What a platform says of the matter, of the caller and of its own deadline, written into ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from workorders import correcting, filing, flags, moving, sent_along
from workorders.actors import platform
from workorders.confidential import CALLER
from workorders.filing import Draft
from workorders.models import Order, Platform
from workorders.platforms.wire import RemoteOrder
from workorders.rules import FlagKind, Step

_KEPT = (*CALLER, "content", "place", "target", "category_code")


def draft_of(remote: RemoteOrder) -> Draft:
    """What a platform says of the matter, in the words of our form."""
    return Draft(
        kind=remote.kind, urgency=remote.urgency, title=remote.title[:200] or remote.no,
        content=remote.content, category_code=remote.category_code or None,
        place=remote.place[:200], target=remote.target[:200], caller_name=remote.caller.name[:60],
        caller_sex=remote.caller.sex[:8] or None, caller_phone=remote.caller.phone,
        confidential=remote.confidential, reply_wanted=remote.reply_wanted,
        called_at=remote.called_at,
    )  # fmt: skip


def describe(
    session: Session, order: Order, remote: RemoteOrder, source: Platform, at: datetime
) -> None:
    """What the platform knows better than we: the words, the caller, its due time, its flags."""
    actor = platform(source.name)
    words_before = (order.title, order.content, order.kind, order.urgency)
    put_right = correcting.stands(order)
    filing.describe(order, _with_what_is_known(draft_of(remote), remote, order))
    correcting.again(order, put_right)
    order.remote_status, order.remote_version = remote.status, remote.version
    order.remote_at, order.remote_due_at = at, remote.due_at or order.remote_due_at
    order.dispatched_at = remote.dispatched_at or order.dispatched_at
    session.add(order)
    if (order.title, order.content, order.kind, order.urgency) != words_before:
        moving.note(session, order, Step.CHANGED, actor, content="平台修改了工单内容")
    if remote.confidential and not order.confidential:
        flags.raise_flag(session, order, FlagKind.CONFIDENTIAL, actor, "平台标为保密")
    sent_along.take(session, order, remote, actor)


def _with_what_is_known(draft: Draft, remote: RemoteOrder, order: Order) -> Draft:
    """A platform that leaves something out, or masks it once we have signed, takes nothing away."""
    known: dict[str, Any] = {
        name: getattr(order, name)
        for name in _KEPT
        if not (said := (getattr(draft, name) or "").strip()) or (name in CALLER and "*" in said)
    }
    if not remote.title.strip():
        known["title"] = order.title
    return replace(draft, caller_tags=order.caller_tags, **known)
