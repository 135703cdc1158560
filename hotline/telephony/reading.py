"""One event as a PBX sent it -> an event of ours, or the reason why not. Pure.

Nothing is guessed: a field of the wrong type, a text too long or a time without an offset
refuses the event (that one alone). Fields nobody knows are left out, not stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline import phone
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.rules import Direction, EventType, bare_agent, is_plausible
from hotline.clock import parse_instant
from hotline.errors import Refused

LONGEST_ID = 128
LONGEST = 64
_KINDS = {kind.value: kind for kind in EventType}
_TEXTS = ("called", "queue", "next", "cause", "by")
# NUL and half surrogates are valid JSON and no valid text; other control characters break logs.
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_USER_PART = re.compile(r"^(?:sips?:|tel:)?([^@;]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Site:
    """What reading depends on: when the batch came and the local area code."""

    received_at: datetime
    area_code: str


def read_event(raw: object, site: Site) -> Heard:
    """The event. Raises Refused with a code and a Chinese sentence."""
    if not isinstance(raw, Mapping):
        raise Refused("event_malformed", "事件应为 JSON 对象。")
    event_id = _required(raw, "event_id", LONGEST_ID)
    call_uid = _required(raw, "call_uid", LONGEST_ID)
    kind = _KINDS.get(_required(raw, "type", LONGEST))
    if kind is None:
        raise Refused("type_unknown", "不认识的事件类型，应为：" + "、".join(EventType) + "。")
    fields = {name: _text(raw, name) for name in _TEXTS}
    return Heard(call_uid, _made(raw, event_id, kind, fields, site))


def _made(
    raw: Mapping[str, object],
    event_id: str,
    kind: EventType,
    fields: dict[str, str | None],
    site: Site,
) -> CallEvent:
    direction = _direction(raw)
    caller, called = party(_text(raw, "caller"), fields.pop("called"), direction, site.area_code)
    return CallEvent(
        event_id,
        kind,
        _at(raw, site.received_at),
        site.received_at,
        direction,
        caller=caller,
        called=called,
        agent=bare_agent(_text(raw, "agent")),
        from_agent=bare_agent(_text(raw, "from")),
        to=bare_agent(_text(raw, "to")),
        original_caller=number(_text(raw, "original_caller"), site.area_code),
        **fields,
    )


def party(
    caller: str | None, called: str | None, direction: Direction | None, area_code: str
) -> tuple[str | None, str | None]:
    """(the outside party's number, the other end): who dials out is the agent, not the caller."""
    if direction is Direction.OUTBOUND:
        return number(called, area_code), caller
    return number(caller, area_code), called


def number(raw: str | None, area_code: str) -> str | None:
    """One spelling for a number, also out of ``sip:138…@host`` and ``tel:``; None if withheld."""
    if raw is None:
        return None
    found = _USER_PART.match(raw.strip())
    return phone.normalise(found.group(1) if found else raw, area_code)


def _direction(raw: Mapping[str, object]) -> Direction | None:
    said = _text(raw, "direction")
    if said is None:
        return None
    direction = Direction.known(said.lower())
    if direction is None:
        raise Refused("direction_unknown", "direction 只能是 inbound、outbound、internal 之一。")
    return direction


def _at(raw: Mapping[str, object], received_at: datetime) -> datetime:
    said = _required(raw, "at", LONGEST)
    try:
        at = parse_instant(said)
    except (ValueError, OverflowError):
        raise Refused(
            "at_invalid", "at 应为带时区的 RFC 3339 时间，例如 2026-11-21T09:30:00+08:00。"
        ) from None
    if not is_plausible(at, received_at):
        raise Refused("at_out_of_range", "at 早于 2000 年，或比现在晚一天以上，请检查对方时钟。")
    return at


def _required(raw: Mapping[str, object], name: str, longest: int) -> str:
    value = _text(raw, name, longest)
    if value is None:
        raise Refused(f"{name}_missing", f"缺少 {name}。")
    return value


def _text(raw: Mapping[str, object], name: str, longest: int = LONGEST) -> str | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused("field_invalid", f"{name} 应为文字。", fields={name: "应为文字。"})
    if len(value) > longest or _UNFIT.search(value):
        sentence = f"{name} 超过 {longest} 个字符，或含有控制字符。"
        raise Refused("field_invalid", sentence, fields={name: sentence})
    return value.strip() or None
