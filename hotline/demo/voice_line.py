"""A made-up call with the voice line: what was asked and heard, how long it took. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from hotline.calls.voice_rules import Achieved, AgeBand, Detail, Left, Times, Whole
from hotline.clock import local
from hotline.demo.plan import TurnPlan, seconds
from hotline.demo.stories import fill, hospitals, texts
from hotline.demo.voice_ways import ASKED_AS, BOOKING, FILLS, WAYS

_KEYED = {"last_four": "按键 4 位"}
# How often an answer is no use: names are harder than yes and no, and old voices harder still.
_MISSED = {"menu": 0.05, "hospital": 0.13, "department": 0.15, "date": 0.10, "half_day": 0.04}
_ELSEWHERE = 0.03
_OLD = (AgeBand.SIXTIES, AgeBand.OLD)
_AGES = {AgeBand.CHILD: 8, AgeBand.YOUNG: 24, AgeBand.MIDDLE: 20, AgeBand.SIXTIES: 18,
         AgeBand.OLD: 12, None: 18}  # fmt: skip
_CORRECTED, _INTERRUPTED, _SILENT = 0.06, 0.09, 0.2


def pick_age(rng: random.Random) -> AgeBand | None:
    """Of the patient; None where nobody knows."""
    return rng.choices(list(_AGES), list(_AGES.values()))[0]


def model_on(at: datetime) -> str:
    """What listened that day: a new version comes on the twelfth of each month."""
    day = local(at).date()
    month = day.month if day.day >= 12 else (day.month - 2) % 12 + 1
    return f"embedded {day.year if month <= day.month else day.year - 1}.{month}"


def turns(
    rng: random.Random,
    starts: datetime,
    slots: dict[str, str],
    *,
    got: Achieved | None = None,
    age: AgeBand | None = None,
) -> list[TurnPlan]:
    """Turns until the caller wants a person, or until he has what he came for."""
    return _Talk(rng, starts, slots, age).go(got)


def given_up(turns: list[TurnPlan], at: datetime) -> list[TurnPlan]:
    """The same caller, hanging up in the last of these turns at that instant."""
    last = turns[-1]
    times = replace(last.detail.times, spoke=None, ended=None, ready=None, replied=None)
    detail = Detail(model=last.detail.model, slow=last.detail.slow, times=times)
    quiet = replace(last, outcome="hung_up", heard="", detail=detail)
    return [turn for turn in turns[:-1] if turn.at < at] + [quiet]


def whole(
    turns: list[TurnPlan], starts: datetime, ends: datetime, went: Left, age: AgeBand | None,
    achieved: Achieved = Achieved.NOTHING,
) -> Whole:  # fmt: skip
    """How such a call left the voice line."""
    last = turns[-1]
    reason = "" if went not in (Left.PERSON, Left.CRISIS) else "miss" if last.detail.missed else \
        "silence" if last.outcome == "no_input" else "asked"  # fmt: skip
    return Whole(
        achieved, went, round((ends - starts).total_seconds()), len(turns),
        sum(turn.detail.missed for turn in turns), reason, last.expects, age,
        last.detail.model, last.detail.slow,
    )  # fmt: skip


class _Talk:
    """One call under way: ``_at`` is when the next question begins."""

    def __init__(
        self, rng: random.Random, starts: datetime, slots: dict[str, str], age: AgeBand | None
    ) -> None:
        self._rng, self._slots = rng, slots
        self._is_old = age in _OLD
        self._slow = self._is_old and rng.random() < 0.3
        self._model = model_on(starts)
        self._worse = 1.15 if local(starts).day < 12 else 1.0
        self._at, self._ms = starts + seconds(4), 4000
        self._filled: dict[str, str] = {}
        self._found: list[TurnPlan] = []

    def go(self, got: Achieved | None) -> list[TurnPlan]:
        """Question after question."""
        steps = WAYS[got] if got else BOOKING[: self._rng.randint(1, 6)]
        for step in steps:
            self._until_heard(step)
            if step == steps[-1] and got is None:
                self._leave(step)
            else:
                self._answer(step)
        return self._found

    def _until_heard(self, step: str) -> None:
        often = _MISSED.get(step, _ELSEWHERE) * self._worse * (1.5 if self._is_old else 0.8)
        while self._rng.random() < often and len(self._found) < 14:
            if self._rng.random() < _SILENT:
                self._turn(step, "no_input", "", missed=True)
            else:
                kind = "no_match" if self._rng.random() < 0.3 else "speech"
                heard = self._rng.choice(texts()["turns"]["heard"]["no_match"])
                self._turn(step, kind, heard if kind == "speech" else "", missed=True)

    def _answer(self, step: str) -> None:
        new = {name: self._slots[name] for name in FILLS.get(step, ())}
        if step == "hospital" and self._rng.random() < _CORRECTED:
            wrong = self._rng.choice(hospitals()).name
            self._filled |= {"hospital": wrong}
            self._turn(step, "speech", wrong)
            self._filled |= new
            said = fill(texts()["turns"]["corrected"], self._slots)
            self._turn("department", "speech", said, corrects=len(self._found))
            return
        self._filled |= new
        if step in _KEYED:
            self._turn(step, "keys", _KEYED[step])
        else:
            said = self._rng.choice(texts()["turns"]["heard"][step])
            self._turn(step, "speech", fill(said, self._slots))

    def _leave(self, step: str) -> None:
        if self._found and self._found[-1].detail.missed and self._rng.random() < 0.5:
            self._turn(step, "no_match", "", missed=True)
        elif self._rng.random() < 0.15:
            self._turn(step, "person", "")
        else:
            said = self._rng.choice(texts()["turns"]["heard"]["person"])
            self._turn(step, "speech", said)

    def _turn(
        self, step: str, outcome: str, heard: str, *, missed: bool = False,
        corrects: int | None = None,
    ) -> None:  # fmt: skip
        prompt = fill(texts()["turns"]["prompts"][step], self._slots)
        times = self._times(len(prompt), outcome, heard)
        sure = self._rng.betavariate(2, 2.4) if missed else self._rng.betavariate(11, 2)
        detail = Detail(
            alternatives=self._others(step, outcome, sure),
            confidence=round(sure, 3) if outcome == "speech" else None,
            missed=missed,
            interrupted=outcome == "speech" and self._rng.random() < _INTERRUPTED,
            slow=self._slow,
            corrects=corrects,
            model=self._model,
            times=times,
        )
        self._found.append(
            TurnPlan(
                self._at,
                ASKED_AS.get(step, step),
                prompt,
                heard,
                outcome,
                dict(self._filled),
                detail,
            )
        )
        took = (times.replied or 0) - self._ms
        self._at, self._ms = self._at + seconds(took / 1000), self._ms + took

    def _others(self, step: str, outcome: str, sure: float) -> tuple[tuple[str, float], ...]:
        """Another hospital it may have been."""
        if step != "hospital" or outcome != "speech":
            return ()
        return ((self._rng.choice(hospitals()).name, round(min((1 - sure) * 0.6, sure * 0.9), 3)),)

    def _times(self, prompt: int, outcome: str, heard: str) -> Times:
        """A prompt takes a fifth of a second a word, an old caller thinks longer."""
        rng, pace = self._rng, 1.3 if self._is_old else 1.0
        asked = self._ms + round(prompt * (230 if self._slow else 190))
        if outcome == "no_input":
            ready = asked + 6000
            return Times(self._ms, asked, None, None, ready, ready + 40)
        spoke = asked + round(rng.uniform(300, 2200) * pace)
        ended = spoke + round((700 if outcome in ("keys", "no_match") else 260 * len(heard)) * pace)
        ready = ended + (40 if outcome in ("keys", "person") else 700)
        return Times(self._ms, asked, spoke, ended, ready, ready + round(rng.gammavariate(3, 45)))


def last_at(turns: Iterable[TurnPlan]) -> datetime:
    """When the last question has been answered."""
    return max(turn.at + seconds(_took(turn)) for turn in turns)


def _took(turn: TurnPlan) -> float:
    times = turn.detail.times
    return ((times.replied or 0) - (times.began or 0)) / 1000
