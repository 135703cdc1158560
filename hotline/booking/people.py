"""Finding patients by what they say of themselves: a name, or a surname and a birth date.

Names are encrypted; what finds them is a keyed hash beside them. Its key is the look-up key,
which rotating the encryption keys does not touch, so a rotation needs nothing done here. The key
is not in the database either: rows from before the hashes are filled in by ``write`` before
anything serves, and a row that is not filled yet is merely not found by name.
"""

from __future__ import annotations

import re
from datetime import date

import structlog
from sqlalchemy import Row, text
from sqlmodel import Session

from hotline import security
from hotline.booking import id_numbers
from hotline.clock import today
from hotline.errors import Refused

log = structlog.get_logger(__name__)
BATCH = 500
_BETWEEN = re.compile(r"[\s·'’.,()（）-]+")
_MISSING = text(
    """
    SELECT a.id, a.name, p.id_number FROM patient_account a JOIN patient p ON p.id = a.patient_id
    WHERE a.name_hash IS NULL ORDER BY a.id LIMIT :most FOR UPDATE OF a SKIP LOCKED
    """
)
_WRITE = text("UPDATE patient_account SET name_hash = :name, born_hash = :born WHERE id = :id")


def name_hash(name: str) -> bytes:
    """The keyed hash of a name, however its dots, spaces and capitals were written."""
    return security.lookup_hash("patient_name", _plain(name))


def born_hash(name: str, born_on: date) -> bytes:
    """The keyed hash of a surname's first character and a birth date: 王, 1980-01-01."""
    return security.lookup_hash("patient_born", f"{_plain(name)[:1]}:{born_on.isoformat()}")


def _plain(name: str) -> str:
    return _BETWEEN.sub("", name).casefold()


def hashes(name: str, born_on: date | None) -> dict[str, bytes | None]:
    """Both, as an account keeps them."""
    born = born_hash(name, born_on) if born_on else None
    return {"name_hash": name_hash(name), "born_hash": born}


def write(session: Session, most: int = BATCH) -> int:
    """Fill in what accounts of old lack; how many. Call until it gives 0.

    Rows somebody works on are left: whoever changes a name writes its hashes.
    """
    rows = session.execute(_MISSING, {"most": most}).all()
    if rows:
        session.execute(_WRITE, [_row(row) for row in rows])
    return len(rows)


def _row(row: Row[tuple[int, bytes, bytes]]) -> dict[str, object]:
    try:
        name = security.decrypt("patient_account.name", row.name)
        born = _born_on(security.decrypt("patient.id_number", row.id_number))
    except ValueError:  # altered, or its key is gone: one row must not hold up the others
        log.warning("patient_name_unreadable", account=row.id)
        name, born = "", None
    found = hashes(name, born)
    return {"id": row.id, "name": found["name_hash"], "born": found["born_hash"]}


def _born_on(number: str) -> date | None:
    """What the document says, where it says it."""
    try:
        return id_numbers.read(number, today()).born_on
    except Refused:
        return None
