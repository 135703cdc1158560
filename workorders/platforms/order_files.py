"""What is in a file of orders: JSON, JSON lines, or CSV with Chinese headers. Pure."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from typing import Any

from hotline.clock import local
from hotline.errors import Refused
from hotline.telephony import files
from hotline.telephony.files import Report
from workorders.platforms.wire import Unreadable

HEADERS = {
    "工单编号": "no", "版本": "version", "状态": "status", "诉求类型": "kind",
    "类别编码": "category_code", "紧急程度": "urgency", "保密": "confidential",
    "需要回复": "reply_wanted", "标题": "title", "内容": "content", "地点": "place",
    "被诉对象": "target", "来电时间": "called_at", "派单时间": "dispatched_at",
    "办结期限": "due_at", "催办": "urged", "督办": "supervised", "附件": "attachments",
}  # fmt: skip
CALLER = {"姓名": "name", "性别": "sex", "电话": "phone"}
NEEDED = ("工单编号", "版本", "状态")
_ABSENT: dict[str, Any] = {
    **dict.fromkeys(("category_code", "title", "content", "place", "target"), ""),
    **dict.fromkeys(("called_at", "dispatched_at", "due_at"), ""),
    "urgency": "一般",
    "confidential": False,
    "reply_wanted": True,
}


def items(name: str, data: bytes) -> list[Any]:
    """Every item of a file as parsed JSON, or Unreadable for a line that is none.

    Raises Refused when the file as a whole cannot be read.
    """
    text = files.decode(data, Report(name))
    return _sheet(text) if name.lower().endswith(".csv") else _json(text)


def _json(text: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _lines(text)
    if isinstance(whole, dict) and isinstance(whole.get("items"), list):
        return list(whole["items"])
    return whole if isinstance(whole, list) else [whole]


def _lines(text: str) -> list[Any]:
    lines = [line for line in text.split("\n") if line.strip()]
    found = [_line(line) for line in lines]
    if not found or isinstance(found[0], Unreadable):
        raise Refused("json_invalid", "不是有效的 JSON，也不是每行一个 JSON。")
    return found


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return Unreadable("这一行不是有效的 JSON", line)


def _sheet(text: str) -> list[Any]:
    try:
        return _rows(files.csv_rows(text))
    except csv.Error:
        raise Refused("csv_invalid", "不是有效的 CSV（可能引号没有成对）。") from None


def _rows(rows: Iterator[tuple[int, list[str]]]) -> list[Any]:
    _, names = next(rows, (1, []))
    if missing := [name for name in NEEDED if name not in names]:
        raise Refused("header_missing", f"首行应为表头，缺少：{'、'.join(missing)}。")
    if len(names) != len(set(names)):
        raise Refused("header_twice", "表头有重复的列。")
    return [_row(names, cells) for _, cells in rows]


def _row(names: list[str], cells: list[str]) -> Any:
    named = dict(zip(names, cells, strict=False))
    if len(cells) < len(names):
        return Unreadable("这一行不完整", named, named.get("工单编号"))
    caller = {field: named.pop(header, "") for header, field in CALLER.items()}
    known = {
        field: _VALUES.get(field, str)(named.pop(header))
        for header, field in HEADERS.items()
        if header in named
    }
    named.pop("", None)
    absent = {**_ABSENT, "urged": [], "supervised": [], "attachments": []}
    return {**named, **absent, **known, "caller": caller}


def _whole(cell: str) -> Any:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 20 else cell


def _flag(cell: str) -> Any:
    return {"是": True, "否": False, "": False}.get(cell, cell)


def _wants_reply(cell: str) -> Any:
    return {"是": True, "否": False, "": True}.get(cell, cell)


def _instant(cell: str) -> str:
    try:
        instant = files.instant(cell)
    except (ValueError, OverflowError):
        return cell  # whoever reads the order says what is wrong with it
    return local(instant).isoformat() if instant else ""


def _notes(cell: str) -> list[dict[str, str]]:
    return [{"at": "", "by": "", "content": line} for line in cell.splitlines() if line.strip()]


def _attachments(cell: str) -> list[dict[str, str]]:
    keys = ("name", "sha256", "url")
    lines = (line.split("|") for line in cell.splitlines() if line.strip())
    return [
        dict(zip(keys, (part.strip() for part in [*line, "", ""]), strict=False)) for line in lines
    ]


_VALUES: dict[str, Callable[[str], Any]] = {
    "version": _whole,
    "urgency": lambda cell: cell or "一般",
    "confidential": _flag,
    "reply_wanted": _wants_reply,
    "called_at": _instant,
    "dispatched_at": _instant,
    "due_at": _instant,
    "urged": _notes,
    "supervised": _notes,
    "attachments": _attachments,
}
