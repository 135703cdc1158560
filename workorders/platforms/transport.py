"""One signed request to a platform and its whole answer, or which trouble there was instead."""

from __future__ import annotations

import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import structlog
import urllib3
from urllib3 import exceptions
from urllib3.util import Timeout, parse_url

from hotline import clock
from hotline.errors import Refused
from workorders.platforms import signing
from workorders.platforms.adapter import Exchange, Keep, NoAnswer, Trouble

log = structlog.get_logger(__name__)
LARGEST_ANSWER = 50 * 1024 * 1024
_PIECE = 64 * 1024
_CERTIFICATE_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED


@dataclass(frozen=True)
class Site:
    """Where a platform is, and who we are there. ``ca_file``: PEM of a private authority."""

    platform: str
    base_url: str
    app_id: str
    secret: str = field(repr=False)
    ca_file: Path | None = None
    connect_seconds: float = 5
    read_seconds: float = 20
    whole_seconds: float = 120
    largest_answer: int = LARGEST_ANSWER


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer, decompressed."""

    status: int
    body: bytes
    retry_after: str = ""


class Line:
    """Connections to one platform, kept open. ``keep`` is told of every exchange."""

    def __init__(
        self,
        site: Site,
        keep: Keep | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Raises Refused when the address or the CA file cannot be used."""
        self.site = site
        self._keep = keep
        self._now = now
        self._pool = urllib3.PoolManager(
            ssl_context=trusting(_checked(site).ca_file),
            timeout=Timeout(connect=site.connect_seconds, read=site.read_seconds),
            retries=False,  # an outbox tries again, with the same event_id
        )

    def ask(self, method: str, path: str, query: dict[str, str], body: bytes = b"") -> Answer:
        """Send it signed and read the whole answer, whatever its status. Raises NoAnswer."""
        url = f"{self.site.base_url.rstrip('/')}{path}" + (f"?{urlencode(query)}" if query else "")
        target = parse_url(url).request_uri  # as it will stand on the wire
        at, started = clock.now(), time.monotonic()
        answer, trouble = None, None
        try:
            answer = self._fetch(method, url, target, body)
        except NoAnswer as none:
            trouble = none.trouble
            raise
        finally:
            seconds = time.monotonic() - started
            self._note(Exchange(
                method, target, body, answer.status if answer else None,
                answer.body if answer else b"", trouble, at, seconds,
            ))  # fmt: skip
        return answer

    def close(self) -> None:
        """Hang up."""
        self._pool.clear()

    def _note(self, exchange: Exchange) -> None:
        path = exchange.target.partition("?")[0]
        (log.warning if exchange.trouble else log.debug)(
            "platform_exchange",
            platform=self.site.platform,
            method=exchange.method,
            path=path,
            status=exchange.status,
            trouble=exchange.trouble,
            milliseconds=round(exchange.seconds * 1000),
        )
        if self._keep:
            self._keep(exchange)

    def _fetch(self, method: str, url: str, target: str, body: bytes) -> Answer:
        request = signing.Signed(method, target, body)
        headers = signing.headers(
            self.site.app_id,
            self.site.secret,
            request,
            now=int(self._now()),
            nonce=secrets.token_hex(16),
        )
        headers |= {"Accept": "application/json", "User-Agent": "hotline-12320"}
        if body:
            headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            return self._exchange(method, url, body or None, headers)
        except (exceptions.HTTPError, OSError) as error:
            raise no_answer(error) from None  # its text could name more than is to be logged

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        response = self._pool.request(
            method, url, body=body, headers=headers, redirect=False, preload_content=False
        )
        try:
            data = self._read(response)
        except BaseException:
            response.close()  # what is left of the answer must not be the next one's beginning
            raise
        response.release_conn()
        return Answer(response.status, data, response.headers.get("Retry-After", ""))

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        until = time.monotonic() + self.site.whole_seconds
        data = bytearray()
        while piece := response.read1(_PIECE):
            data += piece
            if len(data) > self.site.largest_answer:
                raise NoAnswer(Trouble.TOO_LARGE)
            if time.monotonic() > until:
                raise NoAnswer(Trouble.SLOW, "平台的应答来得太慢，已放弃等待。")
        return bytes(data)


def _checked(site: Site) -> Site:
    try:
        parts = parse_url(site.base_url)
    except exceptions.LocationParseError:
        parts = parse_url("")
    is_web = site.base_url.startswith(("http://", "https://"))
    if not is_web or not parts.host or parts.query or parts.fragment:
        raise Refused(
            "url_invalid",
            "平台地址应写成 https://主机/路径。",
            fields={"url": "平台地址应写成 https://主机/路径。"},
        )
    return site


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities, or a private one. Raises Refused."""
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except OSError:  # ssl.SSLError is one
        raise Refused(
            "ca_file_unusable", f"CA 证书文件 {ca_file} 读不了或不是 PEM 格式。"
        ) from None


def no_answer(error: Exception) -> NoAnswer:
    """Which trouble it was."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        is_expired = cause.verify_code == _CERTIFICATE_EXPIRED
        return NoAnswer(Trouble.CERTIFICATE_EXPIRED if is_expired else Trouble.CERTIFICATE)
    for kind, trouble in _TROUBLES:
        if isinstance(error, kind):
            return NoAnswer(trouble)
    return NoAnswer(Trouble.DOWN)


# the first that fits
_TROUBLES: tuple[tuple[type[Exception], Trouble], ...] = (
    (exceptions.ConnectTimeoutError, Trouble.DOWN),
    (exceptions.ReadTimeoutError, Trouble.SLOW),
    (exceptions.NewConnectionError, Trouble.DOWN),
    (exceptions.DecodeError, Trouble.NOT_JSON),
    (exceptions.InvalidHeader, Trouble.NOT_JSON),
    (exceptions.ProtocolError, Trouble.CUT_OFF),
    (ConnectionResetError, Trouble.CUT_OFF),
)
