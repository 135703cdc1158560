"""One question: sounds, keys and time in, exactly one outcome out. Pure; time is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from ivr.hearing import (
    Expects,
    Heard,
    HungUp,
    NoInput,
    NoMatch,
    Outcome,
    Speech,
)
from ivr.keypad import USED, Entry, Keypad, TypeAhead
from ivr.media.endpoint import Endpointer, Turned
from ivr.media.transport import Reason
from ivr.turn_times import TurnTimes

MARK_GRACE = 3.0  # a prompt whose end is never reported counts as ended so long after it
TAIL_SECONDS = 0.36  # of the silence after speech, which the recogniser needs to end well
WHOLE_SECONDS = 0.44  # of silence are enough when what was said is a whole answer
MOST_PAUSES = 4  # in which the text is worked out: after each, all is decoded anew


class Do(Enum):
    """What is to be done outside."""

    FLUSH = auto()  # stop the prompt
    LISTEN = auto()  # begin an utterance with this sound
    FEED = auto()  # give this sound to it
    PAUSE = auto()  # the caller pauses: work the text out, this may be all
    FINISH = auto()  # it has ended: ask for the text
    CANCEL = auto()  # nobody wants its text


@dataclass(frozen=True)
class Act:
    """One deed, with its sound."""

    do: Do
    pcm: bytes = b""


class Phase(Enum):
    """Where the turn is."""

    WAITING = auto()
    SPEAKING = auto()
    RECOGNISING = auto()
    KEYING = auto()


class TurnMachine:
    """``outcome`` is None until there is one, and never changes after that.

    Every method returns what to do now. Instants never go backwards: one that does counts as
    the last.
    """

    def __init__(
        self, expects: Expects, ear: Endpointer, ahead: TypeAhead, at: float, prompt: float = 0.0
    ) -> None:
        self.outcome: Outcome | None = None
        self.times = TurnTimes(at)
        self.phase = Phase.WAITING
        self._expects = expects
        self._ear = ear
        self._ahead = ahead
        self._keypad = Keypad(expects.keys)
        self._at = at
        self._prompt_until: float | None = at + prompt + MARK_GRACE if prompt else None
        self._since = at  # when waiting, or the utterance, began
        self._pauses, self._is_pausing = 0, False
        self._barged_in = False
        self._kept_back = bytearray()
        ear.begin_turn(expects.silence)

    @property
    def is_prompting(self) -> bool:
        """Is the question still being asked?"""
        return self._prompt_until is not None

    def begin(self) -> list[Act]:
        """Take the keys that were pressed before they were asked for."""
        acts: list[Act] = []
        while self.outcome is None and (digit := self._ahead.take()) is not None:
            acts += self.key(digit, self._at)
        return acts

    def played(self, at: float) -> list[Act]:
        """The question has been asked."""
        self._pass(at)
        if self._prompt_until is not None:
            self._prompt_until, self._since = None, self._at
            self.times.prompt_over(self._at)
        return []

    def key(self, digit: str, at: float) -> list[Act]:
        """A key: the prompt stops, an utterance counts no more."""
        self._pass(at)
        if digit not in USED:
            return []
        if self.outcome is not None:
            self._ahead.keep(digit)
            return []
        acts = self._stop_prompt() + self._drop_utterance()
        self.times.pressed(self._at)
        self.phase = Phase.KEYING
        self._settle(self._keypad.press(digit, self._at))
        return acts

    def audio(self, frame: bytes, at: float) -> list[Act]:
        """20 ms of the caller."""
        self._pass(at)
        if self.outcome is not None or self.phase in (Phase.KEYING, Phase.RECOGNISING):
            self._ear.idle(frame)
            self._settle(self._keypad.tick(self._at))
            return []
        return self._speak_on(frame) if self.phase is Phase.SPEAKING else self._wait(frame)

    def settled(self, heard: Heard, at: float) -> list[Act]:
        """What was said before this pause: is it the answer already?"""
        self._pass(at)
        is_quiet = self._ear.silence >= WHOLE_SECONDS - 1e-9
        whole = self._expects.whole
        if self.phase is not Phase.SPEAKING or not is_quiet or whole is None:
            return []
        return self._finish() if whole(heard) else []

    def recognised(self, heard: Heard) -> list[Act]:
        """The text has come; too late if keys came first."""
        if self.outcome is None and self.phase is Phase.RECOGNISING:
            text, sure = heard.text.strip(), heard.confidence
            found = Speech(text, heard.alternatives, sure, self._barged_in, heard.shares)
            self._end(found if text else NoMatch())
        return []

    def hang_up(self, reason: Reason = Reason.CALLER) -> list[Act]:
        """The call is over."""
        acts = self._drop_utterance() if self.outcome is None else []
        self._end(HungUp(reason))
        return acts

    def _wait(self, frame: bytes) -> list[Act]:
        if self._prompt_until is not None and self._at >= self._prompt_until:
            self.played(self._at)
        is_deaf = not self._expects.speech or (self.is_prompting and not self._expects.barge_in)
        if is_deaf:
            self._ear.idle(frame)
        elif self._ear.hear(frame, we_speak=self.is_prompting) is Turned.BEGAN:
            return self._begin_utterance()
        if not self.is_prompting and self._at - self._since >= self._expects.no_input:
            self._end(NoInput())
        return []

    def _begin_utterance(self) -> list[Act]:
        self._barged_in = self.is_prompting
        self._kept_back.clear()
        acts = self._stop_prompt()
        self.phase, self._since = Phase.SPEAKING, self._at
        self.times.caller_begins(self._at)
        return [*acts, Act(Do.LISTEN, self._ear.pre_roll)]

    def _speak_on(self, frame: bytes) -> list[Act]:
        has_ended = self._ear.hear(frame, we_speak=False) is Turned.ENDED
        is_too_long = self._at - self._since >= self._expects.longest
        acts = self._feed(frame)
        return acts + self._finish() if has_ended or is_too_long else acts

    def _feed(self, frame: bytes) -> list[Act]:
        """Silence is kept back: it is part of what is said if the caller goes on, and need not
        be decoded if not."""
        self._kept_back += frame
        if self._ear.silence > TAIL_SECONDS:
            return self._pause()
        self._is_pausing = False
        sound, self._kept_back = bytes(self._kept_back), bytearray()
        return [Act(Do.FEED, sound)]

    def _pause(self) -> list[Act]:
        if self._is_pausing or self._pauses == MOST_PAUSES:
            return []
        self._is_pausing, self._pauses = True, self._pauses + 1
        return [Act(Do.PAUSE)]

    def _finish(self) -> list[Act]:
        self.phase = Phase.RECOGNISING
        self.times.caller_ends(self._at - self._ear.silence)
        return [Act(Do.FINISH)]

    def _stop_prompt(self) -> list[Act]:
        was_prompting, self._prompt_until = self.is_prompting, None
        self.times.prompt_over(self._at)
        return [Act(Do.FLUSH)] if was_prompting else []

    def _drop_utterance(self) -> list[Act]:
        is_under_way = self.phase in (Phase.SPEAKING, Phase.RECOGNISING)
        return [Act(Do.CANCEL)] if is_under_way else []

    def _settle(self, entry: Entry | None) -> None:
        if entry is not None:
            self._end(entry)

    def _end(self, outcome: Outcome) -> None:
        if self.outcome is None:
            self.outcome, self.times.ready = outcome, self._at
            if isinstance(outcome, NoInput | NoMatch):
                self._ahead.forget()

    def _pass(self, at: float) -> None:
        self._at = max(self._at, at)
