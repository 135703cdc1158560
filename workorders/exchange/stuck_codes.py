"""Codes nobody explained: which there are, and what happens once one has a meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from hotline import audit
from hotline.clock import now
from hotline.errors import Refused
from workorders import following, moving
from workorders.exchange import bells, lost
from workorders.exchange.models import Incoming
from workorders.exchange.rules import IncomingState
from workorders.models import Order, Platform
from workorders.platforms import mapping
from workorders.rules import Meaning


@dataclass(frozen=True)
class Unknown:
    """A code without a meaning: ``parked`` messages wait for it, ``orders`` stand so now."""

    code: str
    parked: int
    orders: int
    since: datetime | None


_BEFORE, _AFTER = following.unexplained("\0").split("\0")


def unknown_codes(session: Session, platform: Platform) -> list[Unknown]:
    """The codes that wait for a meaning, those that hold up most first."""
    parked = _parked(session, platform.code)
    orders = _standing(session, platform)
    codes = parked.keys() | orders.keys()
    found = [
        Unknown(code, *parked.get(code, (0, None))[:1], orders.get(code, (0, None))[0],
                parked.get(code, (0, None))[1] or orders.get(code, (0, None))[1])
        for code in codes
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.parked, -one.orders, one.code))


def _parked(session: Session, platform: str) -> dict[str, tuple[int, datetime | None]]:
    query = (
        select(Incoming.reason, func.count(), func.min(Incoming.received_at))
        .where(*_waits(platform), col(Incoming.reason).startswith(_BEFORE, autoescape=True))
        .group_by(col(Incoming.reason))
    )
    return {
        _code(reason): (count, since)
        for reason, count, since in session.exec(query)
        if reason and reason.endswith(_AFTER)
    }


def _code(reason: str) -> str:
    return reason[len(_BEFORE) : -len(_AFTER)]


def _waits(platform: str) -> tuple[ColumnElement[bool], ...]:
    return col(Incoming.platform) == platform, col(Incoming.state) == IncomingState.PARKED


def _standing(session: Session, platform: Platform) -> dict[str, tuple[int, datetime | None]]:
    query = (
        select(Order.remote_status, func.count(), func.min(Order.remote_at))
        .where(
            Order.platform == platform.code,
            col(Order.remote_status).is_not(None),
            col(Order.remote_status).not_in(list(platform.mapping)),
        )
        .group_by(col(Order.remote_status))
    )
    return {code: (count, since) for code, count, since in session.exec(query) if code}


def explain(session: Session, platform_code: str, code: str, meaning: str) -> int:
    """Give a code its meaning and apply again what waited for it; how many messages did."""
    row = locked(session, platform_code)
    if Meaning.known(meaning) is None:
        words = "请选择这个状态码的含义。"
        raise Refused("meaning_missing", words, fields={"meaning": words})
    return change(session, row, {**row.mapping, code: meaning})


def change(session: Session, row: Platform, column: Mapping[str, str]) -> int:
    """Replace the mapping of a locked platform. What waited for a code that has a meaning now is
    applied again; how many messages that is. Raises Refused by code."""
    said = mapping.from_column(column).column()
    if not said:
        raise Refused("mapping_empty", "状态对照表不能是空的。")
    before = {code: Meaning(each).label for code, each in row.mapping.items()}
    after = {code: Meaning(each).label for code, each in said.items()}
    if before == after:
        return 0
    row.mapping = said
    session.add(row)
    changed = {code: (before.get(code), after.get(code)) for code in before | after
               if before.get(code) != after.get(code)}  # fmt: skip
    audit.record(
        session, audit.Action.RECORD_CHANGED, f"work_order_platform:{row.code}",
        detail={"before": {code: was for code, (was, _) in changed.items()},
                "after": {code: now_ for code, (_, now_) in changed.items()}},
    )  # fmt: skip
    return sum(_again(session, row.code, code) for code in said.keys() - before.keys())


def _again(session: Session, platform: str, code: str) -> int:
    query = select(Incoming).where(
        *_waits(platform), Incoming.reason == following.unexplained(code)[:300]
    )
    rows = session.exec(query.options(lost.NO_RAW).with_for_update()).all()
    for row in rows:
        row.state, row.attempts, row.next_attempt_at = IncomingState.DUE, 0, now()
        row.settled_at = None
        session.add(row)
    if rows:
        bells.ring_after_commit(session, bells.APPLY, platform)
        moving.tell(session)
    return len(rows)


def locked(session: Session, platform_code: str) -> Platform:
    """The platform's row, locked. Raises Refused 404."""
    row = session.get(Platform, platform_code, with_for_update=True, populate_existing=True,
                      options=[lost.NO_SECRET])  # fmt: skip
    if row is None:
        raise Refused("platform_unknown", "没有这个平台，请从列表重新打开。", 404)
    return row
