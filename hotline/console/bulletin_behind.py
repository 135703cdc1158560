"""What stands behind an identity that does not hold: its figures, and where their records are."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from typing import Any

from flask import url_for

from hotline import access
from hotline.agents.rules import Role
from hotline.console.page import has_page
from hotline.statistics.bulletin import names
from hotline.statistics.bulletin.checking import Check
from hotline.statistics.bulletin.figures import Key
from hotline.statistics.bulletin.rules import Kind

MOST_SHOWN = 60
_SHEET_OF = {
    "way": Kind.CHANNELS.value,
    "province": Kind.PROVINCE.value,
    "own_said": Kind.PROVINCE.value,
    "cumulative": Kind.CUMULATIVE.value,
    "remote": Kind.REMOTE.value,
    "file": Kind.BOOKING.value,
}

_LIST_OF = {
    ("headline",): "calls.index",
    ("apart", "unfiled"): "calls.index",
    ("orders",): "workorders.index",
    ("here",): "booking.bookings",
    ("folded",): "booking.bookings",
}


@dataclass(frozen=True)
class Part:
    """One figure: what it is called, its number, where its records are (or nothing)."""

    name: str
    value: str
    address: str


@dataclass(frozen=True)
class Told:
    """A failing identity as the page tells it."""

    check: Check
    said: Part
    parts: list[Part]
    more: int

    @property
    def difference(self) -> str:
        """With its unit."""
        return self.check.written(self.check.difference) + (" 元" if self.check.is_money else "")


def told(check: Check, month: str) -> Told:
    """An identity with its figures and their records."""
    shown = check.parts[:MOST_SHOWN]
    parts = [_part(key, check.written(value), month) for key, value in shown]
    said = _part(check.said_key, check.written(check.said), month)
    return Told(check, said, parts, len(check.parts) - len(shown))


def _part(key: Key, value: str, month: str) -> Part:
    return Part(names.of(key, month), value, _address(key, month))


def _address(key: Key, month: str) -> str:
    first = key[0]
    if first == "sheets":
        return url_for("bulletin.choose", month=month) if may_import() else ""
    kind = _SHEET_OF.get(first, first)
    if Kind.known(kind):
        row = key[1] if len(key) == 3 and first == kind else key[-1]
        return url_for("bulletin.sheet", month=month, kind=kind, _anchor=f"row-{row}")
    return _list_of(key, month)


def _list_of(key: Key, month: str) -> str:
    """The list of calls, orders or bookings that a figure counts."""
    given: dict[str, Any] = {"from": f"{month}-01", "to": f"{month}-{_last_day(month):02}"}
    endpoint = _LIST_OF.get(key[:2]) or _LIST_OF.get(key[:1], "")
    if key[0] == "apart":
        given["unsettled"] = "1"
    elif endpoint == "calls.index" and len(key) > 2:
        given["category"] = key[2]
    return url_for(endpoint, **given) if endpoint and has_page(endpoint) else ""


def may_import() -> bool:
    """Whether the person may bring in sheets."""
    return access.person().role is Role.MANAGER


def _last_day(month: str) -> int:
    return calendar.monthrange(int(month[:4]), int(month[5:]))[1]
