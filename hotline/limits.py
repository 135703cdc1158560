"""How often one may knock. Counted in Redis; when it is gone, in each process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from hotline import access, settings

View = Callable[..., Any]


def _asker() -> str:
    """One account or token has one budget, wherever it comes from."""
    who = access.who()
    return who.username if who else f"address:{request.remote_addr}"


_limiter = Limiter(
    key_func=_asker,
    in_memory_fallback_enabled=True,
    default_limits=[lambda: f"{settings.current().requests_per_minute} per minute"],
    strategy="moving-window",
    headers_enabled=True,
)


def sign_in(view: View) -> View:
    """At most 20 tries a minute from one address: the lock-out guards one name, this guards all."""
    limited: View = _limiter.limit(
        "20 per minute", key_func=lambda: f"address:{request.remote_addr}"
    )(view)
    return limited


def free(view: View) -> View:
    """No limit: streams and refreshes that the console itself asks for."""
    exempted: View = _limiter.exempt(view)
    return exempted


def install(app: Flask) -> None:
    """Count every request; health checks and files are free."""
    app.config["RATELIMIT_STORAGE_URI"] = _storage(settings.current().redis)
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": 1, "socket_timeout": 1}
    _limiter.init_app(app)
    for endpoint in ("health.alive", "health.ready", "health.metrics", "static"):
        view = app.view_functions.get(endpoint)
        if view is not None:
            _limiter.exempt(view)


def _storage(url: str) -> str:
    return url.replace("unix://", "redis+unix://", 1)
