"""The sentence that explains a deadline. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hotline.clock import local
from workorders.deadlines.reckoning import Course, Due
from workorders.deadlines.rules import PAUSES, ClockKind, Counting, Rule, SpanUnit
from workorders.deadlines.skipped import Rest

PLATFORMS = {"city": "市 12345", "province": "省 12345", "self": "自接工单"}
_FESTIVALS = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


@dataclass(frozen=True)
class Story:
    """A clock with everything its deadline comes from. ``extended_times`` is how often it was put
    off; ``platforms`` names the codes."""

    clock: ClockKind
    rule: Rule | None
    course: Course
    due: Due
    extended_times: int = 0
    platforms: Mapping[str, str] = field(default_factory=lambda: PLATFORMS, hash=False)


def why(story: Story) -> str:
    """One sentence: until when, by which rule, from when, and what moved it."""
    said = [f"{story.clock.label}期限 {_exact(story.due.at)}"]
    if story.rule is None:
        giver = "派单时要求" if story.clock is ClockKind.UNIT else "平台要求"
        said[0] += f"，为{giver}的期限（本地没有适用的时限规则）"
    else:
        said += _by_rule(story, story.rule)
    return "；".join(said) + "。"


def _by_rule(story: Story, rule: Rule) -> Iterator[str]:
    name = rule_name(rule, story.platforms)
    since = f"（{rule.effective_from} 起施行）" if rule.effective_from > date.min else ""
    yield f"按规则“{name}”{since}，{_counted(story, rule)}{_skipped(story, rule)}"
    if story.course.extended_days:
        yield f"延期 {story.extended_times} 次，共 {story.course.extended_days} 个工作日"
    yield from _paused(story, rule)
    yield from _given(story, rule)
    if story.due.assumed:
        years = "、".join(str(year) for year in story.due.assumed)
        yield f"{years} 年放假安排尚未公布，暂按周一至周五上班计，公布后须重新计算"


def rule_name(rule: Rule, platforms: Mapping[str, str] = PLATFORMS) -> str:
    """For whom and how long, as “市 12345 投诉 紧急：签收 2 小时”."""
    platform = platforms.get(rule.platform, rule.platform) if rule.platform else None
    whom = " ".join(filter(None, [platform, rule.kind, rule.urgency])) or "通用"
    return f"{whom}：{rule.clock.label} {span(rule)}"


def span(rule: Rule) -> str:
    """The amount with its unit."""
    return f"{rule.amount} {rule.unit.label}"


def _counted(story: Story, rule: Rule) -> str:
    start, begin = story.course.started_at, story.due.counts_from
    if rule.unit.is_days and rule.counting is not Counting.SAME_TIME:
        return f"自 {_exact(start)} 的次日起计 {span(rule)}"
    if begin != start:
        return f"{_exact(start)} 不在工作时间，自 {_exact(begin)} 起计 {span(rule)}"
    return f"自 {_exact(start)} 起计 {span(rule)}"


def _skipped(story: Story, rule: Rule) -> str:
    year = local(story.course.started_at).year
    said = ""
    if story.due.rests and rule.unit is not SpanUnit.DAYS:
        said = "，跳过" + "、".join(_rest(rest, year) for rest in story.due.rests)
    elif story.due.rests and story.due.rests[-1].last == _last_rest(story):
        said = f"，末日逢{_rest(story.due.rests[-1], year)}，顺延"
    if story.due.made_up:
        said += "，" + "、".join(_day(day, year) for day in story.due.made_up) + " 调休上班"
    return said


def _last_rest(story: Story) -> date:
    ends = story.due.own_at or story.due.at
    return local(ends).date() - timedelta(days=1)


def _rest(rest: Rest, year: int) -> str:
    name = "、".join(_FESTIVALS.get(one, one) for one in rest.name.split("、")) or "周末"
    if rest.first == rest.last:
        return f"{name} {_day(rest.first, year)}"
    return f"{name} {_day(rest.first, year)} 至 {_day(rest.last, year)}"


def _paused(story: Story, rule: Rule) -> Iterator[str]:
    counting = [one for one in story.course.pauses if one.reason in rule.pause_in]
    over = dict.fromkeys(PAUSES[one.reason] for one in counting if one.until)
    if over:
        yield f"因{'、'.join(over)}暂停，顺延{_stood_still(story.due, rule)}"
    for one in counting:
        if one.until is None:
            yield f"因{PAUSES[one.reason]}自 {_exact(one.since)} 起暂停，恢复后顺延"


def _stood_still(due: Due, rule: Rule) -> str:
    if rule.unit.is_days:
        return f" {due.paused_days} {rule.unit.label}"
    hours, minutes = divmod(round(due.paused.total_seconds() / 60), 60)
    spoken = f" {hours} 小时" if hours else ""
    return f"{spoken} {minutes} 分钟" if minutes or not hours else spoken


def _given(story: Story, rule: Rule) -> Iterator[str]:
    given = story.course.given_at
    if given is None:
        if old := story.course.outdated_at:
            yield f"平台原要求 {_exact(old)} 前，已不适用"
        return
    giver = "派单时要求" if story.clock is ClockKind.UNIT else "平台要求"
    own = story.due.own_at
    kept = f"，按本规则为 {_exact(own)}" if own and own != story.due.at else ""
    yield f"{giver} {_exact(given)} 前，{rule.remote.label}{kept}"


def _exact(instant: datetime) -> str:
    return f"{local(instant):%Y-%m-%d %H:%M}"


def _day(day: date, year: int) -> str:
    return f"{day:%m-%d}" if day.year == year else f"{day:%Y-%m-%d}"
