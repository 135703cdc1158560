"""What is kept encrypted and does not open any more: its key is lost, or it was altered.

Rows are read without it, so that one that does not open keeps none of the others; what is needed is
opened by itself, and what does not open is set aside for a person.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer, load_only

from hotline.security import Undecryptable
from workorders.exchange.models import Exchange, Incoming, Outgoing
from workorders.models import Order, Platform

WHY = "无法解密：加密它的密钥已不在，或数据已损坏。"
CAME = (
    f"收到的内容{WHY}请管理员找回密钥后点“重新处理”；"
    "找不回时请平台重推，或由对账补取，收到后自动处理。"
)
ORDER = f"这张工单里诉求人的信息{WHY}请管理员找回密钥后点“重新处理”；找不回时请在平台上办理。"
GOES = f"要发的内容{WHY}请管理员找回密钥后点“重发”；找不回时请在平台上办理，再标为“已人工处理”。"
SECRET = f"平台的密钥{WHY}请管理员在“平台对接”里重新填写。"


def _without(table: Any, name: str) -> Any:
    return defer(getattr(table, name))


NO_RAW, NO_BODY = _without(Incoming, "raw"), _without(Outgoing, "body")
NO_ANSWER, NO_SECRET = _without(Exchange, "answer"), _without(Platform, "secret")
# Which order it is, and nothing of the caller's.
_NUMBERS: list[Any] = [Order.order_no, Order.remote_no, Order.state]
NUMBERS_ONLY = load_only(*_NUMBERS)


def opened(row: Any, name: str, instead: str | None = None) -> Any:
    """What a row keeps under this name, or ``instead`` when it does not open."""
    try:
        return getattr(row, name)
    except Undecryptable:
        return instead
