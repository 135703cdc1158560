"""Finding a hospital, department, doctor or 项目 from a few letters: one field for all."""

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
NEAR_DAYS, USED_DAYS = 7, 30
# 40 hospitals have a 消化内科 each: they must not hide the 心血管内科 that xn may mean as well.
MOST_ALIKE = 6
CANDIDATES = 400
# What may follow from a choice: nothing, a hospital, a department.
_ANYWHERE, _IN_HOSPITAL, _IN_DEPARTMENT = "true", "hospital_id = :within", "department_id = :within"

_PLACES = """
    SELECT 1 AS rank, h.id, h.id AS hospital_id, NULL AS department_id, h.name, '' AS beyond,
           concat_ws(' ', h.short_name, h.name, h.initials) AS letters, h.pinyin, '' AS around
    FROM hospital h WHERE h.is_active
    UNION ALL
    SELECT 2, d.id, d.hospital_id, d.id, d.name, coalesce(h.short_name, h.name),
           concat_ws(' ', d.name, d.initials), d.pinyin,
           concat_ws(' ', h.short_name, h.name, h.initials)
    FROM department d JOIN hospital h ON h.id = d.hospital_id WHERE h.is_active AND d.is_active
    UNION ALL
    SELECT 3, o.id, d.hospital_id, d.id, concat_ws(' ', o.name, o.title),
           concat_ws(' ', coalesce(h.short_name, h.name), d.name),
           concat_ws(' ', o.name, o.initials), o.pinyin,
           concat_ws(' ', d.name, d.initials, h.short_name, h.name, h.initials)
    FROM doctor o JOIN department d ON d.id = o.department_id
    JOIN hospital h ON h.id = d.hospital_id WHERE h.is_active AND d.is_active
    UNION ALL
    SELECT 4, r.id, d.hospital_id, d.id, r.name,
           concat_ws(' ', coalesce(h.short_name, h.name), d.name),
           concat_ws(' ', r.name, r.initials), r.pinyin,
           concat_ws(' ', d.name, d.initials, h.short_name, h.name, h.initials)
    FROM resource r JOIN department d ON d.id = r.department_id
    JOIN hospital h ON h.id = d.hospital_id
    WHERE :items AND r.kind <> 'clinic' AND r.name <> '' AND h.is_active AND d.is_active
"""
# How well a word fits the name itself (``own``) and what it lies in (``lies``): the name begins
# with it; a department's begins with its first letter and has the others further on (心内 and xn
# for 心血管内科); the name has it in one piece; begins so in pinyin; merely has the letters in this
# order. 9 is not at all.
_FITS = """
    LATERAL (
        SELECT sum(least(own, lies + 1)) AS score, max(least(own, lies)) AS worst, min(own) AS best
        FROM (
            SELECT CASE WHEN letters ~* ('(^| )' || w) THEN 0
                        WHEN rank IN (2, 4) AND letters ~* ('(^| )' || loose) THEN 1
                        WHEN letters ~* w THEN 2 WHEN pinyin ~ ('(^| )' || w) THEN 3
                        WHEN letters ~* loose THEN 4 ELSE 9 END AS own,
                   CASE WHEN around ~* ('(^| )' || w) THEN 0 WHEN around ~* w THEN 2
                        WHEN around ~* loose THEN 4 ELSE 9 END AS lies
            FROM unnest(CAST(:words AS text[]), CAST(:loose AS text[])) AS said (w, loose)
        ) each_word
    ) fit
"""
# Whose units were taken in the last weeks; of hospitals, departments, doctors and items alike.
_USED = """
    SELECT coalesce(sum(s.taken), 0) FROM slot s
    WHERE s.hospital_id = c.hospital_id AND s.day BETWEEN :used_from AND :today
    AND (c.department_id IS NULL OR s.department_id = c.department_id)
    AND (c.rank < 3 OR c.rank = 4 AND s.resource_id = c.id
         OR c.rank = 3 AND s.resource_id IN (SELECT id FROM resource WHERE doctor_id = c.id))
"""
_LEFT = text(
    """
    SELECT s.department_id, r.doctor_id, CASE WHEN r.kind <> 'clinic' THEN r.id END,
           sum(s.capacity - s.taken)
    FROM slot s JOIN resource r ON r.id = s.resource_id
    WHERE s.department_id = ANY(:departments) AND s.day > :today AND s.day <= :until
    AND NOT s.is_stopped GROUP BY 1, 2, 3
    """
)
_ITEM = 4
KINDS = {1: "hospital", 2: "department", 3: "doctor", _ITEM: "item"}


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
    session: Session, typed: str, hospital: int | None = None, department: int | None = None,
    *, with_items: bool = False,
) -> list[Place]:  # fmt: skip
    """Places that fit, best first; with nothing typed, what lies in the place chosen."""
    words = words_of(typed)
    first = today()
    given: dict[str, Any] = {
        "words": words,
        "items": with_items,
        # 心内 finds 心血管内科, xnk finds xxgnk: within one word
        "loose": ["[^ ]*".join(word) for word in words],
        "within": department or hospital,
        "used_from": first - timedelta(USED_DAYS),
        "today": first,
        "candidates": CANDIDATES,
        "most": MOST,
        "alike": MOST if hospital or department else MOST_ALIKE,
    }
    rows = session.execute(text(_statement(words, hospital, department)), given).all()
    left = _left(session, [row.department_id for row in rows if row.department_id])
    return [
        Place(KINDS[row.rank], row.id, row.name, row.beyond, row.department_id,
              _free(left, row.rank, row.id, row.department_id))
        for row in rows
    ]  # fmt: skip


def _statement(words: list[str], hospital: int | None, department: int | None) -> str:
    scope = _IN_DEPARTMENT if department else _IN_HOSPITAL if hospital else _ANYWHERE
    deeper = 3 if department else 2 if hospital else 1
    if not words:
        return (
            f"SELECT * FROM ({_PLACES}) p WHERE {scope}"  # noqa: S608
            f" AND rank IN ({deeper}, {_ITEM if department else deeper})"
            " ORDER BY rank, length(name), name LIMIT :most"
        )
    # A doctor's name says less than a department's.
    return f"""
        WITH candidate AS (
            SELECT p.*, fit.score + CASE rank WHEN 3 THEN 4 ELSE 0 END AS score
            FROM ({_PLACES}) p, {_FITS}
            WHERE {scope} AND rank >= {deeper} AND fit.worst < 9 AND fit.best < 9
            ORDER BY 10, rank, id LIMIT :candidates
        ), ranked AS (
            SELECT c.*, u.used, row_number() OVER (PARTITION BY rank, name ORDER BY score, used DESC
                                                   ) AS alike
            FROM candidate c, LATERAL ({_USED}) u (used)
        )
        SELECT * FROM ranked WHERE alike <= :alike
        ORDER BY score, rank, used DESC, length(name), name, beyond LIMIT :most
    """  # noqa: S608 - statements of ours


Left = dict[tuple[int, int | None, int | None], int]


def _left(session: Session, departments: list[int]) -> Left:
    first = today()
    given = {"departments": departments, "today": first, "until": first + timedelta(NEAR_DAYS)}
    rows = session.execute(_LEFT, given) if departments else ()
    return {(row[0], row[1], row[2]): int(row[3]) for row in rows}


def _free(left: Left, rank: int, place: int, department: int | None) -> int | None:
    if rank == 1:
        return None
    if rank == 2:
        return sum(count for key, count in left.items() if key[0] == department)
    which = 2 if rank == _ITEM else 1  # an item may be had from several doctors
    return sum(count for key, count in left.items() if key[which] == place)
