"""The pages of work orders as one blueprint: importing its parts fills it."""

from __future__ import annotations

from workorders.pages import bulk, export, filing, index, show
from workorders.pages.blueprint import bp

PARTS = (index, bulk, export, show, filing)
__all__ = ["PARTS", "bp"]
