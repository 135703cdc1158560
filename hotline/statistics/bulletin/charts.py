"""What the web report and the workbook draw: days, hours by weekday, service level, level 2."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.calendar_models import known_days
from hotline.calls.figures import RULE as SERVICE_RULE
from hotline.classification.vocabulary import published_categories
from hotline.clock import local, month_bounds
from hotline.statistics.bulletin.small_cells import suppressed
from hotline.working_days import Assuming, DayKind, is_workday

SERVICE = ("offered", "answered", "in_time", "short_offered", "abandoned_ivr", "abandoned_queue",
           "abandoned_ringing")  # fmt: skip
# The tallies are kept by hour and category: some ten thousand rows a month, not the calls.
_HOURS = text(
    """
    SELECT hour, category, sum(calls)::bigint AS calls, sum(offered)::bigint AS offered,
        sum(answered)::bigint AS answered, sum(in_time)::bigint AS in_time,
        sum(short_offered)::bigint AS short_offered, sum(abandoned_ivr)::bigint AS abandoned_ivr,
        sum(abandoned_queue)::bigint AS abandoned_queue,
        sum(abandoned_ringing)::bigint AS abandoned_ringing
    FROM call_tally_now WHERE hour >= :start AND hour < :end GROUP BY 1, 2
    """
)
_LEVEL_2 = text(
    """
    SELECT c.category, coalesce(s.label, '未填二级分类') AS label, count(*) AS calls
    FROM call c LEFT JOIN subcategory s ON s.code = c.subcategory
    WHERE c.direction = 'inbound' AND c.started_at >= :start AND c.started_at < :end
        AND c.category = ANY(:published) GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
    """
)
Hours = list[dict[str, Any]]
Days = list[dict[str, Any]]


def collect(session: Session, month: str) -> dict[str, Any]:
    """The drawn figures of a month, small cells hidden; ``rows`` is how many were read."""
    start, end = month_bounds(month)
    hours = [dict(row) for row in session.execute(_HOURS, {"start": start, "end": end}).mappings()]
    published = {each.value for each in published_categories(month)}
    given = {"start": start, "end": end, "published": sorted(published)}
    level_2 = [dict(row) for row in session.execute(_LEVEL_2, given).mappings()]
    return {
        "days": _marked(session, _days(hours, published, start, end)),
        "heat": _heat(hours, published),
        "service": {name: sum(row[name] for row in hours) for name in SERVICE},
        "service_rule": SERVICE_RULE,
        "level_2": _level_2(level_2),
        "rows": len(hours),
    }


def _days(
    hours: Hours, published: set[str], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Each day of the month: published calls, and the service figures of all inbound ones."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("calls", *SERVICE), 0))
    for row in hours:
        day = found[local(row["hour"]).date().isoformat()]
        day["calls"] += row["calls"] if row["category"] in published else 0
        for name in SERVICE:
            day[name] += row[name]
    count = (end - start) // timedelta(days=1)
    days = [(local(start) + timedelta(days=n)).date().isoformat() for n in range(count)]
    return [{"day": day, **found[day]} for day in days]


def _marked(session: Session, days: Days) -> Days:
    """Which days are off, and the holiday's name."""
    calendar = Assuming(known_days(session))
    for one in days:
        day = date.fromisoformat(one["day"])
        said = calendar.day(day)
        one["off"] = not is_workday(calendar, day)
        one["holiday"] = said.name if said.kind is DayKind.HOLIDAY else ""
    return days


def _heat(hours: Hours, published: set[str]) -> list[list[int | None]]:
    """Seven rows from Monday, 24 hours each; None is a cell too small to show. The days stand in
    the same report, so the total of a weekday is known."""
    cells = [[0] * 24 for _ in range(7)]
    for row in hours:
        if row["category"] in published:
            at = local(row["hour"])
            cells[at.weekday()][at.hour] += row["calls"]
    return [suppressed(row) for row in cells]


def _level_2(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Level-2 labels of each category; the category's total is published, so a lone small cell
    takes a neighbour with it."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["category"]].append({"label": row["label"], "calls": row["calls"]})
    for labels in found.values():
        shown = suppressed([one["calls"] for one in labels])
        for one, calls in zip(labels, shown, strict=True):
            one["calls"] = calls
    return dict(found)
