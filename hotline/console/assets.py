"""What the browser loads: built once by ``npm run build``, served by content hash, compressed."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory, url_for
from werkzeug.exceptions import NotFound

BUILT = Path(__file__).parent / "static" / "vendor"
FOREVER_SECONDS = 365 * 24 * 3600

bp = Blueprint("assets", __name__)


def asset(name: str) -> str:
    """The address of a built file. It changes with the content, so it may be kept for ever."""
    return url_for("assets.static", version=_manifest().get(name, "unbuilt"), name=name)


def is_built() -> bool:
    """Whether ``npm run build`` has been run."""
    return bool(_manifest())


def _manifest() -> dict[str, str]:
    path = BUILT / "manifest.json"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=2)
def _read(path: Path, _: int) -> dict[str, str]:
    hashes: dict[str, str] = json.loads(path.read_text())
    return hashes


@bp.get("/assets/<version>/<name>", endpoint="static")
def send(version: str, name: str) -> Response:
    """A built file; the version is only there to tell caches apart."""
    known = _manifest()
    if name not in known:
        raise NotFound
    response = _compressed(name) if request.accept_encodings["gzip"] else None
    response = response or send_from_directory(BUILT, name)
    response.headers["Vary"] = "Accept-Encoding"
    is_this = version == known[name]
    response.cache_control.public = True
    response.cache_control.max_age = FOREVER_SECONDS if is_this else 0
    response.cache_control.immutable = is_this
    response.cache_control.no_cache = None if is_this else True
    return response


def _compressed(name: str) -> Response | None:
    if not (BUILT / f"{name}.gz").exists():
        return None
    response = send_from_directory(BUILT, f"{name}.gz", mimetype=_kind(name))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _kind(name: str) -> str:
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    return kinds.get(Path(name).suffix, "application/octet-stream")
