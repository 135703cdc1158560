"""What a platform pushes: proved by its signature, kept as it came, applied afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import structlog
from redis import RedisError
from sqlmodel import Session

from hotline import queues, settings
from hotline.clock import now
from hotline.db import transaction
from hotline.errors import Refused
from workorders.exchange import inbox
from workorders.exchange.rules import Via
from workorders.models import Platform
from workorders.platforms import signing
from workorders.platforms.signing import FirstSeen, Signed
from workorders.platforms.wire import LARGEST_ORDER

log = structlog.get_logger(__name__)
# What the platform is told, by our refusal's code; HTTP's status beside it.
CODES = {
    "signature_missing": 40101,
    "signature_wrong": 40101,
    "platform_unknown": 40101,
    "timestamp_outside": 40102,
    "nonce_seen": 40103,
    "body_empty": 40001,
    "body_too_large": 41301,
}


def take(code: str, request: Signed, headers: Mapping[str, str]) -> None:
    """Keep one pushed order. Raises Refused with a code of ``CODES``."""
    refuse_size(len(request.body))
    at = now()
    with transaction() as session:
        source = _proved(session, code, request, headers, at)
        inbox.store(session, source, [inbox.from_body(request.body)], Via.PUSH, at)


def refuse_size(length: int) -> None:
    """Refuse a body that no order has. Raises Refused."""
    if length > LARGEST_ORDER:
        raise Refused("body_too_large", f"正文超过 {LARGEST_ORDER} 字节。", 413)
    if length == 0:
        raise Refused("body_empty", "正文为空，应为一张工单的 JSON。", 400)


def _proved(
    session: Session, code: str, request: Signed, headers: Mapping[str, str], at: datetime
) -> Platform:
    """The platform that signed. Which platforms there are is nobody else's business."""
    source = session.get(Platform, code)
    given = signing.app_id(headers)
    if source is None or not source.is_active or not source.secret or given != source.app_id:
        raise Refused("platform_unknown", "X-App-Id 不认识，或与地址中的平台不符。", 401)
    signing.verify(
        source.secret,
        request,
        headers,
        now=int(at.timestamp()),
        is_first=_first_seen(code, int(at.timestamp())),
        skew_seconds=settings.current().workorders_clock_skew_seconds,
    )
    return source


def _first_seen(code: str, at: int) -> FirstSeen:
    """Remembered in Redis. Without it a replay gets through, and is the same row again."""

    def is_first(nonce: str, forget_at: int) -> bool:
        key = f"hotline:nonce:{code}:{hashlib.sha256(nonce.encode()).hexdigest()}"
        try:
            return bool(queues.connection().set(key, "1", nx=True, ex=max(1, forget_at - at + 1)))
        except RedisError as error:
            log.warning("nonces_not_remembered", error=type(error).__name__)
            return True

    return is_first
