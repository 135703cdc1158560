"""What the site says of the calendar, as it is stored: one table for booking and deadlines."""

from __future__ import annotations

from datetime import date

from sqlmodel import Field, Session, SQLModel, select

from hotline.columns import coded
from hotline.working_days import CalendarDay, DayKind, KnownDays


class CalendarDayRow(SQLModel, table=True):
    """What the site says of a day: which day a make-up day stands for, or, in a year whose
    calendar the software does not know yet, that it is a holiday or worked."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    kind: DayKind = Field(sa_column=coded(DayKind))
    name: str = Field(default="", max_length=20)
    stands_for: date | None = None


def known_days(session: Session) -> KnownDays:
    """Holidays as published, and what the site has said itself."""
    return KnownDays(
        {row.day: CalendarDay(row.kind, row.name, row.stands_for)
         for row in session.exec(select(CalendarDayRow))}
    )  # fmt: skip
