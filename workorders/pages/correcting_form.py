"""The form of a 更正: filled with what the order says, read as a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlmodel import Session

from hotline import audit, phone
from hotline.booking import names
from workorders import correcting
from workorders.actors import Actor
from workorders.filing import Draft
from workorders.models import Order
from workorders.pages.filing_form import SEXES, TAGS
from workorders.pages.typed import Typed, choose
from workorders.rules import SELF, Kind, Step, Urgency

NONE = "无"
_TEXTS = ("title", "content", "place", "target", "category_code")
YES_NO = {True: "yes", False: "no"}
NO_EVENT = (
    "平台接口没有“更正”事项，平台看不到这次更正，请另行告知平台；"
    "平台以后改动同一项时，以平台说的为准。"
)  # fmt: skip


def usual(session: Session, order: Order, actor: Actor) -> dict[str, Any]:
    """What the form begins with. Name and number are not shown: left empty they stay. Numbers in
    the words are, to who may put them right, and that is on record."""
    if not actor.may(Step.CORRECTED, order):
        return {}
    words = {name: getattr(order, name) or "" for name in _TEXTS}
    if any(said != phone.redact(said) for said in words.values()):
        audit.record(session, audit.Action.NUMBER_REVEALED, order.subject, reason="更正工单",
                     detail={"what": "正文里的号码"})  # fmt: skip
    return words | {
        "kind": order.kind.value, "urgency": order.urgency.value,
        "caller_sex": order.caller_sex or "", "tags": list(order.caller_tags),
        "reply_wanted": YES_NO[order.reply_wanted], "confidential": YES_NO[order.confidential],
    }  # fmt: skip


def told(order: Order) -> list[str]:
    """What stands above the form: who the caller is now, and what the platform learns."""
    name = names.mask(order.caller_name) if order.caller_name else "未填"
    number = phone.mask(order.caller_phone) if order.caller_phone else "未填"
    caller = f"现在的姓名：{name}，联系电话：{number}。不改请留空，要清除请填“{NONE}”。"
    return [caller] if order.platform == SELF else [caller, NO_EVENT]


def draft_of(order: Order, typed: Typed) -> Draft:
    """What the order is to say. Raises Refused."""
    kind, urgency = Kind.known(typed.words("kind")), Urgency.known(typed.words("urgency"))
    if kind is None or urgency is None:
        raise choose("kind", "请选择诉求类型和紧急程度。")
    sex = typed.words("caller_sex")
    texts: dict[str, Any] = {name: _text(order, name, typed) for name in _TEXTS}
    return replace(
        correcting.as_it_is(order), kind=kind, urgency=urgency, **texts,
        caller_name=_kept(order.caller_name, typed.words("caller_name")),
        caller_phone=_kept(order.caller_phone, typed.words("caller_phone")),
        caller_sex=sex if sex in dict(SEXES) else None,
        caller_tags=[tag for tag in TAGS if tag in typed.many("tags")],
        reply_wanted=typed.words("reply_wanted") == "yes",
        confidential=typed.words("confidential") == "yes",
    )  # fmt: skip


def _text(order: Order, name: str, typed: Typed) -> str | None:
    """Browsers end lines their own way: words that are the same stay the same."""
    kept, words = getattr(order, name), typed.words(name).replace("\r\n", "\n")
    if words == (kept or "").replace("\r\n", "\n").strip():
        return kept or (None if name == "category_code" else "")
    return words or (None if name == "category_code" else "")


def _kept(kept: str | None, typed: str) -> str | None:
    if not typed:
        return kept
    return None if typed == NONE else typed
