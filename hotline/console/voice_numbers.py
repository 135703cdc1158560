"""语音统计: what callers got from the voice line, where it lost them, and the calls behind that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint

from hotline import access
from hotline.agents.rules import Role
from hotline.calls import voice_figures
from hotline.calls.voice_figures import End, Group, TurnFigures
from hotline.calls.voice_rules import STEPS, AgeBand, reason_label, step_label
from hotline.console import period
from hotline.console.voice_charts import bars, lines, stacked
from hotline.db import transaction
from hotline.web import render

bp = Blueprint("voice", __name__, url_prefix="/voice")
READERS = (Role.SUPERVISOR, Role.MANAGER)
LEAST_ASKED = 20  # a question asked less often says little


@bp.get("")
@access.allowed(*READERS)
def index() -> str:
    """The whole page, for thirty days up to today unless said."""
    days = period.asked()
    span = (days.since, days.until)
    with transaction() as session:
        by = {name: voice_figures.groups(session, name, *span)
              for name in ("all", "day", "hour", "age", "model")}  # fmt: skip
        turns = voice_figures.turns(session, *span)
        abandoned = voice_figures.abandoned_at(session, *span)
        transferred = voice_figures.transferred_for(session, *span)
    return render(
        "voice/numbers.html",
        asked=days,
        total=next(iter(by["all"]), None),
        turns=turns,
        ends=End,
        ages=_by_age(by["age"]),
        models=[(group, turns.by_model.get(group.key)) for group in by["model"]],
        charts=[
            _ends_chart(by["day"]),
            _misses_chart(turns),
            _counts_chart("中途挂断", "多在问", abandoned, step_label),
            _counts_chart("转人工", "多因", transferred, reason_label),
            _hours_chart(by["hour"]),
            _wait_chart(turns),
            _age_chart(by["age"]),
        ],
    )


def _by_age(groups: Iterable[Group]) -> list[tuple[str, Group]]:
    """Youngest first; who is not known last."""
    known = {group.key: group for group in groups}
    found = [(band.label, known[band.value]) for band in AgeBand if band.value in known]
    return found + ([("年龄未知", known[None])] if None in known else [])


def _ends_chart(days: list[Group]) -> dict[str, Any] | None:
    if not days:
        return None
    calls, settled = sum(day.calls for day in days), sum(day.settled for day in days)
    finding = f"语音线路办成了 {settled:,} 通，占 {settled / calls:.1%}"
    named = [f"{day.key:%m-%d}" for day in days]
    return stacked(finding, named, {end.label: [day.ends[end] for day in days] for end in End})


def _misses_chart(turns: TurnFigures) -> dict[str, Any] | None:
    asked = [(step_label(step), one) for step in STEPS if (one := turns.by_step.get(step))]
    often = [each for each in asked if each[1].asked >= LEAST_ASKED] or asked
    if not often:
        return None
    worst, most = max(often, key=lambda each: each[1].miss_rate or 0)
    rates = {
        "没听懂": [_percent(one.miss_rate) for _, one in asked],
        "没有回答": [_percent(one.silent_rate) for _, one in asked],
    }
    finding = f"最难听懂的是“{worst}”：{most.miss_rate or 0:.1%}"
    return bars(finding, [name for name, _ in asked], rates, "%", whole=False)


def _counts_chart(
    what: str, verb: str, counts: dict[str, int], label: Any
) -> dict[str, Any] | None:
    if not counts:
        return None
    top, most = next(iter(counts.items()))
    share = most / sum(counts.values())
    finding = f"{what}{verb}“{label(top) or '未注明'}”：{most:,} 通，占 {share:.1%}"
    names = [label(key) or "未注明" for key in counts]
    return bars(finding, names, {what: list(counts.values())}, "通")


def _hours_chart(hours: list[Group]) -> dict[str, Any] | None:
    if not hours:
        return None
    by_hour = {group.key: group for group in hours}
    busiest = max(hours, key=lambda group: group.calls)
    got = {
        "办成": [by_hour[hour].settled if hour in by_hour else 0 for hour in range(24)],
        "没办成": [
            by_hour[hour].calls - by_hour[hour].settled if hour in by_hour else 0
            for hour in range(24)
        ],
    }
    finding = f"{busiest.key} 点最忙：{busiest.calls:,} 通，办成 {busiest.success or 0:.1%}"
    return stacked(finding, [f"{hour}点" for hour in range(24)], got)


def _wait_chart(turns: TurnFigures) -> dict[str, Any] | None:
    days = {day: one for day, one in turns.by_day.items() if one.wait_p50 is not None}
    if not days or turns.all.wait_p95 is None:
        return None
    finding = f"说完后 95% 的回答在 {turns.all.wait_p95:.1f} 秒内"
    waits = {
        "一半以内": [round(one.wait_p50 or 0, 2) for one in days.values()],
        "95% 以内": [round(one.wait_p95 or 0, 2) for one in days.values()],
    }
    return lines(finding, [f"{day:%m-%d}" for day in days], waits, "秒")


def _age_chart(groups: list[Group]) -> dict[str, Any] | None:
    known = [(name, group) for name, group in _by_age(groups) if group.key]
    old = [group for _, group in known if group.key in (AgeBand.SIXTIES, AgeBand.OLD)]
    calls, settled = sum(group.calls for group in old), sum(group.settled for group in old)
    if not known:
        return None
    finding = "没有 60 岁以上的来电"
    if calls:
        finding = f"60 岁以上办成 {settled / calls:.1%}（{calls:,} 通）"
    rates = {
        "办成": [_percent(group.success) for _, group in known],
        "没听懂或没有回答": [_percent(group.miss_rate) for _, group in known],
    }
    return bars(finding, [name for name, _ in known], rates, "%", whole=False)


def _percent(rate: float | None) -> float:
    return round((rate or 0) * 100, 1)
