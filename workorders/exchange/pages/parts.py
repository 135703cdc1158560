"""The pages of the exchange as one blueprint: importing its parts fills it."""

from __future__ import annotations

from workorders.exchange.pages import connecting, report, reports, stuck_item, stuck_list, watching
from workorders.exchange.pages.blueprint import bp

PARTS = (reports, report, stuck_list, stuck_item, watching, connecting)
__all__ = ["PARTS", "bp"]
