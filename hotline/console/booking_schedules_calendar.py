"""节假日与调休: which day a make-up day stands for, and years not published to the software."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from flask import flash, redirect, request, url_for
from sqlmodel import Session, col, delete
from werkzeug.wrappers import Response

from hotline import audit, queues
from hotline.booking.schedules_calendar import may_stand_for
from hotline.calendar_models import CalendarDayRow, known_days
from hotline.clock import today
from hotline.console.booking_schedules import bp, keepers
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, what_is_wrong
from hotline.working_days import LAST_YEAR, DayKind

__all__ = ["bp"]
FILL = "hotline.booking.schedules_jobs.fill"
_STRETCH = re.compile(
    r"(\d{1,2})[-/.月](\d{1,2})日?(?:\s*[至到~—]\s*(\d{1,2})[-/.月](\d{1,2})日?)?"
)


@bp.get("/calendar")
@keepers
def calendar() -> str:
    """Make-up days to come, and what is known of next year."""
    with transaction() as session:
        return _page(session, {}, None)


def _page(session: Session, form: dict[str, str], refusal: Refused | None) -> str:
    known = known_days(session)
    year = today().year
    years = [each for each in (year, year + 1) if each > LAST_YEAR]
    return render(
        "booking/schedules_calendar.html",
        make_ups=[
            (day, said, may_stand_for(day))
            for day, said in known.make_up_days(today(), date(year + 1, 12, 31))
        ],
        years=[(each, known.knows(each)) for each in years],
        year_choices=[(each, f"{each} 年") for each in years],
        last_year=LAST_YEAR,
        form=form,
        **what_is_wrong(refusal),
    )


def _saved(
    put: Callable[[Session, dict[str, str]], None], sentence: str
) -> Response | tuple[str, int]:
    form = request.form.to_dict()
    try:
        with transaction() as session:
            put(session, form)
            queues.enqueue_after_commit(session, queues.SLOW, FILL)
    except Refused as refusal:
        with transaction() as session:
            return _page(session, form, refusal), 422
    flash(sentence)
    return redirect(url_for("schedules.calendar"))


@bp.post("/calendar/make-up")
@keepers
def make_up() -> Response | tuple[str, int]:
    """A make-up day stands for another day."""
    return _saved(_stand, "已保存，号源稍后按此生成。")


def _stand(session: Session, form: dict[str, str]) -> None:
    try:
        day, other = (date.fromisoformat(form.get(name, "")) for name in ("day", "stands_for"))
    except ValueError:
        sentence = "请选择这个调休日按哪一天出诊。"
        raise Refused("day_invalid", sentence, fields={"stands_for": sentence}) from None
    known = known_days(session).day(day)
    if known.kind is not DayKind.MAKE_UP or abs((other - day).days) > 60:
        raise Refused("day_invalid", "这一天不是调休上班日，或所按的日子相距太远，请核对。")
    row = session.get(CalendarDayRow, day) or CalendarDayRow(day=day, kind=DayKind.MAKE_UP)
    row.name, row.stands_for = known.name, other
    session.add(row)
    detail = {"day": day.isoformat(), "stands_for": other.isoformat()}
    audit.record(session, audit.Action.RECORD_CHANGED, "calendar", detail=detail)


@bp.post("/calendar/year")
@keepers
def year() -> Response | tuple[str, int]:
    """A whole year's holidays and make-up days, as the notice has them."""
    return _saved(_put_year, "已保存这一年的放假安排，号源稍后按此生成。")


def _put_year(session: Session, form: dict[str, str]) -> None:
    said = form.get("year", "")
    number = int(said) if re.fullmatch(r"\d{4}", said) else 0
    if not LAST_YEAR < number <= today().year + 1:
        raise _bad("year", f"只需录入 {LAST_YEAR + 1} 年以后、软件还不知道的年份。")
    holidays = _days(number, form.get("holidays", ""), "holidays")
    worked = _days(number, form.get("worked", ""), "worked")
    if date(number, 1, 1) not in holidays:
        raise _bad("holidays", "请照通知录入全年的放假日，至少应有元旦 1-1。")
    if both := sorted(holidays & worked):
        raise _bad("worked", f"{both[0]:%m-%d} 同时写在放假日里，请核对。")
    span = (date(number, 1, 1), date(number, 12, 31))
    session.execute(delete(CalendarDayRow).where(col(CalendarDayRow.day).between(*span)))
    for day in sorted(holidays | worked):
        kind = DayKind.HOLIDAY if day in holidays else DayKind.MAKE_UP
        session.add(CalendarDayRow(day=day, kind=kind, name=kind.label))
    detail = {"year": number, "holidays": len(holidays), "worked": len(worked)}
    audit.record(session, audit.Action.RECORD_CHANGED, "calendar", detail=detail)


def _days(year: int, said: str, name: str) -> set[date]:
    found: set[date] = set()
    for part in filter(None, re.split(r"[\s,，、;；]+", said)):
        match = _STRETCH.fullmatch(part)
        try:
            first = date(year, int(match[1]), int(match[2])) if match else _none()
            last = date(year, int(match[3]), int(match[4])) if match and match[3] else first
        except ValueError:
            raise _bad(name, f"“{part[:20]}”看不懂，应为 2-15 或 2-15至2-23。") from None
        found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return found


def _none() -> date:
    raise ValueError


def _bad(name: str, sentence: str) -> Refused:
    return Refused("calendar_invalid", sentence, fields={name: sentence})
