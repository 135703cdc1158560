"""Who may read a work order. A confidential one opens to supervisors, to who handles it and who
filed it; managers see that it is there, masked; a unit gets it without the caller. [DOMAIN 3, 6]

Pages, exports and the API ask here and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import Session, col

from hotline import access, audit, phone
from hotline.agents.rules import Role
from hotline.booking import names
from hotline.errors import Refused
from workorders.models import Order

HIDDEN = "（保密）"
# What was said and by whom: all of it is hidden from who may not read.
SAID = ("title", "content", "place", "target", "reply", "public_reply")
CALLER = ("caller_name", "caller_phone", "caller_sex")
_MASKED = re.compile(r"\d{3}\*{4}[\dXx]{4}")


@dataclass(frozen=True)
class Reader:
    """Who reads: a person's id (a machine has none) and role."""

    person_id: int | None = None
    role: Role | None = None

    @property
    def leads(self) -> bool:
        """Whether everything is open to them."""
        return self.role is Role.SUPERVISOR


SYSTEM = Reader(role=Role.SUPERVISOR)


def reader() -> Reader:
    """The reader behind the request at hand."""
    who = access.person()
    return Reader(who.person_id, who.role)


def is_theirs(order: Order, reading: Reader) -> bool:
    """Whether they handle the order, or filed it."""
    person = reading.person_id
    return person is not None and person in (order.handler_id, order.filed_by)


def can_read(order: Order, reading: Reader) -> bool:
    """May this reader see what was said and by whom?"""
    return not order.confidential or reading.leads or is_theirs(order, reading)


def theirs(reading: Reader) -> ColumnElement[bool]:
    """``is_theirs`` as a condition on ``work_order``."""
    if reading.person_id is None:
        return false()
    return or_(col(Order.handler_id) == reading.person_id, col(Order.filed_by) == reading.person_id)


def readable(reading: Reader) -> ColumnElement[bool]:
    """``can_read`` as a condition: whoever searches by words or by a number finds only these."""
    if reading.leads:
        return true()
    return or_(col(Order.confidential).is_(False), theirs(reading))


def require_readable(order: Order, reading: Reader) -> None:
    """Refuse who may not read this order."""
    if not can_read(order, reading):
        raise Refused("order_confidential", "这是保密工单，只有经办人、登记人和班长可以查看。", 403)


def opened(session: Session, order: Order, reading: Reader) -> Order:
    """The order for somebody who reads it whole; the reading is on record. Raises Refused."""
    require_readable(order, reading)
    audit.record(session, audit.Action.RECORD_READ, order.subject)
    return order


def content(order: Order, reading: Reader) -> dict[str, Any]:
    """The personal part of an order for this reader: numbers masked, or everything hidden."""
    if not can_read(order, reading):
        return dict.fromkeys((*SAID, *CALLER), HIDDEN)
    said = {name: phone.redact(getattr(order, name) or "") for name in SAID}
    return said | {
        "caller_name": names.mask(order.caller_name) if order.caller_name else "",
        "caller_phone": phone.mask(order.caller_phone) if order.caller_phone else "",
        "caller_sex": order.caller_sex or "",
    }


def for_unit(order: Order) -> dict[str, Any]:
    """What an order says to a 承办单位, numbers masked. Of a confidential one it does not learn who
    asked, not from the words either."""
    said = content(order, SYSTEM)
    if not order.confidential:
        return said
    return {
        name: _unnamed(words, order.caller_name) for name, words in said.items()
    } | dict.fromkeys(CALLER, "诉求人要求保密")


def _unnamed(words: str, name: str | None) -> str:
    return _MASKED.sub("（号码已隐去）", words.replace(name, "诉求人") if name else words)
