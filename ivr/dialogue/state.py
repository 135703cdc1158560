"""What a call knows, what may happen to it, and what it does next: plain data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

from hotline.booking.rules import ClinicKind, HalfDay
from hotline.labels import Labelled
from ivr.dialogue.dates import Days
from ivr.dialogue.places import Place


class Step(Labelled):
    """What is asked. The code stands in the call's record as ``expects``."""

    MENU = "menu", "主菜单"
    HOSPITAL = "hospital", "医院"
    DEPARTMENT = "department", "科室"
    DOCTOR = "doctor", "医生或号别"
    DAY = "date", "日期"
    HALF = "half_day", "时段"
    OFFER = "offer", "选号"
    PATIENT = "patient", "就诊人"
    LAST_FOUR = "last_four", "证件后四位"
    ID_NUMBER = "id_number", "身份证号"
    NAME = "name", "姓名"
    MOBILE = "mobile", "手机号"
    CONFIRM = "confirm", "最后确认"
    MINE = "mine", "我的预约"
    CANCEL = "cancel", "退号确认"
    QUESTION = "question", "语音问答"
    MORE = "anything_else", "还有什么"


# What the caller owns: their digits never reach a log or the record of turns.
PRIVATE = frozenset({Step.LAST_FOUR, Step.ID_NUMBER, Step.MOBILE, Step.NAME})


class Leave(Labelled):
    """How a call leaves the voice line."""

    PERSON = "person", "转人工"
    CRISIS = "crisis", "转心理危机席"
    DONE = "done", "办完"
    HUNG_UP = "hung_up", "来电人挂断"


@dataclass(frozen=True)
class Offered:
    """A slot as it is offered to a caller."""

    slot_id: int
    hospital_id: int
    department_id: int
    hospital: str
    department: str
    doctor: str | None
    title: str | None
    kind: ClinicKind | None
    day: date
    half: HalfDay
    starts_at: time | None
    fee: str | None = None


@dataclass(frozen=True)
class Person:
    """A patient known under the caller's mobile; ``said`` is how they are spoken of: 王女士."""

    account_id: int
    said: str


@dataclass(frozen=True)
class Standing:
    """A booking of the caller's that stands."""

    booking_no: str
    offered: Offered


@dataclass(frozen=True)
class Slots:
    """What has been understood of a booking so far.

    ``department_said`` is what was said of a department before the hospital was known.
    """

    hospital: Place | None = None
    department: Place | None = None
    department_said: str = ""
    doctor: Place | None = None
    any_doctor: bool = False
    kind: ClinicKind | None = None
    days: Days | None = None
    half: HalfDay | None = None
    any_half: bool = False
    at: time | None = None

    def said(self) -> dict[str, str]:
        """What a person who takes over reads."""
        found = {
            "hospital": self.hospital.name if self.hospital else None,
            "department": self.department.name if self.department else None,
            "doctor": self.doctor.name if self.doctor else ("不限" if self.any_doctor else None),
            "kind": self.kind.label if self.kind else None,
            "date": _span(self.days) if self.days else None,
            "half_day": self.half.label if self.half else ("不限" if self.any_half else None),
            "time": f"{self.at:%H:%M}" if self.at else None,
        }
        return {name: value for name, value in found.items() if value}


def _span(days: Days) -> str:
    first = days.first.isoformat()
    return first if days.first == days.last else f"{first} 至 {days.last.isoformat()}"


@dataclass(frozen=True)
class State:
    """One call as the dialogue sees it. ``path`` are the steps that were answered, for 返回."""

    step: Step = Step.MENU
    slots: Slots = Slots()
    today: date = date.min
    caller_mobile: bool = False
    people: tuple[Person, ...] = ()
    person: Person | None = None
    new_patient: bool = False
    id_number: str = ""
    mobile: str = ""
    name: str = ""
    choices: tuple[Place, ...] = ()
    offers: tuple[Offered, ...] = ()
    shown: int = 0
    chosen: Offered | None = None
    mine: tuple[Standing, ...] = ()
    booked: tuple[str, ...] = ()
    misses: int = 0
    wrong: int = 0
    slow: bool = False
    path: tuple[Step, ...] = ()
    to_mine: bool = False

    def at_step(self, step: Step, **changes: Any) -> State:
        """Asking something else: misses are forgotten, the way is remembered."""
        path = self.path if step is self.step else (*self.path, self.step)[-12:]
        return replace(self, step=step, misses=0, path=path, **changes)

    def with_slots(self, **changes: Any) -> State:
        """With more understood, or other."""
        return replace(self, slots=replace(self.slots, **changes))


# --- what may happen


@dataclass(frozen=True)
class Began:
    """The call is there."""


@dataclass(frozen=True)
class Said:
    """Words were heard; ``others`` are what else it may have been, the likeliest first."""

    text: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Keyed:
    """Keys were pressed; ``*`` and ``#`` that end or repeat are not among them."""

    digits: str


@dataclass(frozen=True)
class Silent:
    """Nobody spoke and nothing was pressed."""


@dataclass(frozen=True)
class Unclear:
    """Something was said that nobody understood."""


@dataclass(frozen=True)
class WantsPerson:
    """人工, or key 0."""


@dataclass(frozen=True)
class Once:
    """Key ``*``: say it once more."""


@dataclass(frozen=True)
class Did:
    """What came of a deed: ``result`` as the deed says, or the code of a refusal."""

    deed: Deed
    result: Any = None
    refused: str | None = None


Event = Began | Said | Keyed | Silent | Unclear | WantsPerson | Once | Did


# --- what is done next


class Deed(Labelled):
    """What only the session can do: it touches the database."""

    WHO_CALLS = "who_calls", "查来电人"
    SEARCH = "search", "找号"
    CHECK = "check", "核对证件"
    HOLD = "hold", "占号"
    CONFIRM = "confirm", "确认预约"
    LET_GO = "let_go", "放弃占号"
    MINE = "mine", "查预约"
    CANCEL = "cancel", "退号"
    ANSWER = "answer", "答问"


@dataclass(frozen=True)
class Prompt:
    """A sentence to be said: its id in ``prompts.toml`` and what stands in its blanks."""

    id: str
    blanks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listen:
    """Wait for the caller."""

    step: Step


@dataclass(frozen=True)
class Do:
    """Have something done; its result comes back as ``Did``."""

    deed: Deed
    given: Any = None


@dataclass(frozen=True)
class Go:
    """Leave the voice line."""

    leave: Leave
    reason: str = ""


@dataclass(frozen=True)
class Reply:
    """The state after an event, what is said, and then what."""

    state: State
    prompts: tuple[Prompt, ...]
    then: Listen | Do | Go
