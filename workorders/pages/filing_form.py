"""The form of a new order: what may be chosen, what a call carries over, what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from hotline import phone, settings
from hotline.calls.models import Call
from hotline.classification.vocabulary import Category
from hotline.console import desk_data
from workorders.filing import Draft
from workorders.merging import Matter
from workorders.models import Order
from workorders.pages.typed import Typed, choose
from workorders.rules import Kind, Urgency

SEXES = (("男", "男"), ("女", "女"))
TAGS = ("老年人", "未成年人", "孕产妇", "残疾人", "慢性病患者", "外籍")
SAID_OF_THE_MATTER = ("医院", "科室", "医生", "项目", "日期", "午别", "时段", "区")
MATTER = ("title", "content", "place", "target", "caller_phone")
LONGEST_TITLE = 40


def blank() -> dict[str, Any]:
    """A form that nothing was typed into."""
    return {"kind": Kind.COMPLAINT.value, "urgency": Urgency.NORMAL.value, "reply_wanted": "yes"}


def carried(session: Session, call: Call, chosen: Mapping[str, str]) -> dict[str, Any]:
    """What is known from a call. ``chosen`` is what the desk has not saved yet: category,
    subcategory, caller_name, confidential.

    Identity numbers are not carried over: an order's words are read by many.
    """
    heard = desk_data.heard_slots(session, call.call_uid)
    words = _words(session, call)
    hidden = chosen.get("confidential") == "yes" if "confidential" in chosen else call.confidential
    return blank() | {
        "kind": _kind(session, call, chosen).value,
        "title": _title(words),
        "content": "\n".join(part for part in (words, _heard(heard)) if part),
        "place": heard.get("区", ""),
        "target": heard.get("医院", "") + heard.get("科室", ""),
        "caller_name": chosen.get("caller_name") or call.caller_name or heard.get("姓名", ""),
        "confidential": "yes" if hidden else "",
        "reply_wanted": "yes" if number_of(call) else "",
    }


def _words(session: Session, call: Call) -> str:
    note = desk_data.note_of(session, call).text.strip()
    summary = (call.summary or "").strip()
    parts = (summary, "" if note in summary else note, (call.follow_up or "").strip())
    return "\n".join(part for part in parts if part)


def _heard(heard: Mapping[str, str]) -> str:
    said = [f"{name}{heard[name]}" for name in SAID_OF_THE_MATTER if heard.get(name)]
    return f"语音线已听到：{'，'.join(said)}。" if said else ""


def _title(words: str) -> str:
    return re.split(r"[。！？；;，,\n]", phone.redact(words), maxsplit=1)[0][:LONGEST_TITLE]


def _kind(session: Session, call: Call, chosen: Mapping[str, str]) -> Kind:
    """The heading of the label says it; a consultation is one, all else is complained of."""
    category = chosen.get("category") or call.category
    label = chosen.get("subcategory") if chosen.get("category") else call.subcategory
    groups = {one["subcategory"]: one["group"] for one in desk_data.choices(session, call)}
    usual = Kind.CONSULTATION if category == Category.CONSULTATION else Kind.COMPLAINT
    return Kind.known(groups.get(label or "")) or usual


def number_of(call: Call | None) -> str | None:
    """The caller's number, where it is one that can be called."""
    number = call.caller if call else None
    return phone.normalise(number or "", settings.current().area_code)


def draft_of(typed: Typed, tags: list[str], call: Call | None) -> Draft:
    """The form as a draft; no number typed is that of the call. Raises Refused."""
    kind, urgency = Kind.known(typed.words("kind")), Urgency.known(typed.words("urgency"))
    if kind is None or urgency is None:
        raise choose("kind", "请选择诉求类型和紧急程度。")
    sex = typed.words("caller_sex")
    return Draft(
        kind=kind, urgency=urgency, title=typed.words("title"), content=typed.words("content"),
        place=typed.words("place"), target=typed.words("target"),
        caller_name=typed.words("caller_name"), caller_sex=sex if sex in dict(SEXES) else None,
        caller_phone=typed.words("caller_phone") or number_of(call),
        caller_tags=[tag for tag in TAGS if tag in tags],
        confidential=typed.words("confidential") == "yes",
        reply_wanted=typed.words("reply_wanted") == "yes",
        called_at=call.started_at if call else None,
    )  # fmt: skip


def matter_of(form: Mapping[str, Any], call: Call | None) -> Matter:
    """What the order is about, as far as it is typed."""
    said = {name: str(form.get(name) or "").strip() for name in MATTER}
    return Matter(
        said["title"], said["content"], said["caller_phone"] or number_of(call),
        said["place"] or None, said["target"] or None,
    )  # fmt: skip


def order_no_of(session: Session, call_id: int | None) -> str | None:
    """The number of the order that a call has become."""
    query = select(Order.order_no).where(col(Order.call_id) == call_id)
    return session.exec(query).first() if call_id else None
