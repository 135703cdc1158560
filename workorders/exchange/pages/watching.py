"""平台状态: per platform what waits, since when, what it last said, and a day of attempts."""

from __future__ import annotations

from flask import request

from hotline import access
from hotline.clock import now
from hotline.db import transaction
from hotline.web import render
from workorders.exchange import platform_health
from workorders.exchange.pages.blueprint import WATCHERS, bp
from workorders.exchange.queries import Standing

__all__ = ["bp"]
TONES = {
    Standing.WELL: "done",
    Standing.TRYING: "soon",
    Standing.RESTING: "danger",
    Standing.UNASKED: "rest",
    Standing.OFF: "rest",
}


@bp.get("/health")
@access.allowed(*WATCHERS)
def health() -> str:
    """The whole page."""
    return _render("exchange/health.html")


@bp.get("/health/now")
@access.passive
@access.allowed(*WATCHERS)
def health_now() -> str:
    """Its live part."""
    return _render("exchange/_health_now.html")


def _render(template: str) -> str:
    with transaction() as session:
        found = platform_health.facts(session, now())
    return render(template, found=found, tones=TONES, chart=platform_health.chart,
                  is_live=request.endpoint == "workorders_exchange.health_now")  # fmt: skip
