"""Rows of the rules: added, ended on a day, taken back before their day. None is ever changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, col, select

from hotline import audit
from hotline.clock import today
from hotline.errors import Refused
from workorders.deadlines.ground import forget
from workorders.deadlines.models import DeadlineRule
from workorders.deadlines.rules import ClockKind, Rule
from workorders.deadlines.words import PLATFORMS, rule_name
from workorders.models import Platform
from workorders.rules import SELF, Kind, Urgency

LONGEST = 999
# Without a rule of its own a unit's clock ends with the order's.
NEEDS_NO_RULE = (ClockKind.UNIT,)


def rows(session: Session) -> list[DeadlineRule]:
    """Every row: by clock, the general ones first, the latest before the earlier."""
    clocks = list(ClockKind)
    found = session.exec(select(DeadlineRule).order_by(col(DeadlineRule.id)))
    return sorted(found, key=lambda row: (clocks.index(row.clock), *_place(row.rule())))


def _place(rule: Rule) -> tuple[int, str, int]:
    narrow = sum(said is not None for said in rule.narrowed)
    return narrow, "".join(said or "" for said in rule.narrowed), -rule.effective_from.toordinal()


def platforms(session: Session) -> dict[str, str]:
    """The platforms' names by their codes, our own orders with them."""
    named = dict(session.exec(select(Platform.code, Platform.name)).all())
    return {**{code: name for code, name in PLATFORMS.items() if code == SELF}, **named}


def add(session: Session, rule: Rule, note: str, who: str) -> DeadlineRule:
    """A new row from a day on. Raises Refused naming the field that is wrong."""
    _require_sane(session, rule)
    row = DeadlineRule(
        clock=rule.clock, platform=rule.platform, kind=Kind.known(rule.kind),
        urgency=Urgency.known(rule.urgency),
        amount=rule.amount, unit=rule.unit, counting=rule.counting,
        warn_before=rule.warn_before, escalate_after=rule.escalate_after,
        pause_in=sorted(one.value for one in rule.pause_in), extensions=rule.extensions,
        extension_days=rule.extension_days, remote=rule.remote,
        effective_from=rule.effective_from, effective_to=rule.effective_to,
        note=note.strip()[:200] or None, made_by=who,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, row, {"from": row.effective_from.isoformat()})
    return row


def end(session: Session, rule_id: int, reason: str, who: str) -> DeadlineRule | None:
    """Today is the last day on which a row holds; None when its day had not come and it is gone.

    Raises Refused when nothing would be left for the other orders.
    """
    row = _locked(session, rule_id)
    if row.effective_from > today():
        _record(session, row, {"withdrawn": True}, reason)
        session.delete(row)
        session.flush()
        return None
    if row.effective_to is not None and row.effective_to <= today():
        raise Refused("deadline_rule_over", "这条规则已经停用。", 409)
    _require_another(session, row)
    row.effective_to, row.ended_by = today(), who
    session.add(row)
    _record(session, row, {"ended": row.effective_to.isoformat()}, reason)
    session.flush()
    return row


def _locked(session: Session, rule_id: int) -> DeadlineRule:
    row = session.get(DeadlineRule, rule_id, with_for_update=True)
    if row is None:
        raise Refused("deadline_rule_unknown", "没有这条规则，可能已被撤销。", 404)
    return row


def _require_another(session: Session, row: DeadlineRule) -> None:
    if any(row.rule().narrowed) or row.clock in NEEDS_NO_RULE:
        return
    others = (other.rule() for other in rows(session) if other.id != row.id)
    general = [
        rule for rule in others
        if rule.clock is row.clock and not any(rule.narrowed) and rule.effective_to is None
        and rule.effective_from <= today() + timedelta(days=1)  # or some days would have none
    ]  # fmt: skip
    if not general:
        raise Refused(
            "deadline_rule_last",
            f"这是“{row.clock.label}”唯一的通用规则，停用后其他工单就没有这项时限：请先新增一条。",
            409,
        )


def _require_sane(session: Session, rule: Rule) -> None:
    if not 1 <= rule.amount <= LONGEST:
        raise _bad("amount", f"时限应为 1 到 {LONGEST} 的整数。")
    for name in ("warn_before", "escalate_after", "extension_days"):
        if not 0 <= getattr(rule, name) <= LONGEST:
            raise _bad(name, f"应为 0 到 {LONGEST} 的整数。")
    if rule.extensions is not None and not 0 <= rule.extensions <= 99:
        raise _bad("extensions", "应为 0 到 99 的整数，不限次数请留空。")
    if rule.platform is not None and rule.platform not in platforms(session):
        raise _bad("platform", "没有这个平台，请重新选择。")
    if rule.effective_from.year not in range(2000, today().year + 6):
        raise _bad("effective_from", "生效日期不合理，请核对年份。")
    same = next((row for row in rows(session) if _is_same(row.rule(), rule)), None)
    if same is not None:
        raise _bad(
            "effective_from", f"已有一条完全相同的规则（{same.effective_from} 起），不必重复。"
        )


def _is_same(row: Rule, rule: Rule) -> bool:
    return replace(row, id=None) == replace(rule, id=None)


def _bad(field: str, sentence: str) -> Refused:
    return Refused("deadline_rule_invalid", sentence, fields={field: sentence})


def _record(
    session: Session, row: DeadlineRule, detail: dict[str, object], reason: str = ""
) -> None:
    told = {"rule": rule_name(row.rule()), **detail}
    forget(session)
    audit.record(session, audit.Action.RECORD_CHANGED, f"deadline_rule:{row.id}",
                 reason=reason or None, detail=told)  # fmt: skip
