"""Who does a step, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass

from hotline import access
from hotline.agents.rules import Role
from hotline.errors import Refused
from workorders.models import Order
from workorders.rules import SELF, Origin, State, Step

# What who handles an order does with it; everything else is the supervisors'.
HANDLERS_STEPS = frozenset(
    {
        Step.FILED, Step.START, Step.PROGRESS, Step.CONTACT, Step.REPLY, Step.CALL_BACK,
        Step.REQUESTED, Step.REQUEST_WITHDRAWN, Step.NOTED, Step.ATTACHED,
    }
)  # fmt: skip
DESK = (Role.AGENT, Role.COUNSELLOR)


@dataclass(frozen=True)
class Actor:
    """A person at a page, a platform, or the system itself."""

    origin: Origin
    name: str
    person_id: int | None = None
    role: Role | None = None
    address: str | None = None

    @property
    def leads(self) -> bool:
        """Whether every step is open to them."""
        return self.origin is not Origin.PERSON or self.role is Role.SUPERVISOR

    def has(self, order: Order) -> bool:
        """Whether the order is in their hands: they handle it, or filed it."""
        return self.person_id is not None and self.person_id in (order.handler_id, order.filed_by)

    def may(self, step: Step, order: Order | None = None) -> bool:
        """Whether they may do this step (to this order)."""
        if self.leads:
            return True
        mine = order is None or self.has(order)
        theirs = step in HANDLERS_STEPS or self._joins(step, order) or self._wrote(step, order)
        return self.role in DESK and mine and theirs

    def _joins(self, step: Step, order: Order | None) -> bool:
        """Who filed an order may put it to one that is there, until somebody signs for it."""
        return (
            step is Step.MERGE
            and order is not None
            and (order.platform, order.state) == (SELF, State.RECEIVED)
            and order.filed_by == self.person_id
        )

    def _wrote(self, step: Step, order: Order | None) -> bool:
        """Who filed an order may put right what it says."""
        return step is Step.CORRECTED and order is not None and order.filed_by == self.person_id

    def require(self, step: Step, order: Order | None = None) -> None:
        """Refuse who may not."""
        if not self.may(step, order):
            raise Refused("not_your_order", f"“{step.label}”须由工单经办人或班长操作。", 403)


SYSTEM = Actor(Origin.SYSTEM, "系统")


def platform(name: str) -> Actor:
    """A platform, by its name."""
    return Actor(Origin.PLATFORM, name)


def at_hand() -> Actor:
    """The person behind the request at hand."""
    who, origin = access.person(), access.origin()
    return Actor(Origin.PERSON, who.name, who.key, who.role, origin.address)
