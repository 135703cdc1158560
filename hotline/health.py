"""Is it alive, is it ready, how is it doing: for load balancers and Prometheus."""

from __future__ import annotations

import os
import time
from importlib import import_module
from importlib.util import find_spec

import prometheus_client as prometheus
import redis
import structlog
from flask import Blueprint, Response, g, jsonify, request
from prometheus_client import multiprocess
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hotline import access, settings, voice_line
from hotline.db import transaction

bp = Blueprint("health", __name__)
log = structlog.get_logger(__name__)
# Features that have figures of their own: a function that gives a collector.
FEATURES = ("workorders.gauges",)

REQUESTS = prometheus.Counter(
    "hotline_requests_total", "Requests answered", ["endpoint", "method", "status"]
)
SECONDS = prometheus.Histogram(
    "hotline_request_seconds",
    "Seconds to answer a request (streams excepted)",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


@bp.get("/healthz")
@access.public
def alive() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@bp.get("/readyz")
@access.public
def ready() -> tuple[Response, int]:
    """Database and queue can be used; 503 with the part that cannot.

    The voice line is told of and not counted: the console serves without it.
    """
    parts = {"database": _database(), "queue": _queue()}
    is_ready = all(state == "ok" for state in parts.values())
    status = 200 if is_ready else 503
    said = {"status": "ok" if is_ready else "unavailable", **parts, "voice_line": _voice_line()}
    return jsonify(said), status


def _database() -> str:
    try:
        with transaction() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "unavailable"
    return "ok"


def _queue() -> str:
    try:
        _redis().ping()
    except redis.RedisError:
        return "unavailable"
    return "ok"


def _voice_line() -> str:
    """``ok``, ``keypad`` (no usable model), ``draining`` or ``down``."""
    try:
        return voice_line.health(_redis()).value
    except redis.RedisError:
        return voice_line.Health.DOWN.value


def _redis() -> redis.Redis:
    site = settings.current()
    return redis.Redis.from_url(site.redis, socket_connect_timeout=1, socket_timeout=1)


@bp.get("/metrics")
@access.public
def metrics() -> Response:
    """Counters of all web processes, in Prometheus' text form. No personal data."""
    registry: prometheus.CollectorRegistry = prometheus.REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = prometheus.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    said = prometheus.generate_latest(registry) + _of_features()
    return Response(said, mimetype=prometheus.CONTENT_TYPE_LATEST)


def _of_features() -> bytes:
    """What features count in the database; without it the rest is told all the same."""
    registry = prometheus.CollectorRegistry()
    for name in FEATURES:
        if find_spec(name.rpartition(".")[0]) and find_spec(name):
            registry.register(import_module(name).collector())
    try:
        return prometheus.generate_latest(registry)
    except SQLAlchemyError as error:
        log.warning("figures_without_database", error=type(error).__name__)
        return b""


def count(response: Response) -> None:
    """Count an answered request."""
    endpoint = request.endpoint or "unknown"
    REQUESTS.labels(endpoint, request.method, response.status_code).inc()
    if not response.is_streamed and "began" in g:
        SECONDS.labels(endpoint).observe(time.monotonic() - g.began)
