"""When a slot may be booked, cancelled, picked up. Pure arithmetic on Shanghai's calendar.

The rules in force on the day of asking decide, and they decide once: what was held under them
is confirmed under them, whatever has been changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from hotline.booking.policy import Policy
from hotline.booking.rules import HalfDay
from hotline.clock import SHANGHAI, local
from hotline.errors import Refused

# When a half-day begins and ends for a slot that has no segment.
BEGINS = {HalfDay.MORNING: time(8), HalfDay.AFTERNOON: time(13, 30), HalfDay.EVENING: time(17, 30)}
ENDS = {HalfDay.MORNING: time(12), HalfDay.AFTERNOON: time(17, 30), HalfDay.EVENING: time(21)}


@dataclass(frozen=True)
class When:
    """The day, half-day and, where there is one, the segment of a slot."""

    day: date
    half: HalfDay
    starts_at: time | None = None
    ends_at: time | None = None

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """When the slot of a row is."""
        return cls(row["day"], HalfDay(row["half_day"]), row["starts_at"], row["ends_at"])

    @property
    def begins(self) -> datetime:
        """The instant the segment, or else the half-day, begins."""
        return moment(self.day, self.starts_at or BEGINS[self.half])

    @property
    def ends(self) -> datetime:
        """The instant the segment, or else the half-day, is over."""
        return moment(self.day, self.ends_at or max(ENDS[self.half], self.starts_at or time()))

    def __str__(self) -> str:
        said = f"{self.day.month}月{self.day.day}日{self.half.label}"
        if self.starts_at is None:
            return said
        until = f"-{self.ends_at:%H:%M}" if self.ends_at else ""
        return f"{said} {self.starts_at:%H:%M}{until}"


def moment(day: date, at: time) -> datetime:
    """The instant of a wall-clock time in Shanghai."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def opens_at(policy: Policy, when: When) -> datetime:
    """When the slot is released: on the first day whose window reaches it."""
    return moment(when.day - timedelta(days=policy.window_days), policy.release)


def closes_at(policy: Policy, when: When) -> datetime:
    """The instant from which the slot can no longer be booked."""
    if policy.same_day:
        return when.begins
    return moment(when.day - timedelta(days=1), policy.cut_off)


def refusal(policy: Policy, when: When, at: datetime) -> Refused | None:
    """Why the slot cannot be booked at this instant, or None."""
    today = local(at).date()
    if when.day < today:
        return Refused("slot_closed", "这个号的就诊日期已过，请选择其他日期。", 409)
    if when.day == today and not policy.same_day:
        return Refused(
            "same_day", "不能预约当天的号，请选择明天或以后的日期，或直接到医院挂号。", 409
        )
    if at < opens_at(policy, when):
        return _too_early(policy, when)
    return _too_late(policy) if at >= closes_at(policy, when) else None


def _too_early(policy: Policy, when: When) -> Refused:
    opens = local(opens_at(policy, when))
    return Refused(
        "too_early",
        f"这一天的号还没有放出，{opens.month}月{opens.day}日 {opens:%H:%M} 开始预约。",
        409,
    )


def _too_late(policy: Policy) -> Refused:
    if policy.same_day:
        return Refused("too_late", "这个号的就诊时间已到，不能再预约，请选择晚一些的号。", 409)
    return Refused(
        "too_late",
        f"这一天的号在前一天 {policy.cut_off:%H:%M} 已停止预约，请选择后面的日期。",
        409,
    )


def require_cancellable(policy: Policy, when: When, at: datetime) -> None:
    """Raises Refused ``cancel_not_allowed``."""
    if not policy.may_cancel:
        raise Refused("cancel_not_allowed", "该医院的预约不能退号或改约，请按时就诊。", 409)
    if at >= cancellable_until(policy, when):
        raise Refused(
            "cancel_not_allowed", f"已过退号时间（{policy.cancel_until}），请联系医院窗口。", 409
        )


def cancellable_until(policy: Policy, when: When) -> datetime:
    """The instant from which a booking can no longer be cancelled."""
    until = policy.cancel_until
    if until.days_before is None:
        return when.begins
    return moment(when.day - timedelta(days=until.days_before), until.at)


def pick_up_by(policy: Policy, when: When) -> datetime:
    """By when the number must have been picked up at the hospital."""
    return moment(when.day, policy.pick_up(when.half))


def describe(policy: Policy) -> str:
    """What the rules mean today, in one sentence."""
    first = "当天" if policy.same_day else "明天"
    return "，".join(
        [
            f"可约{first}起到第 {policy.window_days} 天的号",
            f"第 {policy.window_days} 天的号每天 {policy.release:%H:%M} 放出",
            "当天号约到开诊为止" if policy.same_day else f"次日的号 {policy.cut_off:%H:%M} 停约",
            f"{policy.cancel_until}可以退号" if policy.may_cancel else "预约后不能退号",
            f"上午 {policy.pick_up_morning:%H:%M}、下午 {policy.pick_up_afternoon:%H:%M} 前取号",
            f"一个手机号最多为 {policy.accounts_per_mobile} 人预约",
            f"{policy.no_show_days} 天内爽约 {policy.no_shows} 次停约 {policy.ban_days} 天。",
        ]
    )
