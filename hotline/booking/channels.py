"""Ways to the pool (渠道): which one is meant, and how an admin keeps them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from hotline import audit
from hotline.booking.finding import Booker
from hotline.booking.models import Channel
from hotline.booking.rules import BookingKind, Column
from hotline.errors import Refused

_CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
# The desk and the voice line book through these; without them nobody could telephone.
OURS = ("agent", "voice")
_USE = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM booking WHERE channel = :code LIMIT 10001) b),
           (SELECT count(*) FROM booking_rule WHERE channel = :code),
           (SELECT count(*) FROM api_token WHERE :code = ANY(channels))
    """
)


def said_or_only(said: str | None, by: Booker) -> str:
    """The channel a booking is to come through. Raises Refused channel_required."""
    if said:
        return said
    if by.channels is not None and len(by.channels) == 1:
        return next(iter(by.channels))
    sentence = "请写明预约渠道（channel）。"
    raise Refused("channel_required", sentence, fields={"channel": sentence})


def asked_for(session: Session, said: str | None, by: Booker) -> str | None:
    """The code of the channel a search is for. Raises Refused channel_unknown, channel_not_yours.

    A token that is bound to one channel alone asks for that one.
    """
    if said:
        return by.own_channel(code_of(session, said))
    return next(iter(by.channels)) if by.channels is not None and len(by.channels) == 1 else None


def code_of(session: Session, said: str) -> str:
    """A channel in use by its code or name. Raises Refused channel_unknown."""
    known = (Channel.code == said) | (Channel.name == said)
    found = session.exec(select(Channel.code).where(known, Channel.is_active)).first()
    if found is None:
        sentence = "没有这个预约渠道，请核对渠道代码。"
        raise Refused("channel_unknown", sentence, fields={"channel": sentence})
    return found


def every(session: Session) -> list[Channel]:
    """All there are, those out of use too, in the order of the tables."""
    return list(session.exec(select(Channel).order_by(col(Channel.position), Channel.code)))


def get(session: Session, code: str) -> Channel:
    """The channel of this code, locked. Raises Refused 404."""
    found = session.get(Channel, code, with_for_update=True)
    if found is None:
        raise Refused("channel_unknown", "没有这个预约渠道。", 404)
    return found


def add(
    session: Session, code: str, name: str, counts_in: Column, kind: BookingKind | None
) -> Channel:
    """A new channel, the last in the tables. Raises Refused for a code or name in use."""
    if not _CODE.fullmatch(code):
        raise _bad("code", "代码须以小写字母开头，只含小写字母、数字、下划线，2 到 20 位。")
    if session.get(Channel, code) is not None:
        raise _bad("code", f"代码 {code} 已被使用，请换一个。", 409)
    last = session.exec(select(func.max(Channel.position))).one()
    channel = Channel(
        code=code,
        name=_named(session, code, name),
        counts_in=counts_in,
        booking_kind=kind,
        position=(last or 0) + 1,
    )
    session.add(channel)
    session.flush()
    _note(session, channel, {"added": channel.name, "column": counts_in.label})
    return channel


def change(
    session: Session, code: str, name: str, counts_in: Column, kind: BookingKind | None
) -> None:
    """Another name, column or kind. Bookings that were made keep the kind they were made with."""
    channel = get(session, code)
    before = _words(channel)
    channel.name = _named(session, code, name)
    channel.counts_in, channel.booking_kind = counts_in, kind
    session.flush()
    _note(session, channel, {"before": before, "after": _words(channel)})


def _words(channel: Channel) -> dict[str, Any]:
    kind = channel.booking_kind.label if channel.booking_kind else None
    return {"name": channel.name, "column": channel.counts_in.label, "kind": kind}


def _named(session: Session, code: str, said: str) -> str:
    name = said.strip()
    if not name or len(name) > 30:
        raise _bad("name", "请填写渠道名称，不超过 30 个字。")
    other = session.exec(select(Channel.code).where(Channel.name == name)).first()
    if other not in (None, code):
        raise _bad("name", f"已有名为“{name}”的渠道，请换一个名称。", 409)
    return name


def _bad(field: str, sentence: str, status: int = 422) -> Refused:
    return Refused("channel_invalid", sentence, status, fields={field: sentence})


def move(session: Session, code: str, *, up: bool) -> None:
    """One place up or down in the tables."""
    channel, rows = get(session, code), every(session)
    here = next(place for place, row in enumerate(rows) if row.code == code)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for position, row in enumerate(rows):
        row.position = position
    _note(session, channel, {"moved": "up" if up else "down"})


def retire(session: Session, code: str, reason: str) -> None:
    """Out of use: nobody books through it any more; what was booked stays and counts."""
    channel = get(session, code)
    if code in OURS:
        raise Refused("channel_needed", "坐席和语音热线要用这个渠道，不能停用。", 409)
    if channel.is_active:
        channel.is_active = False
        _note(session, channel, {"active": False}, reason)


def restore(session: Session, code: str) -> None:
    """In use again."""
    channel = get(session, code)
    if not channel.is_active:
        channel.is_active = True
        _note(session, channel, {"active": True})


def delete(session: Session, code: str, reason: str) -> None:
    """A channel nothing was ever done with. Raises Refused channel_in_use."""
    channel = get(session, code)
    bookings, rules, tokens = session.execute(_USE, {"code": code}).one()
    if code in OURS or bookings or rules or tokens:
        raise Refused("channel_in_use", _in_use(bookings, rules, tokens), 409)
    _note(session, channel, {"deleted": channel.name}, reason)
    session.delete(channel)
    session.flush()


def _in_use(bookings: int, rules: int, tokens: int) -> str:
    counted = ((f"{min(bookings, 10000)} 个预约", bookings), (f"{rules} 条规则", rules),
               (f"{tokens} 个令牌", tokens))  # fmt: skip
    said = "、".join(words for words, count in counted if count) or "坐席和语音热线"
    return f"{said}在用这个渠道，不能删除；不再使用时请停用。"


def _note(session: Session, channel: Channel, detail: dict[str, Any], reason: str = "") -> None:
    audit.record(session, audit.Action.RECORD_CHANGED, f"channel:{channel.code}",
                 reason=reason or None, detail=detail)  # fmt: skip
