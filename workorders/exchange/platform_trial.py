"""Trying out how a platform is reached: one question, nothing kept but that it was asked."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hotline import audit
from hotline.db import transaction
from hotline.errors import Refused
from workorders.exchange import health
from workorders.exchange.adapters import opened
from workorders.models import Platform
from workorders.platforms.adapter import NoAnswer, Trouble

PATIENCE = {"read_seconds": 5, "whole_seconds": 8}  # a person waits at the page
HINTS = {
    Trouble.DOWN: "请核对地址、端口和防火墙。",
    Trouble.SLOW: "请核对地址，或稍后再试。",
    Trouble.NOT_LET_IN: "请核对 App-Id、密钥和本机时间。",
    Trouble.CERTIFICATE: "请填写平台证书的 CA 文件。",
    Trouble.CERTIFICATE_EXPIRED: "请联系平台更换证书。",
    Trouble.NOT_JSON: "地址可能指向了别的系统，请核对路径。",
    Trouble.FOLDER: "请确认共享目录已挂载，并且有 in 和 out 两个子目录。",
}


@dataclass(frozen=True)
class Tried:
    """Whether the platform answered, and what to tell."""

    is_well: bool
    words: str


def try_out(code: str) -> Tried:
    """Ask for one change behind our cursor; the question may be repeated at will. Raises Refused
    for a platform that is not known or not wholly set up."""
    with transaction() as session:
        row = session.get(Platform, code)
        if row is None:
            raise Refused("platform_unknown", "没有这个平台，请从列表重新打开。", 404)
        cursor = health.of(session, code).cursor or ""
        audit.record(session, audit.Action.RECORD_READ, f"work_order_platform:{code}",
                     detail={"action": "测试连接"})  # fmt: skip
        quick = Platform(**row.model_dump() | {"settings": {**row.settings, **PATIENCE}})
    started = time.monotonic()
    try:
        with opened(quick) as adapter:
            adapter.changes(cursor, 1)
    except NoAnswer as none:
        return Tried(False, f"{none.message}{HINTS.get(none.trouble, '')}")
    milliseconds = round((time.monotonic() - started) * 1000)
    return Tried(True, f"连接正常，{quick.name}在 {milliseconds} 毫秒内答复。")
