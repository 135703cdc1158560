"""Tables of people: teams, persons, sign-ins, API tokens, presence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from hotline.agents.rules import Presence, Role
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, identity, instant


class Team(Numbered, table=True):
    """A group of people with a supervisor."""

    __tablename__ = "team"

    id: int | None = Field(default=None, sa_column=identity())
    name: str = Field(max_length=40, unique=True)
    is_demo: bool = False


class Person(Numbered, table=True):
    """Someone who signs in, or a machine account."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("username", name="uq_person_username"),
        UniqueConstraint("extension", name="uq_person_extension"),
        CheckConstraint("failed_attempts >= 0", name="ck_person_failed_attempts"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    username: str = Field(max_length=40)
    name: str = Field(max_length=40)
    role: Role = Field(sa_column=coded(Role, index=True))
    team_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("team.id"), index=True)
    )
    extension: str | None = Field(default=None, max_length=20)
    password_hash: str | None = Field(default=None, max_length=200)
    password_changed_at: datetime | None = Field(default=None, sa_column=instant())
    must_change_password: bool = False
    totp_secret: str | None = Field(default=None, sa_column=encrypted("person.totp_secret"))
    totp_step: int | None = Field(default=None, sa_column=Column(BigInteger))
    failed_attempts: int = 0
    locked_until: datetime | None = Field(default=None, sa_column=instant())
    is_active: bool = True
    is_demo: bool = False
    presence: Presence = Field(default=Presence.OFFLINE, sa_column=coded(Presence))
    presence_since: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))


class SignIn(SQLModel, table=True):
    """A signed-in browser. The cookie carries the token; the row keeps its hash."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, sa_column=identity())
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), unique=True, nullable=False))
    person_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("person.id"), nullable=False, index=True)
    )
    passed_second_factor: bool = False
    started_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    seen_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=instant())
    address: str | None = Field(default=None, max_length=45)
    agent: str | None = Field(default=None, max_length=200)


class ApiToken(Numbered, table=True):
    """A machine client's key: shown once, stored hashed.

    Bound to booking channels, hospitals or cities, it is narrowed to them; None is not narrowed.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("cardinality(channels) > 0", name="ck_api_token_channels"),
        CheckConstraint("cardinality(hospital_ids) > 0", name="ck_api_token_hospital_ids"),
        CheckConstraint("cardinality(cities) > 0", name="ck_api_token_cities"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    name: str = Field(max_length=60)
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), unique=True, nullable=False))
    role: Role = Field(sa_column=coded(Role))
    scopes: list[str] = Field(sa_column=Column(ARRAY(String(20)), nullable=False))
    channels: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String(20))))
    hospital_ids: list[int] | None = Field(default=None, sa_column=Column(ARRAY(BigInteger)))
    cities: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String(20))))
    created_by: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("person.id"))
    )
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=instant())
    expires_at: datetime | None = Field(default=None, sa_column=instant())
    revoked_at: datetime | None = Field(default=None, sa_column=instant())


class PresenceChange(SQLModel, table=True):
    """One stretch of one presence state; the open one has no end."""

    __tablename__ = "presence_change"
    __table_args__ = (
        Index("ix_presence_change_person", "person_id", "from_at"),
        Index(
            "uq_presence_change_open",
            "person_id",
            unique=True,
            postgresql_where="until_at IS NULL",
        ),
        CheckConstraint("until_at >= from_at", name="ck_presence_change_order"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    person_id: int = Field(sa_column=Column(BigInteger, ForeignKey("person.id"), nullable=False))
    presence: Presence = Field(sa_column=coded(Presence))
    from_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    until_at: datetime | None = Field(default=None, sa_column=instant())
    reason: str | None = Field(default=None, max_length=40)
