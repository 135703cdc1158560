"""The control door: what the people of a platform would do, for tests and demonstrations.

Only this machine may come in, under its own name, with JSON: no page of a browser can.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request

from workorders.standin import machine
from workorders.standin.answers import Said
from workorders.standin.app import said
from workorders.standin.faults import Fault
from workorders.standin.machine import Refusal
from workorders.standin.platform import Platform

HERE = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
NAMES = {"127.0.0.1", "localhost", "[::1]"}
_PORT = re.compile(r":\d+$")
Given = dict[str, Any]
door = Blueprint("door", __name__, url_prefix="/standin")


def install(app: Flask, place: Callable[..., dict[str, Any]]) -> None:
    """Open the door; ``place(platform, **fields)`` invents an order."""
    app.extensions["place"] = place
    app.register_blueprint(door)


@door.before_request
def _only_here() -> None:
    if request.remote_addr not in HERE or _PORT.sub("", request.host) not in NAMES:
        abort(403)
    if request.method == "POST" and not request.is_json:
        abort(415)


@door.get("/state")
def _state() -> Response:
    """Every platform: its orders, how many events each has had, its faults."""
    return _json({each.code: _shown(each) for each in _platforms()})


@door.post("/<code>/orders")
def _place(code: str) -> Response:
    return _json(current_app.extensions["place"](_platform(code), **_given()))


@door.get("/<code>/orders/<no>")
def _look(code: str, no: str) -> Response:
    platform = _platform(code)
    return _json({"order": platform.order(no), "events": platform.events(no)})


@door.post("/<code>/orders/<no>/<deed>")
def _do(code: str, no: str, deed: str) -> Response:
    if deed not in _DEEDS:
        raise Refusal(40401, f"没有这个操作，可用：{'、'.join(_DEEDS)}。")
    return _json(_DEEDS[deed](_platform(code), no, _given()))


@door.post("/<code>/faults")
def _fault(code: str) -> Response:
    """``{"fault": "slow", "times": 3, "share": 1, "seconds": 30}``; ``times`` 0 ends it."""
    platform, given = _platform(code), _given()
    if (fault := Fault.known(given.pop("fault", None))) is None:
        raise Refusal(42200, f"没有这种故障，可用：{'、'.join(Fault)}。")
    allowed = {"times", "share", "seconds"}
    platform.faults.set(fault, **{name: given[name] for name in allowed & set(given)})
    return _json(platform.faults.active())


def _decide(platform: Platform, no: str, given: Given) -> dict[str, Any]:
    return platform.act(
        no, lambda filed, now: machine.decided(filed, now, is_approved=bool(given.get("approve")))
    )


def _visit(platform: Platform, no: str, given: Given) -> dict[str, Any]:
    return platform.act(
        no, lambda filed, now: machine.visited(filed, now, is_solved=bool(given.get("solved")))
    )


def _redispatch(platform: Platform, no: str, _: Given) -> dict[str, Any]:
    return platform.act(no, machine.dispatched_again)


def _note(thread: str) -> Callable[[Platform, str, Given], dict[str, Any]]:
    return lambda platform, no, given: platform.note(no, thread, str(given.get("content", "")))


def _mark(platform: Platform, no: str, given: Given) -> dict[str, Any]:
    return platform.mark(no, str(given.get("status", "")))


_DEEDS: dict[str, Callable[[Platform, str, Given], dict[str, Any]]] = {
    "urge": _note("urged"),
    "supervise": _note("supervised"),
    "decide": _decide,
    "visit": _visit,
    "redispatch": _redispatch,
    "status": _mark,
}


def _platforms() -> list[Platform]:
    return list(current_app.extensions["platforms"].values())


def _platform(code: str) -> Platform:
    found = next((each for each in _platforms() if each.code == code), None)
    if found is None:
        raise Refusal(40401, "没有这个平台。")
    return found


def _given() -> Given:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Refusal(40002, "正文应为 JSON 对象。")
    return given


def _shown(platform: Platform) -> dict[str, Any]:
    told = platform.event_counts()
    orders = [
        {key: order[key] for key in ("no", "status", "version", "kind", "urgency", "title")}
        | {"events": told[order["no"]]}
        for order in platform.orders()
    ]
    return {"orders": orders, "faults": platform.faults.active()}


def _json(data: Any) -> Response:
    return said(Said(0, "", data))
