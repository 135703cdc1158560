"""趋势 · 服务指标: every metric by hour of the day, by day, by team or by agent."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlmodel import Session, select

from hotline import access
from hotline.agents.models import Person
from hotline.console import period
from hotline.console import statistics_asked as asked
from hotline.console.overview_sheets import metric_row
from hotline.console.period import Period
from hotline.console.statistics_charts import WEEKDAYS
from hotline.console.statistics_sheet import Column, Holds, Sheet, file_of
from hotline.console.statistics_trends import bp
from hotline.db import transaction
from hotline.statistics import returning, service
from hotline.statistics.bulletin.rules import LEAST_SHOWN
from hotline.statistics.bulletin.small_cells import HIDDEN, small, suppressed
from hotline.statistics.bulletin.small_cells import RULE as SMALL_RULE
from hotline.statistics.overview import hall_occupancy
from hotline.statistics.rules import HOW, Measured, Metric, Tally, Unit, occupancy, of_tally
from hotline.web import render

__all__ = ["bp"]
BY = {"day": "日", "hour": "时段", "team": "班组", "agent": "坐席"}
OF_PEOPLE = ("team", "agent")
PARTS = (
    Column("来电"),
    Column("应接", why="进过排队、振过铃或被接起的来电"),
    Column("接起"),
)


PLACES = (1, 2, 3)
FEW = f"少于 {LEAST_SHOWN} 通的，以及由它们算出的，不显示（{SMALL_RULE}）：可能指向某一位来电人。"


@bp.get("/service")
@access.allowed(*asked.LEADERS)
def trends_service() -> str:
    """Thirty days up to today unless said."""
    days, by = period.asked(), asked.one_of("by", tuple(BY))
    with transaction() as session:
        sheets = _sheets(session, days, by)
        teams = asked.teams(session)
    return render(
        "statistics/service.html",
        asked=days,
        by=by,
        ways=[(code, f"按{words}") for code, words in BY.items()],
        teams=teams,
        sheets=sheets,
        how=HOW,
    )


@bp.get(f"/service/{asked.FILES}")
@access.allowed(*asked.LEADERS)
def service_file(file_format: str) -> Response:
    """The page's tables as a file."""
    days, by = period.asked(), asked.one_of("by", tuple(BY))
    with transaction() as session:
        name = f"服务指标{days.first}至{days.last}"
        return file_of(session, _sheets(session, days, by), name, file_format)


def _sheets(session: Session, days: Period, by: str) -> list[Sheet]:
    team = asked.team()
    groups = _groups(session, days, by, team)
    whole = _whole(session, days, team)
    if not whole.calls:
        return []
    busy = _busy(session, days, by, team) if by in OF_PEOPLE else {}
    rows = [[name, *_row(tally, busy.get(key), by)] for key, name, tally in groups]
    columns = [Column(BY[by], Holds.TEXT), *PARTS, *_columns(by)]
    few = team is not None or by in OF_PEOPLE
    if few:
        _hide_small(rows, with_total=team is not None)
    note = FEW if few else ""
    return [_total(session, days, whole, team), Sheet(f"按{BY[by]}", columns, rows, note)]


def _hide_small(rows: list[list[Any]], *, with_total: bool) -> None:
    """Of few people (a team, a counsellor) a line may be a single caller in need: small counts and
    what is reckoned from them are not shown. ``with_total``: their sum stands above."""
    hide = suppressed if with_total else small
    counts = list(zip(*(hide([row[at] for row in rows]) for at in PLACES), strict=True))
    for row, shown in zip(rows, counts, strict=True):
        if None not in shown:
            continue
        row[1:4] = [HIDDEN if count is None else count for count in shown]
        last = len(of_tally(Tally())) + 4
        row[4:last] = [HIDDEN if value is not None else None for value in row[4:last]]


def _whole(session: Session, days: Period, team: int | None) -> Tally:
    found = (
        service.agent_tallies(session, "all", days.since, days.until, team=team)
        if team
        else service.tallies(session, "all", days.since, days.until)
    )
    return found.get(0, Tally())


def _groups(
    session: Session, days: Period, by: str, team: int | None
) -> list[tuple[Any, str, Tally]]:
    """Key, name and sums of each line."""
    if by in OF_PEOPLE or team:
        found = service.agent_tallies(session, by, days.since, days.until, team=team)
    else:
        found = service.tallies(session, by, days.since, days.until)
    names = _names(session, by)
    lines = [(key, names.get(key, "") or _said(by, key), tally) for key, tally in found.items()]
    return sorted(lines, key=lambda line: -line[2].calls) if by in OF_PEOPLE else lines


def _names(session: Session, by: str) -> dict[Any, str]:
    if by == "team":
        return dict(asked.teams(session))
    if by == "agent":
        return {person.key: person.name for person in session.exec(select(Person))}
    return {}


def _said(by: str, key: Any) -> str:
    if by == "day":
        return f"{key} {WEEKDAYS[key.weekday()]}"
    return f"{key:02}:00 至 {key + 1:02}:00" if by == "hour" else "未分班组"


def _busy(session: Session, days: Period, by: str, team: int | None) -> dict[int, Metric]:
    """Occupancy by person, or by team."""
    each = service.occupancies(session, days.since, days.until, team=team)
    if by == "agent":
        return each
    teams = {person.key: person.team_id or 0 for person in session.exec(select(Person))}
    sums: dict[int, list[float]] = {}
    for key, one in each.items():
        found = sums.setdefault(teams.get(key, 0), [0, 0])
        found[0] += one.numerator
        found[1] += one.denominator - one.numerator
    return {key: occupancy(busy, ready) for key, (busy, ready) in sums.items()}


def _columns(by: str) -> list[Column]:
    kinds = {Unit.SHARE: Holds.SHARE, Unit.SECONDS: Holds.SECONDS}
    found = [
        Column(one.what.label, kinds[one.unit], one.how)
        for one in of_tally(Tally())
        if not (by in OF_PEOPLE and one.what in _NOT_OF_PEOPLE)
    ]
    more = [Column(Measured.OCCUPANCY.label, Holds.SHARE, HOW[Measured.OCCUPANCY])]
    return found + (more if by in OF_PEOPLE else [])


# Who gave up in the menu or the queue had not been given to anybody.
_NOT_OF_PEOPLE = (Measured.LOST_IVR, Measured.LOST_QUEUE)


def _row(tally: Tally, busy: Metric | None, by: str) -> list[Any]:
    values = [
        one.value for one in of_tally(tally) if not (by in OF_PEOPLE and one.what in _NOT_OF_PEOPLE)
    ]
    more = [busy.value if busy else None] if by in OF_PEOPLE else []
    return [tally.calls, tally.offered, tally.answered, *values, *more]


def _total(session: Session, days: Period, whole: Tally, team: int | None) -> Sheet:
    metrics = of_tally(whole)
    if not team:
        metrics += [
            hall_occupancy(session, days.since, days.until),
            *returning.returning(session, days.since, days.until),
        ]
    columns = [
        Column("指标", Holds.TEXT), Column("合计", Holds.SHARE), Column("分子"), Column("分母"),
        Column("规则", Holds.TEXT),
    ]  # fmt: skip
    rows = [[*row[:4], row[5]] for row in (metric_row(one, None) for one in metrics)]
    if team:
        rows = [_hidden_of(row) if _is_small(one) else row
                for row, one in zip(rows, metrics, strict=True)]  # fmt: skip
    return Sheet(f"{days.first} 至 {days.last} 合计", columns, rows, FEW if team else "")


def _is_small(metric: Metric) -> bool:
    """Whether it is reckoned from so few calls that it may point to one of them."""
    counts = (metric.denominator, metric.numerator if metric.unit is Unit.SHARE else 0)
    return any(0 < count < LEAST_SHOWN for count in counts)


def _hidden_of(row: list[Any]) -> list[Any]:
    return [row[0], HIDDEN, HIDDEN, HIDDEN if row[3] < LEAST_SHOWN else row[3], row[4]]
