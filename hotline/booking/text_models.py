"""The outbox of text messages: written with the booking, sent afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from hotline.booking.place_models import link
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, identity, instant
from hotline.labels import Labelled


class TextState(Labelled):
    """Where a text message is."""

    DUE = "due", "待发"
    SENT = "sent", "已发"
    GIVEN_UP = "given_up", "未发出"
    DISMISSED = "dismissed", "不再发送"


class TextMessage(Numbered, table=True):
    """One text message. The row is the truth: attempts and the next one are kept here.

    ``mobile`` and ``body`` are what was sent, and to whom; before the first try there is neither.
    """

    __tablename__ = "text_message"
    __table_args__ = (
        Index("ix_text_message_due", "next_attempt_at", postgresql_where="state = 'due'"),
        Index("ix_text_message_stuck", "next_attempt_at", postgresql_where="state = 'given_up'"),
        Index("ix_text_message_sent", "sent_at"),
        Index("ix_text_message_booking", "booking_id"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    booking_id: int | None = Field(
        default=None, sa_column=link("booking.id", nullable=True, cascade=True)
    )
    template: str = Field(max_length=32)
    mobile: str | None = Field(default=None, sa_column=encrypted("text_message.mobile"))
    body: str | None = Field(default=None, sa_column=encrypted("text_message.body"))
    state: TextState = Field(default=TextState.DUE, sa_column=coded(TextState))
    attempts: int = 0
    next_attempt_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=instant())
    last_error: str | None = Field(default=None, max_length=200)
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    is_demo: bool = False


import hotline.booking.models  # noqa: E402, F401 - keys point to its tables
