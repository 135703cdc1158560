"""Finding a hospital, department or doctor from a few letters: one field for all three."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import today

MOST = 40
MOST_WORDS = 4
NEAR_DAYS = 7
# What may follow from a choice: nothing, a hospital, a department.
_ANYWHERE, _IN_HOSPITAL, _IN_DEPARTMENT = "true", "hospital_id = :within", "department_id = :within"

_PLACES = """
    SELECT 1 AS rank, h.id, h.id AS hospital_id, NULL AS department_id, h.name, '' AS beyond,
           concat_ws(' ', h.name, h.short_name, h.initials) AS own, '' AS around
    FROM hospital h WHERE h.is_active
    UNION ALL
    SELECT 2, d.id, d.hospital_id, d.id, d.name, coalesce(h.short_name, h.name),
           concat_ws(' ', d.name, d.initials), concat_ws(' ', h.name, h.short_name, h.initials)
    FROM department d JOIN hospital h ON h.id = d.hospital_id WHERE h.is_active AND d.is_active
    UNION ALL
    SELECT 3, o.id, d.hospital_id, d.id, concat_ws(' ', o.name, o.title),
           concat_ws(' ', coalesce(h.short_name, h.name), d.name),
           concat_ws(' ', o.name, o.initials),
           concat_ws(' ', d.name, d.initials, h.name, h.short_name, h.initials)
    FROM doctor o JOIN department d ON d.id = o.department_id
    JOIN hospital h ON h.id = d.hospital_id WHERE h.is_active AND d.is_active
"""
# Words that begin a name count most, letters that merely come in this order least; a doctor's
# name says less than the department's.
_SCORE = """
    (SELECT sum(CASE WHEN ' ' || own LIKE '% ' || w || '%' THEN 0
                     WHEN ' ' || own || ' ' || around LIKE '% ' || l THEN 1
                     WHEN own || ' ' || around LIKE '%' || w || '%' THEN 2 ELSE 5 END)
     FROM unnest(CAST(:words AS text[]), CAST(:begun AS text[])) AS said (w, l))
    + CASE rank WHEN 3 THEN 2 ELSE 0 END
"""
_LEFT = text(
    """
    SELECT s.department_id, r.doctor_id, sum(s.capacity - s.taken)
    FROM slot s JOIN resource r ON r.id = s.resource_id
    WHERE s.department_id = ANY(:departments) AND s.day > :today AND s.day <= :until
    AND NOT s.is_stopped GROUP BY 1, 2
    """
)
KINDS = {1: "hospital", 2: "department", 3: "doctor"}


@dataclass(frozen=True)
class Place:
    """One line of the list. ``left`` is what is free in the days to come."""

    kind: str
    id: int
    name: str
    beyond: str
    department_id: int | None
    left: int | None = None


def words_of(typed: str) -> list[str]:
    """What was typed, as words without anything that means something to the database."""
    return [word.lower() for word in re.findall(r"[^\W_]+", typed)][:MOST_WORDS]


def find(
    session: Session, typed: str, hospital: int | None = None, department: int | None = None
) -> list[Place]:
    """Places that fit, best first; with nothing typed, what lies in the place chosen."""
    words = words_of(typed)
    given: dict[str, Any] = {"words": words, "loose": [f"%{_loose(word)}" for word in words]}
    given |= {"begun": [_loose(word) for word in words], "most": MOST}
    statement = _statement(words, hospital, department)
    rows = session.execute(text(statement), given | {"within": department or hospital}).all()
    left = _left(session, [row.department_id for row in rows if row.department_id])
    return [
        Place(KINDS[row.rank], row.id, row.name, row.beyond, row.department_id,
              _free(left, row.rank, row.id, row.department_id))
        for row in rows
    ]  # fmt: skip


def _loose(word: str) -> str:
    """心内 finds 心血管内科, xnk finds xxgnk."""
    return f"{'%'.join(word)}%"


def _statement(words: list[str], hospital: int | None, department: int | None) -> str:
    scope = _IN_DEPARTMENT if department else _IN_HOSPITAL if hospital else _ANYWHERE
    deeper = 3 if department else 2 if hospital else 1
    if not words:
        return (
            f"SELECT * FROM ({_PLACES}) p WHERE {scope} AND rank = {deeper}"  # noqa: S608
            " ORDER BY length(name), name LIMIT :most"
        )
    return (
        f"SELECT * FROM ({_PLACES}) p WHERE {scope} AND rank >= {deeper}"  # noqa: S608
        " AND own || ' ' || around LIKE ALL(:loose) AND own LIKE ANY(:loose)"
        f" ORDER BY {_SCORE}, rank, length(name), length(beyond), name LIMIT :most"
    )


Left = dict[tuple[int, int | None], int]


def _left(session: Session, departments: list[int]) -> Left:
    first = today()
    given = {"departments": departments, "today": first, "until": first + timedelta(NEAR_DAYS)}
    rows = session.execute(_LEFT, given) if departments else ()
    return {(department, doctor): int(count) for department, doctor, count in rows}


def _free(left: Left, rank: int, place: int, department: int | None) -> int | None:
    if rank == 1:
        return None
    if rank == 3:
        return left.get((department or 0, place), 0)
    return sum(count for (within, _), count in left.items() if within == department)
