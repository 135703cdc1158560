"""Recognising who asks: browsers by session token, machines by API token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import Session, col, select

from hotline import settings
from hotline.agents.models import ApiToken, Person, SignIn
from hotline.agents.rules import Presence, Role, session_is_over
from hotline.clock import now
from hotline.db import transaction
from hotline.security import token_hash

if TYPE_CHECKING:
    from hotline.access import Who

# Writing "seen" at each request would double the writes of the desk.
SEEN_EVERY = timedelta(seconds=60)


def person(token: str, *, is_active: bool) -> Who | None:
    """The person of a browser session, or None when it is over."""
    with transaction() as session:
        row = session.exec(
            select(SignIn, Person)
            .join(Person, col(Person.id) == col(SignIn.person_id))
            .where(SignIn.token_hash == token_hash(token), col(SignIn.ended_at).is_(None))
        ).first()
        if row is None or not row[1].is_active:
            return None
        return _still_on(*row, is_active=is_active)


def _still_on(sign_in: SignIn, person: Person, *, is_active: bool) -> Who | None:
    site, at = settings.current(), now()
    # Someone on the telephone is at work, though nothing is typed.
    is_active = is_active or person.presence is Presence.TALKING
    seen = at if person.presence is Presence.TALKING else sign_in.seen_at
    if session_is_over(sign_in.started_at, seen, at, site.session_idle_minutes, site.session_hours):
        sign_in.ended_at = at
        return None
    if is_active and at - sign_in.seen_at > SEEN_EVERY:
        sign_in.seen_at = at
    return _who(person, sign_in)


def _who(person: Person, sign_in: SignIn) -> Who:
    from hotline.access import Who

    owes = person.role.needs_second_factor and not sign_in.passed_second_factor
    return Who(
        person_id=person.id,
        username=person.username,
        name=person.name,
        role=person.role,
        team_id=person.team_id,
        extension=person.extension,
        presence=person.presence,
        second_factor_due=owes or (bool(person.totp_secret) and not sign_in.passed_second_factor),
        enrolment_due=owes and not person.totp_secret,
        password_due=person.must_change_password,
    )


def machine(token: str) -> Who | None:
    """The machine of an API token, or None when the token is unknown, expired or revoked."""
    from hotline.access import Who

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
