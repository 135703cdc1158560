"""The conditions of the call list, as they stand in an address and as chips.

A telephone number never stands in an address: its keyed hash does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlmodel import Session, select

from hotline import phone, security, settings
from hotline.agents.models import Person
from hotline.calls.filters import Filters
from hotline.calls.models import Call
from hotline.calls.rules import AbandonedIn, Disposition, State
from hotline.classification.vocabulary import Category
from hotline.clock import day_bounds, parse_day

NUMBER = re.compile(r"\+?\d[\d -]{5,18}\d")
CALL_NO = re.compile(r"\d{8}-\d{5,}")
NAMES = {
    "q": "查找",
    "number": "号码",
    "from": "从",
    "to": "到",
    "state": "状态",
    "category": "分类",
    "disposition": "结果",
    "abandoned": "放弃",
    "agent": "坐席",
    "queue": "队列",
    "unsettled": "登记",
}
UNKNOWN_NUMBER = "0000000"


def address_of(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, fit for an address: empty parts left out, numbers as their hash."""
    asked = {name: typed[name].strip() for name in NAMES if typed.get(name, "").strip()}
    words = asked.pop("q", "")
    found = None if CALL_NO.fullmatch(words) else NUMBER.search(words)
    if found:
        asked["number"] = hash_of(found.group())
        words = words.replace(found.group(), " ").strip()
    return asked | ({"q": words[:80]} if words else {})


def hash_of(number: str) -> str:
    """The keyed hash of a number as it may stand in an address."""
    plain = phone.normalise(number, settings.current().area_code) or number
    return security.lookup_hash("phone", plain).hex()


def number_of(session: Session, hashed: str | None) -> str | None:
    """The number behind a hash, from a call that has it; an impossible one when none has."""
    if not hashed:
        return None
    try:
        wanted = bytes.fromhex(hashed)
    except ValueError:
        return UNKNOWN_NUMBER
    call = session.exec(select(Call).where(Call.caller_hash == wanted).limit(1)).first()
    return (call.caller if call else None) or UNKNOWN_NUMBER


def filters(session: Session, asked: Mapping[str, str]) -> Filters:
    """The address as the query wants it; what is not understood does not narrow."""
    since, until = parse_day(asked.get("from")), parse_day(asked.get("to"))
    agent = asked.get("agent", "")
    return Filters(
        from_at=day_bounds(since)[0] if since else None,
        to_at=day_bounds(until)[1] if until else None,
        state=State.known(asked.get("state")),
        category=asked.get("category") or None,
        disposition=Disposition.known(asked.get("disposition")),
        agent_id=int(agent) if agent.isdecimal() else None,
        abandoned=True if asked.get("abandoned") == "any" else None,
        abandoned_in=AbandonedIn.known(asked.get("abandoned")),
        unsettled=asked.get("unsettled") == "1",
        queue=asked.get("queue") or None,
        caller=number_of(session, asked.get("number")),
        query=asked.get("q") or None,
    )


def in_words(session: Session, asked: Mapping[str, str]) -> dict[str, str]:
    """Each condition as a person reads it."""
    said = {name: asked[name] for name in NAMES if asked.get(name)}
    labels = {
        "state": State.known(said.get("state")),
        "category": Category.known(said.get("category")),
        "disposition": Disposition.known(said.get("disposition")),
        "abandoned": AbandonedIn.known(said.get("abandoned")),
    }
    said |= {name: code.label for name, code in labels.items() if code is not None}
    if "number" in said:
        number = number_of(session, said["number"])
        said["number"] = phone.mask(number) if number != UNKNOWN_NUMBER else "没有来过电话的号码"
    if said.get("agent", "").isdecimal():
        person = session.get(Person, int(said["agent"]))
        said["agent"] = person.name if person else "未知"
    if said.get("abandoned") == "any":
        said["abandoned"] = "全部"
    return said | ({"unsettled": "未登记"} if "unsettled" in said else {})


def list_address(asked: Mapping[str, Any]) -> str:
    """The call list with these conditions."""
    address: str = url_for("calls.index", **asked)
    return address
