"""The vocabulary of deadlines, and which row of the rules holds for an order. Pure. [DOMAIN 6]

How Chinese law counts (民法典 201 to 203), which is the default here: days are counted from the
day after, the last day ends when the office closes, hours are counted at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from hotline.errors import Refused
from hotline.labels import Labelled
from workorders.rules import RequestKind


class ClockKind(Labelled):
    """What an order is timed for. Each has a clock of its own; none overwrites another."""

    SIGN = "sign", "签收"
    RETURN_BY = "return_by", "退单"
    FIRST_CONTACT = "first_contact", "首次联系"
    FINISH = "finish", "办结"
    CALLBACK = "callback", "回访"
    UNIT = "unit", "承办"


class SpanUnit(Labelled):
    """What an amount is counted in."""

    WORKING_DAYS = "working_days", "个工作日"
    DAYS = "days", "个自然日"
    HOURS = "hours", "小时"
    WORKING_HOURS = "working_hours", "个工作小时"

    @property
    def is_days(self) -> bool:
        """Whether whole days are counted."""
        return self in {SpanUnit.WORKING_DAYS, SpanUnit.DAYS}


class Counting(Labelled):
    """From when days are counted and when the last one ends. Hours are counted at once."""

    CLOSE = "close", "次日起计，到期日下班时止"
    MIDNIGHT = "midnight", "次日起计，到期日 23:59 止"
    SAME_TIME = "same_time", "即时起计，到期日同一时刻止"


class RemoteDue(Labelled):
    """What a deadline given by the platform is worth beside ours; both are kept."""

    EARLIER = "earlier", "取较早者"
    OURS = "ours", "以本规则为准"
    REMOTE = "remote", "以平台为准"


# What an order waits for while a clock stands still.
PAUSES = {
    RequestKind.SUSPEND: "挂起",
    RequestKind.RETURN: "退单待审",
    RequestKind.EXTEND: "延期待审",
}


@dataclass(frozen=True)
class Asked:
    """For which order a rule is looked for; ``day`` is the one on which the clock started."""

    clock: ClockKind
    platform: str
    kind: str
    urgency: str
    day: date


@dataclass(frozen=True)
class Rule:
    """One row. What is None holds for all; ``effective_to`` is included.

    ``warn_before`` and ``escalate_after`` are hours, of office time unless the span is in HOURS.
    ``extensions`` is how often the deadline may be put off (None: any number of times),
    ``extension_days`` by how many working days in all.
    """

    clock: ClockKind
    amount: int
    unit: SpanUnit = SpanUnit.WORKING_DAYS
    counting: Counting = Counting.CLOSE
    platform: str | None = None
    kind: str | None = None
    urgency: str | None = None
    warn_before: int = 4
    escalate_after: int = 0
    pause_in: frozenset[RequestKind] = frozenset()
    extensions: int | None = None
    extension_days: int = 0
    remote: RemoteDue = RemoteDue.EARLIER
    effective_from: date = date.min
    effective_to: date | None = None
    id: int | None = None

    def fits(self, asked: Asked) -> bool:
        """Whether the row speaks of this order on this day."""
        of_order = (asked.platform, asked.kind, asked.urgency)
        return (
            self.clock is asked.clock
            and all(said in {None, has} for said, has in zip(self.narrowed, of_order, strict=True))
            and self.effective_from <= asked.day
            and (self.effective_to is None or asked.day <= self.effective_to)
        )

    @property
    def narrowed(self) -> tuple[str | None, str | None, str | None]:
        """Platform, kind and urgency the row is narrowed to."""
        return (self.platform, self.kind, self.urgency)

    @property
    def rank(self) -> tuple[int, date, bool, bool, int]:
        """The row with the highest rank wins: the narrowest, then the latest; then urgency
        counts more than platform, and platform more than kind."""
        narrow = sum(said is not None for said in self.narrowed)
        said = (self.urgency is not None, self.platform is not None)
        return (narrow, self.effective_from, *said, self.id or 0)


def choose(rules: Iterable[Rule], asked: Asked) -> Rule | None:
    """The row that holds, or None when nobody has made one."""
    return max((rule for rule in rules if rule.fits(asked)), key=lambda rule: rule.rank,
               default=None)  # fmt: skip


def check_extension(
    rule: Rule | None, due_at: datetime, at: datetime, days: int, had: tuple[int, int]
) -> None:
    """Refuse to put a deadline off; ``had`` is how often and by how many days that was done.

    ``at`` is when it was asked for: before expiry, however long the decision takes.
    """
    times, total = had
    if at > due_at:
        raise _no("late", "期限已过：延期须在到期前申请，请说明超时原因并尽快办结。")
    if days < 1:
        raise _no("days", "延期至少 1 个工作日。")
    if rule is None or rule.extension_days == 0:
        raise _no("not_allowed", "按时限规则，这个期限不能延期。")
    if rule.extensions is not None and times >= rule.extensions:
        raise _no("times", f"已延期 {times} 次，按时限规则最多 {rule.extensions} 次。")
    if total + days > rule.extension_days:
        left = rule.extension_days - total
        may = f"这次最多还能延 {left} 个工作日" if left else "不能再延"
        raise _no(
            "total",
            f"延期合计最多 {rule.extension_days} 个工作日，已延 {total} 个，{may}。",
        )


def _no(code: str, sentence: str) -> Refused:
    return Refused(f"extension_{code}", sentence, fields={"days": sentence})
