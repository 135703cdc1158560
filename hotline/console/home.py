"""The first page of each role, live updates, presence."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, limits, live
from hotline.agents.presence import choose_presence
from hotline.agents.rules import DESK_ROLES, Presence, Role
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("home", __name__)

# The first of these that exists is a role's first page.
FIRST_PAGES: dict[Role, tuple[str, ...]] = {
    Role.AGENT: ("desk.index",),
    Role.COUNSELLOR: ("desk.index",),
    Role.SUPERVISOR: ("board.index", "desk.index"),
    Role.MANAGER: ("overview.index", "board.index"),
    Role.ADMIN: ("system.index", "people.index"),
}


@bp.get("/")
@access.signed_in
def index() -> str | AnyResponse:
    """Send each role to its first page."""
    for endpoint in FIRST_PAGES.get(access.person().role, ()):
        if endpoint in current_app.view_functions:
            return redirect(url_for(endpoint))
    return render("home.html")


@bp.get("/live")
@access.signed_in
@access.passive
@limits.free
def live_stream() -> Response:
    """Server-sent events for one browser."""
    who = access.person()
    return Response(
        live.stream(who.key, who.role),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@bp.post("/presence")
@access.allowed(*DESK_ROLES)
def presence() -> tuple[str, int]:
    """An agent says where they are."""
    wanted = Presence.known(request.form.get("presence"))
    if wanted is None:
        raise Refused("presence_unknown", "请选择就绪、示忙、小休或离线。")
    with transaction() as session:
        choose_presence(session, access.person().key, wanted)
    return "", 204
