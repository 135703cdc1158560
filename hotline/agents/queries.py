"""Reading people, tokens and teams for the admin's pages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hotline.agents.models import ApiToken, Person, Team
from hotline.agents.rules import Role
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

PAGE_SIZE = 50


@dataclass(frozen=True)
class PeopleFilter:
    """What an admin looks for; empty fields do not narrow."""

    words: str = ""
    role: Role | None = None
    team_id: int | None = None
    is_active: bool | None = None


def people(session: Session, wanted: PeopleFilter, cursor: str | None = None) -> Page[Person]:
    """One page of people by user name, with the total."""
    query = _narrowed(select(Person), wanted)
    total = session.exec(select(func.count()).select_from(query.subquery())).one()
    after = decode_cursor(cursor, 1)
    if after:
        query = query.where(Person.username > after[0])
    rows = list(session.exec(query.order_by(Person.username).limit(PAGE_SIZE + 1)))
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Page(rows, encode_cursor(rows[-1].username) if more else None, total)


def _narrowed(query: SelectOfScalar[Person], wanted: PeopleFilter) -> SelectOfScalar[Person]:
    if wanted.words:
        pattern = f"%{_escaped(wanted.words)}%"
        columns = (Person.username, Person.name, Person.extension)
        query = query.where(or_(*(col(column).ilike(pattern) for column in columns)))
    if wanted.role:
        query = query.where(Person.role == wanted.role)
    if wanted.team_id:
        query = query.where(Person.team_id == wanted.team_id)
    if wanted.is_active is not None:
        query = query.where(col(Person.is_active).is_(wanted.is_active))
    return query


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def teams(session: Session) -> list[Team]:
    """All teams by name."""
    return list(session.exec(select(Team).order_by(Team.name)))


def token(session: Session, token_id: int) -> ApiToken:
    """The token with this id. Raises Refused 404."""
    found = session.get(ApiToken, token_id)
    if found is None:
        raise Refused("token_unknown", "没有这个令牌。", 404)
    return found


def tokens(session: Session, cursor: str | None = None) -> Page[ApiToken]:
    """One page of API tokens, newest first."""
    query = select(ApiToken)
    total = session.exec(select(func.count()).select_from(query.subquery())).one()
    after = decode_cursor(cursor, 1)
    if after:
        query = query.where(col(ApiToken.id) < int(after[0]))
    rows = list(session.exec(query.order_by(col(ApiToken.id).desc()).limit(PAGE_SIZE + 1)))
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Page(rows, encode_cursor(rows[-1].key) if more else None, total)
