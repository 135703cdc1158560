"""A queue worked off one by one: what was done, then the next."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash
from werkzeug.wrappers import Response

from hotline.errors import Refused


def done(
    deed: Callable[[], object],
    shown: Callable[[Refused], str],
    go_on: Callable[[], Response],
) -> Response | tuple[str, int]:
    """Do it and go on. What was typed wrong is shown again; what somebody else did meanwhile is
    told on the way to the next. Raises any other Refused."""
    try:
        deed()
    except Refused as refusal:
        if refusal.status == 422:
            return shown(refusal), 422
        if refusal.status != 409:
            raise
        flash(refusal.message, "danger")
    return go_on()
