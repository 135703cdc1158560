"""API tokens: made once and shown once, ended at any time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session

from hotline import audit
from hotline.agents.models import ApiToken
from hotline.agents.rules import Role, Scope
from hotline.clock import now
from hotline.errors import Refused
from hotline.security import new_token, token_hash


def create_token(
    session: Session,
    name: str,
    role: Role,
    scopes: Iterable[Scope],
    *,
    created_by: int | None = None,
    days: int | None = None,
) -> tuple[ApiToken, str]:
    """A new API token: the row, and the token itself, which is shown only now."""
    wanted = sorted({Scope(scope).value for scope in scopes})
    if not name.strip() or not wanted:
        sentence = "请填写令牌名称并至少选择一个范围。"
        raise Refused("name_invalid", sentence, fields={"name": sentence})
    token = new_token()
    row = ApiToken(
        name=name.strip(),
        token_hash=token_hash(token),
        role=role,
        scopes=wanted,
        created_by=created_by,
        expires_at=now() + timedelta(days=days) if days else None,
    )
    session.add(row)
    session.flush()
    audit.record(session, audit.Action.TOKEN_CREATED, f"token:{row.id}", detail={"scopes": wanted})
    return row, token


def revoke_token(session: Session, token_id: int, reason: str = "") -> None:
    """End a token at once; the reason goes on record."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise Refused("token_unknown", "没有这个令牌。", 404)
    token.revoked_at = token.revoked_at or now()
    audit.record(session, audit.Action.TOKEN_REVOKED, f"token:{token_id}", reason=reason)
