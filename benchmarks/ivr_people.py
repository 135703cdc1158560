"""People who call the voice line, for ``benchmarks.ivr_callers``: what each wants, how each
answers. They hear only what is said to them: the question, what was repeated, what is offered.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ivr.dialogue.dates import find
from ivr.dialogue.facts import Offered
from ivr.dialogue.places import Catalogue, Place
from ivr.dialogue.state import State
from ivr.media.memory import Deed, HangUp, HearOut, Pause, Press, Say

MANNERS = ("terse", "talkative", "slow", "correcting", "silent", "noisy", "keypad")
MOST_QUESTIONS = 40
# Which hospital a name means that is not the full name: said by people who know the city.
MEANT = {
    "六合区人民医院": "南京市六合人民医院", "市第一医院": "南京市第一医院",
    "同仁医院": "南京同仁医院", "南医大二附院": "南京医科大学第二附属医院",
    "南医大眼科医院": "南京医科大学眼科医院", "南京医科大学附属眼科医院": "南京医科大学眼科医院",
    "脑科医院": "南京脑科医院", "逸夫医院": "南京医科大学附属逸夫医院",
    "南京理工大学校医院": "南京理工大学医院", "溧水区人民医院": "南京市溧水区人民医院",
}  # fmt: skip
YES, NO, NOTHING_ELSE = ("是", "对", "好的", "确认"), ("不是", "不对"), ("没有",)


@dataclass(frozen=True)
class Clips:
    """What one voice can say, by kind of answer, as PCM."""

    by_kind: dict[str, dict[str, bytes]]

    def said(self, kind: str, text: str) -> bytes:
        """One answer."""
        return self.by_kind[kind][text]

    def one_of(self, kind: str, texts: Sequence[str], dice: random.Random) -> bytes:
        """An answer with this meaning, as far as this voice has one."""
        known = [each for each in texts if each in self.by_kind[kind]]
        return self.by_kind[kind][dice.choice(known)] if known else b""


@dataclass
class Goal:
    """What a caller wants: the words said, and what they mean."""

    hospital: str
    department: str
    when: str
    meant: Place
    day: date
    half: str


def goal(clips: Clips, city: Catalogue, today: date, dice: random.Random) -> Goal:
    """Something that can be booked and this voice can say."""
    while True:
        hospital, department, when = (
            dice.choice(sorted(clips.by_kind[kind])) for kind in ("hospital", "department", "date")
        )
        name, asked = MEANT.get(hospital, hospital), find(when, today)
        place = next((each for each in city.hospitals if each.name == name), None)
        if place is None or asked is None or asked.first != asked.last:
            continue
        offered = {each.name for each in city.departments_of(place.id)}
        if department in offered and 1 <= (asked.first - today).days <= 14:
            return Goal(hospital, department, when, place, asked.first, when[-2:])


@dataclass
class Caller:
    """One call. ``state`` is what the line has understood, as far as it said so."""

    manner: str
    goal: Goal
    clips: Clips
    last_four: str
    dice: random.Random
    asked: str = ""
    state: State = field(default_factory=State)
    questions: Counter[str] = field(default_factory=Counter)
    attentive: bool = True

    def script(self) -> Iterator[Deed]:
        """What the caller does, decided question by question."""
        for _ in range(MOST_QUESTIONS):
            yield HearOut()
            self.questions[self.asked] += 1
            if self._says_nothing():
                continue
            yield Pause(self.dice.uniform(0.8, 2.5) if self.manner == "slow" else 0.4)
            yield from self._answer()
        yield HangUp()

    def _says_nothing(self) -> bool:
        first = self.questions[self.asked] == 1
        return self.manner == "silent" and first and self.dice.random() < 0.5

    def _answer(self) -> Iterator[Deed]:
        if self.asked in ("last_four", "patient"):
            yield Press(self.last_four if self.asked == "last_four" else "1")
        elif self.manner == "keypad":
            yield from self._by_key()
        elif (wrong := self._misunderstood()) and self.attentive and self.asked != "confirm":
            yield Say(self._no() + silence(0.3) + self.clips.said(wrong, getattr(self.goal, wrong)))
        else:
            yield from self._by_voice()

    def _misunderstood(self) -> str:
        """What was repeated and is not what the caller said."""
        slots = self.state.slots
        if slots.hospital and slots.hospital.id != self.goal.meant.id:
            return "hospital"
        if slots.department and slots.department.name != self.goal.department:
            return "department"
        return ""

    def _by_voice(self) -> Iterator[Deed]:
        spoken: dict[str, Callable[[], bytes]] = {
            "menu": self._first,
            "hospital": self._hospital,
            "department": lambda: self.clips.said("department", self.goal.department),
            "half_day": lambda: self.clips.said("command", self.goal.half),
        }
        if self.asked in ("menu", "doctor") and self.manner != "talkative":
            yield Press("1" if self.asked == "menu" else "3")
        elif self.asked == "doctor":
            yield Press("3")
        elif self.asked == "offer":
            yield Press(self._fitting_offer())
        elif self.asked == "date":
            yield self._date()
        elif self.asked == "confirm":
            yield self._said_or_pressed(*((YES, "1") if self._is_right() else (NO, "2")))
        elif self.asked == "anything_else":
            yield self._said_or_pressed(NOTHING_ELSE, "9")
        elif self.asked in spoken:
            yield Say(spoken[self.asked]())
        else:
            yield Press("0")

    def _date(self) -> Deed:
        """Asked for the third time, with the keys said, people press them."""
        if self.state.misses >= 2:
            return Press(f"{self.goal.day:%m%d}")
        return Say(self.clips.said("date", self.goal.when))

    def _first(self) -> bytes:
        """Whoever talks much says everything at once."""
        return silence(0.25).join(
            [self.clips.said("hospital", self.goal.hospital),
             self.clips.said("department", self.goal.department),
             self.clips.said("date", self.goal.when)]
        )  # fmt: skip

    def _hospital(self) -> bytes:
        right = self.clips.said("hospital", self.goal.hospital)
        if self.manner != "correcting" or self.questions["hospital"] > 1:
            return right
        other = self.dice.choice(sorted(self.clips.by_kind["hospital"]))
        return self.clips.said("hospital", other) + silence(0.3) + self._no() + silence(0.2) + right

    def _by_key(self) -> Iterator[Deed]:
        """Who only presses keys takes what is offered: the goal is what was chosen."""
        if self.asked in ("hospital", "department"):
            if not self.state.misses:
                return  # the keys are said when nothing comes
            self._choose()
            yield Press("1")
        else:
            ahead = (self.goal.day - self.state.today).days
            keys = {"menu": "1", "doctor": "3", "offer": "1", "confirm": "1", "anything_else": "9"}
            keys["half_day"] = "1" if self.goal.half == "上午" else "2"
            keys["date"] = str(ahead) if ahead < 4 else f"{self.goal.day:%m%d}"
            yield Press(keys.get(self.asked, "0"))

    def _choose(self) -> None:
        first = self.state.options[self.state.shown]
        if self.asked == "hospital":
            self.goal.meant = first
        else:
            self.goal.department = first.name

    def _fitting_offer(self) -> str:
        shown = self.state.offers[self.state.shown : self.state.shown + 2]
        fits = [n for n, each in enumerate(shown, 1) if self.fits(each)]
        return str(fits[0]) if fits else ("9" if self.questions["offer"] < 5 else "0")

    def fits(self, slot: Offered) -> bool:
        """Whether this is what the caller wants."""
        return (
            slot.hospital_id == self.goal.meant.id
            and slot.department == self.goal.department
            and slot.day == self.goal.day
            and slot.half.label == self.goal.half
        )

    def _is_right(self) -> bool:
        return not self.attentive or (
            self.state.chosen is not None and self.fits(self.state.chosen)
        )

    def _said_or_pressed(self, texts: Sequence[str], key: str) -> Deed:
        """In words where this voice has them; by key once the keys have been said."""
        pcm = self.clips.one_of("command", texts, self.dice)
        return Say(pcm) if pcm and not self.state.misses else Press(key)

    def _no(self) -> bytes:
        return self.clips.one_of("command", NO, self.dice)


def silence(seconds: float) -> bytes:
    """Nothing said for so long."""
    return bytes(2 * int(8000 * seconds))
