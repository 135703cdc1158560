"""Columns that keep the house rules: aware instants, known codes, encrypted personal data; and
rows that are known by their number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from hotline import security
from hotline.labels import Labelled


class Instant(TypeDecorator[datetime]):
    """An aware instant; a naive one is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value


class Coded(TypeDecorator[Labelled]):
    """A code of one vocabulary: the value is stored, anything else is refused."""

    impl = String(32)
    cache_ok = True

    def __init__(self, codes: type[Labelled]) -> None:
        super().__init__()
        self.codes = codes

    def process_bind_param(self, value: Labelled | str | None, dialect: Dialect) -> str | None:
        """Refuse an unknown code."""
        return None if value is None else self.codes(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Labelled | None:
        """The member of the vocabulary."""
        return None if value is None else self.codes(value)


class Encrypted(TypeDecorator[str]):
    """Personal data, encrypted at rest; ``context`` is the column's name."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt under the newest key."""
        return None if value is None else security.encrypt(self.context, value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decrypt with the key the value was written with."""
        return None if value is None else security.decrypt(self.context, value)


class Numbered(SQLModel):
    """Rows that the database numbers; the table says ``identity()`` for ``id``."""

    id: int | None = None

    @property
    def key(self) -> int:
        """The id of a row that is stored; ValueError before that."""
        if self.id is None:
            raise ValueError("the row has no number before it is stored")
        return self.id


def identity() -> Column[int]:
    """A bigint primary key that the database numbers."""
    return Column(BigInteger, Identity(always=False), primary_key=True)


def instant(*, nullable: bool = True, index: bool = False) -> Column[Any]:
    """A column for an aware instant."""
    return Column(Instant, nullable=nullable, index=index)


def coded(codes: type[Labelled], *, nullable: bool = False, index: bool = False) -> Column[Any]:
    """A column for a code of a vocabulary."""
    return Column(Coded(codes), nullable=nullable, index=index)


def encrypted(context: str, *, nullable: bool = True) -> Column[Any]:
    """A column for personal data, encrypted at rest."""
    return Column(Encrypted(context), nullable=nullable)


def hashed(*, nullable: bool = True, index: bool = True, unique: bool = False) -> Column[Any]:
    """A column for the keyed hash by which personal data is found."""
    return Column(LargeBinary(16), nullable=nullable, index=index, unique=unique)
