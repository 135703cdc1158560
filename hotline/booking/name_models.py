"""The table of names that were heard, not read, and are to be checked by somebody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

import hotline.agents.models
from hotline.booking.place_models import link
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, identity, instant
from hotline.labels import Labelled


class NameVerdict(Labelled):
    """What somebody who listened says of a name. Unclear settles nothing: it is asked for."""

    RIGHT = "right", "没有错"
    CORRECTED = "corrected", "已改正"
    UNCLEAR = "unclear", "听不清"


class NameCheck(Numbered, table=True):
    """A patient's name as the voice line heard it in the call ``call_uid``.

    ``unclear_at``: somebody has listened and could not tell; the patient is to be asked.
    """

    __tablename__ = "name_check"
    __table_args__ = (
        Index("uq_name_check_open", "account_id", unique=True, postgresql_where="verdict IS NULL"),
        Index("ix_name_check_account", "account_id"),
        Index("ix_name_check_done", "checked_at", postgresql_where="verdict IS NOT NULL"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    account_id: int = Field(sa_column=link("patient_account.id", cascade=True))
    call_uid: str = Field(max_length=128)
    heard: str = Field(sa_column=encrypted("name_check.heard", nullable=False))
    heard_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    unclear_at: datetime | None = Field(default=None, sa_column=instant())
    verdict: NameVerdict | None = Field(default=None, sa_column=coded(NameVerdict, nullable=True))
    checked_by: int | None = Field(default=None, sa_column=link("person.id", nullable=True))
    checked_at: datetime | None = Field(default=None, sa_column=instant())


import hotline.booking.patient_models  # noqa: E402, F401 - keys point to its tables
