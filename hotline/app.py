"""The Flask application: guards, headers, errors, the request log."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import structlog
from flask import Blueprint, Flask, Response, g, jsonify, request
from flask.json.provider import DefaultJSONProvider
from flask_limiter import RateLimitExceeded
from flask_openapi3 import APIBlueprint, Info, OpenAPI
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from hotline import __version__, access, api, console, guard, health, limits, validation
from hotline.errors import Refused
from hotline.settings import Settings
from hotline.web import render

log = structlog.get_logger("hotline.request")

CONSOLE = Path(console.__file__).parent
MAX_BODY_BYTES = 16 * 1024 * 1024
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class ReadableJson(DefaultJSONProvider):
    """Chinese in answers stands as it is."""

    ensure_ascii = False


def create_app(site: Settings, blueprints: Iterable[Blueprint | APIBlueprint]) -> Flask:
    """The application with these blueprints. Refuses to start when a route has no rule."""
    app = OpenAPI(
        "hotline",
        info=Info(title="12320 卫生热线", version=__version__),
        security_schemes={
            "token": {"type": "http", "scheme": "bearer"},
            "browser": {"type": "apiKey", "in": "cookie", "name": "hotline_session"},
        },
        doc_ui=False,
        validation_error_callback=_unprocessable,
        template_folder=str(CONSOLE / "templates"),
        static_folder=str(CONSOLE / "static"),
    )
    _configure(app, site)
    guard.install(app)
    app.add_url_rule(f"{api.PREFIX}/openapi.json", "openapi", access.public(api.document))
    app.register_blueprint(health.bp)
    for bp in blueprints:
        app.register_api(bp) if isinstance(bp, APIBlueprint) else app.register_blueprint(bp)
    console.install(app)
    limits.install(app)
    if missing := access.unruled(app):
        raise RuntimeError(f"routes without an access rule: {', '.join(sorted(missing))}")
    return app


def _configure(app: Flask, site: Settings) -> None:
    app.config.update(
        SECRET_KEY=site.secrets.signing,
        SESSION_COOKIE_NAME="hotline_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=(site.public_url or "").startswith("https://"),
        WTF_CSRF_CHECK_DEFAULT=False,  # access checks it, by the route's rule
        WTF_CSRF_TIME_LIMIT=None,  # the sign-in's own time-out bounds it
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.json = ReadableJson(app)
    app.before_request(_begin)
    app.after_request(_finish)
    if app.config["SESSION_COOKIE_SECURE"]:
        app.after_request(_insist_on_tls)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(Exception, _bug)
    if site.trusted_proxies:
        hops = site.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]


def _begin() -> None:
    g.began = time.monotonic()
    structlog.contextvars.clear_contextvars()


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if access.who() is not None:
        response.headers.setdefault("Cache-Control", "no-store")
    health.count(response)
    if not (request.endpoint or "").endswith(("static", "health.alive")):
        _log(response)
    return response


def _insist_on_tls(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _log(response: Response) -> None:
    who = access.who()
    log.info(
        "request",
        request_id=g.get("request_id"),
        method=request.method,
        path=_path(),
        status=response.status_code,
        milliseconds=round((time.monotonic() - g.get("began", time.monotonic())) * 1000, 1),
        who=who.username if who else None,
    )


def _path() -> str:
    """The path, but for one that opens what it names: whoever reads the log does not get that."""
    opens = request.url_rule is not None and "token" in (request.view_args or {})
    return str(request.url_rule) if opens else request.path


def _refused(refusal: Refused) -> tuple[Response | str, int]:
    return _answer(refusal.code, refusal.message, refusal.status, refusal.fields)


def _answer(
    code: str, message: str, status: int, fields: dict[str, str] | None = None
) -> tuple[Response | str, int]:
    request_id = g.get("request_id", "")
    if access.wants_json() or request.headers.get("HX-Request"):
        body = api.ErrorBody(code=code, message=message, request_id=request_id, fields=fields or {})
        return jsonify(body.model_dump()), status
    page = render("error.html", code=code, message=message, status=status, request_id=request_id)
    return page, status


_SENTENCES = {
    400: "请求格式有误，请检查后重试。",
    404: "没有找到这个页面或记录，地址可能有误，或记录已被移走。",
    405: "这个地址不支持这种操作。",
    413: "提交的内容太大，请分批提交（每次不超过 16 MB）。",
    415: "内容类型不受支持，请以 JSON 提交。",
}


def _http_error(error: HTTPException) -> tuple[Response | str, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    name = (error.name or "error").lower().replace(" ", "_")
    return _answer(name, _SENTENCES.get(status, "操作未能完成，请稍后重试。"), status)


def _too_often(_: RateLimitExceeded) -> tuple[Response | str, int]:
    return _answer("too_many_requests", "操作太频繁，请一分钟后再试。", 429)


def _unavailable(error: Exception) -> tuple[Response | str, int]:
    log.error("database_unavailable", request_id=g.get("request_id"), error=type(error).__name__)
    return _answer("unavailable", "系统暂时繁忙，内容未保存。请稍后重试。", 503)


def _bug(error: Exception) -> tuple[Response | str, int]:
    log.error("bug", request_id=g.get("request_id"), exc_info=error)
    return _answer("internal_error", "系统出错，已记录。请重试；仍不行请把编号告诉管理员。", 500)


def _unprocessable(error: ValidationError) -> Response:
    fields = validation.in_chinese(error)
    request_id = g.get("request_id", "")
    body = api.ErrorBody(
        code="invalid", message="提交的内容不符合要求。", request_id=request_id, fields=fields
    )
    response = jsonify(body.model_dump())
    response.status_code = 422
    return response
