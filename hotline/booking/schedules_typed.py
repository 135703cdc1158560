"""A schedule read from what people type or put in a sheet. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation

from hotline.booking.rules import HalfDay
from hotline.booking.schedules_rules import OnHoliday, OnMakeUp, Plan, Weeks
from hotline.booking.schedules_words import WEEKDAYS
from hotline.booking.values import a_clock
from hotline.errors import Refused
from hotline.labels import Labelled

MOST_UNITS = 9999
MOST_YUAN = Decimal(99999)
# The columns of a sheet, and the fields they are read as.
COLUMNS = {
    "医院": "hospital", "院区": "campus", "科室": "department", "医生": "doctor", "职称": "title",
    "号别": "kind", "星期": "weekdays", "单双周": "weeks", "午别": "half", "开始": "starts_at",
    "结束": "ends_at", "每段分钟": "segment_minutes", "号源数": "units", "号源数按": "units_are",
    "挂号费": "fee", "生效日期": "valid_from", "截止日期": "valid_until",
    "节假日": "on_holiday", "调休日": "on_make_up", "城市": "city",
}  # fmt: skip
HEADERS = tuple(COLUMNS)
# Within which a half-day lies; they overlap, as clinics do.
_REACH = {
    HalfDay.MORNING: (time(5), time(14)),
    HalfDay.AFTERNOON: (time(11), time(20)),
    HalfDay.EVENING: (time(16), time(23, 59)),
}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?")


@dataclass
class Reader:
    """What was typed, field by field, and what is wrong with it."""

    typed: Mapping[str, str]
    faults: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field as it was meant: full-width digits are digits."""
        return unicodedata.normalize("NFKC", self.typed.get(name, "")).strip()

    def wrong(self, name: str, sentence: str) -> None:
        """Note a fault; the first of a field is enough."""
        self.faults.setdefault(name, sentence)

    def day(self, name: str, *, needed: bool) -> date | None:
        """A date, as people and spreadsheets write it."""
        said = self.text(name)
        if not said:
            if needed:
                self.wrong(name, "请填写日期，例如 2026-12-01。")
            return None
        found = _DAY.fullmatch(said)
        try:
            return date(int(found[1]), int(found[2]), int(found[3])) if found else _no_day()
        except ValueError:
            self.wrong(name, f"日期“{said[:20]}”不存在或看不懂，应为 2026-12-01。")
            return None

    def clock(self, name: str) -> time | None:
        """A time of day, or none."""
        said = self.text(name)
        try:
            return a_clock(said) if said else None
        except ValueError:
            self.wrong(name, f"时间“{said[:20]}”看不懂，应为 08:30。")
            return None

    def count(self, name: str, least: int, most: int) -> int | None:
        """A whole number, or none."""
        said = self.text(name)
        if not said:
            return None
        if not (said.isascii() and said.isdecimal() and len(said) < 6
                and least <= int(said) <= most):  # fmt: skip
            self.wrong(name, f"“{said[:20]}”应为 {least} 到 {most} 的整数。")
            return None
        return int(said)

    def code(self, name: str, codes: type[Labelled], otherwise: Labelled | None) -> Labelled | None:
        """A code or its label."""
        said = self.text(name)
        if not said:
            if otherwise is None:
                self.wrong(name, "请选择。")
            return otherwise
        found = next((each for each in codes if said in (each.value, each.label)), None)
        if found is None:
            listed = "、".join(each.label for each in codes)
            self.wrong(name, f"“{said[:20]}”不认识，应为：{listed}。")
        return found

    def fee(self, name: str) -> Decimal | None:
        """Yuan with two places at most, or none."""
        said = self.text(name).removesuffix("元")
        try:
            fee = Decimal(said or 0)
        except InvalidOperation:
            fee = Decimal(-1)
        if not fee.is_finite() or not 0 <= fee <= MOST_YUAN or fee != fee.quantize(Decimal("0.01")):
            self.wrong(name, f"“{said[:20]}”应为金额（元），最多两位小数。")
            return None
        return fee if said else None

    def weekdays(self, name: str) -> str:
        """Digits in order, from ``135``, 周一、三、五, 周一至周五 or 每天."""
        said = re.sub(r"[\s周星期、，,;；/]", "", self.text(name)).replace("天", "日")
        said = "1-7" if said == "每日" else said
        for digit, character in enumerate(WEEKDAYS, 1):
            said = said.replace(character, str(digit))
        said = re.sub(r"([1-7])[至到~-]([1-7])", _stretch, said)
        if not re.fullmatch("[1-7]+", said):
            shown = self.text(name)[:20]
            form = "周一、三、五 或 周一至周五。"
            self.wrong(
                name, f"“{shown}”看不懂，应为 {form}" if shown else f"请选择星期几，如 {form}"
            )
        return "".join(sorted(set(said)))


def _stretch(found: re.Match[str]) -> str:
    return "".join(str(digit) for digit in range(int(found[1]), int(found[2]) + 1)) or "?"


def _no_day() -> date:
    raise ValueError


def read_plan(reader: Reader) -> Plan | None:
    """The pattern that was typed, or None with the faults noted."""
    half = reader.code("half", HalfDay, None)
    starts_at, ends_at = reader.clock("starts_at"), reader.clock("ends_at")
    minutes = reader.count("segment_minutes", 5, 480)
    units = reader.count("units", 1, MOST_UNITS)
    if not reader.text("units"):
        reader.wrong("units", "请填写号数。")
    weekdays = reader.weekdays("weekdays")
    valid_from = reader.day("valid_from", needed=True)
    valid_until = reader.day("valid_until", needed=False)
    weeks = reader.code("weeks", Weeks, Weeks.EVERY)
    on_holiday = reader.code("on_holiday", OnHoliday, OnHoliday.CLOSED)
    on_make_up = reader.code("on_make_up", OnMakeUp, OnMakeUp.CLOSED)
    _check_times(reader, half, starts_at, ends_at, minutes)
    if valid_from and valid_until and valid_until < valid_from:
        reader.wrong("valid_until", "截止日期不能早于生效日期。")
    if reader.faults or half is None or units is None or valid_from is None:
        return None
    return Plan(
        weekdays, HalfDay(half), units, valid_from, valid_until, Weeks(weeks or "every"),
        starts_at, ends_at, minutes, reader.text("units_are") in ("half_day", "半天"),
        OnHoliday(on_holiday or "closed"), OnMakeUp(on_make_up or "closed"),
    )  # fmt: skip


def _check_times(
    reader: Reader,
    half: Labelled | None,
    starts_at: time | None,
    ends_at: time | None,
    minutes: int | None,
) -> None:
    if minutes and starts_at is None:
        reader.wrong("starts_at", "要分时段，请填写开始和结束时间。")
    if (starts_at is None) != (ends_at is None):
        lacking = "starts_at" if starts_at is None else "ends_at"
        reader.wrong(lacking, "开始和结束时间要么都填，要么都不填。")
    if starts_at is None or ends_at is None:
        return
    if ends_at <= starts_at:
        reader.wrong("ends_at", "应晚于开始时间。")
    if half is not None and not _reaches(HalfDay(half), starts_at, ends_at):
        earliest, latest = _REACH[HalfDay(half)]
        reader.wrong("starts_at", f"{half.label}应在 {earliest:%H:%M} 到 {latest:%H:%M} 之间。")


def _reaches(half: HalfDay, starts_at: time, ends_at: time) -> bool:
    earliest, latest = _REACH[half]
    return earliest <= starts_at and ends_at <= latest


def refused(faults: Mapping[str, str]) -> Refused:
    """All faults of a form at once."""
    return Refused("schedule_invalid", "没有保存，请修改标出的地方。", fields=faults)
