"""更正: what an open order says is put right, by who filed it or a supervisor.

What it said before stays in the timeline and in the audit log, numbers and names masked. A platform
has no event for it, and what it says later of another field does not undo it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlmodel import Session

from hotline import audit, phone, security
from hotline.booking import names
from hotline.calls import grams
from hotline.clock import now
from hotline.errors import Refused
from hotline.labels import Labelled
from workorders import filing, flags, moving, timing
from workorders.actors import Actor
from workorders.confidential import CALLER, HIDDEN, SAID
from workorders.filing import Draft
from workorders.models import Order
from workorders.rules import OPEN, SELF, FlagKind, State, Step
from workorders.service import required

LABELS = {
    "kind": "诉求类型", "urgency": "紧急程度", "category_code": "分类代码", "title": "标题",
    "content": "诉求内容", "place": "地点", "target": "被反映对象", "caller_name": "姓名",
    "caller_sex": "性别", "caller_phone": "联系电话", "caller_tags": "特征",
    "reply_wanted": "要求回复", "confidential": "保密",
}  # fmt: skip
_TIMED = ("kind", "urgency", "reply_wanted")  # what a deadline hangs on
_OURS_ALONE = ("caller_tags", "confidential")  # no platform says the one, or takes back the other


def as_it_is(order: Order) -> Draft:
    """What the order says now, to be put right."""
    said = {each.name: getattr(order, each.name) for each in fields(Draft)}
    return Draft(**said | {"called_at": None})


def correct(
    session: Session,
    order: Order,
    draft: Draft,
    reason: str,
    actor: Actor,
    *,
    at: datetime | None = None,
) -> list[str]:
    """Make a locked order say what ``draft`` says; which fields changed. Raises Refused naming
    the fields at fault."""
    require_allowed(order, actor)
    words, moment = required(reason, "reason", "请填写更正的理由。", 200), at or now()
    before = _said(order)
    filing.describe(order, draft)
    changed = [name for name in LABELS
               if name != "confidential" and getattr(order, name) != before[name]]  # fmt: skip
    filing.require(draft, only=_at_fault(changed))
    if _keep_secret(session, order, draft.confidential, words, actor):
        changed.append("confidential")
    if not changed:
        raise Refused("nothing_changed", "内容与原来一样，没有需要保存的更正。")
    _note(session, order, before, changed, words, actor, moment)
    _remember(order, before, changed)
    if any(name in changed for name in _TIMED):
        timing.corrected(session, order, moment, answer="reply_wanted" in changed)
    return changed


def require_allowed(order: Order, actor: Actor) -> None:
    """Refuse an order that is over, and who neither filed it nor leads."""
    if order.state is State.MERGED:
        raise Refused("order_over", "工单已并入主单，请先撤销并单，或在主单上更正。", 409)
    if order.state not in OPEN:
        told = f"工单已是“{order.state.label}”，内容不再更改；要改须先重办或由平台重新派单。"
        raise Refused("order_over", told, 409)
    if not actor.may(Step.CORRECTED, order):
        raise Refused("not_your_order", "更正由工单登记人或班长操作。", 403)


def again(order: Order, before: dict[str, Any]) -> None:
    """After a platform's word was written into an order: where it says what it said before,
    what was put right here stands (``before``); where it says something new, that counts."""
    for name, was in list(order.corrected.items()):
        if _print(name, getattr(order, name)) == was:
            setattr(order, name, before[name])
        elif getattr(order, name) != before[name]:
            order.corrected = {key: kept for key, kept in order.corrected.items() if key != name}
    if "caller_phone" in order.corrected:
        order.phone_hash = before["phone_hash"]
    if order.corrected:
        order.grams = grams.codes(filing.searchable(order))


def stands(order: Order) -> dict[str, Any]:
    """What ``again`` puts back."""
    return {name: getattr(order, name) for name in (*order.corrected, "phone_hash")}


def _said(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in LABELS}


def _at_fault(changed: Iterable[str]) -> set[str]:
    """What is to be right: a platform's odd number stands in nobody's way, nor does an old one."""
    return {*changed} | ({"caller_phone"} if "reply_wanted" in changed else set())


def _keep_secret(session: Session, order: Order, wanted: bool, words: str, actor: Actor) -> bool:
    if wanted == order.confidential:
        return False
    if wanted:
        flags.raise_flag(session, order, FlagKind.CONFIDENTIAL, actor, words)
        return True
    if not actor.may(Step.UNFLAGGED, order):
        told = "取消保密由班长操作。"
        raise Refused("not_for_you", told, 403, fields={"confidential": told})
    for flag in flags.standing(session, order, FlagKind.CONFIDENTIAL):
        flags.clear(session, order, flag.key, actor, words)
    order.confidential = False
    return True


def _note(
    session: Session,
    order: Order,
    before: dict[str, Any],
    changed: list[str],
    words: str,
    actor: Actor,
    at: datetime,
) -> None:
    told = [_line(name, before[name], getattr(order, name)) for name in changed]
    moving.note(session, order, Step.CORRECTED, actor, at=at, content="\n".join([words, *told]),
                detail={"corrected": changed})  # fmt: skip
    hidden = {*SAID, *CALLER} if order.confidential or before["confidential"] else set()
    was, is_now = ({LABELS[name]: HIDDEN if name in hidden else shown(name, said[name])[:200]
                    for name in changed} for said in (before, _said(order)))  # fmt: skip
    audit.record(session, audit.Action.RECORD_CHANGED, order.subject, reason=words,
                 detail={"before": was, "after": is_now})  # fmt: skip


def _line(name: str, before: Any, after: Any) -> str:
    if name == "content":
        return f"{LABELS[name]}原为：{shown(name, before)}"
    return f"{LABELS[name]}：{shown(name, before)} → {shown(name, after)}"


def shown(name: str, value: Any) -> str:
    """A field's value as the timeline and the audit log may keep it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if not value:
        return "无"
    if isinstance(value, Labelled):
        return value.label
    if name == "caller_phone":
        return phone.mask(value)
    if name == "caller_name":
        return names.mask(value)
    return "、".join(value) if name == "caller_tags" else phone.redact(str(value))


def _remember(order: Order, before: dict[str, Any], changed: list[str]) -> None:
    """By a keyed hash, what the platform had said."""
    if order.platform == SELF:
        return
    was = {name: _print(name, before[name]) for name in changed if name not in _OURS_ALONE}
    order.corrected = was | order.corrected


def _print(name: str, value: Any) -> str:
    return security.lookup_hash("corrected", f"{name}:{value or ''}").hex()
