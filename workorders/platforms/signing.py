"""The signature of every request between a platform and us. Pure. [CONTRACTS, 12345 platforms]

``X-Signature`` is the hex HMAC-SHA256 of METHOD, PATH_WITH_QUERY, TIMESTAMP, NONCE and the hex
SHA-256 of the body, joined by line feeds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from hotline.errors import Refused

APP_ID, TIMESTAMP, NONCE, SIGNATURE = "X-App-Id", "X-Timestamp", "X-Nonce", "X-Signature"
SKEW_SECONDS = 300
_NONCE = re.compile(r"[!-~]{8,128}")
_SECONDS = re.compile(r"[0-9]{9,11}")

# (nonce, forget_at) -> was it seen for the first time? forget_at is in epoch seconds: after it
# the timestamp alone refuses the request.
FirstSeen = Callable[[str, int], bool]


class Headers(Protocol):
    """A dict, or Flask's headers."""

    def get(self, key: str, default: str, /) -> str:
        """A header, or the default."""


@dataclass(frozen=True)
class Signed:
    """What of a request is signed. ``target`` is path and query as they stood on the wire."""

    method: str
    target: str
    body: bytes = b""


def signature(secret: str, request: Signed, timestamp: str, nonce: str) -> str:
    """The hex signature (64 characters) of a request."""
    digest = hashlib.sha256(request.body).hexdigest()
    text = "\n".join((request.method.upper(), request.target, timestamp, nonce, digest))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def headers(app_id: str, secret: str, request: Signed, *, now: int, nonce: str) -> dict[str, str]:
    """The four headers of a signed request. ``now`` in epoch seconds; a nonce is used once."""
    return {
        APP_ID: app_id,
        TIMESTAMP: str(now),
        NONCE: nonce,
        SIGNATURE: signature(secret, request, str(now), nonce),
    }


def app_id(given: Headers) -> str:
    """Who says they are asking, before anything is proved. Raises Refused."""
    return _header(given, APP_ID)


def verify(
    secret: str,
    request: Signed,
    given: Headers,
    *,
    now: int,
    is_first: FirstSeen,
    skew_seconds: int = SKEW_SECONDS,
) -> None:
    """Let through what was signed with the secret, lately, for the first time.

    Raises Refused (401): ``signature_missing``, ``timestamp_outside``, ``signature_wrong``,
    ``nonce_seen``. A nonce is remembered only when the signature is right: nobody else may
    use one up.
    """
    timestamp, nonce = _header(given, TIMESTAMP), _header(given, NONCE)
    _refuse_old(timestamp, now, skew_seconds)
    right = signature(secret, request, timestamp, nonce)
    if not hmac.compare_digest(right.encode(), _header(given, SIGNATURE).lower().encode()):
        raise Refused("signature_wrong", "签名不对：请核对密钥，以及参与签名的路径和正文。", 401)
    if not _NONCE.fullmatch(nonce) or not is_first(nonce, int(timestamp) + skew_seconds):
        raise Refused(
            "nonce_seen", "X-Nonce 已经用过或格式不对（8 到 128 个字符），请换新的。", 401
        )


def _refuse_old(timestamp: str, now: int, skew_seconds: int) -> None:
    if not _SECONDS.fullmatch(timestamp) or abs(int(timestamp) - now) > skew_seconds:
        raise Refused(
            "timestamp_outside",
            f"X-Timestamp 与本机时间相差超过 {skew_seconds} 秒，请校准时钟。",
            401,
        )


def _header(given: Headers, name: str) -> str:
    if value := given.get(name, ""):
        return value
    raise Refused("signature_missing", f"缺少请求头 {name}。", 401)


def target(environ: Mapping[str, object]) -> str:
    """Path and query of a WSGI request as the caller wrote them, before anybody decoded them."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw
    if isinstance(raw, str) and "://" in raw:  # an absolute form, as proxies are asked
        return "/" + raw.split("://", 1)[1].partition("/")[2]
    path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
    query = environ.get("QUERY_STRING")
    return f"{path}?{query}" if query else path
