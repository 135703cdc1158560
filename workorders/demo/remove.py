"""Takes the made-up orders away again; what real orders hang on stays."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session

from hotline.db import after_commit
from workorders.demo import load

_OF_ORDERS = (
    "work_order_flag", "work_order_call_back", "work_order_attachment", "work_order_request",
    "work_order_clock", "work_order_unit", "work_order_step", "work_order_incoming",
    "work_order_outgoing",
)  # fmt: skip
_REMOVE = [
    "CREATE TEMPORARY TABLE made_up ON COMMIT DROP AS SELECT id FROM work_order WHERE is_demo",
    "DELETE FROM work_order_exchange WHERE is_demo OR outgoing_id IN"
    " (SELECT id FROM work_order_outgoing WHERE order_id IN (TABLE made_up))",
    "DELETE FROM work_order_flag_note WHERE flag_id IN"
    " (SELECT id FROM work_order_flag WHERE order_id IN (TABLE made_up))",
    *(f"DELETE FROM {table} WHERE order_id IN (TABLE made_up)" for table in _OF_ORDERS),  # noqa: S608
    "DELETE FROM work_order_incoming WHERE is_demo",
    "UPDATE work_order SET master_id = NULL, state = 'in_progress'"
    " WHERE NOT is_demo AND master_id IN (TABLE made_up)",
    "DELETE FROM work_order WHERE is_demo",
    "DELETE FROM work_unit u WHERE is_demo"
    " AND NOT EXISTS (SELECT FROM work_order o WHERE o.unit_id = u.id)"
    " AND NOT EXISTS (SELECT FROM work_order_unit o WHERE o.unit_id = u.id)"
    " AND NOT EXISTS (SELECT FROM work_order_step o WHERE o.unit_id = u.id)",
    "UPDATE work_unit SET is_demo = false WHERE is_demo",
    "DELETE FROM work_order_reconciliation WHERE is_demo",
    "DELETE FROM work_order_platform_health h USING work_order_platform p"
    " WHERE p.code = h.platform AND p.is_demo",
    "DELETE FROM work_order_exchange e USING work_order_platform p"
    " WHERE p.code = e.platform AND p.is_demo",
    "DELETE FROM work_order_platform p WHERE is_demo"
    " AND NOT EXISTS (SELECT FROM work_order o WHERE o.platform = p.code)"
    " AND NOT EXISTS (SELECT FROM work_order_reconciliation r WHERE r.platform = p.code)",
]


def remove(session: Session) -> None:
    """Every made-up order with all that hangs on it, units and platforms that are made up, and
    what their stand-in knew of them."""
    for statement in _REMOVE:
        session.execute(text(statement))
    after_commit(session, lambda: load.state_file().unlink(missing_ok=True))
