"""Machine doors of figures: a month, and service metrics over days."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from hotline import access, api
from hotline.agents.rules import Role, Scope
from hotline.clock import day_bounds, month_of, now
from hotline.db import transaction
from hotline.errors import Refused
from hotline.statistics import headline, service
from hotline.statistics.rules import Metric, of_tally

bp = api.blueprint("statistics", "/statistics", "统计数据")
READERS = (Role.SUPERVISOR, Role.MANAGER)
MOST_DAYS = 366


class MonthPath(BaseModel):
    """Which month."""

    month: str = Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="2026-11")


class MonthOut(BaseModel):
    """A month's headline as it is now: every inbound call stands in one figure. ``late`` counts
    among all of them those of which something was told a day after it happened."""

    month: str
    category_set: str
    categories: dict[str, int]
    total: int = Field(description="受理咨询电话: the published categories together")
    non_business: int
    outside: int
    unfiled: int
    unanswered: int
    calls: int
    late: int
    rule: str
    is_open: bool


class ServiceQuery(BaseModel):
    """Shanghai days, both counted."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    by: Literal["all", "day", "hour", "month"] = "all"


class MetricOut(BaseModel):
    """A quotient and what it is made of; ``value`` is null with nothing to divide by."""

    code: str
    label: str
    unit: str
    value: float | None
    numerator: float
    denominator: float
    rule: str


class GroupOut(BaseModel):
    """One day, hour of the day, month, or all of them."""

    key: str
    calls: int
    offered: int
    answered: int
    late: int
    metrics: list[MetricOut]


class ServiceOut(BaseModel):
    """Groups with calls, in order."""

    items: list[GroupOut]


@bp.get("/months/<month>", responses={200: MonthOut}, summary="一个月的来电分类")
@access.allowed(*READERS)
@access.token(Scope.STATISTICS)
def show_month(path: MonthPath) -> dict[str, Any]:
    """Frozen months have their bulletin; this is what the calls say now."""
    if path.month > month_of(now()):
        raise Refused("month_invalid", "这个月还没有开始。", fields={"month": "这个月还没有开始。"})
    with transaction() as session:
        found = headline.counted(session, path.month)
    return MonthOut(
        category_set=found.version,
        total=found.total,
        calls=found.calls,
        is_open=path.month == month_of(now()),
        **{name: getattr(found, name) for name in _SAME},
    ).model_dump(mode="json")


_SAME = ("month", "categories", "non_business", "outside", "unfiled", "unanswered", "late", "rule")


@bp.get("/service", responses={200: ServiceOut}, summary="服务指标")
@access.allowed(*READERS)
@access.token(Scope.STATISTICS)
def show_service(query: ServiceQuery) -> dict[str, Any]:
    """Calls by the time they began."""
    if not 0 <= (query.last - query.first).days < MOST_DAYS:
        sentence = "起止日期应先后有序，且不超过一年。"
        raise Refused("days_invalid", sentence, fields={"to": sentence})
    start, end = day_bounds(query.first)[0], day_bounds(query.last)[1]
    with transaction() as session:
        found = service.tallies(session, query.by, start, end)
    items = [
        GroupOut(
            key=str(key),
            calls=tally.calls,
            offered=tally.offered,
            answered=tally.answered,
            late=tally.late,
            metrics=[_metric(each) for each in of_tally(tally)],
        )
        for key, tally in found.items()
    ]
    return ServiceOut(items=items).model_dump(mode="json")


def _metric(metric: Metric) -> MetricOut:
    return MetricOut(
        code=metric.what.value,
        label=metric.what.label,
        unit=metric.unit.value,
        value=metric.value,
        numerator=metric.numerator,
        denominator=metric.denominator,
        rule=metric.rule,
    )
