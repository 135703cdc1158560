"""The one blueprint of these pages; ``parts`` has it whole."""

from __future__ import annotations

from flask import Blueprint
from sqlmodel import Session, col, select

from hotline.agents.rules import Role
from workorders.models import Platform
from workorders.rules import SELF

bp = Blueprint(
    "workorders_exchange", __name__, url_prefix="/workorders/exchange", template_folder="templates"
)
ID = f"int(max={2**63 - 1})"  # what the database calls a number
LEADERS = (Role.SUPERVISOR,)
KEEPERS = (Role.ADMIN,)
WATCHERS = (Role.SUPERVISOR, Role.ADMIN)


def platforms(session: Session) -> dict[str, str]:
    """The platforms by code, switched off ones too."""
    query = select(Platform.code, Platform.name).where(col(Platform.code) != SELF)
    return dict(session.exec(query.order_by(Platform.code)).all())
