"""Which day a make-up working day stands for: the notices do not say, hospitals must. Pure."""

from __future__ import annotations

from datetime import date

from chinese_calendar.constants import in_lieu_days, workdays


def may_stand_for(day: date) -> list[date]:
    """Which working days a make-up day may stand for: those given off around the holiday."""
    name = workdays.get(day)
    near = (other for other, why in in_lieu_days.items() if why == name)
    return sorted(other for other in near if abs((other - day).days) < 60)
