"""The months there are, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import local, month_of, now
from hotline.labels import Labelled
from hotline.statistics.bulletin.comparing import earlier_months


class Stage(Labelled):
    """Where a month's bulletin is."""

    RUNNING = "running", "本月未完"
    OPEN = "open", "待关账"
    CLOSED = "closed", "已关账"
    CORRECTED = "corrected", "已更正"


@dataclass(frozen=True)
class Row:
    """One month of the list. ``sheets`` are the outside figures that are there."""

    month: str
    stage: Stage
    sheets: int
    closed_at: datetime | None = None
    closed_by: str = ""
    number: int | None = None
    total: int | None = None

    @property
    def next_step(self) -> str:
        """What to do now."""
        if self.stage is Stage.RUNNING:
            return "可以先导入外部数据、看草稿"
        if self.stage is Stage.OPEN:
            return "导入外部数据，核对等式，关账" if not self.sheets else "核对等式，关账"
        return "打印、下载；有变化时做更正"


_FIRST = text("SELECT min(started_at) FROM call WHERE direction = 'inbound'")
_KNOWN = text("SELECT month FROM bulletin_sheet UNION SELECT month FROM bulletin_edition")
_SHEETS = text("SELECT month, count(DISTINCT kind) AS sheets FROM bulletin_sheet GROUP BY 1")
_EDITIONS = text(
    "SELECT DISTINCT ON (month) month, number, closed_at, closed_by,"
    " (snapshot->'headline'->>'total')::bigint AS total"
    " FROM bulletin_edition ORDER BY month, number DESC"
)


def listed(session: Session) -> list[Row]:
    """Every month since the first call, and those that have sheets or editions; newest first."""
    present = month_of(now())
    months = {month for (month,) in session.execute(_KNOWN)} | {present}
    first: datetime | None = session.execute(_FIRST).scalar()
    if first is not None:
        month = present
        while month > f"{local(first):%Y-%m}":
            month = earlier_months(month)[0]
            months.add(month)
    sheets = {row.month: int(row.sheets) for row in session.execute(_SHEETS)}
    editions = {row.month: row for row in session.execute(_EDITIONS)}
    return [_row(one, present, sheets, editions) for one in sorted(months, reverse=True)]


def open_months(session: Session) -> list[Row]:
    """Those of the last year that are over and not closed, the newest first."""
    return [row for row in listed(session)[:13] if row.stage is Stage.OPEN]


def _row(month: str, present: str, sheets: dict[str, int], editions: dict[str, Any]) -> Row:
    count, edition = sheets.get(month, 0), editions.get(month)
    if edition is None:
        return Row(month, Stage.RUNNING if month >= present else Stage.OPEN, count)
    stage = Stage.CORRECTED if edition.number else Stage.CLOSED
    at, by = edition.closed_at, edition.closed_by
    return Row(month, stage, count, at, by, edition.number, edition.total)
