"""A hospital's rules: rows with effective dates, resolved to one policy. Pure.

A row speaks for everybody, a city or a hospital, and may be narrowed to a channel or a kind of
clinic. The narrowest row in force on the day of asking wins; among equals the one that came into
force last. The value 默认 withdraws a row of the same place: the wider ones speak again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from hotline.booking.rules import ClinicKind, HalfDay
from hotline.booking.values import (
    UNTIL_IT_BEGINS,
    CancelUntil,
    Unreported,
    a_clock,
    a_count,
    a_percentage,
    cancel_until,
    unreported,
    yes_or_no,
)
from hotline.errors import Refused
from hotline.labels import Labelled

WITHDRAWN = "默认"


class RuleName(Labelled):
    """What a row may decide. The code is also the field of ``Policy``."""

    WINDOW_DAYS = "window_days", "可约天数"
    SAME_DAY = "same_day", "当天预约"
    CUT_OFF = "cut_off", "次日停约"
    RELEASE = "release", "放号时间"
    MAY_CANCEL = "may_cancel", "允许退号"
    CANCEL_UNTIL = "cancel_until", "退号截止"
    PICK_UP_MORNING = "pick_up_morning", "上午取号"
    PICK_UP_AFTERNOON = "pick_up_afternoon", "下午取号"
    PICK_UP_EVENING = "pick_up_evening", "晚上取号"
    ACCOUNTS_PER_MOBILE = "accounts_per_mobile", "每手机人数"
    NO_SHOWS = "no_shows", "爽约次数"
    NO_SHOW_DAYS = "no_show_days", "爽约统计天数"
    BAN_DAYS = "ban_days", "停约天数"
    UNREPORTED = "unreported", "未反馈就诊"
    HOLD_SECONDS = "hold_seconds", "占号秒数"
    OFFER_MINUTES = "offer_minutes", "候补确认分钟"
    QUOTA_PERCENT = "quota_percent", "渠道配额"


@dataclass(frozen=True)
class Policy:
    """What holds for one hospital, channel and kind of clinic. The defaults are Nanjing's."""

    window_days: int = 7
    same_day: bool = False
    cut_off: time = time(12)
    release: time = time(0)
    may_cancel: bool = True
    cancel_until: CancelUntil = UNTIL_IT_BEGINS
    pick_up_morning: time = time(9, 30)
    pick_up_afternoon: time = time(14, 30)
    pick_up_evening: time = time(18, 30)
    accounts_per_mobile: int = 3
    no_shows: int = 3
    no_show_days: int = 90
    ban_days: int = 90
    unreported: Unreported = Unreported.IGNORE
    hold_seconds: int = 300
    offer_minutes: int = 30
    quota_percent: int = 100

    def pick_up(self, half: HalfDay) -> time:
        """By when a patient must have picked up the number."""
        return {
            HalfDay.MORNING: self.pick_up_morning,
            HalfDay.AFTERNOON: self.pick_up_afternoon,
            HalfDay.EVENING: self.pick_up_evening,
        }[half]

    @property
    def held_for(self) -> timedelta:
        """How long a hold lasts."""
        return timedelta(seconds=self.hold_seconds)

    @property
    def offered_for(self) -> timedelta:
        """How long a freed slot waits for the one it was offered to."""
        return timedelta(minutes=self.offer_minutes)


@dataclass(frozen=True)
class Rule:
    """One row. What is None is not narrowed."""

    name: str
    value: str
    effective_on: date
    city: str | None = None
    hospital_id: int | None = None
    channel: str | None = None
    clinic_kind: str | None = None


@dataclass(frozen=True)
class Place:
    """For whom the rules are asked."""

    city: str | None = None
    hospital_id: int | None = None
    channel: str | None = None
    clinic_kind: ClinicKind | None = None


READERS: dict[RuleName, Callable[[str], Any]] = {
    RuleName.WINDOW_DAYS: a_count(1, 366),
    RuleName.SAME_DAY: yes_or_no,
    RuleName.CUT_OFF: a_clock,
    RuleName.RELEASE: a_clock,
    RuleName.MAY_CANCEL: yes_or_no,
    RuleName.CANCEL_UNTIL: cancel_until,
    RuleName.PICK_UP_MORNING: a_clock,
    RuleName.PICK_UP_AFTERNOON: a_clock,
    RuleName.PICK_UP_EVENING: a_clock,
    RuleName.ACCOUNTS_PER_MOBILE: a_count(1, 20),
    RuleName.NO_SHOWS: a_count(1, 99),
    RuleName.NO_SHOW_DAYS: a_count(1, 3660),
    RuleName.BAN_DAYS: a_count(0, 3660),
    RuleName.UNREPORTED: unreported,
    RuleName.HOLD_SECONDS: a_count(30, 3600),
    RuleName.OFFER_MINUTES: a_count(1, 1440),
    RuleName.QUOTA_PERCENT: a_percentage,
}


def read_value(name: RuleName, value: str) -> Any:
    """What a value means. Raises Refused ``rule_invalid`` with the form it should have."""
    try:
        return READERS[name](value.strip())
    except ValueError as error:
        raise Refused("rule_invalid", f"“{name.label}”的值“{value[:20]}”{error}") from None


def resolve(rules: Iterable[Rule], place: Place, on: date) -> Policy:
    """The policy in force on a day, for deeds done on that day."""
    decided = {}
    for name in RuleName:
        rule = deciding(rules, name, place, on)
        if rule is not None:
            decided[name.value] = read_value(name, rule.value)
    return Policy(**decided)


def deciding(rules: Iterable[Rule], name: RuleName, place: Place, on: date) -> Rule | None:
    """The row that decides, or None when nobody has said anything."""
    latest: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        if rule.name == name and rule.effective_on <= on and _speaks_for(rule, place):
            kept = latest.setdefault(_place_of(rule), rule)
            if rule.effective_on >= kept.effective_on:
                latest[_place_of(rule)] = rule
    standing = [rule for rule in latest.values() if rule.value != WITHDRAWN]
    return max(standing, key=_narrowness, default=None)


def _speaks_for(rule: Rule, place: Place) -> bool:
    wanted = (
        (rule.city, place.city),
        (rule.hospital_id, place.hospital_id),
        (rule.channel, place.channel),
        (rule.clinic_kind, place.clinic_kind),
    )
    return all(said is None or said == asked for said, asked in wanted)


def _place_of(rule: Rule) -> tuple[object, ...]:
    return (rule.city, rule.hospital_id, rule.channel, rule.clinic_kind)


def _narrowness(rule: Rule) -> tuple[bool, ...]:
    """A hospital's word weighs more than a city's, however the city's is narrowed."""
    return (
        rule.hospital_id is not None,
        rule.city is not None,
        rule.channel is not None,
        rule.clinic_kind is not None,
    )
