"""The pages of work orders as one blueprint: importing its parts fills it."""

from __future__ import annotations

from workorders.pages import (
    attachments,
    board,
    bulk,
    call_backs,
    export,
    filing,
    index,
    show,
    unfiled,
    units,
)
from workorders.pages.blueprint import bp

PARTS = (index, bulk, export, show, attachments, filing, unfiled, board, call_backs, units)
__all__ = ["PARTS", "bp"]
