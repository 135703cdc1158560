"""The search box of every page: any number, name, call, order or booking number."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from hotline import access
from hotline.console import calls_filter
from hotline.console.booking_filter import BOOKING_NO
from hotline.console.calls import READERS

bp = Blueprint("search", __name__)

# Features beyond calls are asked by the pages they have, if they are installed.
BY_PREFIX = {"WO": "workorders.find"}


@bp.post("/search")
@access.allowed(*READERS)
def find() -> Response:
    """Go to what was typed: a record by its number, else the calls that match."""
    words = request.form.get("q", "").strip()
    if BOOKING_NO.fullmatch(words):
        return redirect(url_for("booking.find", number=words))
    if calls_filter.CALL_NO.fullmatch(words):
        return redirect(url_for("calls.show", call_no=words))
    endpoint = BY_PREFIX.get(words[:2].upper(), "")
    if endpoint in current_app.view_functions:
        return redirect(url_for(endpoint, number=words))
    return redirect(calls_filter.list_address(calls_filter.address_of({"q": words})))
