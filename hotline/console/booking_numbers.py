"""How the pool is used: by hospital and department, no-shows, lead times, channels; beside the
same number of days before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request

from hotline import access
from hotline.agents.rules import Role
from hotline.booking import figures, queries
from hotline.booking.figures import Scope, Share, Use
from hotline.booking.models import Hospital
from hotline.booking.rules import Column as MonthColumn
from hotline.console import period
from hotline.console.booking_choice import whole_number
from hotline.console.booking_numbers_charts import lead_chart, shares_chart
from hotline.console.page import changed
from hotline.console.tables import Chip, Column, Listing
from hotline.db import transaction
from hotline.web import Page, render

bp = Blueprint("booking_numbers", __name__, url_prefix="/booking/numbers")
READERS = (Role.SUPERVISOR, Role.MANAGER)
COLUMNS = (
    Column("name", "名称", sortable=True, is_short=False),
    Column("bookings", "预约", sortable=True, is_number=True),
    Column("share", "占全部", sortable=True, is_number=True),
    Column("change", "较上期", sortable=True, is_number=True),
    Column("used", "使用率", sortable=True, is_number=True),
    Column("missed", "爽约率", sortable=True, is_number=True),
    Column("cancelled", "退号率", sortable=True, is_number=True),
)


@dataclass(frozen=True)
class Line:
    """One hospital or department, its share of all, and how it was before."""

    use: Use
    of_all: Share
    before: int | None

    @property
    def id(self) -> int:
        """Of the hospital or department."""
        return self.use.id

    @property
    def change(self) -> int | None:
        """Bookings more or fewer than before; None where there were no slots before."""
        return None if self.before is None else self.use.used.part - self.before


_BY: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: line.use.name,
    "bookings": lambda line: line.use.used.part,
    "share": lambda line: line.use.used.part,
    "change": lambda line: line.change,
    "used": lambda line: line.use.used.rate,
    "missed": lambda line: line.use.missed.rate,
    "cancelled": lambda line: line.use.cancelled.rate,
}


@bp.get("")
@access.allowed(*READERS)
def index() -> str:
    """The whole page, for thirty days up to today unless said."""
    with transaction() as session:
        hospital = session.get(Hospital, whole_number(request.args.get("hospital")) or 0)
        cities = queries.cities(session)
        scope = _scope(hospital, cities)
        uses, before = figures.uses(session, scope), figures.uses(session, scope.before)
        leads, counts = figures.lead_days(session, scope), figures.by_channel(session, scope)
    total = figures.total(uses)
    return render(
        "booking/numbers.html",
        asked=scope,
        hospital=hospital,
        cities=[(city, city) for city in cities],
        uses=uses,
        total=total,
        before=figures.total(before),
        listing=_listing(_lines(uses, before, total), scope),
        counts=[count for count in counts if count.bookings],
        made=sum(count.bookings for count in counts),
        columns=dict(MonthColumn.choices()),
        use_chart=shares_chart("使用率", uses, "used"),
        missed_chart=shares_chart("爽约率", [use for use in uses if use.missed.part], "missed"),
        lead_chart=lead_chart(leads),
    )


def _scope(hospital: Hospital | None, cities: list[str]) -> Scope:
    days, city = period.asked(), request.args.get("city")
    within = city if city in cities and hospital is None else None
    return Scope(days.first, days.last, hospital.id if hospital else None, within)


def _lines(uses: list[Use], before: list[Use], total: Use) -> list[Line]:
    known = {use.id: use.used.part for use in before}
    return [Line(use, Share(use.used.part, total.used.part), known.get(use.id)) for use in uses]


def _listing(lines: list[Line], scope: Scope) -> Listing:
    chips = [Chip(f"城市：{scope.city}", changed(city=None))] if scope.city else []
    return Listing(COLUMNS, Page(_sorted(lines), None, len(lines)), chips,
                   default_sort="-bookings")  # fmt: skip


def _sorted(lines: list[Line]) -> list[Line]:
    """As the address says; what has no figure comes last either way."""
    asked = request.args.get("sort", "-bookings")
    by = _BY.get(asked.removeprefix("-"), _BY["bookings"])
    known = [line for line in lines if by(line) is not None]
    unknown = [line for line in lines if by(line) is None]
    return sorted(known, key=by, reverse=asked.startswith("-")) + unknown
