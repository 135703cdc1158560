"""What stands beside an order's way: requests, flags, merging, call-backs, attachments."""

from __future__ import annotations

from sqlmodel import Session

from hotline.errors import Refused
from workorders import (
    attaching,
    call_backs,
    confidential,
    correcting,
    flags,
    merging,
    moving,
    requests,
    splitting,
)
from workorders.actors import Actor
from workorders.call_backs import Answer
from workorders.models import Order, OrderRequest
from workorders.pages import correcting_form
from workorders.pages.typed import Typed, choose
from workorders.rules import SELF, FlagKind, RequestKind, RequestState, Satisfaction


def ask(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """申请退单, 延期, 重办, 挂起."""
    kind = RequestKind.known(typed.words("kind"))
    if kind is None:
        raise choose("kind", "请选择申请什么。")
    requests.ask(session, order, kind, typed.words("reason"), actor, days=typed.number("days"))
    return f"{kind.label}申请已提交，待班长审批。"


def approve(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """同意."""
    request = requests.approve(session, order, _item(typed), actor, words=typed.words("words"))
    waits = request.state is RequestState.APPROVED
    return f"已同意{request.kind.label}" + ("，等平台答复。" if waits else "。")


def refuse(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """不同意."""
    request = requests.refuse(session, order, _item(typed), typed.words("reason"), actor)
    return f"不同意{request.kind.label}，已告知申请人。"


def withdraw(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """撤回申请."""
    return f"{requests.withdraw(session, order, _item(typed), actor).kind.label}申请已撤回。"


def platform_decided(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """登记平台答复, where the platform said it otherwise than over the wire."""
    granted = typed.require_yes_or_no("granted", "请选择平台是否同意。")
    request = session.get(OrderRequest, _item(typed))
    if request is None or request.order_id != order.key:
        raise Refused("request_unknown", "没有这条申请，请刷新页面。", 404)
    words = typed.words("words") or None
    if not requests.platform_decided(session, order, request.kind, granted, actor, words=words):
        raise Refused("request_decided", "这条申请不在等平台答复，请刷新页面。", 409)
    return "平台的答复已登记。"


def resume(session: Session, order: Order, _: Typed, actor: Actor) -> str:
    """恢复办理."""
    requests.resume(session, order, actor)
    return "已恢复办理，时限继续计算。"


def flag(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """加标记."""
    kind = FlagKind.known(typed.words("kind"))
    if kind is None:
        raise choose("kind", "请选择标记。")
    flags.raise_flag(session, order, kind, actor, typed.words("content"))
    return f"已标为{kind.label}。"


def note(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """留言."""
    flags.add_note(session, order, _item(typed), actor, typed.words("content"))
    return "留言已登记。"


def unflag(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """取消标记."""
    flags.clear(session, order, _item(typed), actor, typed.words("reason"))
    return "标记已取消。"


def merge(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """并单."""
    number = typed.words("master").upper()
    if not number:
        sentence = "请填写主单的工单号。"
        raise Refused("master_needed", sentence, fields={"master": sentence})
    try:
        master = moving.locked(session, number)
    except Refused as refusal:
        sentence = "没有这张工单，请核对主单的工单号。"
        raise Refused(refusal.code, sentence, fields={"master": sentence}) from None
    confidential.require_readable(master, confidential.reader())
    merging.merge(session, order, master, typed.words("reason"), actor)
    return f"已并入 {master.order_no}，随主单一并回复。"


def correct(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """更正."""
    correcting.require_allowed(order, actor)
    draft = correcting_form.draft_of(order, typed)
    changed = correcting.correct(session, order, draft, typed.words("reason"), actor)
    said = f"已更正{'、'.join(correcting.LABELS[name] for name in changed)}。"
    return said if order.platform == SELF else f"{said}{correcting_form.NO_EVENT}"


def split(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """撤销并单."""
    splitting.split(session, order, typed.words("reason"), actor)
    return "已撤销并单，请单独办理。"


def call_back(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """登记回访."""
    answer = Answer(
        typed.require_yes_or_no("connected", "请选择是否接通。"),
        typed.yes_or_no("truthful"),
        typed.yes_or_no("solved"),
        Satisfaction.known(typed.words("satisfaction")),
        typed.words("opinion"),
    )
    call_backs.record(session, order, answer, actor)
    return "回访已登记。"


def attach(session: Session, order: Order, typed: Typed, actor: Actor) -> str:
    """添加附件."""
    file = typed.files.get("file")
    if file is None or not file.filename:
        raise choose("file", "请选择文件。")
    # One byte more than is allowed says that it is too long, however long it is.
    content = file.stream.read(attaching.LARGEST + 1)
    kept = attaching.add(session, order, file.filename, content, actor)
    return f"附件“{kept.name}”已添加。"


def _item(typed: Typed) -> int:
    return typed.number("item") or 0
