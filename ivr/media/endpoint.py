"""When does the caller begin to speak, and when has he ended? Pure arithmetic on frames.

Speech is what the VAD calls so and what stands out from the noise of this line. While we speak
ourselves it must stand out more: handsets echo.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from ivr.media.transport import FRAME_SECONDS
from ivr.media.vad import SILENT_DB, Vad, loudness


@dataclass(frozen=True)
class Tuning:
    """Starting values, in seconds and dB; measured on telephones, to be measured again."""

    deaf: float = 0.2  # of each prompt's beginning
    begins_after: float = 0.12  # of speech
    barges_in_after: float = 0.24
    stands_out: float = 5.0
    stands_out_while_we_speak: float = 12.0
    stays_out: float = 5.0  # once somebody speaks
    speaks_for_itself: float = 3.0  # so much further out is speech, whatever the detector says,
    near_the_loudest: float = 20.0  # unless it is so far under the loudest of this utterance
    fades_by: float = 25.0  # so far under it nothing is: the line behind a voice that has ended
    forgets: float = 0.5  # of the loudest, a frame, once nobody speaks
    lowest_floor: float = -60.0
    first_floor: float = -32.0  # nobody has heard this line yet
    highest_floor: float = -25.0
    pre_roll: float = 0.36  # what is kept of the time before speech was certain


class Turned(Enum):
    """What a frame changed."""

    NOTHING = auto()
    BEGAN = auto()
    ENDED = auto()


BLOCKS, BLOCK_FRAMES = 10, 15  # the noise floor is the quietest of the last 3 s
NOT_SPEECH_COUNTS = 0.5  # a frame of no speech takes half of what one of speech gives
FRAMES_THAT_GO_ON = 2  # a single one within silence is a click


class NoiseFloor:
    """The quietest frame of late: between syllables one hears the line."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._blocks = deque([tuning.first_floor], maxlen=BLOCKS)
        self._block, self._count = 0.0, 0

    @property
    def level(self) -> float:
        """In dBFS."""
        quietest = min(self._blocks)
        return min(max(quietest, self._tuning.lowest_floor), self._tuning.highest_floor)

    def hear(self, level: float) -> None:
        """One frame's loudness."""
        self._block = min(self._block, level)
        self._count += 1
        if self._count == BLOCK_FRAMES:
            self._blocks.append(self._block)
            self._block, self._count = 0.0, 0


class Endpointer:
    """Follows one call. ``begin_turn`` before each question."""

    def __init__(self, vad: Vad, tuning: Tuning | None = None) -> None:
        self._vad = vad
        self._tuning = tuning or Tuning()
        self._floor = NoiseFloor(self._tuning)
        self._loudest = SILENT_DB
        self._before: deque[bytes] = deque(maxlen=round(self._tuning.pre_roll / FRAME_SECONDS))
        self.begin_turn(0.7)

    def begin_turn(self, silence: float) -> None:
        """Nobody speaks yet; ``silence`` ends speech."""
        self._silence_needed = silence
        self._spoken = 0.0
        self._prompt_heard = 0.0
        self._in_a_row = 0
        self.silence = 0.0
        self.is_speaking = False

    @property
    def pre_roll(self) -> bytes:
        """The last half second, with the beginning of what is being said."""
        return b"".join(self._before)

    @property
    def floor(self) -> float:
        """The noise of the line in dBFS."""
        return self._floor.level

    def idle(self, frame: bytes) -> None:
        """A frame outside a turn: only the line's noise is of interest."""
        self._judge(frame, self._tuning.stands_out)

    def hear(self, frame: bytes, *, we_speak: bool) -> Turned:
        """A frame of the turn."""
        if self.is_speaking:
            return self._go_on(self._judge(frame, self._tuning.stays_out))
        tuning = self._tuning
        over = tuning.stands_out_while_we_speak if we_speak else tuning.stands_out
        is_speech = self._judge(frame, over)
        if we_speak:
            self._prompt_heard += FRAME_SECONDS
            if self._prompt_heard <= tuning.deaf + 1e-9:
                return Turned.NOTHING
        return self._wait(is_speech, tuning.barges_in_after if we_speak else tuning.begins_after)

    def _judge(self, frame: bytes, over: float) -> bool:
        self._before.append(frame)
        level = loudness(frame)
        out = level - self._floor.level - over
        self._floor.hear(level)
        forgotten = 0.0 if self.is_speaking else self._tuning.forgets
        self._loudest = max(level, self._loudest - forgotten)
        # Asked always: it adapts to the line as well, on a noisy one so far that it takes a soft
        # voice for noise.
        detected = self._vad.is_speech(frame)
        return out > 0 and level > SILENT_DB and self._is_voice(level, out, detected=detected)

    def _is_voice(self, level: float, out: float, *, detected: bool) -> bool:
        """Where silence is transmitted as nothing, noise comes with the voice."""
        under = self._loudest - level
        if detected and under < self._tuning.fades_by:
            return True
        return out > self._tuning.speaks_for_itself and under < self._tuning.near_the_loudest

    def _wait(self, is_speech: bool, needed: float) -> Turned:
        gain = FRAME_SECONDS if is_speech else -FRAME_SECONDS * NOT_SPEECH_COUNTS
        self._spoken = max(0.0, self._spoken + gain)
        if self._spoken < needed - 1e-9:
            return Turned.NOTHING
        self.is_speaking, self.silence, self._in_a_row = True, 0.0, 0
        return Turned.BEGAN

    def _go_on(self, is_speech: bool) -> Turned:
        self._in_a_row = self._in_a_row + 1 if is_speech else 0
        self.silence += FRAME_SECONDS
        if self._in_a_row >= FRAMES_THAT_GO_ON:
            self.silence = 0.0
        if self.silence < self._silence_needed - 1e-9:
            return Turned.NOTHING
        self.is_speaking, self._spoken = False, 0.0
        return Turned.ENDED
