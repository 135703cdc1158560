"""How the exchange stands, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, text
from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.errors import Refused
from hotline.labels import Labelled
from hotline.web import Page, decode_cursor, encode_cursor
from workorders.exchange import lost, rules
from workorders.exchange.models import Incoming, Outgoing, PlatformHealth
from workorders.models import Order, Platform
from workorders.rules import SELF

Row = TypeVar("Row", Incoming, Outgoing)


class Standing(Labelled):
    """How the exchange with a platform is, in a word."""

    WELL = "well", "正常"
    TRYING = "trying", "有失败，正在重试"
    RESTING = "resting", "连续失败，暂停发送"
    UNASKED = "unasked", "尚未同步"
    OFF = "off", "已停用"


@dataclass(frozen=True)
class Health:
    """One platform: what waits, since when, and what it last said.

    ``backlog`` events are not sent yet, ``oldest`` since when; ``inbox`` rows are not applied yet;
    ``stuck`` wait for a person.
    """

    platform: Platform
    standing: Standing
    backlog: int
    oldest: datetime | None
    inbox: int
    stuck: int
    polled_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    failures: int
    open_until: datetime | None
    last_error: str | None

    def lag_seconds(self, at: datetime) -> float:
        """For how long the oldest event has waited."""
        return max(0.0, (at - self.oldest).total_seconds()) if self.oldest else 0.0


_OUT = text(
    """
    SELECT platform, count(*) FILTER (WHERE state = 'due'), min(created_at)
    FILTER (WHERE state = 'due'), count(*) FILTER (WHERE state <> 'due')
    FROM work_order_outgoing WHERE state IN ('due', 'refused', 'given_up') GROUP BY platform
    """
)
_IN = text(
    """
    SELECT platform, count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE state <> 'due')
    FROM work_order_incoming WHERE state IN ('due', 'parked', 'unreadable') GROUP BY platform
    """
)


def healths(session: Session) -> list[Health]:
    """Every platform, those switched off too."""
    query = select(Platform).where(Platform.code != SELF).order_by(Platform.code)
    rows = session.exec(query.options(lost.NO_SECRET))
    told = {each.platform: each for each in session.exec(select(PlatformHealth))}
    out = {row[0]: row for row in session.execute(_OUT)}
    inbox = {row[0]: row for row in session.execute(_IN)}
    return [
        _health(row, told.get(row.code), out.get(row.code), inbox.get(row.code)) for row in rows
    ]


def _health(row: Platform, found: PlatformHealth | None, out: Any, inbox: Any) -> Health:
    known = found or PlatformHealth(platform=row.code)
    _, backlog, oldest, stuck_out = out or ("", 0, None, 0)
    _, arrived, stuck_in = inbox or ("", 0, 0)
    return Health(
        row, _standing(row, known, now()), backlog, oldest, arrived, stuck_out + stuck_in,
        known.polled_at, known.succeeded_at, known.failed_at,
        max(known.failures, known.pull_failures), known.open_until, known.last_error,
    )  # fmt: skip


def _standing(row: Platform, known: PlatformHealth, at: datetime) -> Standing:
    if not row.is_active:
        return Standing.OFF
    if known.open_until is not None and known.open_until > at:
        return Standing.RESTING
    if known.failures or known.pull_failures:
        return Standing.TRYING
    return Standing.WELL if known.polled_at else Standing.UNASKED


def stuck_outgoing(
    session: Session, platform: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[tuple[Outgoing, Order]]:
    """Events a platform refused or never took, the latest first, with their orders."""
    query = (
        select(Outgoing, Order)
        .where(
            Outgoing.order_id == Order.id,
            col(Outgoing.state).in_(rules.STUCK_OUTGOING),
            *_narrowed(Outgoing, platform, cursor),
        )
        .options(lost.NO_BODY, lost.NUMBERS_ONLY)
    )
    rows = list(session.exec(query.order_by(col(Outgoing.id).desc()).limit(limit + 1)))
    following = encode_cursor(rows[limit - 1][0].key) if len(rows) > limit else None
    return Page(rows[:limit], following)


def stuck_incoming(
    session: Session, platform: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Incoming]:
    """What came and waits for a person, the latest first."""
    query = select(Incoming).where(
        col(Incoming.state).in_(rules.STUCK_INCOMING), *_narrowed(Incoming, platform, cursor)
    )
    query = query.options(lost.NO_RAW).order_by(col(Incoming.id).desc())
    rows = list(session.exec(query.limit(limit + 1)))
    following = encode_cursor(rows[limit - 1].key) if len(rows) > limit else None
    return Page(rows[:limit], following)


def _narrowed(
    table: type[Row], platform: str | None, cursor: str | None
) -> list[ColumnElement[bool]]:
    found = [col(table.platform) == platform] if platform else []
    if (values := decode_cursor(cursor, 1)) is not None:
        if not isinstance(values[0], int):
            raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400)
        found.append(col(table.id) < values[0])
    return found
