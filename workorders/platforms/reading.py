"""Orders from a platform's JSON, whatever it did to the types. Pure."""

from __future__ import annotations

import json
from typing import Any

from workorders.platforms.tolerant import Fields
from workorders.platforms.wire import (
    LARGEST_ORDER,
    LONGEST_NO,
    LONGEST_TEXT,
    Attachment,
    RemoteCaller,
    RemoteNote,
    RemoteOrder,
    Unreadable,
)
from workorders.rules import Kind, Urgency


def read_text(data: bytes | str) -> RemoteOrder:
    """An order from JSON text. Raises Unreadable."""
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        text = data if isinstance(data, str) else data.decode(errors="replace")
        raise Unreadable("不是有效的 JSON", text[:LARGEST_ORDER]) from None
    return read(raw)


def read(raw: object) -> RemoteOrder:
    """An order from parsed JSON, read tolerantly. Raises Unreadable."""
    if not isinstance(raw, dict):
        raise Unreadable("不是一张工单（应为 JSON 对象）", raw)
    if len(raw_text(raw)) > LARGEST_ORDER:
        raise Unreadable(f"超过 {LARGEST_ORDER} 个字符", raw)
    fields = Fields(raw)
    return _order(fields, *_identity(fields))


def read_each(items: list[Any]) -> list[RemoteOrder | Unreadable]:
    """Every item of a page: an order, or why it is none."""
    return [_attempt(item) for item in items]


def read_digest_line(raw: object) -> tuple[str, str, int]:
    """Number, verbatim status and version of a line of a digest. Raises Unreadable."""
    if not isinstance(raw, dict):
        raise Unreadable("不是对账的一行（应为 JSON 对象）", raw)
    fields = Fields(raw)
    no, version = _number_and_version(fields)
    return no, fields.text("status", 64).strip(), version


def raw_text(raw: object) -> str:
    """What came, as ASCII JSON: any database holds it, whatever characters were in it."""
    try:
        return json.dumps(raw)
    except (TypeError, ValueError, RecursionError):
        return json.dumps(repr(raw)[:LARGEST_ORDER])


def _attempt(item: object) -> RemoteOrder | Unreadable:
    try:
        return read(item)
    except Unreadable as why:
        return why


def _identity(fields: Fields) -> tuple[str, int, Kind]:
    no, version = _number_and_version(fields)
    if (kind := Kind.known(fields.text("kind", 20).strip())) is None:
        raise Unreadable("诉求类型不认识", fields.raw, no)
    return no, version, kind


def _number_and_version(fields: Fields) -> tuple[str, int]:
    no = fields.text("no", LONGEST_NO + 1).strip()
    if not isinstance(fields.raw.get("no"), str | int) or not _is_usable(no):
        raise Unreadable("没有工单编号，或编号不可用", fields.raw)
    if (version := fields.whole("version")) is None:
        raise Unreadable("没有版本号，或版本号不是整数", fields.raw, no)
    return no, version


def _is_usable(no: str) -> bool:
    """It stands in paths and file names: no control characters, no way up."""
    return 0 < len(no) <= LONGEST_NO and no.isprintable() and no not in {".", "..", "true", "false"}


def _order(fields: Fields, no: str, version: int, kind: Kind) -> RemoteOrder:
    return RemoteOrder(
        no=no,
        version=version,
        kind=kind,
        status=fields.text("status", 64).strip(),
        category_code=fields.text("category_code", 64).strip(),
        urgency=_urgency(fields),
        # what cannot be understood is kept secret, and answered
        confidential=fields.flag("confidential", missing=False, unclear=True),
        reply_wanted=fields.flag("reply_wanted", missing=True, unclear=True),
        caller=_caller(fields),
        title=fields.text("title", 500),
        content=fields.text("content", LONGEST_TEXT),
        place=fields.text("place", 500),
        target=fields.text("target", 500),
        called_at=fields.instant("called_at"),
        dispatched_at=fields.instant("dispatched_at"),
        due_at=fields.instant("due_at"),
        urged=_notes(fields, "urged"),
        supervised=_notes(fields, "supervised"),
        attachments=_attachments(fields),
        extra=fields.rest(),
        raw=dict(fields.raw),
        warnings=tuple(fields.warnings),
    )


def _urgency(fields: Fields) -> Urgency:
    word = fields.text("urgency", 20).strip()
    if not word:
        return Urgency.NORMAL
    if (known := Urgency.known(word)) is None:
        fields.warn("urgency", "不认识，先按“紧急”处理")  # too early is better than too late
    return known or Urgency.URGENT


def _caller(fields: Fields) -> RemoteCaller:
    value = fields.value("caller")
    if value is None:
        return RemoteCaller()
    within = fields.within("caller", value)
    return RemoteCaller(
        name=within.text("name", 100), sex=within.text("sex", 10), phone=within.text("phone", 40)
    )


def _notes(fields: Fields, name: str) -> tuple[RemoteNote, ...]:
    return tuple(_note(fields, name, item) for item in fields.list(name))


def _note(fields: Fields, name: str, item: object) -> RemoteNote:
    if isinstance(item, str):
        item = {"content": item, "at": "", "by": ""}
    within = fields.within(name, item)
    return RemoteNote(
        at=within.instant("at"), by=within.text("by", 100), content=within.text("content", 2_000)
    )


def _attachments(fields: Fields) -> tuple[Attachment, ...]:
    return tuple(_attachment(fields, item) for item in fields.list("attachments"))


def _attachment(fields: Fields, item: object) -> Attachment:
    within = fields.within("attachments", item)
    digest = within.text("sha256", 64).lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        within.warn("sha256", "不是 SHA-256，无法核对文件")
        digest = ""
    return Attachment(name=within.text("name", 255), sha256=digest, url=within.text("url", 2_000))
