"""Tables of patients: found by keyed hash, kept encrypted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column as TableColumn
from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

import hotline.agents.models  # noqa: F401 - keys point to its tables
from hotline.booking.id_numbers import Document
from hotline.booking.place_models import link
from hotline.clock import now
from hotline.columns import coded, encrypted, hashed, identity, instant


class Patient(SQLModel, table=True):
    """One person, known by one document. Birth date and sex are read from the number."""

    __tablename__ = "patient"
    __table_args__ = (UniqueConstraint("id_hash", name="uq_patient_id_hash"),)

    id: int | None = Field(default=None, sa_column=identity())
    document: Document = Field(sa_column=coded(Document))
    id_number: str = Field(sa_column=encrypted("patient.id_number", nullable=False))
    id_hash: bytes = Field(sa_column=TableColumn(LargeBinary(16), nullable=False))
    guardian_id: int | None = Field(default=None, sa_column=link("patient.id", nullable=True))
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    is_demo: bool = False


class PatientAccount(SQLModel, table=True):
    """A patient under a mobile. ``place`` counts a mobile's patients from 1, without two alike:
    two who take the last place at once cannot both have it. Freed, an account has neither place
    nor hash, and stays for the bookings made under it. ``name_hash`` and ``born_hash`` find
    it by name, or by surname and birth date (see ``people``)."""

    __tablename__ = "patient_account"
    __table_args__ = (
        UniqueConstraint("mobile_hash", "patient_id", name="uq_patient_account"),
        UniqueConstraint("mobile_hash", "place", name="uq_patient_account_place"),
        Index("ix_patient_account_patient", "patient_id"),
        Index("ix_patient_account_name_hash", "name_hash"),
        Index("ix_patient_account_born_hash", "born_hash"),
        Index("ix_patient_account_unnamed", "id", postgresql_where="name_hash IS NULL"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    patient_id: int = Field(sa_column=link("patient.id", cascade=True))
    name: str = Field(sa_column=encrypted("patient_account.name", nullable=False))
    mobile: str = Field(sa_column=encrypted("patient_account.mobile", nullable=False))
    mobile_hash: bytes | None = Field(default=None, sa_column=TableColumn(LargeBinary(16)))
    name_hash: bytes | None = Field(default=None, sa_column=hashed(index=False))
    born_hash: bytes | None = Field(default=None, sa_column=hashed(index=False))
    place: int | None = None


class Ban(SQLModel, table=True):
    """A time in which a patient may not book. Lifted, it is kept. One that a person set has a
    ``reason`` and no no-shows; one that follows from no-shows has none."""

    __tablename__ = "booking_ban"
    __table_args__ = (Index("ix_booking_ban_patient", "patient_id", "until_at"),)

    id: int | None = Field(default=None, sa_column=identity())
    patient_id: int = Field(sa_column=link("patient.id", cascade=True))
    from_at: datetime = Field(sa_column=instant(nullable=False))
    until_at: datetime = Field(sa_column=instant(nullable=False))
    no_shows: int
    lifted_at: datetime | None = Field(default=None, sa_column=instant())
    reason: str | None = Field(default=None, max_length=200)
    set_by: int | None = Field(default=None, sa_column=link("person.id", nullable=True))
    lifted_by: int | None = Field(default=None, sa_column=link("person.id", nullable=True))
    lift_reason: str | None = Field(default=None, max_length=200)
