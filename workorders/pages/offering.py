"""When a deed is offered on an order's page, and what its form asks for.

What is offered is a courtesy: the use case refuses by itself who may not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from workorders import rules
from workorders.actors import Actor
from workorders.models import Order, OrderRequest, OrderUnit
from workorders.pages.typed import Typed
from workorders.rules import RequestState, Step
from workorders.side_models import OrderFlag
from workorders.units import WITH_THEM


@dataclass(frozen=True)
class Facts:
    """What an order's page knows when it decides what to offer."""

    order: Order
    parts: list[OrderUnit]
    requests: list[OrderRequest]
    flags: list[OrderFlag]
    is_answered: bool = False  # this round's call-back has reached the caller
    is_to_call: bool = True  # in a state where they may be called back, there is a reason to

    @property
    def with_units(self) -> bool:
        """Whether a unit has a part of it now."""
        return any(part.state in WITH_THEM for part in self.parts)

    @property
    def at_platform(self) -> bool:
        """Whether a request waits for the platform."""
        return any(request.state is RequestState.APPROVED for request in self.requests)


@dataclass(frozen=True)
class Blank:
    """A field of a form. ``choices`` names a list that the page has at hand, or gives it."""

    name: str
    label: str
    kind: str = "textarea"
    help: str = ""
    optional: bool = False
    choices: str | tuple[tuple[str, str], ...] = ()
    most: int = 1000
    wide: bool = False


@dataclass(frozen=True)
class Deed:
    """One thing to do. Without blanks one press does it; ``item`` says that it is done to a
    request (``request``) or a flag (``flag``) of the order, and stands beside it."""

    name: str
    step: Step
    label: str
    key: str
    do: Callable[[Session, Order, Typed, Actor], str]
    blanks: tuple[Blank, ...] = ()
    when: Callable[[Facts], bool] = lambda _: True
    item: str = ""
    tone: str = ""
    adds_only: bool = False
    everybody: bool = False

    def is_offered(self, facts: Facts, actor: Actor) -> bool:
        """Whether the state, the person and the facts allow it."""
        state = facts.order.state
        in_turn = self.step not in rules.MOVES or rules.after(state, self.step) is not None
        may = actor.may(self.step, facts.order) or (self.everybody and actor.may(Step.FILED))
        return in_turn and may and self.when(facts)
