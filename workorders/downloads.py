"""A file of an order as an answer to be saved."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

from workorders.side_models import Attachment


def answer(kept: Attachment, pieces: Iterator[bytes]) -> Response:
    """The file under its own name; no cache keeps it."""
    sent = Response(pieces, mimetype=kept.media_type)
    # A header is ASCII: RFC 6266 names the file, whose name is mostly Chinese.
    name = f"attachment; filename*=UTF-8''{quote(kept.name)}"
    sent.headers["Content-Disposition"] = name
    sent.headers["Cache-Control"] = "no-store"
    return sent
