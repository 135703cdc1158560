"""The one blueprint of the pages; ``parts`` has it whole."""

from __future__ import annotations

from flask import Blueprint

from hotline.agents.rules import DESK_ROLES, Role

bp = Blueprint("workorders", __name__, url_prefix="/workorders", template_folder="templates")
READERS = (*DESK_ROLES, Role.MANAGER)
