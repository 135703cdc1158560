"""Tables of the bulletin: sheets of outside figures, and what was published of each month."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

import hotline.agents.models  # noqa: F401 - keys point to its tables
from hotline.clock import now
from hotline.columns import coded, identity, instant
from hotline.statistics.bulletin.rules import Kind


def _json() -> Column[Any]:
    return Column(JSONB, nullable=False)


def _person() -> Column[Any]:
    return Column(BigInteger, ForeignKey("person.id"))


class BulletinSheet(SQLModel, table=True):
    """One sheet of outside figures of a month; of several the newest counts.

    ``content``: rows, the file's 合计, the rows' lines. ``answers``: what was chosen of its doubts.
    """

    __tablename__ = "bulletin_sheet"
    __table_args__ = (Index("ix_bulletin_sheet_month", "month", "kind", "id"),)

    id: int | None = Field(default=None, sa_column=identity())
    month: str = Field(max_length=7)
    kind: Kind = Field(sa_column=coded(Kind))
    source: str = Field(max_length=120)
    digest: str = Field(max_length=64)
    rows: int
    content: dict[str, Any] = Field(sa_column=_json())
    answers: dict[str, str] = Field(default_factory=dict, sa_column=_json())
    imported_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    imported_by_id: int | None = Field(default=None, sa_column=_person())
    imported_by: str = Field(max_length=60)
    is_demo: bool = False


class BulletinEdition(SQLModel, table=True):
    """A month as it was closed (number 0) or corrected (1, 2, …). Never changed: see its trigger.

    ``snapshot`` holds everything the documents are made of; ``changes`` what differs from the
    edition before.
    """

    __tablename__ = "bulletin_edition"
    __table_args__ = (
        UniqueConstraint("month", "number", name="uq_bulletin_edition_number"),
        CheckConstraint(
            "number = 0 OR (reason IS NOT NULL AND reason <> '')", name="ck_bulletin_edition_reason"
        ),
    )

    id: int | None = Field(default=None, sa_column=identity())
    month: str = Field(max_length=7)
    number: int
    snapshot: dict[str, Any] = Field(sa_column=_json())
    digest: str = Field(max_length=64)
    closed_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    closed_by_id: int | None = Field(default=None, sa_column=_person())
    closed_by: str = Field(max_length=60)
    reason: str | None = Field(default=None, max_length=200)
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    is_demo: bool = False
