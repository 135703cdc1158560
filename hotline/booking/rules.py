"""Vocabulary of booking, and what may become of a booking."""

from __future__ import annotations

import re

from hotline.labels import Labelled


class ResourceKind(Labelled):
    """What can be booked. All kinds share one pool and one set of rules."""

    CLINIC = "clinic", "门诊"
    EXAMINATION = "examination", "检查"
    HEALTH_CHECK = "health_check", "健康体检"
    VACCINATION = "vaccination", "预防接种"
    BED = "bed", "床位"


class ClinicKind(Labelled):
    """号别."""

    GENERAL = "general", "普通"
    EXPERT = "expert", "专家"
    FAMOUS_EXPERT = "famous_expert", "著名专家"
    SPECIALTY = "specialty", "专科"
    MULTIDISCIPLINARY = "multidisciplinary", "多学科"


class HalfDay(Labelled):
    """午别."""

    MORNING = "morning", "上午"
    AFTERNOON = "afternoon", "下午"
    EVENING = "evening", "晚上"


class BookingKind(Labelled):
    """预约类型, as the statistics count them."""

    SEGMENT = "segment", "分时段"
    LONG_TERM = "long_term", "中长期"
    IN_CLINIC = "in_clinic", "诊间"
    COMMUNITY = "community", "社区"
    REFERRAL = "referral", "转诊"


class Column(Labelled):
    """The column of the monthly table a channel counts in."""

    ONLINE = "online", "12320在线预约"
    PHONE = "phone", "电话预约"
    QUICK = "quick", "快速预约"
    IN_CLINIC = "in_clinic", "诊间预约"
    THIRD_PARTY = "third_party", "第三方"


class State(Labelled):
    """Where a booking is."""

    WAITING = "waiting", "候补"
    OFFERED = "offered", "候补待确认"
    HELD = "held", "占号"
    CONFIRMED = "confirmed", "已预约"
    ATTENDED = "attended", "已就诊"
    NO_SHOW = "no_show", "爽约"
    CANCELLED = "cancelled", "已退号"
    EXPIRED = "expired", "超时释放"
    RELEASED = "released", "已放弃"
    STOPPED = "stopped", "停诊"


# Every row in one of these has one unit of its slot; no other row has any.
TAKES_A_UNIT = (State.OFFERED, State.HELD, State.CONFIRMED, State.ATTENDED, State.NO_SHOW)
# These give their unit back by themselves when their time is up.
RUNS_OUT = (State.OFFERED, State.HELD)

_AFTER: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.OFFERED, State.RELEASED, State.EXPIRED, State.STOPPED}),
    State.OFFERED: frozenset({State.CONFIRMED, State.RELEASED, State.EXPIRED, State.STOPPED}),
    State.HELD: frozenset({State.CONFIRMED, State.RELEASED, State.EXPIRED, State.STOPPED}),
    State.CONFIRMED: frozenset({State.CANCELLED, State.ATTENDED, State.NO_SHOW, State.STOPPED}),
    State.ATTENDED: frozenset({State.NO_SHOW}),
    State.NO_SHOW: frozenset({State.ATTENDED}),
}


def may_become(before: State, after: State) -> bool:
    """Whether a booking may go from one state to the other. A hospital may correct itself."""
    return after in _AFTER.get(before, frozenset())


# A fever is not booked: whoever has one must not sit among the others.
_FEVER = re.compile("发热|发烧")


def is_fever_clinic(department: str) -> bool:
    """Whether a department is a fever clinic: reached without booking, by its own entrance."""
    return _FEVER.search(department) is not None


def booking_kind(channel: BookingKind | None, days_ahead: int, window_days: int) -> BookingKind:
    """What the statistics call it: the channel's own kind, else by how far ahead it is."""
    if channel is not None:
        return channel
    return BookingKind.LONG_TERM if days_ahead > window_days else BookingKind.SEGMENT
