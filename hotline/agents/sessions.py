"""Recognising who asks: browsers by session token, machines by API token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, update
from sqlmodel import Session, col, select

from hotline import settings
from hotline.access import Binding, Who
from hotline.agents.models import ApiToken, Person, SignIn
from hotline.agents.rules import Presence, Role, session_is_over
from hotline.clock import now
from hotline.db import transaction
from hotline.security import token_hash

# Writing "seen" at each request would double the writes of the desk.
SEEN_EVERY = timedelta(seconds=60)


# Columns, not entities: this runs before every request, and needs no secret decrypted.
_SIGN_IN = (
    select(  # type: ignore[call-overload]
        col(SignIn.id).label("sign_in_id"),
        SignIn.passed_second_factor,
        SignIn.started_at,
        SignIn.seen_at,
        col(Person.id).label("person_id"),
        Person.username,
        Person.name,
        Person.role,
        Person.team_id,
        Person.extension,
        Person.presence,
        Person.must_change_password,
        col(Person.totp_secret).is_not(None).label("is_enrolled"),
    )
    .join(Person, col(Person.id) == col(SignIn.person_id))
    .where(
        col(SignIn.token_hash) == bindparam("hashed"),
        col(SignIn.ended_at).is_(None),
        col(Person.is_active),
    )
)


def person(token: str, *, is_active: bool) -> Who | None:
    """The person of a browser session, or None when it is over."""
    with transaction() as session:
        row = session.execute(_SIGN_IN, {"hashed": token_hash(token)}).first()
        if row is None or not _goes_on(session, row, is_active=is_active):
            return None
        return _who(row)


def _goes_on(session: Session, row: Row[Any], *, is_active: bool) -> bool:
    """Whether the sign-in still holds; work done puts off its end."""
    site, at = settings.current(), now()
    # Someone on the telephone is at work, though nothing is typed.
    is_talking = row.presence is Presence.TALKING
    seen = at if is_talking else row.seen_at
    if session_is_over(row.started_at, seen, at, site.session_idle_minutes, site.session_hours):
        _set(session, row.sign_in_id, ended_at=at)
        return False
    if (is_active or is_talking) and at - row.seen_at > SEEN_EVERY:
        _set(session, row.sign_in_id, seen_at=at)
    return True


def _set(session: Session, sign_in_id: int, **values: datetime) -> None:
    session.execute(
        update(SignIn)
        .where(col(SignIn.id) == sign_in_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _who(row: Row[Any]) -> Who:
    owes = row.role.needs_second_factor and not row.passed_second_factor
    return Who(
        person_id=row.person_id,
        username=row.username,
        name=row.name,
        role=row.role,
        team_id=row.team_id,
        extension=row.extension,
        presence=row.presence,
        second_factor_due=owes or (row.is_enrolled and not row.passed_second_factor),
        enrolment_due=owes and not row.is_enrolled,
        password_due=row.must_change_password,
    )


def machine(token: str) -> Who | None:
    """The machine of an API token, or None when the token is unknown, expired or revoked."""
    with transaction() as session:
        at = now()
        found = session.exec(
            select(ApiToken).where(ApiToken.token_hash == token_hash(token))
        ).first()
        if found is None or not _is_good(found, at):
            return None
        _note_use(session, found, at)
        return Who(
            person_id=None,
            username=f"token:{found.id}",
            name=found.name,
            role=Role(found.role),
            scopes=frozenset(found.scopes),
            token_id=found.id,
            binding=_binding(found),
        )


def _binding(token: ApiToken) -> Binding:
    return Binding(
        frozenset(token.channels) if token.channels else None,
        frozenset(token.hospital_ids) if token.hospital_ids else None,
        frozenset(token.cities) if token.cities else None,
    )


def _is_good(token: ApiToken, at: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > at)


def _note_use(session: Session, token: ApiToken, at: datetime) -> None:
    """Once a minute, and without waiting for another request that does the same."""
    if token.used_at is None or at - token.used_at > SEEN_EVERY:
        session.execute(
            update(ApiToken)
            .where(
                col(ApiToken.id).in_(
                    select(ApiToken.id)
                    .where(ApiToken.id == token.id)
                    .with_for_update(skip_locked=True)
                )
            )
            .values(used_at=at)
            .execution_options(synchronize_session=False)
        )
