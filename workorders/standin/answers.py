"""What the platform answers, and how it reads what it is asked. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from workorders.standin.machine import Refusal


@dataclass(frozen=True)
class Said:
    """An answer: the contract's code, words, data."""

    code: int
    message: str = ""
    data: Any = None


@dataclass(frozen=True)
class Account:
    """Who the platform knows us as."""

    app_id: str
    secret: str = field(repr=False)


def event_id(event: dict[str, Any]) -> str:
    """The event's own number, in one spelling. Raises Refusal."""
    try:
        return str(uuid.UUID(str(event.get("event_id"))))
    except ValueError:
        raise Refusal(40002, "event_id 应为 UUID。") from None


def cursor_number(cursor: str) -> int:
    """How far a cursor has come. Raises Refusal."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
        raise Refusal(40001, "cursor 不是本平台给出的。")
    return int(cursor or 0)
