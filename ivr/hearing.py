"""What a turn expects, what can come of it, and who recognises speech. Plain data, pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from ivr.media.transport import Reason

INTER_DIGIT_SECONDS = 3.0
FIRST_DIGIT_SECONDS = 6.0


@dataclass(frozen=True)
class Keys:
    """How keys are taken: after ``most`` digits, or at ``#``, or three seconds after the last
    one, the entry is whole.

    ``0`` alone is a person; where numbers may begin with 0 (``zero_first``) only when nothing
    follows it. ``*`` repeats or goes back; where it stands for the X of an ID number
    (``star_in_number``) only as the first key.
    """

    most: int = 1
    zero_first: bool = False
    star_in_number: bool = False
    inter_digit: float = INTER_DIGIT_SECONDS


@dataclass(frozen=True)
class Expects:
    """One question. ``name`` is what is asked for (``hospital``), ``phrases`` the grammar for
    the recogniser (None: free speech); without ``speech`` only keys count.

    Seconds: ``silence`` after which speech has ended, ``no_input`` until the first sound or key
    after the prompt, ``longest`` utterance. ``whole`` says whether what was heard before a pause
    is an answer from which nobody goes on: then the caller is not kept waiting for the silence.
    """

    name: str
    phrases: tuple[str, ...] | None = None
    keys: Keys = field(default_factory=Keys)
    speech: bool = True
    silence: float = 0.7
    no_input: float = FIRST_DIGIT_SECONDS
    longest: float = 12.0
    barge_in: bool = True
    whole: Callable[[Heard], bool] | None = field(default=None, compare=False)

    def by_keys(self) -> Expects:
        """The same question where nobody can listen."""
        return replace(self, speech=False)


YES_NO_SILENCE = 0.5
NAME_SILENCE = 1.0  # names and numbers are said in pieces
NUMBER_SILENCE = 1.2


class EndedBy(StrEnum):
    """What made an entry whole."""

    FULL = "full"
    HASH = "#"
    TIME = "time"
    STAR = "*"


@dataclass(frozen=True)
class Speech:
    """Something was said. ``alternatives`` are other readings, likeliest first, ``shares`` how
    likely each is; ``confidence`` is 0 to 1 or None."""

    text: str
    alternatives: tuple[str, ...] = ()
    confidence: float | None = None
    barged_in: bool = False
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Digits:
    """Keys were pressed. ``*`` alone means once more, or back. Never to be logged."""

    digits: str = field(repr=False)
    ended_by: EndedBy = EndedBy.FULL


@dataclass(frozen=True)
class NoInput:
    """Nothing came."""


@dataclass(frozen=True)
class NoMatch:
    """A sound was made that is no words, or the recogniser failed."""


@dataclass(frozen=True)
class HungUp:
    """The call is over."""

    reason: Reason = Reason.CALLER


@dataclass(frozen=True)
class PersonWanted:
    """The caller pressed 0."""


Outcome = Speech | Digits | NoInput | NoMatch | HungUp | PersonWanted


@dataclass(frozen=True)
class Heard:
    """What the recogniser made of one utterance; empty text when it made nothing of it.
    ``shares`` say how likely each of the alternatives is, 0 to 1."""

    text: str = ""
    alternatives: tuple[str, ...] = ()
    confidence: float | None = None
    shares: tuple[float, ...] = ()


class Listening(Protocol):
    """One utterance under way."""

    @property
    def settled(self) -> Heard | None:
        """What was said before the pause, once it is worked out; None when more sound came."""

    def feed(self, pcm: bytes) -> None:
        """Take sound (8 kHz PCM) and return at once: the work is done elsewhere."""

    def pause(self) -> None:
        """Nothing is being said: work the text out, in case that was all."""

    async def finish(self) -> Heard:
        """No more sound comes: the text."""

    def cancel(self) -> None:
        """Nobody wants the text any more. May be called after the end."""


class Recogniser(Protocol):
    """Turns speech into text: one a call."""

    def listen(self, expects: Expects) -> Listening:
        """Begin an utterance."""
