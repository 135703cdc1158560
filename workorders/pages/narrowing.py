"""The conditions of the list of orders, as they stand in an address and as chips.

A telephone number never stands in an address: its keyed hash does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, exists, select

from hotline.agents.models import Person
from hotline.calls import grams
from hotline.clock import day_bounds, local
from hotline.console.booking_choice import whole_number
from hotline.console.calls_filter import NUMBER, hash_of
from workorders.confidential import Reader, readable, theirs
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.models import Order, OrderRequest, Platform, Unit
from workorders.rules import OPEN, SELF, FlagKind, Kind, RequestState, State, Urgency

NAMES = {
    "q": "查找",
    "number": "号码",
    "whose": "谁的",
    "platform": "平台",
    "state": "状态",
    "kind": "诉求类型",
    "urgency": "紧急程度",
    "flag": "标记",
    "due": "时限",
    "unit": "承办单位",
    "handler": "经办人",
    "ask": "申请",
    "no": "平台工单号",
    "from": "收到从",
    "to": "到",
}
DUE = (("overdue", "已超时"), ("soon", "即将到期"), ("today", "今日到期"))
WHOSE = (("mine", "我的"),)
ORDER_NO = re.compile(r"WO\d{8}-\d{6,}", re.IGNORECASE)
NOT_OVER = ("open", "未办结")


def address_of(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, fit for an address: empty parts left out, numbers as their hash."""
    asked = {name: typed[name].strip() for name in NAMES if typed.get(name, "").strip()}
    words = asked.pop("q", "")
    if found := NUMBER.search(words):
        asked["number"] = hash_of(found.group())
        words = words.replace(found.group(), " ").strip()
    return asked | ({"q": words[:80]} if words else {})


def conditions(asked: Mapping[str, str], reading: Reader, at: datetime) -> list[Any]:
    """The address as SQL conditions; what is not understood does not narrow.

    People at the desk see their own orders, unless they look for one number: its caller may be
    on the line. What a reader may not read is found neither by words nor by a number.
    """
    found = [*_words(asked), *_exact(asked), *_span(asked)]
    if asked.get("number") or grams.words(asked.get("q", "")):
        found.append(readable(reading))
    if asked.get("due"):
        found += _due(asked["due"], at)
    if asked.get("whose") == "mine" or (is_narrowed(reading) and not asked.get("number")):
        found.append(theirs(reading))
    return found


def is_narrowed(reading: Reader) -> bool:
    """Whether the reader's list is of their own orders."""
    return reading.role is not None and reading.role.answers_calls and not reading.leads


def _words(asked: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
    if (number := asked.get("number")) is not None:
        yield col(Order.phone_hash) == _hash(number)
    if words := grams.words(asked.get("q", "")):
        yield col(Order.grams).contains(grams.codes_of(words))
        said = (Order.title, Order.content, Order.place, Order.target, Order.remote_no)
        text = func.lower(func.concat_ws(" ", *said))
        for word in words:
            yield func.strpos(text, word) > 0


def _exact(asked: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
    equal: dict[str, Any] = {
        "platform": asked.get("platform") or None,
        "remote_no": asked.get("no") or None,
        "state": State.known(asked.get("state")),
        "kind": Kind.known(asked.get("kind")),
        "urgency": Urgency.known(asked.get("urgency")),
        "unit_id": whole_number(asked.get("unit")),
        "handler_id": whole_number(asked.get("handler")),
    }
    for name, value in equal.items():
        if value is not None:
            yield col(getattr(Order, name)) == value
    if asked.get("state") == NOT_OVER[0]:
        yield col(Order.state).in_(OPEN)
    if (flag := FlagKind.known(asked.get("flag"))) is not None:
        yield col(Order.flags).contains([flag.value])
    if asked.get("ask"):
        yield exists().where(
            col(OrderRequest.order_id) == col(Order.id),
            col(OrderRequest.state) == RequestState.ASKED,
        )


def _span(asked: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
    if since := _day(asked.get("from")):
        yield col(Order.received_at) >= day_bounds(since)[0]
    if until := _day(asked.get("to")):
        yield col(Order.received_at) < day_bounds(until)[1]


def _due(asked: str, at: datetime) -> list[ColumnElement[bool]]:
    due, warn = col(WorkOrderClock.due_at), col(WorkOrderClock.warn_at)
    when = {
        "overdue": [due < at],
        "soon": [due >= at, warn <= at],
        "today": [due >= at, due < day_bounds(local(at).date())[1]],
    }.get(asked)
    if when is None:
        return []
    return [exists().where(*running(), col(WorkOrderClock.order_id) == col(Order.id), *when)]


def running() -> list[ColumnElement[bool]]:
    """Clocks that run and do not stand still. Until when an order may be returned is no duty:
    nothing is late when that time is over."""
    return [
        col(WorkOrderClock.stopped_at).is_(None),
        col(WorkOrderClock.kind) != ClockKind.RETURN_BY,
        col(WorkOrderClock.paused_since).is_(None),
    ]


def in_words(session: Session, asked: Mapping[str, str]) -> dict[str, str]:
    """Each condition as a person reads it."""
    said = {name: asked[name] for name in NAMES if asked.get(name)}
    codes: dict[str, Any] = {
        "state": State.known(said.get("state")),
        "flag": FlagKind.known(said.get("flag")),
    }
    said |= {name: code.label for name, code in codes.items() if code is not None}
    if said.get("state") == NOT_OVER[0]:
        said["state"] = NOT_OVER[1]
    plain = {"due": dict(DUE), "whose": dict(WHOSE)}
    said |= {name: words.get(said[name], "全部") for name, words in plain.items() if name in said}
    fixed = {"number": "已隐去", "ask": "待班长审批"}
    said |= {name: words for name, words in fixed.items() if name in said}
    return said | _named(session, said)


def _named(session: Session, said: Mapping[str, str]) -> dict[str, str]:
    tables: tuple[tuple[str, Any], ...] = (("unit", Unit), ("handler", Person))
    found = {}
    for name, table in tables:
        if (key := whole_number(said.get(name))) is not None:
            row = session.get(table, key)
            found[name] = row.name if row else "未知"
    if "platform" in said:
        found["platform"] = dict(platforms(session)).get(said["platform"], "未知")
    return found


def platforms(session: Session) -> list[tuple[str, str]]:
    """(code, name) of every platform, our own orders last."""
    query = select(Platform.code, Platform.name).where(Platform.code != SELF)
    return [*session.exec(query.order_by(Platform.code)), (SELF, "自接工单")]


def _hash(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
