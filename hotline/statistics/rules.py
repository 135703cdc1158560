"""How the service of the telephone is measured. Pure.

Rule ``service-2`` [GB/T 33358-2016 wants 24 hours a day, answered within 15 s, 95 % connected]:
only inbound calls count, by the hour they began in; a transferred call counts once, with who had
it last; *offered* are those a person was owed (queued, rung or answered); short abandons are
taken out of what is divided by; a wrap-up counts into the handling time when it ended within
half an hour of the call, else it was filled in later. (In ``service-1`` a call that was
transferred and never answered counted as transferred.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta

from hotline.labels import Labelled

RULE = "service-2"
PROMISED_SECONDS = 15
PROMISED_SHARE = 0.95
# A number that calls again within so many days had not been helped, or has not done with us.
AGAIN_WITHIN = timedelta(days=7)
# A call is ripe when its week is over: so many days back, figures still move by themselves.
MOVING_DAYS = AGAIN_WITHIN.days + 1
SMALL_CELL = 5


@dataclass(frozen=True)
class Tally:
    """Sums over calls; see ``models.Sums``."""

    calls: int = 0
    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned_ivr: int = 0
    abandoned_queue: int = 0
    abandoned_ringing: int = 0
    short_abandons: int = 0
    short_offered: int = 0
    self_served: int = 0
    served: int = 0
    transferred: int = 0
    unsettled: int = 0
    handled: int = 0
    waited_ms: int = 0
    talk_seconds: int = 0
    hold_seconds: int = 0
    wrapped_ms: int = 0
    late: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(self._values(), other._values(), strict=True)))

    def _values(self) -> list[int]:
        return [getattr(self, each.name) for each in fields(self)]

    @property
    def counted(self) -> int:
        """Offered less those who hung up at once."""
        return self.offered - self.short_offered

    @property
    def abandoned(self) -> int:
        """Gave up in the queue or while it rang."""
        return self.abandoned_queue + self.abandoned_ringing

    @property
    def handling_seconds(self) -> float:
        """Talk, hold and wrap-up together."""
        return self.talk_seconds + self.hold_seconds + self.wrapped_ms / 1000


def together(tallies: Iterable[Tally]) -> Tally:
    """Their sum."""
    return sum(tallies, Tally())


class Unit(Labelled):
    """How a metric is written."""

    SHARE = "share", "%"
    SECONDS = "seconds", "秒"


class Measured(Labelled):
    """The metrics, in the order of the page."""

    CONNECTED = "connected", "24 小时接通率"
    IN_TIME = "in_time", "15 秒接起率"
    SPEED = "speed_of_answer", "平均接起用时"
    HANDLING = "handling_time", "平均处理时长"
    LOST_IVR = "abandoned_ivr", "语音导航中放弃"
    LOST_QUEUE = "abandoned_queue", "排队中放弃"
    LOST_RINGING = "abandoned_ringing", "振铃中放弃"
    TRANSFERRED = "transferred", "转接率"
    OCCUPANCY = "occupancy", "工时利用率"
    FIRST_CALL = "first_call", "首次解决率"
    AGAIN = "again", "重复来电率"
    SATISFACTION = "satisfaction", "满意率"


HOW = {
    Measured.CONNECTED: "有人接听的来电 ÷（应由人接听的来电 － 短放弃）。"
    "应由人接听：进过排队、振过铃或被接起。",
    Measured.IN_TIME: "15 秒内接起的来电 ÷（应由人接听的来电 － 短放弃）；"
    "从排队起算，没有排队的从振铃起算。",
    Measured.SPEED: "接起的来电等待总秒数 ÷ 接起的来电。",
    Measured.HANDLING: "通话、保持、话后整理的总秒数 ÷ 接起并已结束的来电；"
    "挂断半小时后补登记的，话后时间不计。",
    Measured.LOST_IVR: "在语音导航中自己挂断、没有得到办理的来电 ÷ 全部来电。",
    Measured.LOST_QUEUE: "在排队中放弃的来电 ÷ 应由人接听的来电（含短放弃）。",
    Measured.LOST_RINGING: "在振铃中放弃的来电 ÷ 应由人接听的来电（含短放弃）。",
    Measured.TRANSFERRED: "接起的来电中转接过的 ÷ 接起的来电；"
    "一通转几次只算一次，转接时还没有人接起、后来也没有接起的不算。",
    Measured.OCCUPANCY: "坐席通话与话后的时间 ÷ 通话、话后与就绪的时间；示忙、小休、离线不计。",
    Measured.FIRST_CALL: "接起并登记的业务来电中，结果不是转科室、需回访、转工单，"
    "且同一号码七天内没有再打来的；不满七天的来电还不能算，不计。近九天的每半小时重算一次。",
    Measured.AGAIN: "同一号码七天内打来过的来电 ÷ 知道号码的来电。近九天的每半小时重算一次。",
    Measured.SATISFACTION: "非常满意、满意、基本满意的回访 ÷ 有满意度的回访；存的是五级原始评价。",
}


@dataclass(frozen=True)
class Metric:
    """A quotient that can say what it is made of; ``value`` is None with nothing to divide by."""

    what: Measured
    numerator: float
    denominator: float
    unit: Unit = Unit.SHARE
    rule: str = RULE

    @property
    def value(self) -> float | None:
        """The quotient: a share between 0 and 1, or seconds."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def how(self) -> str:
        """What is divided by what, in a sentence."""
        return HOW[self.what]


def of_tally(tally: Tally) -> list[Metric]:
    """The metrics that a tally alone can say."""
    offered, answered = tally.offered, tally.answered
    return [
        Metric(Measured.CONNECTED, answered, tally.counted),
        Metric(Measured.IN_TIME, tally.in_time, tally.counted),
        Metric(Measured.SPEED, tally.waited_ms / 1000, answered, Unit.SECONDS),
        Metric(Measured.HANDLING, tally.handling_seconds, tally.handled, Unit.SECONDS),
        Metric(Measured.LOST_IVR, tally.abandoned_ivr, tally.calls),
        Metric(Measured.LOST_QUEUE, tally.abandoned_queue, offered),
        Metric(Measured.LOST_RINGING, tally.abandoned_ringing, offered),
        Metric(Measured.TRANSFERRED, tally.transferred, answered),
    ]


def occupancy(busy_seconds: float, ready_seconds: float) -> Metric:
    """Time with callers over time with or for them."""
    return Metric(Measured.OCCUPANCY, busy_seconds, busy_seconds + ready_seconds)


_CONTENT = ("very_satisfied", "satisfied", "fairly_satisfied")
GRADES = (*_CONTENT, "dissatisfied", "very_dissatisfied")


def satisfaction(grades: Mapping[str, int]) -> Metric:
    """From how often each of the five grades was given. Raises KeyError on a sixth."""
    if unknown := set(grades) - set(GRADES):
        raise KeyError(f"no grade: {sorted(unknown)}")
    content = sum(grades.get(code, 0) for code in _CONTENT)
    return Metric(Measured.SATISFACTION, content, sum(grades.values()))


def shown_count(count: int, *, is_crisis: bool) -> str:
    """A cell of a breakdown: of crisis calls, what could point to a person is not said."""
    return f"少于 {SMALL_CELL}" if is_crisis and 0 < count < SMALL_CELL else f"{count:,}"


def change(now: float | None, before: float | None) -> float | None:
    """By which share more or less; None where there was nothing to compare with."""
    return (now - before) / before if now is not None and before else None
