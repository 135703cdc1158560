"""Where text messages go: a gateway over HTTP, or only the log."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Protocol

import structlog

from hotline import phone, settings

log = structlog.get_logger(__name__)
PATIENCE_SECONDS = 10


class NotSent(Exception):
    """The gateway did not take the message: worth another try."""


@dataclass(frozen=True)
class Text:
    """A message on its way. ``id`` lets a gateway recognise a repetition."""

    id: int
    mobile: str
    template: str
    body: str


class Gateway(Protocol):
    """What carries text messages."""

    def send(self, message: Text) -> None:
        """Hand a message over. Raises NotSent."""


class LogGateway:
    """No message leaves: a line says that one would have. Neither text nor whole number."""

    def send(self, message: Text) -> None:
        """Write the line."""
        log.info(
            "text_message",
            message=message.id,
            template=message.template,
            mobile=phone.mask(message.mobile),
            characters=len(message.body),
        )


@dataclass(frozen=True)
class HttpGateway:
    """``POST`` of ``{"id", "mobile", "template", "text"}``; any 2xx means taken."""

    url: str
    token: str | None = None

    def send(self, message: Text) -> None:
        """Post it, waiting ten seconds at most."""
        body = {
            "id": message.id,
            "mobile": phone.national(message.mobile),
            "template": message.template,
            "text": message.body,
        }
        try:
            with urllib.request.urlopen(self._request(body), timeout=PATIENCE_SECONDS):  # noqa: S310 - the settings want http
                pass
        except urllib.error.HTTPError as error:
            error.close()
            raise NotSent(f"HTTP {error.code}") from None
        except OSError as error:  # its text could name the address with its query
            raise NotSent(type(error).__name__) from None

    def _request(self, body: dict[str, object]) -> urllib.request.Request:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body, ensure_ascii=False).encode()
        return urllib.request.Request(self.url, data, headers)  # noqa: S310


def chosen() -> Gateway:
    """The gateway of the settings."""
    site = settings.current()
    if site.sms_url is None:
        return LogGateway()
    return HttpGateway(site.sms_url, site.sms_token.get_secret_value() if site.sms_token else None)
