"""What a careless platform does to a page before it leaves. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotline.clock import local

TIMES = 5


def repeated(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first order five times, the rest as they were."""
    return items[:1] * (TIMES - 1) + items


def out_of_order(
    items: list[dict[str, Any]], older: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """The page backwards, and behind it what its orders looked like before."""
    backwards = items[::-1]
    stale = [version for item in items for version in older.get(item["no"], [])[-2:][::-1]]
    return backwards + stale


def changed_types(item: dict[str, Any]) -> dict[str, Any]:
    """The same order as another programmer would have written it."""
    status, phone = item["status"], item["caller"]["phone"]
    return {
        **item,
        "version": str(item["version"]),
        "status": int(status) if status.isdigit() else status,
        "confidential": "是" if item["confidential"] else "否",
        "caller": {**item["caller"], "phone": int(phone) if phone.isdigit() else None},
        "due_at": local(datetime.fromisoformat(item["due_at"])).strftime("%Y-%m-%d %H:%M:%S"),
        "urged": item["urged"] or None,
        "attachments": None,
        "dealName": "",
    }
