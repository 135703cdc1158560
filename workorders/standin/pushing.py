"""The platform that does not wait to be asked: changed orders are posted to us, signed."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import urllib3
from urllib3.util import Timeout, parse_url

from workorders.platforms import signing
from workorders.standin.dirt import TIMES
from workorders.standin.faults import Fault
from workorders.standin.platform import Platform


class Pusher:
    """Posts orders to ``{base_url}/api/v1/workorders/inbound/{platform}``."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._pool = urllib3.PoolManager(timeout=Timeout(connect=5, read=20), retries=False)

    def push(self, platform: Platform, order: dict[str, Any]) -> tuple[int, Any]:
        """Post one order: HTTP status (0 when there was no answer) and what was answered."""
        url = f"{self._base}/api/v1/workorders/inbound/{platform.code}"
        body = json.dumps(order, ensure_ascii=False).encode()
        try:
            answer = self._pool.request(
                "POST", url, body=body, headers=self._headers(platform, url, body), redirect=False
            )
        except urllib3.exceptions.HTTPError:
            return 0, None
        return answer.status, _json(answer.data)

    def push_changes(self, platform: Platform) -> None:
        """Post what changed since the last time; what is not taken is posted again next time."""
        for no in platform.taken_changes():
            order = platform.order(no)
            for _ in range(TIMES if platform.faults.strikes(Fault.REPEATED) else 1):
                status, _answer = self.push(platform, order)
            if status != 200:
                platform.push_later(no)

    def close(self) -> None:
        """Hang up."""
        self._pool.clear()

    @staticmethod
    def _headers(platform: Platform, url: str, body: bytes) -> dict[str, str]:
        account = platform.account
        wrong = "x" if platform.faults.strikes(Fault.WRONG_SIGNATURE) else ""
        signed = signing.Signed("POST", parse_url(url).request_uri, body)
        return {
            **signing.headers(
                account.app_id, account.secret + wrong, signed, now=int(time.time()),
                nonce=secrets.token_hex(16),
            ),
            "Content-Type": "application/json; charset=utf-8",
        }  # fmt: skip


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
