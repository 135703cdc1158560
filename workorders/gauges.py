"""Backlog and lag of the exchange for Prometheus, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from hotline.clock import now
from hotline.db import transaction
from workorders.exchange import platform_health


class Exchange:
    """A collector. No personal data: platforms, states and numbers."""

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked of the database when it is registered."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Events and messages by state, seconds since the last pull and of the oldest event."""
        at = now()
        waiting = GaugeMetricFamily("hotline_workorders_waiting", "Events and messages that wait",
                                    labels=["platform", "direction", "state"])  # fmt: skip
        lag = GaugeMetricFamily("hotline_workorders_pull_lag_seconds",
                                "Seconds since a platform last told what changed",
                                labels=["platform"])  # fmt: skip
        oldest = GaugeMetricFamily("hotline_workorders_send_lag_seconds",
                                   "Seconds the oldest event has waited to be sent",
                                   labels=["platform"])  # fmt: skip
        with transaction() as session:
            for each in platform_health.facts(session, at):
                code = each.health.platform.code
                for direction, rows in (("out", each.outgoing), ("in", each.incoming)):
                    for row in rows:
                        waiting.add_metric([code, direction, row.state], row.count)
                if (late := each.pull_lag(at)) is not None:
                    lag.add_metric([code], late.total_seconds())
                oldest.add_metric([code], each.health.lag_seconds(at))
        yield from (waiting, lag, oldest)


def collector() -> Exchange:
    """What `/metrics` registers."""
    return Exchange()
