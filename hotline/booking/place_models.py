"""Tables of where one can book: hospitals, their parts and people, and the rules they set."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy import Column as TableColumn
from sqlmodel import Field, SQLModel

from hotline.booking.rules import BookingKind, ClinicKind, Column, ResourceKind
from hotline.clock import now
from hotline.columns import Numbered, coded, identity, instant


def link(target: str, *, nullable: bool = False, cascade: bool = False) -> TableColumn[Any]:
    """A column that points to a row of another table."""
    on_delete = "CASCADE" if cascade else None
    return TableColumn(BigInteger, ForeignKey(target, ondelete=on_delete), nullable=nullable)


class Hospital(Numbered, table=True):
    """A hospital. ``initials`` are the first letters of its pinyin, ``pinyin`` the whole of it,
    for pickers: every common reading a word (see ``spelling``)."""

    __tablename__ = "hospital"
    __table_args__ = (UniqueConstraint("city", "name", name="uq_hospital_name"),)

    id: int | None = Field(default=None, sa_column=identity())
    city: str = Field(max_length=20)
    name: str = Field(max_length=60)
    short_name: str | None = Field(default=None, max_length=30)
    initials: str = Field(default="", max_length=60)
    pinyin: str = Field(default="", max_length=400, sa_column_kwargs={"server_default": ""})
    level: str | None = Field(default=None, max_length=20)
    district: str | None = Field(default=None, max_length=20)
    address: str | None = Field(default=None, max_length=200)
    is_active: bool = True
    is_demo: bool = False


class Campus(Numbered, table=True):
    """A hospital's place, where it has several."""

    __tablename__ = "campus"
    __table_args__ = (UniqueConstraint("hospital_id", "name", name="uq_campus_name"),)

    id: int | None = Field(default=None, sa_column=identity())
    hospital_id: int = Field(sa_column=link("hospital.id", cascade=True))
    name: str = Field(max_length=40)


class Department(Numbered, table=True):
    """A department of one hospital."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("hospital_id", "name", name="uq_department_name"),)

    id: int | None = Field(default=None, sa_column=identity())
    hospital_id: int = Field(sa_column=link("hospital.id", cascade=True))
    name: str = Field(max_length=60)
    initials: str = Field(default="", max_length=60)
    pinyin: str = Field(default="", max_length=400, sa_column_kwargs={"server_default": ""})
    is_active: bool = True


class Doctor(Numbered, table=True):
    """A doctor in one department."""

    __tablename__ = "doctor"
    __table_args__ = (UniqueConstraint("department_id", "name", name="uq_doctor_name"),)

    id: int | None = Field(default=None, sa_column=identity())
    department_id: int = Field(sa_column=link("department.id", cascade=True))
    name: str = Field(max_length=40)
    title: str | None = Field(default=None, max_length=30)
    initials: str = Field(default="", max_length=40)
    pinyin: str = Field(default="", max_length=400, sa_column_kwargs={"server_default": ""})


class Resource(Numbered, table=True):
    """What can be booked: a clinic, an examination, a health check, a vaccination, a bed. Of all
    but clinics the name is the 项目, which is found by its letters like a place."""

    __tablename__ = "resource"
    __table_args__ = (
        Index(
            "uq_resource",
            "department_id",
            "campus_id",
            "doctor_id",
            "kind",
            "clinic_kind",
            "name",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_resource_item", "department_id", postgresql_where="kind <> 'clinic'"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    kind: ResourceKind = Field(default=ResourceKind.CLINIC, sa_column=coded(ResourceKind))
    clinic_kind: ClinicKind | None = Field(default=None, sa_column=coded(ClinicKind, nullable=True))
    department_id: int = Field(sa_column=link("department.id", cascade=True))
    campus_id: int | None = Field(default=None, sa_column=link("campus.id", nullable=True))
    doctor_id: int | None = Field(default=None, sa_column=link("doctor.id", nullable=True))
    name: str | None = Field(default=None, max_length=60)
    initials: str = Field(default="", max_length=60, sa_column_kwargs={"server_default": ""})
    pinyin: str = Field(default="", max_length=400, sa_column_kwargs={"server_default": ""})


class Channel(SQLModel, table=True):
    """A way to the pool. ``counts_in`` is its column in the monthly table."""

    __tablename__ = "booking_channel"

    code: str = Field(primary_key=True, max_length=20)
    name: str = Field(max_length=30, unique=True)
    counts_in: Column = Field(sa_column=coded(Column))
    booking_kind: BookingKind | None = Field(
        default=None, sa_column=coded(BookingKind, nullable=True)
    )
    position: int = 0
    is_active: bool = True


class BookingRule(SQLModel, table=True):
    """One rule from one day on (see ``policy``). Rows are added, never changed."""

    __tablename__ = "booking_rule"
    __table_args__ = (
        Index(
            "uq_booking_rule",
            "name",
            "city",
            "hospital_id",
            "channel",
            "clinic_kind",
            "effective_on",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: int | None = Field(default=None, sa_column=identity())
    name: str = Field(max_length=32)
    value: str = Field(max_length=40)
    effective_on: date
    city: str | None = Field(default=None, max_length=20)
    hospital_id: int | None = Field(
        default=None, sa_column=link("hospital.id", nullable=True, cascade=True)
    )
    channel: str | None = Field(default=None, max_length=20, foreign_key="booking_channel.code")
    clinic_kind: ClinicKind | None = Field(default=None, sa_column=coded(ClinicKind, nullable=True))
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
