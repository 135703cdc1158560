"""How the exchange with each platform stands, in numbers: for its page, the doctor and gauges."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import local
from workorders.exchange import queries
from workorders.exchange.models import PlatformHealth
from workorders.exchange.queries import Health
from workorders.exchange.rules import IncomingState, OutgoingState

HOURS = 24
# What became of an attempt, in the words of the chart.
GROUPS = ("成功", "结果未知，已再试", "平台不同意", "没有拉取到")

_OUT = text(
    """
    SELECT platform, state, count(*), min(created_at) FROM work_order_outgoing
    WHERE state IN ('due', 'refused', 'given_up') GROUP BY platform, state
    """
)
_IN = text(
    """
    SELECT platform, state, count(*), min(received_at) FROM work_order_incoming
    WHERE state IN ('due', 'parked', 'unreadable') GROUP BY platform, state
    """
)
_TRIED = text(
    """
    SELECT platform, date_trunc('hour', at AT TIME ZONE 'Asia/Shanghai') AS hour,
        CASE WHEN outcome IN ('applied', 'applied_before', 'fetched', 'read')
                  OR outcome LIKE '% items' THEN 0
             WHEN outcome = 'unknown' THEN 1
             WHEN outcome = 'refused' AND what LIKE 'send:%' THEN 2
             ELSE 3 END AS grouped,
        count(*)
    FROM work_order_exchange WHERE at >= :since GROUP BY 1, 2, 3
    """
)


@dataclass(frozen=True)
class Waiting:
    """So many in a state, the oldest since then."""

    state: str
    label: str
    count: int
    oldest: datetime | None
    is_stuck: bool


@dataclass
class Facts:
    """A platform, what waits on both sides, and 24 hours of attempts by hour and outcome."""

    health: Health
    pull_failures: int = 0
    pull_after: datetime | None = None
    outgoing: list[Waiting] = field(default_factory=list)
    incoming: list[Waiting] = field(default_factory=list)
    tried: dict[datetime, list[int]] = field(default_factory=dict)

    def pull_lag(self, at: datetime) -> timedelta | None:
        """For how long nothing could be pulled; None when it never was."""
        last = self.health.succeeded_at if self.pull_failures else self.health.polled_at
        return at - last if last else None

    @property
    def attempts(self) -> int:
        """Attempts in 24 hours."""
        return sum(sum(counts) for counts in self.tried.values())

    @property
    def failed(self) -> int:
        """Those without a clear yes."""
        return sum(sum(counts[1:]) for counts in self.tried.values())


def facts(session: Session, at: datetime) -> list[Facts]:
    """Every platform."""
    out = _waiting(session.execute(_OUT).all(), OutgoingState, OutgoingState.DUE)
    incoming = _waiting(session.execute(_IN).all(), IncomingState, IncomingState.DUE)
    tried = _tried(session, at)
    found = []
    for each in queries.healths(session):
        row = session.get(PlatformHealth, each.platform.code)
        found.append(Facts(
            each, row.pull_failures if row else 0, row.pull_after if row else None,
            out[each.platform.code], incoming[each.platform.code],
            _by_hour(tried[each.platform.code], at),
        ))  # fmt: skip
    return found


def _waiting(rows: Any, states: Any, due: Any) -> dict[str, list[Waiting]]:
    found: dict[str, list[Waiting]] = defaultdict(list)
    counts = {(platform, state): (count, oldest) for platform, state, count, oldest in rows}
    for platform in {platform for platform, _ in counts}:
        for state in states:
            if (platform, state.value) in counts:
                count, oldest = counts[platform, state.value]
                found[platform].append(
                    Waiting(state.value, state.label, count, oldest, state is not due)
                )
    return found


def _tried(session: Session, at: datetime) -> dict[str, dict[datetime, list[int]]]:
    found: dict[str, dict[datetime, list[int]]] = defaultdict(dict)
    since = at - timedelta(hours=HOURS)
    for platform, hour, group, count in session.execute(_TRIED, {"since": since}):
        found[platform].setdefault(hour, [0] * len(GROUPS))[group] += count
    return found


def _by_hour(counts: dict[datetime, list[int]], at: datetime) -> dict[datetime, list[int]]:
    last = local(at).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    hours = [last - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    return {hour: counts.get(hour, [0] * len(GROUPS)) for hour in hours}


def chart(found: Facts) -> dict[str, Any]:
    """Attempts by hour, as the ``chart`` macro takes it."""
    tried, failed = found.attempts, found.failed
    finding = f"24 小时交换 {tried} 次，{failed} 次没有成功" if tried else "24 小时没有交换"
    series = [
        {"name": name, "values": [counts[number] for counts in found.tried.values()],
         "stack": "all"}
        for number, name in enumerate(GROUPS)
        if any(counts[number] for counts in found.tried.values())
    ]  # fmt: skip
    spec = {"kind": "bar", "x": [f"{hour:%H}时" for hour in found.tried], "unit": "次",
            "series": series, "whole": True}  # fmt: skip
    return {"finding": finding, "spec": spec}
