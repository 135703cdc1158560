"""Connecting a platform: who it is, how it is reached, what its codes mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from hotline import audit
from hotline.errors import Refused
from workorders.exchange import adapters, lost
from workorders.exchange.adapters import Way
from workorders.models import Platform
from workorders.platforms import mapping
from workorders.platforms.mapping import Template
from workorders.rules import SELF

_CODE = re.compile(r"[a-z][a-z0-9_-]{1,19}")
NAMES = {"city": "市12345", "province": "省12345"}


@dataclass(frozen=True)
class Given:
    """What is said of a platform; None leaves what is there.

    ``settings``: folder, answered, ca_file, send_per_second, may_suspend, read_seconds.
    """

    adapter: Way | None = None
    name: str | None = None
    url: str | None = None
    app_id: str | None = None
    secret: str | None = field(default=None, repr=False)
    codes: Template | None = None
    is_active: bool | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def set_platform(session: Session, code: str, given: Given) -> Platform:
    """Connect a platform, or change how it is connected. Raises Refused with what is missing."""
    if not _CODE.fullmatch(code) or code == SELF:
        words = "平台代码应为 2 到 20 个小写字母、数字、- 或 _，以字母开头，且不是 self。"
        raise Refused("platform_code_invalid", words, fields={"code": words})
    row = session.get(Platform, code, with_for_update=True, options=[lost.NO_SECRET])
    if row is None:
        row = _new(code, given)
    for name, value in (
        ("name", given.name), ("adapter", given.adapter), ("base_url", given.url),
        ("app_id", given.app_id), ("secret", given.secret), ("is_active", given.is_active),
    ):  # fmt: skip
        if value is not None:
            setattr(row, name, value)
    if given.codes is not None:
        row.mapping = mapping.template(given.codes).column()
    row.settings = {**row.settings, **given.settings}
    _require(row)
    session.add(row)
    session.flush()
    changed = sorted(name for name in vars(given) if getattr(given, name) not in (None, {}))
    audit.record(session, audit.Action.RECORD_CHANGED, f"work_order_platform:{code}",
                 detail={"changed": "、".join(changed)})  # fmt: skip
    return row


def _new(code: str, given: Given) -> Platform:
    which = given.codes or (Template.PROVINCE if code == "province" else Template.CITY)
    return Platform(
        code=code, name=given.name or NAMES.get(code, code), adapter=given.adapter or Way.REST,
        mapping=mapping.template(which).column(),
    )  # fmt: skip


def _require(row: Platform) -> None:
    needed = (
        {"url": row.base_url, "app_id": row.app_id, "secret": row.secret}
        if row.adapter == Way.REST
        else {"folder": row.settings.get("folder")}
    )
    missing = [name for name, value in needed.items() if not value]
    if missing:
        listed = "、".join(f"--{name.replace('_', '-')}" for name in missing)
        fields = dict.fromkeys(missing, "请填写。")
        raise Refused("platform_incomplete", f"还缺少 {listed}。", fields=fields)
    with adapters.opened(row):
        pass  # an address or a certificate that cannot be used is said now
