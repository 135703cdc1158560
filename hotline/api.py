"""What machine doors share: API blueprints with OpenAPI, idempotent writes, error bodies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from flask import Response, current_app, jsonify, make_response, request
from flask_openapi3 import APIBlueprint, OpenAPI, Tag
from pydantic import BaseModel, Field
from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field as SQLField
from sqlmodel import Session, SQLModel, select

from hotline import access
from hotline.clock import now
from hotline.columns import encrypted, identity, instant
from hotline.db import transaction
from hotline.errors import Refused

PREFIX = "/api/v1"


class ErrorBody(BaseModel):
    """How every refusal looks."""

    code: str = Field(description="machine-readable code", examples=["slot_taken"])
    message: str = Field(description="sentence for people", examples=["该号源已被预约"])
    request_id: str
    fields: dict[str, str] = Field(default_factory=dict, description="sentence per input at fault")


class IdempotencyKey(SQLModel, table=True):
    """A write that was asked for: the same key and body gets the same answer."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("owner", "key", name="uq_idempotency_key_owner_key"),)

    id: int | None = SQLField(default=None, sa_column=identity())
    owner: str = SQLField(max_length=40)
    key: str = SQLField(max_length=100)
    fingerprint: bytes = SQLField(sa_column=Column(LargeBinary(32), nullable=False))
    status: int | None = None
    answer: str | None = SQLField(default=None, sa_column=encrypted("idempotency_key.answer"))
    created_at: datetime = SQLField(
        default_factory=now, sa_column=instant(nullable=False, index=True)
    )


def blueprint(name: str, path: str, title: str) -> APIBlueprint:
    """An API blueprint under /api/v1 whose routes appear in the OpenAPI document."""
    answers: dict[str | int | HTTPStatus, Any] = dict.fromkeys(
        (400, 401, 403, 404, 409, 422, 429), ErrorBody
    )
    return APIBlueprint(
        f"api_{name}",
        __name__,
        url_prefix=PREFIX + path,
        abp_tags=[Tag(name=title)],
        abp_security=[{"token": []}, {"browser": []}],
        abp_responses=answers,
    )


def idempotent(view: Callable[..., Any]) -> Callable[..., Response]:
    """Run a write once per ``Idempotency-Key``, in one transaction with its answer.

    The view is given ``session``; what it does and the kept answer commit together, so a
    repeated request after a crash either finds both or does the work again.
    """

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Response:
        """What the view answers, or what it answered to this key before."""
        key = request.headers.get("Idempotency-Key", "")
        with transaction() as session:
            if not key:
                return make_response(view(*args, session=session, **kwargs))
            kept = _claim(session, key)
            if kept.status is not None:
                return _replay(kept)
            answer = make_response(view(*args, session=session, **kwargs))
            kept.status = answer.status_code
            kept.answer = answer.get_data(as_text=True)
            return answer

    return once


def _claim(session: Session, key: str) -> IdempotencyKey:
    """This key's row, locked. A second request waits here until the first has ended."""
    if len(key) > 100:
        raise Refused("idempotency_key_invalid", "Idempotency-Key 不能超过 100 个字符。", 400)
    owner, print_ = access.person().username, _fingerprint()
    session.execute(
        insert(IdempotencyKey)
        .values(owner=owner, key=key, fingerprint=print_, created_at=now())
        .on_conflict_do_nothing()
    )
    kept = session.exec(
        select(IdempotencyKey)
        .where(IdempotencyKey.owner == owner, IdempotencyKey.key == key)
        .with_for_update()
    ).one()
    if kept.fingerprint != print_:
        raise Refused(
            "idempotency_conflict", "同一个 Idempotency-Key 已用于内容不同的请求，请换一个。", 409
        )
    return kept


def _fingerprint() -> bytes:
    head = f"{request.method} {request.full_path}\n".encode()
    return hashlib.sha256(head + request.get_data()).digest()


def _replay(kept: IdempotencyKey) -> Response:
    answer: Response = make_response(kept.answer or "", kept.status)
    answer.headers["Content-Type"] = "application/json"
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def document() -> Response:
    """The OpenAPI document of everything under /api/v1."""
    return jsonify(cast(OpenAPI, current_app).api_doc)
