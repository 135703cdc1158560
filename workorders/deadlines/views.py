"""时限规则: the rows, a trial that explains itself, what breaks next, the year's calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, request
from sqlmodel import Session, col, func, select

from hotline import access
from hotline.agents.rules import Role
from hotline.calendar_models import known_days
from hotline.clock import now, today
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render
from hotline.working_days import FIRST_YEAR
from workorders.deadlines import queries, ruling
from workorders.deadlines.ground import ground
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.queries import Breaking, Scope
from workorders.deadlines.reckoning import Course
from workorders.deadlines.rules import PAUSES, ClockKind
from workorders.deadlines.typed import Trial, read_trial, said_trial
from workorders.deadlines.words import Story, rule_name, why
from workorders.deadlines.year import year_of
from workorders.models import Unit
from workorders.rules import Kind, Urgency

bp = Blueprint(
    "workorders_deadlines", __name__, url_prefix="/workorders/deadlines",
    template_folder="templates",
)  # fmt: skip
readers = access.allowed(Role.SUPERVISOR, Role.ADMIN)
# A unit's clock is whoever assigns it to say; the rest begin with an order and can be tried.
TRIED = tuple(clock for clock in ClockKind if clock is not ClockKind.UNIT)
COLUMNS = (
    Column("order", "工单"),
    Column("clock", "时限"),
    Column("due", "到期", sortable=False),
    Column("left", "还剩", is_number=True),
    Column("unit", "承办单位"),
    Column("why", "依据", is_short=False),
)


@bp.get("")
@readers
def index() -> str:
    """All rows, and what they would mean for an order."""
    form, refusal = request.args.to_dict(), None
    with transaction() as session:
        platforms = ruling.platforms(session)
        try:
            trial = read_trial(form, platforms)
        except Refused as error:
            trial, refusal = read_trial({}, platforms), error
        rows = ruling.rows(session)
        shown = [row for row in rows if request.args.get("ended") or not is_over(row.effective_to)]
        return render(
            "deadlines/index.html",
            rows=shown,
            ended=sum(is_over(row.effective_to) for row in rows),
            stories=tried(session, trial) if form.get("at") and not refusal else [],
            form={**said_trial(trial), **({} if refusal is None else form)},
            errors=refusal.fields if refusal else {},
            is_over=is_over,
            today=today(),
            provisional=_provisional(session),
            **choices(platforms),
        )


def is_over(last: date | None) -> bool:
    """Whether the last day of a row has passed."""
    return last is not None and last < today()


def choices(platforms: Mapping[str, str]) -> dict[str, object]:
    """What the forms of these pages offer, and how a row is named."""
    return {
        "platforms": list(platforms.items()),
        "platform_names": platforms,
        "kinds": Kind.choices(),
        "urgencies": Urgency.choices(),
        "pauses": PAUSES,
        "rule_name": rule_name,
        "why": why,
    }


def tried(session: Session, trial: Trial) -> list[tuple[Story, str]]:
    """Every clock of a tried order, with its sentence."""
    known = ground(session)
    stories = (
        known.tell(
            clock,
            known.choose(trial, clock, trial.at),
            Course(trial.at, trial.remote_due if clock is ClockKind.FINISH else None),
        )
        for clock in TRIED
    )
    return [(story, why(story)) for story in stories if story]


def _provisional(session: Session) -> int:
    query = select(func.count()).select_from(WorkOrderClock)
    running = col(WorkOrderClock.stopped_at).is_(None)
    return session.exec(query.where(running, col(WorkOrderClock.is_provisional))).one()


@bp.get("/next")
@access.allowed(Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
def upcoming() -> str:
    """What breaks next, over all orders."""
    with transaction() as session:
        platforms, units = ruling.platforms(session), _units(session)
        scope = _scope(platforms, units)
        page = queries.what_breaks_next(session, scope, request.args.get("cursor"))
    said = {
        "platform": platforms.get(scope.platform or "", ""),
        "clock": scope.clock.label if scope.clock else "",
        "unit": units.get(str(scope.unit_id), ""),
        "overdue": "是" if scope.overdue else "",
    }
    names = {"platform": "平台", "clock": "时限", "unit": "承办单位", "overdue": "只看超时"}
    return render(
        "deadlines/next.html",
        listing=Listing(COLUMNS, page, chips(names, said), key=lambda row: row.clock.key,
                        row_tone=row_tone),
        platforms=list(platforms.items()),
        clocks=ClockKind.choices(),
        units=list(units.items()),
        platform_names=platforms,
    )  # fmt: skip


def _units(session: Session) -> dict[str, str]:
    found = session.exec(select(Unit.id, Unit.name).order_by(Unit.name))
    return {str(key): name for key, name in found}


def _scope(platforms: Mapping[str, str], units: Mapping[str, str]) -> Scope:
    platform, unit = request.args.get("platform"), request.args.get("unit", "")
    return Scope(
        platform if platform in platforms else None,
        ClockKind.known(request.args.get("clock")),
        int(unit) if unit in units else None,
        overdue=request.args.get("overdue") == "yes",
    )


def row_tone(row: Breaking) -> str:
    """Red for what broke, amber for what was warned of."""
    return row.tone(now())


@bp.get("/calendar")
@readers
def calendar() -> str:
    """A year's holidays, make-up days and working days."""
    asked = request.args.get("year", type=int) or today().year
    year = min(max(asked, FIRST_YEAR), today().year + 2)
    with transaction() as session:
        known = known_days(session)
    return render("deadlines/calendar.html", found=year_of(known, year), known=known,
                  first_year=FIRST_YEAR, last_year=today().year + 2)  # fmt: skip
