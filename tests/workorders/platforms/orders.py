"""An order as a platform would write it, by the contract."""

from __future__ import annotations

from typing import Any


def order(**other: Any) -> dict[str, Any]:
    """A whole order; what is given replaces a field."""
    return {
        "no": "NJ20261121000123",
        "version": 3,
        "status": "20",
        "kind": "投诉",
        "category_code": "0801",
        "urgency": "紧急",
        "confidential": True,
        "reply_wanted": True,
        "caller": {"name": "编造者", "sex": "女", "phone": "19900001234"},
        "title": "医院排队太久",
        "content": "挂号窗口只开一个，等了两个小时。",
        "place": "玄武区某路 1 号",
        "target": "编造医院",
        "called_at": "2026-11-21T09:00:00+08:00",
        "dispatched_at": "2026-11-21T09:30:00+08:00",
        "due_at": "2026-11-27T18:00:00+08:00",
        "urged": [{"at": "2026-11-22T09:00:00+08:00", "by": "市平台", "content": "请尽快"}],
        "supervised": [],
        "attachments": [{"name": "a.jpg", "sha256": "ab" * 32, "url": "https://x.example/a.jpg"}],
        **other,
    }
