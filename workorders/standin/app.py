"""The contract from the platform's side, over HTTP. [CONTRACTS, 12345 platforms]"""

from __future__ import annotations

import json
import socket
import threading
from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request

from hotline.errors import Refused
from workorders.platforms import signing
from workorders.standin import dirt
from workorders.standin.answers import Said
from workorders.standin.faults import Fault
from workorders.standin.machine import Refusal
from workorders.standin.platform import Platform

LARGEST_BODY = 2_000_000
_STATUS = {40001: 400, 40002: 400, 40101: 401, 40401: 404, 40901: 409, 42900: 429}
contract = Blueprint("contract", __name__, url_prefix="/api/v1/orders")


class Nonces:
    """Which nonces were used, until their timestamp alone refuses them."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._lock = threading.Lock()

    def first(self, nonce: str, forget_at: int, now: int) -> bool:
        """Whether it is new; remembered if so."""
        with self._lock:
            self._seen = {each: until for each, until in self._seen.items() if until >= now}
            is_new = nonce not in self._seen
            self._seen[nonce] = max(forget_at, self._seen.get(nonce, 0))
            return is_new


def create(platforms: list[Platform], stopping: threading.Event) -> Flask:
    """The application of these platforms; ``X-App-Id`` says which of them is meant."""
    app = Flask("standin")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["platforms"] = {each.account.app_id: each for each in platforms}
    app.extensions["stopping"] = stopping
    app.extensions["nonces"] = Nonces()
    app.register_blueprint(contract)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(Refused, _not_let_in)
    return app


def said(answer: Said, status: int | None = None) -> Response:
    """The contract's envelope."""
    body = {"code": answer.code, "message": answer.message, "data": answer.data}
    fits = 422 if 42200 <= answer.code <= 42299 else _STATUS.get(answer.code, 200)
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status or fits, content_type="application/json; charset=utf-8")


@contract.before_request
def _let_in() -> Response | None:
    platform = current_app.extensions["platforms"].get(signing.app_id(request.headers))
    if platform is None:
        raise Refused("app_unknown", "X-App-Id 不认识。", 401)
    g.platform = platform
    if (trouble := _trouble(platform)) is not None:
        return trouble
    now, nonces = int(platform.now().timestamp()), current_app.extensions["nonces"]
    signing.verify(
        platform.account.secret,
        signing.Signed(request.method, signing.target(request.environ), request.get_data()),
        request.headers,
        now=now,
        is_first=lambda nonce, forget_at: nonces.first(nonce, forget_at, now),
    )
    return None


def _trouble(platform: Platform) -> Response | None:
    """What goes wrong before anything is read."""
    if seconds := platform.faults.strikes(Fault.SLOW):
        current_app.extensions["stopping"].wait(seconds)
    if platform.faults.strikes(Fault.DROPPED):
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return Response(status=500)
    if platform.faults.strikes(Fault.DOWN):
        return Response("<h1>503 Service Unavailable</h1>", 503)
    if seconds := platform.faults.strikes(Fault.BUSY):
        busy = said(Said(42900, "请求过于频繁。"))
        busy.headers["Retry-After"] = str(max(1, round(seconds)))
        return busy
    return None


@contract.after_request
def _spoil(response: Response) -> Response:
    faults = g.platform.faults if "platform" in g else None
    if faults is None or response.status_code != 200:
        return response
    if faults.strikes(Fault.NOT_JSON):
        return Response("<html>系统维护中</html>", 200)
    if faults.strikes(Fault.HALF_ANSWER):
        whole = response.get_data()
        half = Response(iter([whole[: len(whole) // 2]]), 200, content_type=response.content_type)
        half.headers["Content-Length"] = str(len(whole))
        return half
    return response


@contract.get("/changes")
def _changes() -> Response:
    platform: Platform = g.platform
    limit = request.args.get("limit", 200, int)
    items, following, more = platform.changes(request.args.get("cursor", ""), limit)
    items, following = _dirtied(platform, items, following)
    return said(Said(0, "", {"items": items, "next_cursor": str(following), "more": more}))


def _dirtied(
    platform: Platform, items: list[dict[str, Any]], following: int
) -> tuple[list[dict[str, Any]], int]:
    strikes = platform.faults.strikes
    if items and strikes(Fault.OUT_OF_ORDER):
        items = dirt.out_of_order(items, platform.older())
    if items and strikes(Fault.REPEATED):
        items = dirt.repeated(items)
    if items and strikes(Fault.CHANGED_TYPES):
        items = [dirt.changed_types(item) for item in items]
    if items and strikes(Fault.CURSOR_BACK):
        following = max(0, following - 20)
    return items, following


@contract.get("/digest")
def _digest() -> Response:
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        raise Refusal(40001, "date 应为 YYYY-MM-DD。") from None
    items, following, more = g.platform.digest(day, request.args.get("cursor", ""))
    return said(Said(0, "", {"items": items, "next_cursor": str(following), "more": more}))


@contract.get("/<no>")
def _order(no: str) -> Response:
    return said(Said(0, "", g.platform.order(no)))


@contract.post("/<no>/events")
def _event(no: str) -> Response:
    event = request.get_json(silent=True)
    if not isinstance(event, dict):
        raise Refusal(40002, "正文应为 JSON 对象。")
    answer = g.platform.apply(no, event)
    if g.platform.faults.strikes(Fault.ERROR_AFTER_APPLYING):
        return Response("Internal Server Error", 500)
    return said(answer)


def _refusal(refusal: Refusal) -> Response:
    return said(Said(refusal.code, refusal.message))


def _not_let_in(refusal: Refused) -> Response:
    return said(Said(40101, refusal.message))
