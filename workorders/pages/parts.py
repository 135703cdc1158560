"""The pages of work orders as one blueprint: importing its parts fills it."""

from __future__ import annotations

from workorders.pages import board, bulk, export, filing, index, show, unfiled
from workorders.pages.blueprint import bp

PARTS = (index, bulk, export, show, filing, unfiled, board)
__all__ = ["PARTS", "bp"]
