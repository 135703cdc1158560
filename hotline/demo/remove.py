"""Demonstration data goes, real data stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit
from hotline.db import transaction
from hotline.demo import locks, others
from hotline.demo.clinic_load import remove_clinics

BATCH = 1500
Progress = Callable[[int, int], None]

_COUNT = text("SELECT count(*) FROM call WHERE is_demo")
_PICK = text("SELECT id, call_uid FROM call WHERE is_demo ORDER BY id LIMIT :most FOR UPDATE")
_OF_CALLS = [
    text("DELETE FROM call_event WHERE call_uid = ANY(:uids)"),
    text("DELETE FROM call_turn WHERE call_uid = ANY(:uids)"),
    text("DELETE FROM name_check WHERE call_uid = ANY(:uids)"),
    text("DELETE FROM voice_call WHERE call_uid = ANY(:uids)"),
    text("DELETE FROM callback WHERE call_id = ANY(:ids)"),
    text("DELETE FROM call WHERE id = ANY(:ids)"),
]
_FIGURES = [
    text("DELETE FROM bulletin_edition WHERE is_demo"),
    text("DELETE FROM bulletin_sheet WHERE is_demo"),
    text("DELETE FROM return_tally"),  # counted again from what is left
]
# Columns of any table that name a person; what hangs on the person alone goes with them.
_NAMED_IN = text(
    """
    SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'person'::regclass
    """
)
# Of those who stay: where they were while on a real call stays too.
_OF_KEPT = [
    text(
        "DELETE FROM presence_change c WHERE person_id = ANY(:ids) AND NOT EXISTS"
        " (SELECT FROM call_leg l WHERE l.agent_id = c.person_id"
        " AND l.answered_at <= coalesce(c.until_at, now())"
        " AND coalesce(l.left_at, now()) >= c.from_at)"
    ),
    text(
        "UPDATE presence_change SET until_at = greatest(now(), from_at)"
        " WHERE person_id = ANY(:ids) AND until_at IS NULL"
    ),
    text("UPDATE sign_in SET ended_at = now() WHERE person_id = ANY(:ids) AND ended_at IS NULL"),
]
_OWN = ("presence_change", "sign_in")


@dataclass(frozen=True)
class Removed:
    """What went, and who had to stay because real records name them."""

    calls: int
    people: int
    kept: list[str]


def remove(progress: Progress = lambda _done, _total: None) -> Removed:
    """Remove every demonstration row. May be stopped and run again."""
    with locks.held(locks.Lock.DATA):
        with transaction() as session:
            others.remove(session)
        calls = _remove_calls(progress)
        with transaction() as session:
            remove_clinics(session)
            for statement in _FIGURES:
                session.execute(statement)
            removed = _remove_people(session, calls)
            audit.record(
                session,
                audit.Action.DEMO_REMOVED,
                "demo",
                detail={"calls": removed.calls, "people": removed.people, "kept": removed.kept},
            )
        return removed


def _remove_calls(progress: Progress) -> int:
    with transaction() as session:
        total = session.execute(_COUNT).scalar_one()
    done = 0
    while True:
        progress(done, total)
        with transaction() as session:
            count = _remove_some(session)
        if not count:
            return done
        done += count


def _remove_some(session: Session) -> int:
    """A batch of calls with all that hangs on them, in one transaction."""
    rows = session.execute(_PICK, {"most": BATCH}).all()
    if rows:
        session.execute(text("SET LOCAL hotline.may_remove_events = 'on'"))
        given = {"ids": [key for key, _ in rows], "uids": [uid for _, uid in rows]}
        for statement in _OF_CALLS:
            session.execute(statement, given)
    return len(rows)


def _remove_people(session: Session, calls: int) -> Removed:
    ids = list(session.execute(text("SELECT id FROM person WHERE is_demo FOR UPDATE")).scalars())
    kept = _named_in_real_records(session, ids)
    going = sorted(set(ids) - kept)
    for table in _OWN:
        session.execute(text(f"DELETE FROM {table} WHERE person_id = ANY(:ids)"), {"ids": going})  # noqa: S608
    session.execute(text("DELETE FROM person WHERE id = ANY(:ids)"), {"ids": going})
    names = _retire(session, kept)
    session.execute(
        text(
            "DELETE FROM team WHERE is_demo"
            " AND NOT EXISTS (SELECT FROM person WHERE person.team_id = team.id)"
        )
    )
    return Removed(calls, len(going), names)


def _named_in_real_records(session: Session, ids: list[int]) -> set[int]:
    found: set[int] = set()
    for table, column in session.execute(_NAMED_IN).all():
        if table not in _OWN:
            named = text(f"SELECT DISTINCT {column} FROM {table} WHERE {column} = ANY(:ids)")  # noqa: S608
            found.update(session.execute(named, {"ids": ids}).scalars())
    return found


def _retire(session: Session, kept: set[int]) -> list[str]:
    """Real records say who handled them: these people stay, and cannot sign in any more."""
    rows = session.execute(
        text(
            "UPDATE person SET is_active = false, password_hash = NULL, totp_secret = NULL,"
            " presence = 'offline' WHERE id = ANY(:ids) RETURNING username"
        ),
        {"ids": sorted(kept)},
    )
    names = sorted(rows.scalars())
    for statement in _OF_KEPT:
        session.execute(statement, {"ids": sorted(kept)})
    return names
