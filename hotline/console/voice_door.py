"""How a page gets to the voice line: where its door is, and that the page may go there."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request

from hotline import settings
from hotline.app import POLICY


def address(path: str) -> str:
    """Where the browser finds a door of the voice line: its own address, or this host's port."""
    site = settings.current()
    if site.ivr_ws_url:
        return site.ivr_ws_url.rstrip("/") + path
    scheme = "wss" if request.scheme == "https" else "ws"
    host = urlsplit(f"//{request.host}").hostname or "localhost"
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{site.ivr_ws_port}{path}"


def open_to(response: Response) -> Response:
    """Let the page of this answer speak to the voice line; other pages speak to us only."""
    where = urlsplit(address(""))
    source = f"{where.scheme}://{where.netloc}"
    response.headers["Content-Security-Policy"] = f"{POLICY}; connect-src 'self' {source}"
    return response
