"""Rotating the encryption keys: every value under an old key is written again under the newest.

Add a key with a higher number to HOTLINE_ENCRYPTION_KEYS, restart, run ``hotline keys rotate``,
then drop the old key. It may be stopped and run again; the service goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Table, and_, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from hotline import audit, sealed, settings
from hotline.columns import Encrypted
from hotline.db import transaction

BATCH = 500
# Where encrypted files lie in the data directory, and what binds one to its name.
SEALED = {"recordings": "recording", "attachments": "attachment"}


def encrypted_columns() -> Iterator[Column[Any]]:
    """Every column that holds encrypted personal data."""
    for table in SQLModel.metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, Encrypted))


def left_over() -> dict[str, int]:
    """``table.column`` -> how many values are still under an old key."""
    with transaction() as session:
        counts = {
            f"{column.table.name}.{column.name}": session.scalar(
                select(func.count()).select_from(column.table).where(_is_old(column))
            )
            for column in encrypted_columns()
        }
    return {name: count for name, count in counts.items() if count}


def rotate(tell: Callable[[str, int], None] | None = None) -> int:
    """Rewrite what is under old keys, in small transactions; returns how many values.

    ``tell`` is given the column and how many values of it are done.
    """
    total = 0
    for column in encrypted_columns():
        name, done = f"{column.table.name}.{column.name}", 0
        while moved := _rotate_some(column):
            done += moved
            if tell is not None:
                tell(name, done)
        total += done
    for directory, kind in SEALED.items():
        total += sealed.reseal_all(settings.current().data_dir.absolute() / directory, kind)
    with transaction() as session:
        audit.record(session, audit.Action.KEYS_ROTATED, detail={"values": total})
    return total


def _rotate_some(column: Column[Any]) -> int:
    """Locked rows are left for the next round, so that the desk never waits for this."""
    table: Table = column.table
    keys = list(table.primary_key.columns)
    with transaction() as session:
        rows = session.execute(
            select(*keys, column)
            .where(_is_old(column))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            _rewrite(session, column, keys, row)
        return len(rows)


def _rewrite(session: Session, column: Column[Any], keys: list[Column[Any]], row: Any) -> None:
    same = and_(*(key == value for key, value in zip(keys, row, strict=False)))
    session.execute(update(column.table).where(same).values({column.name: row[-1]}))


def _is_old(column: Column[Any]) -> Any:
    newest = max(settings.current().secrets.encryption)
    # The second byte of an encrypted value is its key's number (see security.encrypt).
    return and_(column.is_not(None), func.get_byte(column, 1) != newest)
