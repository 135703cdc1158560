"""What goes over the wire: orders that come in, events that go out. [CONTRACTS, 12345 platforms]"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_serializer

from hotline.clock import local
from hotline.labels import Labelled
from workorders.rules import Kind, Satisfaction, Urgency

LARGEST_ORDER = 1_000_000  # characters of JSON
LONGEST_NO = 64
LONGEST_TEXT = 20_000


class Unreadable(Exception):
    """An item that is no order we can read: it is parked with its reason.

    ``reason`` is a Chinese sentence without personal data, ``raw`` the item as it came (or its
    text, where not even JSON could be seen), ``no`` its number where one was to be seen.
    """

    def __init__(self, reason: str, raw: object, no: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.raw = raw
        self.no = no


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class RemoteCaller(_Part):
    """Who asked. ``phone`` as the platform wrote it; nothing of this is ever printed."""

    name: str = Field("", repr=False)
    sex: str = Field("", repr=False)
    phone: str = Field("", repr=False)


class RemoteNote(_Part):
    """One 催办 or 督办: when, by whom, what for."""

    at: datetime | None
    by: str
    content: str = Field(repr=False)


class Attachment(_Part):
    """A file by its address; ``sha256`` in hex, empty when the platform gave none that is one."""

    name: str
    sha256: str
    url: str = Field(repr=False)


class RemoteOrder(_Part):
    """One order as a platform tells it. Times in UTC; ``status`` verbatim, whatever it says.

    ``warnings`` say what was odd about it, ``extra`` holds the fields nobody agreed on, and
    ``raw`` the whole as it came.
    """

    no: str
    version: int
    status: str
    kind: Kind
    category_code: str
    urgency: Urgency
    confidential: bool
    reply_wanted: bool
    caller: RemoteCaller
    title: str = Field(repr=False)
    content: str = Field(repr=False)
    place: str = Field(repr=False)
    target: str = Field(repr=False)
    called_at: datetime | None
    dispatched_at: datetime | None
    due_at: datetime | None
    urged: tuple[RemoteNote, ...]
    supervised: tuple[RemoteNote, ...]
    attachments: tuple[Attachment, ...]
    extra: dict[str, Any] = Field(repr=False)
    warnings: tuple[str, ...]
    raw: dict[str, Any] = Field(repr=False)


class EventType(Labelled):
    """What we tell a platform."""

    ACCEPT = "accept", "签收"
    RETURN = "return", "申请退单"
    EXTEND = "extend", "申请延期"
    ASSIGN = "assign", "派单"
    PROGRESS = "progress", "办理进展"
    REPLY = "reply", "回复"
    CALLBACK = "callback", "回访"
    REWORK_DONE = "rework_done", "重办完成"


class OutgoingEvent(_Part):
    """One thing we tell a platform about an order. The same event always has the same body."""

    event_id: UUID
    type: EventType
    at: AwareDatetime
    operator: str = Field(max_length=100)
    unit: str = Field("", max_length=200)
    content: str = Field("", max_length=LONGEST_TEXT, repr=False)
    until: AwareDatetime | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    attachments: tuple[Attachment, ...] = Field((), max_length=50)

    @field_serializer("at", "until")
    def _with_offset(self, instant: datetime | None) -> str | None:
        return local(instant).isoformat(timespec="seconds") if instant else None

    @field_serializer("satisfaction")
    def _in_words(self, grade: Satisfaction | None) -> str | None:
        return grade.label if grade else None

    def body(self) -> bytes:
        """The JSON that is sent: every field of the contract, null where it says nothing."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False).encode()
