"""A call between the fold and its row: as it was before a batch, and as it is now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hotline.calls.facts import CallFacts
from hotline.calls.rules import Source, State, state_with_wrap_up


@dataclass(frozen=True)
class Known:
    """What the desk and the sweep need of a call as it was before this batch."""

    id: int
    call_uid: str
    call_no: str
    state: State
    source: Source
    agent_id: int | None
    caller_hash: bytes | None
    was_abandoned: bool
    is_wrapped_up: bool
    stale_closed_at: datetime | None
    is_demo: bool


@dataclass
class Folded:
    """A call as it is now."""

    call_uid: str
    facts: CallFacts
    before: Known | None = None
    id: int = 0
    call_no: str = ""
    source: Source = Source.PBX
    is_demo: bool = False
    agent_id: int | None = None
    caller_hash: bytes | None = None
    caller: bytes | None = None
    stale_closed_at: datetime | None = None
    leg_agent_ids: list[int | None] = field(default_factory=list)

    @property
    def state(self) -> State:
        """The state to show: imported calls have no agent sitting over their wrap-up."""
        if self.source is Source.IMPORT:
            return self.facts.state
        wrapped_up = self.before is not None and self.before.is_wrapped_up
        return state_with_wrap_up(self.facts.state, self.facts.answered_at is not None, wrapped_up)
