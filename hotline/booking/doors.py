"""What the machine doors of booking share: the blueprint, and who asks."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from hotline import access, api
from hotline.agents.rules import Scope
from hotline.booking.finding import Booker
from hotline.booking.models import Hospital

bp = api.blueprint("booking", "/booking", "预约挂号")
Answer = tuple[dict[str, Any], int]


def asker(session: Session) -> Booker:
    """People see every booking; a machine its own, unless its token opens everything."""
    who = access.person()
    sees_all = not who.is_machine or Scope.ALL in who.scopes
    return Booker(who.username, sees_all, who.binding.channels, _hospitals(session, who.binding))


def _hospitals(session: Session, binding: access.Binding) -> frozenset[int] | None:
    """A city stands for the hospitals it has today."""
    if binding.cities is None:
        return binding.hospitals
    found = session.exec(select(Hospital.id).where(col(Hospital.city).in_(binding.cities)))
    return (binding.hospitals or frozenset()) | {each for each in found if each is not None}
