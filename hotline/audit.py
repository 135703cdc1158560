"""The audit log: who did what to whose record, when, from where and why. Only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, String, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Session, SQLModel

from hotline import access, phone
from hotline.clock import now
from hotline.columns import Numbered, identity, instant
from hotline.labels import Labelled


class Action(Labelled):
    """What is worth remembering."""

    SIGNED_IN = "signed_in", "登录"
    SIGN_IN_FAILED = "sign_in_failed", "登录失败"
    LOCKED_OUT = "locked_out", "锁定账号"
    SIGNED_OUT = "signed_out", "退出"
    PASSWORD_CHANGED = "password_changed", "修改密码"
    SECOND_FACTOR_SET = "second_factor_set", "设置二次验证"
    SECOND_FACTOR_RESET = "second_factor_reset", "重置二次验证"
    PERSON_CREATED = "person_created", "新建用户"
    PERSON_CHANGED = "person_changed", "修改用户"
    TOKEN_CREATED = "token_created", "新建接口令牌"
    TOKEN_CHANGED = "token_changed", "修改接口令牌"
    TOKEN_REVOKED = "token_revoked", "吊销接口令牌"
    RECORD_READ = "record_read", "查看记录"
    NUMBER_REVEALED = "number_revealed", "查看号码"
    RECORD_CHANGED = "record_changed", "修改记录"
    SEARCHED = "searched", "检索"
    EXPORTED = "exported", "导出"
    IMPORTED = "imported", "导入"
    CATEGORY_CHANGED = "category_changed", "修改分类"
    ALERT_ACKNOWLEDGED = "alert_acknowledged", "确认警报"
    DIALLED = "dialled", "网页拨打热线"
    DEMO_REMOVED = "demo_removed", "清除演示数据"
    KEYS_ROTATED = "keys_rotated", "轮换密钥"
    MONTH_CLOSED = "month_closed", "月报关账"
    MONTH_CORRECTED = "month_corrected", "月报更正"
    FIGURES_REBUILT = "figures_rebuilt", "重建统计"


class AuditEntry(Numbered, table=True):
    """One line. A trigger in the database refuses UPDATE, DELETE and TRUNCATE."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_person", "person_id", "at"),
        Index("ix_audit_entry_subject", "subject", "at"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    action: str = Field(sa_column=Column(String(32), nullable=False))
    subject: str = Field(default="", max_length=80)
    person_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    person_name: str = Field(default="", max_length=60)
    reason: str | None = Field(default=None, max_length=200)
    detail: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}")
    )
    address: str | None = Field(default=None, max_length=45)
    request_id: str | None = Field(default=None, max_length=40)


_ADD = insert(SQLModel.metadata.tables["audit_entry"])


def record(
    session: Session,
    action: Action,
    subject: str = "",
    *,
    person_id: int | None = None,
    person_name: str = "",
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add a line in the same transaction as the deed.

    ``subject`` is what was touched, as ``call:20261121-00012``. Numbers in ``reason`` and in
    ``detail``'s texts are hidden. Who, from where and the request id come from the request
    at hand unless given.
    """
    who = access.origin()
    line = {
        "at": now(),
        "action": action.value,
        "subject": subject[:80],
        "person_id": person_id if person_id is not None else who.person_id,
        "person_name": person_name or who.name,
        "reason": phone.redact(reason)[:200] if reason else None,
        "detail": {key: _redacted(value) for key, value in (detail or {}).items()},
        "address": who.address,
        "request_id": who.request_id,
    }
    session.execute(_ADD, line)


def _redacted(value: Any) -> Any:
    return phone.redact(value) if isinstance(value, str) else value
