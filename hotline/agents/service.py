"""Use cases of people: create, change, sign out; teams."""

from __future__ import annotations

import re

from sqlalchemy import update
from sqlmodel import Session, col, select

from hotline import audit, live
from hotline.agents.models import Person, SignIn, Team
from hotline.agents.rules import Role
from hotline.clock import now
from hotline.errors import Refused
from hotline.security import (
    hash_password,
    random_password,
    require_strong,
)

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


def create_person(
    session: Session,
    username: str,
    role: Role,
    name: str,
    password: str | None = None,
    *,
    team_id: int | None = None,
    extension: str | None = None,
    is_demo: bool = False,
) -> tuple[Person, str]:
    """A new person and the password, which is made up when none is given.

    A made-up password must be changed at the first sign-in.
    """
    if not _USERNAME.fullmatch(username):
        raise _bad("username", "用户名须以小写字母开头，只含小写字母、数字、点、横线，2 到 40 位。")
    if not name.strip():
        raise _bad("name", "请填写姓名。")
    _require_free(session, username, extension)
    chosen = password or random_password()
    require_strong(chosen, username)
    person = Person(
        username=username,
        role=role,
        name=name.strip(),
        password_hash=hash_password(chosen),
        password_changed_at=now(),
        must_change_password=password is None,
        team_id=team_id,
        extension=extension or None,
        is_demo=is_demo,
    )
    session.add(person)
    session.flush()
    audit.record(session, audit.Action.PERSON_CREATED, f"person:{username}", detail={"role": role})
    return person, chosen


def _require_free(session: Session, username: str, extension: str | None) -> None:
    if session.exec(select(Person.id).where(Person.username == username)).first():
        raise _bad("username", f"用户名 {username} 已被使用，请换一个。", 409)
    _require_free_extension(session, extension, None)


def _require_free_extension(session: Session, extension: str | None, but: int | None) -> None:
    if not extension:
        return
    holder = session.exec(select(Person).where(Person.extension == extension)).first()
    if holder and holder.id != but:
        raise _bad("extension", f"分机 {extension} 已分给 {holder.name}，请换一个。", 409)


def _bad(field: str, sentence: str, status: int = 422) -> Refused:
    return Refused(f"{field}_invalid", sentence, status, fields={field: sentence})


def get_person(session: Session, person_id: int) -> Person:
    """The person with this id. Raises Refused 404."""
    person = session.get(Person, person_id)
    if person is None:
        raise Refused("person_unknown", "没有这个用户。", 404)
    return person


def change_person(
    session: Session,
    person: Person,
    *,
    name: str,
    role: Role,
    team_id: int | None,
    extension: str | None,
    is_active: bool,
) -> None:
    """Change a person; who is switched off or changes role is signed out everywhere."""
    if not name.strip():
        raise _bad("name", "请填写姓名。")
    _require_free_extension(session, extension or None, person.id)
    before = {"role": person.role, "active": person.is_active, "extension": person.extension}
    if role is not person.role or not is_active:
        _keep_an_admin(session, person)
        end_sign_ins(session, person.key)
    person.name, person.role, person.team_id = name.strip(), role, team_id
    person.extension, person.is_active = extension or None, is_active
    after = {"role": role, "active": is_active, "extension": person.extension}
    audit.record(
        session,
        audit.Action.PERSON_CHANGED,
        f"person:{person.username}",
        detail={"before": before, "after": after},
    )


def _keep_an_admin(session: Session, person: Person) -> None:
    if person.role is not Role.ADMIN:
        return
    others = session.exec(
        select(Person.id).where(
            Person.role == Role.ADMIN, col(Person.is_active), Person.id != person.id
        )
    ).first()
    if others is None:
        raise Refused("last_admin", "这是最后一个管理员，请先指定另一个管理员。", 409)


def reset_password(session: Session, person: Person) -> str:
    """A new password to hand over; it must be changed at the first sign-in."""
    password = random_password()
    person.password_hash = hash_password(password)
    person.must_change_password, person.failed_attempts, person.locked_until = True, 0, None
    end_sign_ins(session, person.key)
    audit.record(
        session,
        audit.Action.PASSWORD_CHANGED,
        f"person:{person.username}",
        detail={"by_admin": True},
    )
    return password


def reset_second_factor(session: Session, person: Person, reason: str) -> None:
    """Forget a lost authenticator; the person sets up a new one at the next sign-in."""
    if not reason.strip():
        raise _bad("reason", "请填写重置原因。")
    person.totp_secret, person.totp_step = None, None
    end_sign_ins(session, person.key)
    audit.record(
        session,
        audit.Action.SECOND_FACTOR_RESET,
        f"person:{person.username}",
        reason=reason,
    )


def end_sign_ins(session: Session, person_id: int, but: bytes | None = None) -> None:
    """Sign a person out everywhere (but here)."""
    ending = update(SignIn).where(
        col(SignIn.person_id) == person_id, col(SignIn.ended_at).is_(None)
    )
    if but is not None:
        ending = ending.where(col(SignIn.token_hash) != but)
    session.execute(ending.values(ended_at=now()))
    live.publish(session, f"agent:{person_id}", "signed_out", {})


def create_team(session: Session, name: str, *, is_demo: bool = False) -> Team:
    """The team of this name, made when there is none."""
    team = session.exec(select(Team).where(Team.name == name)).first()
    if team is None:
        team = Team(name=name, is_demo=is_demo)
        session.add(team)
        session.flush()
    return team
