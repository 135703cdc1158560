"""When things happened in a turn, on the transport's clock. Plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class TurnTimes:
    """``asked``: the prompt was out, or was stopped. ``spoke`` and ``ended``: the first and last
    sound or key of the caller. ``ready``: there was an outcome. Seconds; None when it was not."""

    began: float
    asked: float | None = None
    spoke: float | None = None
    ended: float | None = None
    ready: float | None = None

    def prompt_over(self, at: float) -> None:
        """The prompt is out, or is stopped."""
        if self.asked is None:
            self.asked = at

    def caller_begins(self, at: float) -> None:
        """The first sound or key; the first of all counts."""
        if self.spoke is None:
            self.spoke = at

    def caller_ends(self, at: float) -> None:
        """The last sound or key so far."""
        self.ended = at

    def pressed(self, at: float) -> None:
        """A key is both."""
        self.caller_begins(at)
        self.caller_ends(at)
