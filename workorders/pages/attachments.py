"""Files of an order: ours and those that were fetched from a platform."""

from __future__ import annotations

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from hotline import access
from hotline.agents.rules import DESK_ROLES
from hotline.db import transaction
from hotline.errors import Refused
from workorders import actors, attaching, downloads, fetching, moving
from workorders.confidential import reader, require_readable
from workorders.pages.blueprint import READERS, bp
from workorders.pages.show import get_order
from workorders.platforms.fetching import Wanted, fetch

__all__ = ["bp"]


@bp.get("/<order_no>/attachments/<int:attachment_id>")
@access.allowed(*READERS)
def attachment(order_no: str, attachment_id: int) -> Response:
    """A file of the order, decrypted while it is sent."""
    with transaction() as session:
        order = get_order(session, order_no)
        require_readable(order, reader())
        kept, pieces = attaching.content(session, order, attachment_id)
    return downloads.answer(kept, pieces)


@bp.post("/<order_no>/attachments/<int:attachment_id>/fetch")
@access.allowed(*DESK_ROLES)
def fetch_attachment(order_no: str, attachment_id: int) -> AnyResponse:
    """取回 a file that lies with the platform: only when somebody asks for it."""
    with transaction() as session:
        order = get_order(session, order_no)
        require_readable(order, reader())
        wanted = fetching.wanted(session, order, attachment_id)
    try:
        flash(f"附件“{_fetched(order_no, attachment_id, wanted)}”已取回。")
    except Refused as refusal:
        flash(refusal.message, "danger")
    return redirect(url_for("workorders.show", order_no=order_no))


def _fetched(order_no: str, attachment_id: int, wanted: Wanted) -> str:
    content = fetch(wanted)  # nothing is locked while a platform takes its time
    with transaction() as session:
        order = moving.locked(session, order_no)
        return fetching.keep(session, order, attachment_id, content, actors.at_hand()).name
