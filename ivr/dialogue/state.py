"""One call as the dialogue sees it: what is asked, what is known. Plain data. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from hotline.labels import Labelled
from ivr.dialogue.facts import Offered, Person, Slots, Standing
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
class State:
    """One call as the dialogue sees it. ``path`` are the steps that were answered, for 返回;
    ``booked`` numbers of bookings, ``answered`` ids of articles, ``answering`` the one that has
    just been read."""

    step: Step = Step.MENU
    slots: Slots = field(default_factory=Slots)
    today: date = date.min
    caller_mobile: bool = False
    people: tuple[Person, ...] = ()
    person: Person | None = None
    new_patient: bool = False
    id_number: str = ""
    mobile: str = ""
    name: str = ""
    options: tuple[Place, ...] = ()
    choices: tuple[Place, ...] = ()
    offers: tuple[Offered, ...] = ()
    shown: int = 0
    chosen: Offered | None = None
    mine: tuple[Standing, ...] = ()
    booked: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    answering: str = ""
    misses: int = 0
    wrong: int = 0
    slow: bool = False
    path: tuple[Step, ...] = ()
    spoken_to: tuple[Step, ...] = ()  # every step somebody has said something to
    to_mine: bool = False
    searches: int = 0

    def at_step(self, step: Step, **changes: Any) -> State:
        """Asking something else: misses are forgotten, the way is remembered. What has been
        asked before did not go well: it is asked as after a miss, with the keys."""
        path = self.path if step is self.step else (*self.path, self.step)[-12:]
        given: dict[str, Any] = {"answering": "", "misses": min(path.count(step), 2), "path": path}
        return replace(self, step=step, **(given | changes))

    def with_slots(self, **changes: Any) -> State:
        """With more understood, or other."""
        return replace(self, slots=replace(self.slots, **changes))
