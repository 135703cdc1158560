"""One turn as it is kept and shown: what the caller owns is counted, not written down."""

from __future__ import annotations

from typing import Any

from hotline import phone
from hotline.calls.voice_rules import Detail
from hotline.classification import crisis
from hotline.classification.crisis import CrisisLevel
from hotline.clock import now
from ivr.dialogue.state import PRIVATE, State
from ivr.hearing import Digits, HungUp, NoMatch, Outcome, PersonWanted, Speech

_OUTCOMES: dict[type, str] = {
    Speech: "speech", Digits: "keys", NoMatch: "no_match", PersonWanted: "person",
    HungUp: "hung_up",
}  # fmt: skip


class Turn:
    """A question, what came of it, and what is understood then; nobody's numbers or names.

    ``position`` counts from 1; ``at`` is when the question began. ``danger`` are words that mean
    danger: they raise an alert whatever was asked, and are not written down with the turn.
    """

    def __init__(
        self, asked: State, said: str, outcome: Outcome, known: State, position: int = 1
    ) -> None:
        self.expects = asked.step.value
        self.prompt = said
        self.outcome = _OUTCOMES.get(type(outcome), "no_input")
        self.heard = _heard(asked, outcome)
        self.danger = _danger(outcome)
        self.slots = known.slots.said()
        self.position = position
        self.at = now()
        self.detail = _detail(asked, outcome, missed=_is_missed(asked, outcome, known))

    @property
    def shown(self) -> dict[str, Any]:
        """What the caller's own screen shows."""
        return {
            "expects": self.expects,
            "prompt": self.prompt,
            "outcome": self.outcome,
            "heard": self.heard,
            "slots": self.slots,
        }


def _heard(asked: State, outcome: Outcome) -> str | None:
    is_private = asked.step in PRIVATE
    if isinstance(outcome, Speech):
        return f"口述 {len(outcome.text)} 字" if is_private else phone.redact(outcome.text)
    if not isinstance(outcome, Digits):
        return None
    return f"按键 {len(outcome.digits)} 位" if is_private else f"按键 {outcome.digits}"


def _danger(outcome: Outcome) -> str | None:
    said = outcome.text if isinstance(outcome, Speech) else ""
    return said if crisis.assess(said).level is not CrisisLevel.NONE else None


def _is_missed(asked: State, outcome: Outcome, known: State) -> bool:
    """Did the answer bring the caller no further?"""
    is_asked_again = known.step is asked.step and known.misses > asked.misses
    return isinstance(outcome, NoMatch) or known.wrong > asked.wrong or is_asked_again


def _detail(asked: State, outcome: Outcome, *, missed: bool) -> Detail:
    if not isinstance(outcome, Speech):
        return Detail(missed=missed, slow=asked.slow)
    return Detail(
        alternatives=() if asked.step in PRIVATE else _readings(outcome),
        confidence=outcome.confidence,
        missed=missed,
        interrupted=outcome.barged_in,
        slow=asked.slow,
    )


def _readings(speech: Speech) -> tuple[tuple[str, float], ...]:
    shares = speech.shares or (0.0,) * len(speech.alternatives)
    found = zip(speech.alternatives, shares, strict=True)
    return tuple((phone.redact(text), share) for text, share in found)
