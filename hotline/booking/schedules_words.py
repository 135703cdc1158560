"""A schedule in words. Pure."""

from __future__ import annotations

from decimal import Decimal

from hotline.booking.schedules_expansion import segments
from hotline.booking.schedules_rules import Plan, Weeks

WEEKDAYS = "一二三四五六日"


def weekdays_in_words(weekdays: str) -> str:
    """``135`` as 周一、三、五; five working days in a row as 周一至周五."""
    if len(weekdays) > 2 and weekdays in "1234567":
        return f"周{WEEKDAYS[int(weekdays[0]) - 1]}至周{WEEKDAYS[int(weekdays[-1]) - 1]}"
    return "周" + "、".join(WEEKDAYS[int(digit) - 1] for digit in weekdays)


def time_in_words(plan: Plan) -> str:
    """``上午 08:00-11:30，每 30 分钟一段``."""
    if plan.starts_at is None or plan.ends_at is None:
        return plan.half.label
    parts = f"，每 {plan.segment_minutes} 分钟一段" if plan.segment_minutes else ""
    return f"{plan.half.label} {plan.starts_at:%H:%M}-{plan.ends_at:%H:%M}{parts}"


def units_in_words(plan: Plan) -> str:
    """``每段 5 个，共 35 个``."""
    total = sum(segment.units for segment in segments(plan))
    if plan.segment_minutes and not plan.is_shared_out:
        return f"每段 {plan.units} 个，共 {total} 个"
    return f"{total} 个号"


def in_words(plan: Plan) -> str:
    """The whole schedule in one sentence."""
    weeks = "" if plan.weeks is Weeks.EVERY else plan.weeks.label
    until = f"至 {plan.valid_until}" if plan.valid_until else "起"
    return "，".join(
        [
            f"{weeks}{weekdays_in_words(plan.weekdays)}{time_in_words(plan)}",
            units_in_words(plan),
            f"{plan.valid_from} {until}",
        ]
    )


def typed_from(plan: Plan, fee: Decimal | None) -> dict[str, str]:
    """A schedule as the fields of the form hold it."""
    return {
        "weekdays": plan.weekdays,
        "weeks": plan.weeks.value,
        "half": plan.half.value,
        "starts_at": f"{plan.starts_at:%H:%M}" if plan.starts_at else "",
        "ends_at": f"{plan.ends_at:%H:%M}" if plan.ends_at else "",
        "segment_minutes": str(plan.segment_minutes or ""),
        "units": str(plan.units),
        "units_are": "half_day" if plan.is_shared_out else "segment",
        "fee": f"{fee.normalize():f}" if fee is not None else "",
        "valid_from": plan.valid_from.isoformat(),
        "valid_until": plan.valid_until.isoformat() if plan.valid_until else "",
        "on_holiday": plan.on_holiday.value,
        "on_make_up": plan.on_make_up.value,
    }
